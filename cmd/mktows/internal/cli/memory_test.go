package cli

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
)

// The tests of this file count the live heap of the whole process, so they do not run beside others.

const (
	pagesAsked = 60
	perPage    = 100
	valueSize  = 2000 // of the one long text of a record

	returnedTexts = 20 // in a lead that comes back
)

// bottomless is a service that keeps nothing: it makes its pages and statuses when they are asked for, and
// measures the live heap at two calls.
type bottomless struct {
	early, late int // the calls at which it measures
	calls       int
	heap        map[int]uint64
}

func serveBottomless(t *testing.T, early, late int) (*bottomless, environment) {
	t.Helper()
	e := &bottomless{early: early, late: late, heap: map[int]uint64{}}
	handler, err := server.New(gen.PortFunc(e.answer), server.WithLimits(limits.Unlimited()),
		server.WithUsers(map[string]auth.Secret{testUser: auth.NewSecret(testKey)}))
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return e, settingsFor(s.URL + server.DefaultMount + "2_7")
}

// liveHeap is what is still in use, in bytes.
func liveHeap() uint64 {
	var m runtime.MemStats
	for range 3 { // pools and finalizers let go of their own in the second
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func (e *bottomless) answer(_ context.Context, _ *gen.Operation, in, out gen.Message) error {
	e.calls++
	if e.calls == e.early || e.calls == e.late {
		e.heap[e.calls] = liveHeap()
	}
	n, rest := int32(perPage), int32(pagesAsked-e.calls)
	position := fmt.Sprint("position-", e.calls)
	start := &gen.StreamPosition{Offset: gen.Some(position)}
	switch out := out.(type) {
	case *gen.SuccessGetLeadActivity:
		list := gen.ArrayOfActivityRecord{ActivityRecord: make([]gen.ActivityRecord, n)}
		for i := range list.ActivityRecord {
			list.ActivityRecord[i] = gen.ActivityRecord{
				Id: gen.Some(int64(i)), ActivityDateTime: "2015-01-02T03:04:05-06:00", ActivityType: "Visit Webpage",
				ActivityAttributes: e.attributes(i), MktPersonId: "1",
			}
		}
		out.LeadActivityList = &gen.LeadActivityList{ReturnCount: n, RemainingCount: rest, NewStartPosition: start, ActivityRecordList: gen.Some(list)}
	case *gen.SuccessGetLeadChanges:
		list := gen.ArrayOfLeadChangeRecord{LeadChangeRecord: make([]gen.LeadChangeRecord, n)}
		for i := range list.LeadChangeRecord {
			list.LeadChangeRecord[i] = gen.LeadChangeRecord{
				Id: gen.Some(int64(i)), ActivityDateTime: "2015-01-02T03:04:05-06:00", ActivityType: "Visit Webpage",
				ActivityAttributes: e.attributes(i), MktPersonId: "1",
			}
		}
		out.Result = &gen.ResultGetLeadChanges{ReturnCount: n, RemainingCount: rest, NewStartPosition: start, LeadChangeRecordList: gen.Some(list)}
	case *gen.SuccessGetMultipleLeads:
		list := gen.ArrayOfLeadRecord{LeadRecord: make([]gen.LeadRecord, n)}
		for i := range list.LeadRecord {
			list.LeadRecord[i] = gen.LeadRecord{Id: gen.Some(int32(1 + i)), LeadAttributeList: e.attributes(i)}
		}
		out.Result = &gen.ResultGetMultipleLeads{ReturnCount: n, RemainingCount: rest, NewStreamPosition: position, LeadRecordList: gen.Some(list)}
	case *gen.SuccessGetMObjects:
		list := gen.ArrayOfMObject{MObject: make([]gen.MObject, n)}
		for i := range list.MObject {
			list.MObject[i] = gen.MObject{
				Type: "Opportunity", Id: gen.Some(int32(1 + i)),
				AttribList: gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{{Name: "Text", Value: e.text(i)}}}),
			}
		}
		out.Result = &gen.ResultGetMObjects{ReturnCount: n, HasMore: rest > 0, NewStreamPosition: position, MObjectList: gen.Some(list)}
	case *gen.SuccessGetCustomObjects:
		list := gen.ArrayOfCustomObj{CustomObj: make([]gen.CustomObj, n)}
		for i := range list.CustomObj {
			key := gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: "Serial", AttrValue: fmt.Sprint(i)}}})
			list.CustomObj[i] = gen.CustomObj{CustomObjKeyList: key, CustomObjAttributeList: e.attributes(i)}
		}
		out.Result = &gen.ResultGetCustomObjects{ObjTypeName: "Device", ReturnCount: n, RemainingCount: rest, NewStreamPosition: position, CustomObjList: gen.Some(list)}
	default:
		return e.status(in, out)
	}
	return nil
}

