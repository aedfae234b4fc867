package batch

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"unsafe"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/soapxml"
	"github.com/mktows/mktows-go/operations"
)

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
		{"refused", op(1, fault.New(fault.CodeLeadAttributeBad, "")), StatusFailed},
		{"refused at the gate", op(1, fault.New(fault.CodeRequestLimitExceeded, "")), StatusFailed},
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
	var states []Status
	for line := 2; line < 40; line++ {
		s := Status{line: line, Status: "CREATED"}
		if line%2 == 0 {
			s.Status, s.reason = StatusFailed, "why"
		}
		states = append(states, s)
	}
	got, ok := tally("a.csv", "", states)
	want := "a.csv: 19 done (lines 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25 …); 19 failed (lines 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24 …)"
	if got != want || ok {
		t.Errorf("%s, %t", got, ok)
	}
	if got, ok := tally("leads", "KEY", []Status{{Status: "ADDED"}, {Status: "ADDED"}}); got != "leads: 2 done (KEY 1-2)" || !ok {
		t.Errorf("%s, %t", got, ok)
	}
}

// TestRecordStatus_ownMemory: what is kept of a record to the end holds on to no answer.
func TestRecordStatus_ownMemory(t *testing.T) {
	t.Parallel()
	answer := strings.Repeat("SKIPPED because", 1000)
	var s Status
	s.Set(operations.Outcome(answer[:7]), 1, &fault.SyncError{Reason: answer[8:15]})
	if s.Status != "SKIPPED" || s.reason != "because" {
		t.Fatalf("%+v", s)
	}
	if unsafe.StringData(s.Status) == unsafe.StringData(answer) || unsafe.StringData(s.reason) == unsafe.StringData(answer[8:]) {
		t.Error("the status or the reason is a part of the answer")
	}
}
