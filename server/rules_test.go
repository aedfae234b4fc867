package server_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
)

// outcome is what a call came to, in one word.
func (a answer) outcome(t testing.TB) string {
	t.Helper()
	switch {
	case errors.Is(a.err, http.ErrAbortHandler) && a.body == "":
		return "dropped"
	case errors.Is(a.err, http.ErrAbortHandler):
		return "half"
	case !strings.Contains(a.body, "SOAP-ENV:"):
		return fmt.Sprintf("HTTP %d", a.status)
	}
	if f := a.fault(t); f != nil {
		return fmt.Sprintf("%d %d", a.status, f.Code)
	}
	return "ok"
}

func TestRules(t *testing.T) {
	t.Parallel()
	type outcomes = []string
	other := "<m:paramsListMObjects/>"
	tests := []struct {
		name  string
		rules []server.Rule
		want  outcomes // of five calls
		work  int      // how often the port was called
	}{
		{"none", nil, outcomes{"ok", "ok", "ok", "ok", "ok"}, 5},
		{"a fault, twice", []server.Rule{{Code: 20023, Times: 2}}, outcomes{"500 20023", "500 20023", "ok", "ok", "ok"}, 3},
		{"a fault, always", []server.Rule{{Operation: "getLeadActivity", Code: 20013}}, outcomes{"500 20013", "500 20013", "500 20013", "500 20013", "500 20013"}, 0},
		{"the third call", []server.Rule{{Code: 20011, Skip: 2, Times: 1}}, outcomes{"ok", "ok", "500 20011", "ok", "ok"}, 4},
		{"one after the other", []server.Rule{{Code: 20023, Times: 1}, {Code: 20024, Times: 1}, {Status: 503, Times: 1}},
			outcomes{"500 20023", "500 20024", "HTTP 503", "ok", "ok"}, 2},
		{"skipped calls are seen by later rules", []server.Rule{{Code: 20023, Skip: 1, Times: 1}, {Code: 20024, Times: 1}},
			outcomes{"500 20024", "500 20023", "ok", "ok", "ok"}, 3},
		{"a fault with another status", []server.Rule{{Code: 20011, Status: 200, Times: 1}}, outcomes{"200 20011", "ok", "ok", "ok", "ok"}, 4},
		{"an unknown code", []server.Rule{{Code: 29999, Times: 1}}, outcomes{"500 29999", "ok", "ok", "ok", "ok"}, 4},
		{"a code of the REST API", []server.Rule{{Code: 606, Times: 1}}, outcomes{"ok", "ok", "ok", "ok", "ok"}, 5},
		{"a proxy's page", []server.Rule{{Status: 502, Times: 1}}, outcomes{"HTTP 502", "ok", "ok", "ok", "ok"}, 4},
		{"other bytes", []server.Rule{{Body: []byte("maintenance"), Times: 1}}, outcomes{"HTTP 200", "ok", "ok", "ok", "ok"}, 4},
		{"no bytes", []server.Rule{{Body: []byte{}, Status: 500, Times: 1}}, outcomes{"HTTP 500", "ok", "ok", "ok", "ok"}, 4},
		{"dropped before the work", []server.Rule{{Drop: server.DropBeforeWork, Times: 2}}, outcomes{"dropped", "dropped", "ok", "ok", "ok"}, 3},
		{"dropped after the work", []server.Rule{{Drop: server.DropAfterWork, Times: 2}}, outcomes{"dropped", "dropped", "ok", "ok", "ok"}, 5},
		{"half an answer", []server.Rule{{Drop: server.DropHalfAnswer, Times: 1}}, outcomes{"half", "ok", "ok", "ok", "ok"}, 5},
		{"half a fault", []server.Rule{{Code: 20011, Drop: server.DropHalfAnswer, Times: 1}}, outcomes{"half", "ok", "ok", "ok", "ok"}, 4},
		{"another operation", []server.Rule{{Operation: "listMObjects", Code: 20011}}, outcomes{"ok", "ok", "ok", "ok", "ok"}, 5},
		{"this operation", []server.Rule{{Operation: "getLeadActivity", Code: 20011, Times: 1}}, outcomes{"500 20011", "ok", "ok", "ok", "ok"}, 4},
		{"a condition that holds", []server.Rule{{Match: func(e server.Exchange) bool {
			in, ok := e.Request.(*gen.ParamsGetLeadActivity)
			return ok && in.LeadKey.KeyValue == "318815" && e.UserID == user && strings.Contains(string(e.RawRequest), "[redacted]")
		}, Code: 20011, Times: 1}}, outcomes{"500 20011", "ok", "ok", "ok", "ok"}, 4},
		{"a condition that does not", []server.Rule{{Match: func(server.Exchange) bool { return false }, Code: 20011}}, outcomes{"ok", "ok", "ok", "ok", "ok"}, 5},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var work atomic.Int64
			b := setup(t, gen.PortFunc(func(ctx context.Context, op *gen.Operation, in, out gen.Message) error {
				work.Add(1)
				return emptyPage(ctx, op, in, out)
			}))
			for _, r := range test.rules {
				if err := r.Validate(); err != nil {
					t.Error(err)
				}
				b.rules.Add(r)
			}
			var got outcomes
			for range 5 {
				got = append(got, b.call().outcome(t))
			}
			if diff := cmp.Diff(test.want, got); diff != "" || int(work.Load()) != test.work {
				t.Errorf("the port was called %d times, want %d; outcomes (-want +got):\n%s", work.Load(), test.work, diff)
			}
			// What is not in order is refused as ever, and no rule sees it.
			b.rules.Add(server.Rule{Operation: "listMObjects", Code: 20011, Times: 1})
			if code := b.post(envelopeWith(header(user, "x", start), other)).code(t); code != 20014 {
				t.Errorf("wrong key: %d, want 20014", code)
			}
			if code := b.post(b.signed(other)).code(t); code != 20011 {
				t.Errorf("the rule is gone: %d, want 20011", code)
			}
		})
	}
}