// status takes every record of a write.
func (e *bottomless) status(in, out gen.Message) error {
	switch out := out.(type) {
	case *gen.SuccessSyncMultipleLeads:
		leads := in.(*gen.ParamsSyncMultipleLeads).LeadRecordList.LeadRecord
		list := make([]gen.SyncStatus, len(leads))
		for i := range list {
			list[i] = gen.SyncStatus{LeadId: leads[i].Id.Or(0), Status: "UPDATED"}
		}
		out.Result = &gen.ResultSyncMultipleLeads{SyncStatusList: &gen.ArrayOfSyncStatus{SyncStatus: list}}
	case *gen.SuccessSyncMObjects:
		objects := in.(*gen.ParamsSyncMObjects).MObjectList.MObject
		list := make([]gen.MObjStatus, len(objects))
		for i := range list {
			list[i] = gen.MObjStatus{Id: objects[i].Id, Status: "UPDATED"}
		}
		out.Result = &gen.ResultSyncMObjects{MObjStatusList: &gen.ArrayOfMObjStatus{MObjStatus: list}}
	case *gen.SuccessSyncCustomObjects:
		objects := in.(*gen.ParamsSyncCustomObjects).CustomObjList.CustomObj
		list := make([]gen.SyncCustomObjStatus, len(objects))
		for i := range list {
			list[i] = gen.SyncCustomObjStatus{ObjTypeName: "Device", CustomObjKeyList: objects[i].CustomObjKeyList, Status: "UPDATED"}
		}
		out.Result = &gen.ResultSyncCustomObjects{SyncCustomObjStatusList: &gen.ArrayOfSyncCustomObjStatus{SyncCustomObjStatus: list}}
	case *gen.SuccessListOperation:
		keys := in.(*gen.ParamsListOperation).ListMemberList.LeadKey
		list := make([]gen.LeadStatus, len(keys))
		for i := range list {
			list[i] = gen.LeadStatus{LeadKey: &keys[i], Status: true}
		}
		out.Result = &gen.ResultListOperation{Success: true, StatusList: gen.Some(gen.ArrayOfLeadStatus{LeadStatus: list})}
	case *gen.SuccessImportToList:
		out.Result = &gen.ResultImportToList{ImportStatus: "PROCESSING"}
	case *gen.SuccessSyncLead:
		attribute := gen.Attribute{AttrName: "Text", AttrValue: strings.Repeat(e.text(0), returnedTexts)}
		lead := gen.LeadRecord{Id: gen.Some[int32](1), LeadAttributeList: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{attribute}})}
		out.Result = &gen.ResultSyncLead{
			LeadId: 1, SyncStatus: &gen.SyncStatus{LeadId: 1, Status: "UPDATED"}, LeadRecord: gen.Some(lead),
		}
	case *gen.SuccessGetLead:
		lead := gen.LeadRecord{Id: gen.Some[int32](1), LeadAttributeList: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{
			{AttrName: "Text", AttrValue: strings.Repeat("x", e.late)},
		}})}
		out.Result = &gen.ResultGetLead{Count: 1, LeadRecordList: gen.Some(gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{lead}})}
	default:
		return fmt.Errorf("no answer of the type %T", out)
	}
	return nil
}

