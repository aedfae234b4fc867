package bridge_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
)

// lies are what an answer may have in the place of any value.
var lies = []any{
	nil, "", "x\u0001\u0000y", "\ufffe", "Not a date", "318815", "..", "a/b", "<&>]]>", strings.Repeat("z", 5000), true,
	json.Number("0"), json.Number("-1"), json.Number("1.5"), json.Number("4294967297"), json.Number("92233720368547758070"), json.Number("1e400"),
	[]any{}, []any{nil}, []any{map[string]any{}}, map[string]any{}, map[string]any{"a": []any{}},
}

// liar changes one value of one answer: it is left out, made longer by a control character, or replaced.
type liar struct {
	next        http.RoundTripper
	call, place int // which answer and value
	lie         int
	calls       int
}

// RoundTrip implements http.RoundTripper.
func (l *liar) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err != nil || strings.HasPrefix(r.URL.Path, "/identity") {
		return resp, err
	}
	if l.calls++; l.calls > 200 {
		return nil, errors.New("there is no end to the calls")
	}
	if l.calls-1 != l.call {
		return resp, nil
	}
	defer resp.Body.Close()
	body := io.Reader(resp.Body)
	if resp.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(body); err != nil {
			return nil, err
		}
		resp.Header.Del("Content-Encoding")
	}
	var doc any
	dec := json.NewDecoder(body)
	dec.UseNumber()
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	all := changes(doc, func(v any) { doc = v }, func() {})
	all[l.place%len(all)](l.lie)
	text, err := json.Marshal(doc)
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return resp, err
}

// changes returns what changes each of the values of a document.
func changes(v any, set func(any), remove func()) []func(lie int) {
	all := []func(int){func(lie int) {
		switch text, isText := v.(string); {
		case lie%4 == 0:
			remove()
		case lie%4 == 1 && isText:
			set(text + "\u0001")
		default:
			set(lies[lie%len(lies)])
		}
	}}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			all = append(all, changes(v[name], func(x any) { v[name] = x }, func() { delete(v, name) })...)
		}
	case []any:
		for i := range v {
			all = append(all, changes(v[i], func(x any) { v[i] = x }, func() { v[i] = v[0] })...)
		}
	}
	return all
}

// allRequests are requests of all operations, by name.
func allRequests() map[string]gen.Message {
	all := special()
	for name, pair := range usual() {
		all[name] = pair[1]
	}
	for _, c := range slices.Concat(reads(), writes()) {
		all[c.name] = c.in
	}
	return all
}

// FuzzBridge_answers: whatever value an answer has, there is an error that says what is wrong, or an answer that the SOAP
// API could have given, after a number of calls that has a bound.
func FuzzBridge_answers(f *testing.F) {
	requests := allRequests()
	names := slices.Sorted(maps.Keys(requests))
	for i, name := range names {
		f.Add(name, byte(i%2), uint16(7*i), uint16(2+i))
	}
	// Types, names and months with a control character came through; what became of a record was no status.
	f.Add("lead by IDNUM", byte(0), uint16(47), uint16(1))
	f.Add("lead by IDNUM", byte(0), uint16(55), uint16(1))
	f.Add("program", byte(0), uint16(10), uint16(1))
	f.Add("describeMObject: Opportunity and OpportunityPersonRole", byte(0), uint16(12), uint16(1))
	f.Fuzz(func(t *testing.T, name string, call byte, place, lie uint16) {
		in := requests[name]
		if in == nil {
			in = requests[names[len(name)%len(names)]]
		}
		s := guestServer(t, mktowstest.WithUnexpectedRequests())
		client := s.REST().Client
		l := &liar{next: client.Transport, call: int(call), place: int(place), lie: int(lie)}
		client.Transport = l
		b := s.Bridge(bridge.WithHTTPClient(client), bridge.WithoutRetry(), bridge.WithPageTime(time.Second))
		out, err := perform(t.Context(), b, in)
		if l.calls > 200 {
			t.Errorf("%d calls", l.calls)
		}
		if err != nil {
			if strings.ContainsAny(err.Error(), "\x00\x01") {
				t.Errorf("the error is %q", err)
			}
			return
		}
		text, err := gen.Marshal(out, gen.V3_1)
		if err != nil {
			t.Fatal(err)
		}
		if err := gen.Unmarshal(text, gen.OperationByInput(in.ElementName()).NewOutput()); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	})
}

// No write is taken for done, or done again, whose answer does not say what became of it.
func TestWrites_untold(t *testing.T) {
	t.Parallel()
	requests := usual()
	const leads, custom = "POST /rest/v1/leads.json", "POST /rest/v1/customobjects/{customObjectName}"
	for operation, call := range map[string]string{
		"syncLead": leads, "syncMultipleLeads": leads, "importToList": leads, "listOperation": "POST /rest/v1/lists/{listId}/leads.json",
		"syncMObjects": "POST /rest/v1/opportunities.json", "deleteMObjects": "POST /rest/v1/opportunities/delete.json",
		"syncCustomObjects": custom + ".json", "deleteCustomObjects": custom + "/delete.json",
	} {
		for _, doc := range []string{
			``, `{`, `{"success":true,"result":[{"id":7,"status":"created"}]`, `{}`, `{"success":true}`, `{"success":true,"result":null}`, `{"success":true,"result":[]}`, `{"success":true,"result":{}}`,
			`{"success":true,"result":[null]}`, `{"success":true,"result":[{}]}`, `{"success":true,"result":[{"status":"created","id":"seven"}]}`, `{"success":true,"result":[{"seq":0,"id":9}]}`,
			`{"success":true,"result":[{"seq":1,"id":-1,"status":"gone fishing"}]}`, `{"success":true,"result":[{"seq":0,"id":9,"status":"created"},{"seq":0,"id":9,"status":"created"}]}`,
		} {
			t.Run(operation+" "+doc, func(t *testing.T) {
				t.Parallel()
				s := guestServer(t)
				s.Inject(body(call, doc))
				_, err := perform(t.Context(), bridgeTo(t, s, bridge.WithRetry(bridge.RetryPolicy{MaxAttempts: 1})), requests[operation][0])
				if !errors.Is(err, fault.ErrUnknownOutcome) {
					t.Errorf("%v", err)
				}
				s.RequireCalls(t, call, 1)
			})
		}
	}
}

