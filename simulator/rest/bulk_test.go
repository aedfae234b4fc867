package rest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

const window = `"createdAt":{"startAt":"2026-10-06T00:00:00Z","endAt":"2026-10-06T23:59:59Z"}`

// export makes a job and returns its path.
func (b *bundle) export(path, body string) string {
	b.t.Helper()
	return path + "/" + b.post(path+"/create.json", body).ok().column("exportId")
}

// enqueue queues a job.
func (b *bundle) enqueue(job string) answer { return b.post(job+"/enqueue.json", "") }

// status returns the state of a job.
func (b *bundle) status(job string) string { return b.get("%s/status.json", job).column("status") }

func TestExport_life(t *testing.T) {
	t.Parallel()
	b := busy(t)
	job := b.export("/bulk/v1/activities/export", `{"filter":{`+window+`}}`)
	if a := b.get("%s/file.json", job); a.status != http.StatusNotFound || a.header.Get("Content-Type") == jsonType || b.status(job) != "Created" {
		t.Errorf("HTTP %d %s", a.status, a.body)
	}
	if a := b.enqueue(job); a.column("status") != "Processing" && a.column("status") != "Queued" {
		t.Errorf("%s", a.body)
	}
	b.form(job+"/enqueue.json", "_method", "POST").want("1029") // as a client sends it
	b.clock.Advance(59 * time.Second)
	if got := b.status(job); got != "Processing" {
		t.Errorf("after 59 seconds: %s", got)
	}
	b.clock.Advance(2 * time.Second)
	done := b.get("%s/status.json", job).result()[0]
	file := b.get("%s/file.json", job)
	if lines := strings.Count(string(file.body), "\n"); lines != 26 || done["numberOfRecords"] != 25.0 || done["fileSize"] != float64(len(file.body)) {
		t.Errorf("%d lines, %v", lines, done)
	}
	if want := fmt.Sprintf("sha256:%x", sha256.Sum256(file.body)); done["fileChecksum"] != want || done["status"] != "Completed" {
		t.Errorf("%v, want %s", done, want)
	}
	r := b.request("GET", job+"/file.json", nil, "")
	r.Header.Set("Range", "bytes=10-19")
	if part := b.send(r); part.status != http.StatusPartialContent || string(part.body) != string(file.body[10:20]) {
		t.Errorf("HTTP %d %q", part.status, part.body)
	}
	b.post(job+"/cancel.json", "").want("1003")
	b.get("/bulk/v1/leads/export/%s/status.json", strings.TrimPrefix(job, "/bulk/v1/activities/export/")).want("1013")
	if a := b.get("/bulk/v1/activities/export.json?status=completed"); a.column("status") != "Completed" {
		t.Errorf("%s", a.body)
	}
}

// The status is brought up to date once in a minute; the file is there when it is made.
func TestExport_refresh(t *testing.T) {
	t.Parallel()
	b := busy(t, rest.WithExports(rest.Exports{Duration: 10 * time.Second, Refresh: time.Minute, Volume: 1 << 20}))
	job := b.export("/bulk/v1/activities/export", `{"filter":{`+window+`}}`)
	b.enqueue(job).ok()
	for _, step := range []struct {
		after  time.Duration
		status string
		file   int
	}{{9 * time.Second, "Processing", 404}, {10 * time.Second, "Processing", 200}, {59 * time.Second, "Processing", 200}, {60 * time.Second, "Completed", 200}} {
		b.clock.Set(noon.Add(step.after))
		listed := b.get("/bulk/v1/activities/export.json").column("status")
		if got, file := b.status(job), b.get("%s/file.json", job).status; got != step.status || listed != got || file != step.file {
			t.Errorf("after %s: %s, listed as %s, HTTP %d; want %s, %d", step.after, got, listed, file, step.status, step.file)
		}
	}
	always := busy(t, rest.WithExports(rest.Exports{Volume: 1 << 20}))
	job = always.export("/bulk/v1/activities/export", `{"filter":{`+window+`}}`)
	if got := always.enqueue(job).column("status"); got != "Completed" {
		t.Errorf("a job that takes no time, at once: %s", got)
	}
}