func TestRules_answers(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	b.rules.Add(server.Rule{Status: 503, Header: http.Header{"retry-after": {"7"}}, Times: 1})
	got := b.call()
	if got.header.Get("Content-Type") != "text/html" || got.header.Get("Retry-After") != "7" || !strings.Contains(got.body, "503 Service Unavailable") {
		t.Errorf("%v\n%s", got.header, got.body)
	}
	large := strings.Repeat("<html>", 1000)
	raw := []byte(large)
	b.rules.Add(server.Rule{Status: 200, Body: raw, Times: 1})
	if got := b.post(b.signed(body), "Accept-Encoding", "gzip"); got.body != large || got.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Errorf("the body was changed: %v", got.header)
	}
	for range 20 { // answers of the server are written to other memory
		b.call()
	}
	if string(raw) != large {
		t.Error("the rule's body was written to")
	}
	b.rules.Add(server.Rule{Status: 204, Times: 1})
	if got := b.call(); got.status != 204 {
		t.Errorf("HTTP %d", got.status)
	}
}

func TestRules_delay(t *testing.T) {
	t.Parallel()
	var slept []time.Duration
	b := setup(t, nil, server.WithSleep(func(_ context.Context, d time.Duration) error {
		slept = append(slept, d)
		return nil
	}))
	b.rules.Add(server.Rule{Delay: time.Hour, Times: 1})
	b.rules.Add(server.Rule{Delay: time.Minute, Code: 20011, Times: 1})
	if got := []string{b.call().outcome(t), b.call().outcome(t), b.call().outcome(t)}; !cmp.Equal(got, []string{"ok", "500 20011", "ok"}) {
		t.Errorf("outcomes %v", got)
	}
	if diff := cmp.Diff([]time.Duration{time.Hour, time.Minute}, slept); diff != "" {
		t.Error(diff)
	}
}