// text differs from record to record.
func (e *bottomless) text(i int) string {
	return strings.Repeat(fmt.Sprintf("%06d-%03d ", e.calls, i), valueSize/11)
}

func (e *bottomless) attributes(i int) gen.Opt[gen.ArrayOfAttribute] {
	return gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: "Text", AttrValue: e.text(i)}}})
}

// TestMemory_pages: commands that write page by page keep nothing of the pages that are written, and a
// table, of which nothing is cut in a pipe, keeps what it will show.
func TestMemory_pages(t *testing.T) { //nolint:paralleltest // see above
	skipShort(t)
	const early, late = 10, 50
	const received = (late - early) * perPage * valueSize
	commands := map[string]string{
		"activity":   "activity 1 --page-size 100",
		"changes":    "changes --since 2015-01-01 --page-size 100",
		"lead list":  "lead list --list L --fields Text --page-size 100",
		"object get": "object get Opportunity --where Name~EQ~x",
		"custom get": "custom get Device --key A=1 --fields Text --page-size 100",
	}
	// What may be kept of what came in between.
	forms := map[string]float64{"jsonl": 0.02, "csv": 0.02, "table": 1.5, "json": 1.5}
	for name, command := range commands {
		for form, most := range forms {
			if form == "csv" && name == "object get" {
				continue // it has none
			}
			t.Run(name+" "+form, func(t *testing.T) {
				e, env := serveBottomless(t, early, late)
				args := strings.Fields(command)
				for i := range args {
					args[i] = strings.ReplaceAll(args[i], "~", " ")
				}
				var stderr strings.Builder
				code := Run(t.Context(), append(args, "-o", form), env.getenv, strings.NewReader(""), io.Discard, &stderr)
				if code != exit.OK || e.calls != pagesAsked {
					t.Fatalf("exit code %d after %d calls: %s", code, e.calls, &stderr)
				}
				grown := float64(e.heap[late]) - float64(e.heap[early])
				if t.Logf("%.3f of what came is kept", grown/received); grown > most*received {
					t.Errorf("the live heap grew from %d to %d bytes while %d came", e.heap[early], e.heap[late], received)
				}
			})
		}
	}
}

// TestMemory_input: what a command keeps of its input grows with it, and no faster.
func TestMemory_input(t *testing.T) { //nolint:paralleltest // see above
	skipShort(t)
	const rows = 2000
	line := func(form string, i int) string {
		value := strings.Repeat("v", 100)
		switch form {
		case "csv":
			return fmt.Sprintf("%d,%s,%s\n", i+1, value, value)
		case "jsonl":
			return fmt.Sprintf(`{"Id":%d,"A":%q,"B":%q}`+"\n", i+1, value, value)
		case "objects":
			return fmt.Sprintf(`{"type":"Opportunity","id":%d,"attributes":{"A":%q,"B":%q}}`+"\n", i+1, value, value)
		}
		return fmt.Sprintln(i + 1)
	}
	write := func(t *testing.T, form string, n int) (path string, size float64) {
		var b strings.Builder
		if form == "csv" {
			b.WriteString("Id,A,B\n")
		}
		for i := range n {
			b.WriteString(line(form, i))
		}
		path = filepath.Join(t.TempDir(), "input")
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return path, float64(b.Len())
	}
	tests := []struct {
		name, form, command string
		batch               int // records to a call
		most                float64
	}{
		{"lead sync csv", "csv", "lead sync --format csv --batch 200", 200, 5},
		{"lead sync jsonl", "jsonl", "lead sync --format jsonl --batch 200", 200, 5},
		{"custom sync csv", "csv", "custom sync Device --key Id --operation upsert --format csv", 100, 5},
		{"object sync", "objects", "object sync --operation upsert", 100, 5},
		{"list add", "keys", "list add L --batch 200 --from", 200, 110},
		{"list check", "keys", "list check L --from", 300, 110},
		{"list import", "csv", "list import --program P --list L", rows, 7},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			measure := func(n int) (perByte float64) {
				path, size := write(t, test.form, n)
				before := float64(liveHeap())
				calls := (n + test.batch - 1) / test.batch
				if test.batch == rows {
					calls = 1
				}
				e, env := serveBottomless(t, 0, calls)
				var stderr strings.Builder
				if code := Run(t.Context(), append(strings.Fields(test.command), path), env.getenv, strings.NewReader(""), io.Discard, &stderr); code != exit.OK {
					t.Fatalf("exit code %d: %s", code, &stderr)
				}
				return (float64(e.heap[calls]) - before) / size
			}
			small, large := measure(rows), measure(4*rows)
			t.Logf("%.2f and %.2f bytes are kept of one", small, large)
			if large > test.most || large > 1.5*small {
				t.Errorf("%.2f bytes are kept of one of the input, and %.2f of a greater one; want %.1f at most", small, large, test.most)
			}
		})
	}
}