// A file is kept for seven days, what is known of its job for thirty; an import can be asked about for seven.
func TestBulk_kept(t *testing.T) {
	t.Parallel()
	b := busy(t)
	job := b.export("/bulk/v1/activities/export", `{"filter":{`+window+`}}`)
	b.enqueue(job).ok()
	cancelled := b.export("/bulk/v1/activities/export", `{"filter":{`+window+`}}`)
	b.post(cancelled+"/cancel.json", "").ok()
	b.upload("/bulk/v1/leads.json?format=csv", "email\nnew@example.com\n").ok()
	b.clock.Advance(2 * time.Minute)
	before := b.get("%s/status.json", job).result()[0]
	for _, step := range []struct {
		days             int
		file, job, batch string
	}{{6, "200", "", ""}, {8, "404", "", "1013"}, {29, "404", "", "1013"}, {31, "404", "1013", "1013"}} {
		b.clock.Set(noon.Add(time.Duration(step.days) * 24 * time.Hour))
		b.login()
		if got := fmt.Sprint(b.get("%s/file.json", job).status); got != step.file {
			t.Errorf("after %d days: HTTP %s, want %s", step.days, got, step.file)
		}
		if err := b.sim.Load(b.sim.Snapshot()); err != nil {
			t.Fatal(err)
		}
		a := b.get("%s/status.json", job).want(step.job)
		if step.job == "" && !cmp.Equal(a.result()[0], before) {
			t.Errorf("after %d days: %s, was %v", step.days, a.body, before)
		}
		b.get("%s/status.json", cancelled).want(step.job)
		b.get("/bulk/v1/leads/batch/1.json").want(step.batch)
	}
	if next := b.export("/bulk/v1/activities/export", `{"filter":{`+window+`}}`); next == job {
		t.Error("a job has the id of one before")
	}
}

// A job of a state may name a field that is not there any more.
func TestExport_fieldGone(t *testing.T) {
	t.Parallel()
	b := busy(t)
	job := b.export("/bulk/v1/leads/export", `{"fields":["id","email"],"filter":{`+window+`}}`)
	b.enqueue(job).ok()
	st := b.sim.Snapshot()
	st.Exports[0].Fields[1] = "gone"
	if err := b.sim.Load(st); err != nil {
		t.Fatal(err)
	}
	b.clock.Advance(2 * time.Minute)
	if got := string(b.get("%s/file.json", job).body); !strings.HasPrefix(got, "id,gone\n1,null\n") {
		t.Errorf("%q", got)
	}
}

// Half of a file is half of it: whoever reads it notices.
func TestExport_halfFile(t *testing.T) {
	t.Parallel()
	b := busy(t)
	job := b.export("/bulk/v1/activities/export", `{"filter":{`+window+`}}`)
	b.enqueue(job).ok()
	b.clock.Advance(2 * time.Minute)
	whole := b.get("%s/file.json", job).body
	s := httptest.NewServer(b.api)
	defer s.Close()
	b.rules.Add(server.Rule{Operation: "GET /bulk/v1/activities/export/{exportId}/file.json", Drop: server.DropHalfAnswer, Times: 1})
	for _, want := range []int{len(whole) / 2, len(whole)} {
		r, _ := http.NewRequest(http.MethodGet, s.URL+job+"/file.json", nil)
		r.Header.Set("Authorization", "Bearer "+b.token)
		res, err := s.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if !bytes.Equal(got, whole[:want]) || res.ContentLength != int64(len(whole)) || (err == nil) != (want == len(whole)) {
			t.Errorf("%d of %d bytes, want %d: %v", len(got), res.ContentLength, want, err)
		}
	}
}

// Bulk calls never compress, whatever they answer.
func TestBulk_plain(t *testing.T) {
	t.Parallel()
	b := busy(t)
	for range 10 {
		b.export("/bulk/v1/activities/export", `{"filter":{`+window+`}}`)
	}
	for uri, coding := range map[string]string{"/bulk/v1/activities/export.json": "", "/rest/v1/leads/describe.json": "gzip"} {
		r := b.request("GET", uri, nil, "")
		r.Header.Set("Accept-Encoding", "gzip")
		w := httptest.NewRecorder()
		b.api.ServeHTTP(w, r)
		if got := w.Header().Get("Content-Encoding"); got != coding || w.Body.Len() < 500 {
			t.Errorf("%s: Content-Encoding %q, want %q", uri, got, coding)
		}
	}
}