// A caller that goes away ends the delay, and the port is not called.
func TestRules_delayEndsWithTheCaller(t *testing.T) {
	t.Parallel()
	b := setup(t, portOf(func(context.Context, *gen.ParamsGetLeadActivity) (*gen.LeadActivityList, error) {
		t.Error("the port was called")
		return nil, nil
	}))
	ctx, cancel := context.WithCancel(t.Context())
	b.rules.Add(server.Rule{Delay: time.Hour, Match: func(server.Exchange) bool {
		cancel() // when the request has been read
		return true
	}})
	if got := b.do(request(b.signed(body)).WithContext(ctx)); got.code(t) != fault.CodeServiceInternal {
		t.Errorf("HTTP %d", got.status)
	}
	if strings.Contains(b.logged.String(), "ERROR") {
		t.Errorf("a caller that went away is no failure:\n%s", b.logged)
	}
}

func TestRules_remove(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	first := b.rules.Add(server.Rule{Code: 20011})
	second := b.rules.Add(server.Rule{Code: 20012})
	third := b.rules.Add(server.Rule{Code: 20013, Times: 1})
	first()
	first()
	got := []string{b.call().outcome(t)}
	second()
	got = append(got, b.call().outcome(t), b.call().outcome(t))
	third() // it is used up already
	if diff := cmp.Diff([]string{"500 20012", "500 20013", "ok"}, got); diff != "" {
		t.Error(diff)
	}
}

// A rule that is removed while its condition is looked at does not act any more.
func TestRules_removedMeanwhile(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	var remove func()
	remove = b.rules.Add(server.Rule{Code: 20011, Match: func(server.Exchange) bool {
		remove()
		return true
	}})
	if got := b.call().outcome(t); got != "ok" {
		t.Errorf("outcome %s, want ok", got)
	}
}

// A condition may itself change the list, and Times holds among many callers.
func TestRules_concurrent(t *testing.T) {
	t.Parallel()
	b := setup(t, nil, server.WithLimits(limits.Unlimited()))
	b.rules.Add(server.Rule{Code: 20011, Times: 50, Match: func(server.Exchange) bool {
		b.rules.Add(server.Rule{Code: 20024, Times: 1})()
		return true
	}})
	var faults atomic.Int64
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			for range 10 {
				if b.call().code(t) == 20011 {
					faults.Add(1)
				}
			}
		})
	}
	group.Wait()
	if faults.Load() < 50 || faults.Load() > 50 {
		t.Errorf("%d faults, want 50", faults.Load())
	}
}

func TestRule_Validate(t *testing.T) {
	t.Parallel()
	tests := []struct {
		rule server.Rule
		text string
	}{
		{server.Rule{}, "nothing"},
		{server.Rule{Times: 2}, "nothing"},
		{server.Rule{Operation: "getleadactivity", Code: fault.CodeRateLimitExceeded}, `"getleadactivity"`},
		{server.Rule{Code: fault.CodeRateLimitExceeded, Skip: -1}, "negative"},
		{server.Rule{Code: 99}, "99 is no Code of a fault or of the REST API"},
		{server.Rule{Operation: "syncLead", Code: 606}, "606 is no Code of a fault: those have five digits"},
		{server.Rule{Operation: "GET /rest/v1/leads.json", Code: fault.CodeLeadNotFound}, "20103 is no Code of the REST API: those have three or four digits"},
		{server.Rule{Code: 100_000}, "100000 is no Code of a fault"},
		{server.Rule{Code: fault.CodeRateLimitExceeded, Times: -1}, "negative"},
		{server.Rule{Delay: -1}, "negative"},
		{server.Rule{Code: -1}, "-1 is no Code of a fault"},
		{server.Rule{Operation: "syncMultipleLeads", Code: 20106, Records: []int{0}}, "Records need an Operation of the REST API and a Code"},
		{server.Rule{Operation: "POST /rest/v1/leads.json", Status: 503, Records: []int{0}}, "Records need an Operation of the REST API and a Code"},
		{server.Rule{Operation: "POST /rest/v1/leads.json", Code: 1007, Records: []int{-1}}, "Records begin at 0"},
		{server.Rule{Status: 100}, "100"},
		{server.Rule{Status: 600}, "600"},
		{server.Rule{Code: fault.CodeRateLimitExceeded, Body: []byte{}}, "both"},
		{server.Rule{Drop: 4}, "Drop(4)"},
	}
	for _, test := range tests {
		if err := test.rule.Validate(); err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%+v: error %v, want one with %q", test.rule, err, test.text)
		}
	}
}