// A look-up that fails for the moment does not make a write fail for good that needs it.
func TestSyncLead_lookUpFails(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/leads.json", Code: 608})
	b, shared := bridgeTo(t, s, bridge.WithoutRetry()), record("shared@example.com", attribute("Title", "x"))
	if _, err := b.SyncLead(t.Context(), &gen.ParamsSyncLead{LeadRecord: &shared}); !errors.Is(err, fault.RESTCode(608)) {
		t.Errorf("%v", err)
	}
	out, err := b.SyncMultipleLeads(t.Context(), &gen.ParamsSyncMultipleLeads{LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{record("new@example.com"), shared}}})
	if err != nil {
		t.Fatal(err)
	}
	list := out.Result.SyncStatusList.SyncStatus
	if list[0].Status != gen.LeadSyncStatusCREATED || !strings.Contains(list[1].Error.Or(""), "608") {
		t.Errorf("%+v", list)
	}
}

// A list is cleared once, although the service goes on showing whom it has taken off.
func TestImportToList_clearsOnce(t *testing.T) {
	t.Parallel()
	const removal = "DELETE /rest/v1/lists/{listId}/leads.json"
	s := guestServer(t)
	s.Inject(body("GET /rest/v1/lists/{listId}/leads.json", `{"success":true,"result":[{"id":7},{"id":8}]}`))
	s.Inject(body(removal, `{"success":true,"result":[{"id":7,"status":"removed"},{"id":8,"status":"removed"}]}`))
	client := s.REST().Client
	client.Transport = &liar{next: client.Transport, call: -1} // stops what does not end
	in := imported("Email Address")
	in.ClearList = true
	if _, err := s.Bridge(bridge.WithHTTPClient(client)).ImportToList(t.Context(), in); err != nil {
		t.Error(err)
	}
	s.RequireCalls(t, removal, 1)
}

// Loops end that the service gives no end to.
func TestBridge_endlessAnswers(t *testing.T) {
	t.Parallel()
	clear := imported("Email Address")
	clear.ListName, clear.ClearList = "Guests", true
	page := strings.Repeat(`,{"tagType":"a","name":"a"}`, 200)[1:]
	for name, test := range map[string]struct {
		in    gen.Message
		rules []mktowstest.Rule
		call  string
		calls int
	}{
		"a list that cannot be cleared": {clear, []mktowstest.Rule{
			body("GET /rest/v1/lists/{listId}/leads.json", `{"success":true,"result":[{"id":7}]}`),
			body("DELETE /rest/v1/lists/{listId}/leads.json", `{"success":true,"result":[{"id":7,"status":"skipped","reasons":[{"code":"1004","message":"Lead not found"}]}]}`),
		}, "DELETE /rest/v1/lists/{listId}/leads.json", 1},
		"channels": {new(gen.ParamsGetChannels), []mktowstest.Rule{body("GET /rest/asset/v1/channels.json", `{"success":true,"result":[`+page+`]}`)}, "GET /rest/asset/v1/channels.json", 2},
		"tags":     {new(gen.ParamsGetTags), []mktowstest.Rule{body("GET /rest/asset/v1/tagTypes.json", `{"success":true,"result":[`+page+`]}`)}, "GET /rest/asset/v1/tagTypes.json", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := guestServer(t)
			for _, rule := range test.rules {
				s.Inject(rule)
			}
			client := s.REST().Client
			client.Transport = &liar{next: client.Transport, call: -1} // stops what does not end
			if _, err := perform(t.Context(), s.Bridge(bridge.WithHTTPClient(client)), test.in); err == nil {
				t.Error("no error")
			}
			s.RequireCalls(t, test.call, test.calls)
		})
	}
}

// leaver is a caller who goes when an answer to one of the calls has come, that of Identity included.
type leaver struct {
	next  http.RoundTripper
	leave context.CancelFunc
	at    int32
	calls atomic.Int32
}

// RoundTrip implements http.RoundTripper.
func (l *leaver) RoundTrip(r *http.Request) (*http.Response, error) {
	n := l.calls.Add(1)
	resp, err := l.next.RoundTrip(r)
	if n == l.at {
		l.leave()
	}
	return resp, err
}

// Nothing is sent for a caller who has gone, at whatever call: a fetch that others could have waited for as well is none
// that goes on.
func TestBridge_callerLeaves(t *testing.T) {
	t.Parallel()
	for operation, requests := range usual() {
		for at := range int32(4) {
			t.Run(fmt.Sprint(operation, at), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					s := guestServer(t)
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					client := s.REST().Client
					l := &leaver{next: client.Transport, leave: cancel, at: at + 1}
					client.Transport = l
					_, err := perform(ctx, s.Bridge(bridge.WithHTTPClient(client)), requests[0])
					synctest.Wait()
					if n := l.calls.Load(); n > l.at {
						t.Errorf("%d calls, the caller has gone with that %d: %v", n, l.at, err)
					}
				})
			})
		}
	}
}
