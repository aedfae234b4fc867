package cli

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
	"unsafe"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/soapxml"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/operations"
)

const threeLeads = "Email\nbatch-1@example.com\nbatch-2@example.com\nbatch-3@example.com\n"

// TestLeadSync_interrupted: the batch under way is finished, and nothing is sent after it.
func TestLeadSync_interrupted(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	calls := 0
	var mu sync.Mutex
	s.Inject(mktowstest.Rule{Operation: "syncMultipleLeads", Delay: time.Millisecond, Match: func(mktowstest.Exchange) bool {
		mu.Lock()
		defer mu.Unlock()
		if calls++; calls == 2 {
			interrupt()
		}
		return true
	}})
	r := runContext(ctx, t, settingsFor(s.URL()), threeLeads, "lead", "sync", "--format", "csv", "--batch", "1", "-o", "jsonl")
	if r.code != exitInterrupted {
		t.Errorf("exit code %d, want %d", r.code, exitInterrupted)
	}
	for _, want := range []string{
		"stopping after the batch under way", "standard input: 2 done (lines 2-3); 1 not sent (line 4)", "mktows: interrupted",
	} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("standard error lacks %q:\n%s", want, r.stderr)
		}
	}
	if n := strings.Count(r.stdout, "CREATED"); n != 2 || strings.Count(r.stdout, "NOT_SENT") != 1 {
		t.Errorf("the records do not say so:\n%s", r.stdout)
	}
	s.RequireCalls(t, "syncMultipleLeads", 2)
}

// TestLeadSync_timeout: unlike Ctrl-C, --timeout ends a batch too.
func TestLeadSync_timeout(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.Inject(mktowstest.Rule{Operation: "syncMultipleLeads", Skip: 1, Delay: time.Hour})
	r := run(t, settingsFor(s.URL()), threeLeads, "lead", "sync", "--format", "csv", "--batch", "1", "--timeout", "300ms")
	if r.code != exitUnknown || !strings.Contains(r.stderr, "1 done (line 2); 1 unknown (line 3); 1 not sent (line 4)") {
		t.Errorf("exit code %d, want %d: %s", r.code, exitUnknown, r.stderr)
	}
}

// TestLeadSync_outputFails: what was sent is told where there still is a place to tell it.
func TestLeadSync_outputFails(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var stderr strings.Builder
	code := Run(t.Context(), []string{"lead", "sync", "--format", "csv", "--batch", "1", "-o", "jsonl"}, settingsFor(s.URL()).getenv,
		strings.NewReader(threeLeads), &brokenWriter{7, io.ErrShortWrite}, &stderr)
	if code != exitOther || !strings.Contains(stderr.String(), "1 done (line 2); 2 not sent (lines 3-4)") {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
	s.RequireCalls(t, "syncMultipleLeads", 1)
}

func TestBatchStatus(t *testing.T) {
	t.Parallel()
	op := func(attempts int, err error) error {
		return &fault.OpError{Op: "syncLead", Attempts: attempts, Err: err}
	}
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"refused", op(1, fault.New(fault.CodeLeadAttributeBad, "")), statusFailed},
		{"refused at the gate", op(1, fault.New(fault.CodeRequestLimitExceeded, "")), statusFailed},
		{"answer lost", op(1, &fault.UnknownOutcomeError{Op: "syncLead", Err: io.EOF}), statusUnknown},
		{"internal error", op(1, fault.New(fault.CodeInternal, "")), statusUnknown},
		{"answer lost, though it may be repeated", op(3, io.EOF), statusUnknown},
		{"unreadable answer", op(1, &fault.DecodeError{Err: io.EOF}), statusUnknown},
		{"never tried", op(0, context.DeadlineExceeded), statusNotSent},
		{"no connection", op(3, &net.OpError{Op: "dial", Err: io.EOF}), statusNotSent},
		{"connection lost", op(3, &net.OpError{Op: "read", Err: io.EOF}), statusUnknown},
		{"not sayable in XML", op(1, &soapxml.FieldError{Path: "x", Err: io.EOF}), statusNotSent},
		{"anything else", errors.New("what"), statusUnknown},
	}
	for _, test := range tests {
		if got := batchStatus(test.err); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestTally(t *testing.T) {
	t.Parallel()
	var states []recordStatus
	for line := 2; line < 40; line++ {
		s := recordStatus{line: line, status: "CREATED"}
		if line%2 == 0 {
			s.status, s.reason = statusFailed, "why"
		}
		states = append(states, s)
	}
	got, ok := tally("a.csv", "", states)
	want := "a.csv: 19 done (lines 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25 …); 19 failed (lines 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24 …)"
	if got != want || ok {
		t.Errorf("%s, %t", got, ok)
	}
	if got, ok := tally("leads", "KEY", []recordStatus{{status: "ADDED"}, {status: "ADDED"}}); got != "leads: 2 done (KEY 1-2)" || !ok {
		t.Errorf("%s, %t", got, ok)
	}
}

// TestRecordStatus_ownMemory: what is kept of a record to the end holds on to no answer.
func TestRecordStatus_ownMemory(t *testing.T) {
	t.Parallel()
	answer := strings.Repeat("SKIPPED because", 1000)
	var s recordStatus
	s.set(operations.Outcome(answer[:7]), 1, &fault.SyncError{Reason: answer[8:15]})
	if s.status != "SKIPPED" || s.reason != "because" {
		t.Fatalf("%+v", s)
	}
	if unsafe.StringData(s.status) == unsafe.StringData(answer) || unsafe.StringData(s.reason) == unsafe.StringData(answer[8:]) {
		t.Error("the status or the reason is a part of the answer")
	}
}