// TestMemory_returned: leads that come back are not kept once they are written out; a table shows them at the end.
func TestMemory_returned(t *testing.T) { //nolint:paralleltest // see above
	const early, late = 10, 50
	const received = (late - early) * valueSize * returnedTexts
	for form, most := range map[string]float64{"jsonl": 0.05, "csv": 0.05, "table": 1.5} {
		t.Run(form, func(t *testing.T) {
			e, env := serveBottomless(t, early, late)
			input := "Id\n" + strings.Repeat("1\n", pagesAsked)
			var stderr strings.Builder
			code := Run(t.Context(), []string{"lead", "sync", "--return", "--format", "csv", "-o", form}, env.getenv, strings.NewReader(input), io.Discard, &stderr)
			if code != exit.OK || e.calls != pagesAsked {
				t.Fatalf("exit code %d after %d calls: %s", code, e.calls, &stderr)
			}
			grown := float64(e.heap[late]) - float64(e.heap[early])
			if t.Logf("%.3f of what came is kept", grown/received); grown > most*received {
				t.Errorf("the live heap grew from %d to %d bytes while %d came", e.heap[early], e.heap[late], received)
			}
		})
	}
}

// TestMemory_call: an envelope and its answer are there a few times over, whatever their size.
func TestMemory_call(t *testing.T) { //nolint:paralleltest // see above
	for name, measure := range map[string]func(size int) float64{
		"request": func(size int) float64 { return callWith(t, size, 1) },
		"answer":  func(size int) float64 { return callWith(t, 1, size) },
	} {
		kept := measure(8 << 20) // so that what else the process has does not count
		if t.Logf("%s: %.2f bytes are kept of one", name, kept); kept > 2.5 {
			t.Errorf("%s: %.2f bytes are kept of one", name, kept)
		}
	}
}

// callWith returns how many bytes are live for each of the larger envelope while the answer is written.
func callWith(t *testing.T, request, answer int) float64 {
	t.Helper()
	text := requestWith(strings.Repeat("k", request))
	before := float64(liveHeap())
	_, env := serveBottomless(t, 0, answer)
	out := &measuring{}
	var stderr strings.Builder
	if code := Run(t.Context(), []string{"call"}, env.getenv, strings.NewReader(text), out, &stderr); code != exit.OK {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	return (float64(out.heap) - before) / float64(max(request, answer))
}

func requestWith(key string) string {
	return `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>` +
		`<m:paramsGetLead xmlns:m="http://www.marketo.com/mktows/"><leadKey><keyType>EMAIL</keyType><keyValue>` + key +
		`</keyValue></leadKey></m:paramsGetLead></e:Body></e:Envelope>`
}

// measuring is an output that measures the live heap when it is written to.
type measuring struct{ heap uint64 }

// Write implements io.Writer.
func (m *measuring) Write(p []byte) (int, error) {
	m.heap = max(m.heap, liveHeap())
	return len(p), nil
}

func skipShort(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("it reads many pages")
	}
}