func TestExport_queue(t *testing.T) {
	t.Parallel()
	b := busy(t, rest.WithExports(rest.ServiceExports()))
	var jobs []string
	for range 11 {
		jobs = append(jobs, b.export("/bulk/v1/leads/export", `{"fields":["id"],"filter":{`+window+`}}`))
	}
	for _, job := range jobs[:10] {
		b.enqueue(job).ok()
	}
	b.enqueue(jobs[10]).want("1029")
	states := func() (list []string) {
		for _, job := range jobs {
			list = append(list, b.status(job)[:1])
		}
		return list
	}
	if got := strings.Join(states(), ""); got != "PPQQQQQQQQC" {
		t.Errorf("at first %s", got)
	}
	b.post(jobs[2]+"/cancel.json", "").ok()
	b.clock.Advance(2*time.Minute + time.Second)
	if got := strings.Join(states(), ""); got != "CCCCCPPQQQC" {
		t.Errorf("after two minutes %s", got)
	}
	b.enqueue(jobs[10]).ok()
}

func TestExport_volume(t *testing.T) {
	t.Parallel()
	b := busy(t, rest.WithExports(rest.Exports{Duration: time.Minute, Volume: 100}))
	first := b.export("/bulk/v1/activities/export", `{"filter":{`+window+`}}`)
	b.enqueue(first).ok()
	b.clock.Advance(2 * time.Minute)
	next := b.export("/bulk/v1/activities/export", `{"filter":{`+window+`}}`)
	b.enqueue(next).want("1029")
	b.clock.Advance(24 * time.Hour)
	b.login()
	b.enqueue(next).ok()
}

// A job that starts late, or ends over night, does so by the clock; state is kept.
func TestExport_state(t *testing.T) {
	t.Parallel()
	b := busy(t)
	job := b.export("/bulk/v1/activities/export", `{"filter":{`+window+`}}`)
	b.enqueue(job).ok()
	b.clock.Advance(2 * time.Minute)
	want := b.get("%s/file.json", job).body
	st := b.sim.Snapshot()
	text, err := json.Marshal(st)
	if err != nil {
		t.Fatal(err)
	}
	var again simulator.State
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if err := b.sim.Load(again); err != nil {
		t.Fatal(err)
	}
	if got := b.get("%s/file.json", job).body; !bytes.Equal(got, want) {
		t.Errorf("the file is %q, was %q", got, want)
	}
	if diff := cmp.Diff(st, b.sim.Snapshot(), cmpopts.IgnoreFields(simulator.State{}, "Usage")); diff != "" {
		t.Error(diff)
	}
}

func TestExport_otherUser(t *testing.T) {
	t.Parallel()
	b := busy(t, rest.WithClient("other", auth.NewSecret("s")))
	job := b.export("/bulk/v1/activities/export", `{"filter":{`+window+`}}`)
	b.token = b.get("%s", tokenURI("other", "s")).text("access_token")
	b.enqueue(job).want("1013")
}

func TestExport_refusals(t *testing.T) {
	t.Parallel()
	b := demo(t)
	if _, err := b.sim.AddSmartList(simulator.SmartList{ID: 7, Name: "Engaged"}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ path, body, codes string }{
		{"leads/export", `{"fields":["id"],"filter":{"smartListId":7}}`, ""},
		{"leads/export", `{"fields":["id"],"filter":{"smartListName":"None"}}`, "1013"},
		{"leads/export", `{"fields":["id"],"filter":{"smartListId":7,"staticListId":1042}}`, "1003"},
		{"customobjects/device/export", `{"filter":{"smartListId":8}}`, "1013"},
		{"leads/export", `{"fields":["id"],"filter":{"staticListName":"Newsletter"}}`, ""},
		{"leads/export", `{"fields":["id"],"filter":{"staticListName":"None"}}`, "1013"},
		{"leads/export", `{"fields":["id"],"filter":{"smartListId":8}}`, "1013"},
		{"leads/export", `{"fields":["none"],"filter":{` + window + `}}`, "1006"},
		{"leads/export", `{"filter":{` + window + `}}`, "1002"}, {"leads/export", `{"fields":["id"]}`, "1002"},
		{"leads/export", `{"fields":["id"],"filter":{}}`, "1003"},
		{"leads/export", `{"fields":["id"],"filter":{` + window + `,"staticListId":1042}}`, "1003"},
		{"leads/export", `{"fields":["id"],"format":"XML","filter":{` + window + `}}`, "1001"},
		{"leads/export", `{"fields":["id"],"filter":{"createdAt":{"startAt":"2026-01-01T00:00:00Z","endAt":"2026-03-01T00:00:00Z"}}}`, "1003"},
		{"leads/export", `{"fields":["id"],"filter":{"createdAt":{"startAt":"2026-01-01T00:00:00.5Z"}}}`, "704"},
		{"activities/export", `{"filter":{}}`, "1002"}, {"activities/export", `{"filter":{"activityTypeIds":[37],` + window + `}}`, "1003"},
		{"activities/export", `{"filter":{"activityTypeIds":[1],"primaryAttributeValues":["x"],` + window + `}}`, ""},
		{"activities/export", `{"filter":{"primaryAttributeValues":["x"],` + window + `}}`, "1003"},
		{"customobjects/device/export", `{"filter":{"updatedAt":{"startAt":"2015-09-20T00:00:00Z","endAt":"2015-10-01T00:00:00Z"}}}`, ""},
		{"customobjects/none/export", `{"filter":{"staticListId":1042}}`, "1013"},
		{"customobjects/device/export", `{"fields":["none"],"filter":{"staticListId":1042}}`, "1006"},
	} {
		b.post("/bulk/v1/"+test.path+"/create.json", test.body).want(test.codes)
	}
	old := demo(t, rest.WithQuirks(rest.Quirks{NoUpdatedAt: true}))
	old.post("/bulk/v1/leads/export/create.json", `{"fields":["id"],"filter":{"updatedAt":{"startAt":"2026-01-01T00:00:00Z"}}}`).want("1035")
}

// file runs a job to its end and returns its file.
func (b *bundle) file(path, body string) string {
	b.t.Helper()
	job := b.export(path, body)
	b.enqueue(job).ok()
	b.clock.Advance(2 * time.Minute)
	return string(b.get("%s/file.json", job).body)
}

func TestExport_files(t *testing.T) {
	t.Parallel()
	b := demo(t)
	if _, err := b.sim.AddSmartList(simulator.SmartList{Name: "Engaged", Members: []int64{318818, 99, 318815, 318818}}); err != nil {
		t.Fatal(err)
	}
	st := b.sim.Snapshot()
	if err := b.sim.Load(st); err != nil || len(st.SmartLists) != 1 {
		t.Fatalf("%v: %v", st.SmartLists, err)
	}
	for _, test := range []struct{ path, body, want string }{
		{"leads/export", `{"fields":["id"],"filter":{"smartListName":"Engaged"}}`, "id\n318815\n318818\n"},
		{"customobjects/device/export", `{"fields":["SerialNumber"],"filter":{"smartListId":1}}`, "SerialNumber\nSN-1001\nSN-1002\n"},
		{"leads/export", `{"fields":["id","firstName","unsubscribed"],"columnHeaderNames":{"firstName":"First, Name"},"filter":{"staticListId":1042}}`, "id,\"First, Name\",unsubscribed\n318815,null,false\n318818,null,false\n"},
		{"leads/export", `{"fields":["id"],"format":"TSV","filter":{"createdAt":{"startAt":"2020-01-01T00:00:00Z","endAt":"2020-01-02T00:00:00Z"}}}`, "id\n"},
		{"customobjects/device/export", `{"format":"SSV","fields":["SerialNumber","Model","Purchased"],"filter":{"staticListId":1042}}`, "SerialNumber;Model;Purchased\nSN-1001;Pump 40;2015-09-30\nSN-1002;Valve 7;null\n"},
	} {
		if got := b.file("/bulk/v1/"+test.path, test.body); got != test.want {
			t.Errorf("%s: %q, want %q", test.body, got, test.want)
		}
	}
}

// A file of many blocks can be read from any place.
func TestExport_large(t *testing.T) {
	t.Parallel()
	b := setup(t)
	l := simulator.Lead{ID: 1}
	for i := range 5000 {
		l.Activities = append(l.Activities, visit(5000-i))
	}
	if _, err := b.sim.AddLead(l); err != nil {
		t.Fatal(err)
	}
	job := b.export("/bulk/v1/activities/export", `{"filter":{`+window+`}}`)
	b.enqueue(job).ok()
	b.clock.Advance(2 * time.Minute)
	whole := b.get("%s/file.json", job).body
	for _, from := range []int{0, 65_535, 65_536, 200_000, len(whole) - 5} {
		r := b.request("GET", job+"/file.json", nil, "")
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", from))
		if part := b.send(r); !bytes.Equal(part.body, whole[from:]) {
			t.Errorf("from %d: %d bytes, want %d", from, len(part.body), len(whole)-from)
		}
	}
}

// upload makes a multipart POST with a file.
func (b *bundle) upload(uri, text string) answer {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, _ := w.CreateFormFile("file", "leads.csv")
	_, _ = part.Write([]byte(text))
	_ = w.Close()
	return b.send(b.request("POST", uri, &body, w.FormDataContentType()))
}

func TestImport(t *testing.T) {
	t.Parallel()
	b := people(t)
	if _, err := b.sim.AddList(simulator.List{Name: "L"}); err != nil {
		t.Fatal(err)
	}
	const text = "email,firstName,shoe_Size\nada@example.com,\"Eve, A\",40\nnew@example.com,New,\ntwin@example.com,T,1\nbad@example.com,B,large\n,N,1\n"
	a := b.upload("/bulk/v1/leads.json?format=csv&listId=1001", text)
	if a.column("status") != "Queued" || a.column("batchId") != "1" {
		t.Fatalf("%s", a.body)
	}
	b.upload("/bulk/v1/leads.json?format=csv&listId=1001", text).want("1019")
	if got := b.get("/bulk/v1/leads/batch/1.json").column("status"); got != "Importing" {
		t.Errorf("status %s", got)
	}
	b.clock.Advance(6 * time.Second)
	done := b.get("/bulk/v1/leads/batch/1.json").result()[0]
	if done["status"] != "Complete" || done["numOfLeadsProcessed"] != 2.0 || done["numOfRowsFailed"] != 3.0 {
		t.Errorf("%v", done)
	}
	want := "email,firstName,shoe_Size,Import Failure Reason\ntwin@example.com,T,1,Multiple lead match lookup criteria\n"
	if got := string(b.get("/bulk/v1/leads/batch/1/failures.json").body); !strings.HasPrefix(got, want) || strings.Count(got, "\n") != 4 {
		t.Errorf("%q", got)
	}
	if a := b.get("/bulk/v1/leads/batch/1/warnings.json"); len(a.body) != 0 {
		t.Errorf("%q", a.body)
	}
	if got := b.get("/rest/v1/lists/1001/leads.json?fields=firstName,shoe_Size").column("firstName"); got != "Eve, A New" {
		t.Errorf("members %s", got)
	}
	b.upload("/bulk/v1/leads.json?format=csv", "email\n\"\"\n").ok()
	b.clock.Advance(6 * time.Second)
	if got := string(b.get("/bulk/v1/leads/batch/2/failures.json").body); got != "email,Import Failure Reason\n,Value for lookup field is missing\n" {
		t.Errorf("%q", got)
	}
	st := b.sim.Snapshot()
	if err := b.sim.Load(st); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(st, b.sim.Snapshot(), cmpopts.IgnoreFields(simulator.State{}, "Usage")); diff != "" {
		t.Error(diff)
	}
}

func TestImport_refusals(t *testing.T) {
	t.Parallel()
	b := people(t)
	for _, test := range []struct{ query, text, codes string }{
		{"", "email\n", "1002"}, {"format=xml", "email\n", "1001"}, {"format=csv&listId=7", "email\n", "1013"},
		{"format=csv", "", "1003"}, {"format=csv", "email,none\n", "1006"}, {"format=csv", "firstName\n", "1003"},
		{"format=csv&lookupField=firstName", "firstName\n", "1003"}, {"format=csv&partitionName=No", "email\n", "1013"},
		{"format=tsv&lookupField=shoe_Size", "shoe_Size\temail\n7\tx@example.com\n", ""},
	} {
		b.upload("/bulk/v1/leads.json?"+test.query, test.text).want(test.codes)
	}
	b.post("/bulk/v1/leads.json?format=csv", "{}").want("612")
	b.send(b.request("POST", "/bulk/v1/leads.json?format=csv", strings.NewReader("x"), "multipart/form-data; boundary=y")).want("613")
	b.get("/bulk/v1/leads/batch/77.json").want("1013")
	b.get("/bulk/v1/leads/batch/77/failures.json").want("1013")
	if a := b.upload("/bulk/v1/leads.json?format=csv", "email\n"+strings.Repeat("a@example.com\n", 800_000)); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("HTTP %d", a.status)
	}
	for range 9 {
		b.upload("/bulk/v1/leads.json?format=csv", "email\n").ok()
	}
	b.upload("/bulk/v1/leads.json?format=csv", "email\n").want("1016")
}
