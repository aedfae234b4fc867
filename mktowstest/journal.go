package mktowstest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
)

const (
	shownExchanges = 20       // of the last exchanges, in the summary
	shownBytes     = 16 << 10 // of an envelope
)

// journal is the exchanges of a server, in the order of their answers.
type journal struct {
	mu     sync.Mutex
	list   []Exchange
	closed bool
}

// add appends an exchange and, while the test goes on, has it looked at. A test that
// has ended must not be told anything, so closing waits for that.
func (j *journal) add(e Exchange, look func(Exchange)) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = append(j.list, e)
	if !j.closed {
		look(e)
	}
}

func (j *journal) close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
}

// of returns the exchanges of an operation, or all for "".
func (j *journal) of(op string) []Exchange {
	j.mu.Lock()
	defer j.mu.Unlock()
	var list []Exchange
	for _, e := range j.list {
		if op == "" || e.Operation == op {
			list = append(list, e)
		}
	}
	return list
}

// Exchanges returns the exchanges of an operation so far, such as getLeadActivity, in
// the order in which they were answered; "" means all, also those of requests that
// were not understood. An exchange is there before its answer is sent.
func (s *Server) Exchanges(op string) []Exchange { return s.log.of(op) }

// RequireCalls fails the test at once unless there were n calls of the operation so
// far, repeated attempts included. "" means all operations.
func (s *Server) RequireCalls(tb testing.TB, op string, n int) {
	tb.Helper()
	if list := s.log.of(op); len(list) != n {
		tb.Fatalf("mktowstest: %d calls of %s, want %d\n%s", len(list), nameOf(op), n, table(s.log.of("")))
	}
}

func nameOf(op string) string {
	if op == "" {
		return "all operations together"
	}
	return op
}

// record is the journal of the endpoint.
func (s *Server) record(e Exchange) {
	s.log.add(e, func(e Exchange) {
		if !s.config.unexpected && unexpected(e) {
			s.tb.Errorf("mktowstest: unexpected request: %s\n%s", outcome(e), envelopes(e))
		}
	})
}

// mistakes are the codes of requests that no program should send: of the SOAP API, and of the
// REST API for methods, documents, paths and types that it does not take.
var mistakes = []fault.Code{fault.CodeRequestNotUnderstood, fault.CodeUnsupportedOperation, 605, 609, 610, 612, 613}

// unexpected reports whether a request shows a mistake in the code under test, or in
// the test, rather than something that can happen to any program.
func unexpected(e Exchange) bool {
	switch {
	case e.Scripted, errors.Is(e.Err, context.Canceled), errors.Is(e.Err, context.DeadlineExceeded), errors.Is(e.Err, server.ErrCutOff):
		return false
	case e.Err != nil:
		return true
	}
	return e.Fault != nil && slices.Contains(mistakes, e.Fault.Code)
}

// summary is what a failed test shows.
func (j *journal) summary() string {
	list := j.of("")
	if len(list) == 0 {
		return "mktowstest: the server was not called"
	}
	return fmt.Sprintf("mktowstest: calls to the server:\n%s\nThe last one:\n%s", table(list), envelopes(list[len(list)-1]))
}

// table has a line for each of the last exchanges.
func table(list []Exchange) string {
	var b strings.Builder
	first := max(0, len(list)-shownExchanges)
	if first > 0 {
		fmt.Fprintf(&b, "(%d earlier ones are not shown)\n", first)
	}
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	for i, e := range list[first:] {
		fmt.Fprintf(w, "#%d\t%s\t%s\t%s\n", first+i+1, e.Time.UTC().Format("15:04:05.000"), nameOfCall(e), outcome(e))
	}
	_ = w.Flush() // a strings.Builder takes everything
	return b.String()
}

func nameOfCall(e Exchange) string {
	if e.Operation == "" && e.Path != "" {
		return e.Path
	}
	if e.Operation == "" {
		return "(not understood)"
	}
	return e.Operation
}

// outcome tells in a few words what became of a call.
func outcome(e Exchange) string {
	text := fmt.Sprintf("HTTP %d", e.Status)
	if e.Status == 0 {
		text = "connection closed"
	}
	switch {
	case e.Fault != nil:
		text += ", fault " + faultText(e.Fault)
	case e.Response != nil:
		text += ", " + e.Response.ElementName() + counts(e.Response)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Scripted {
		text += " (by a rule)"
	}
	return text
}

func faultText(f *fault.Fault) string {
	if f.Message != "" {
		return f.Message
	}
	return f.FaultString
}

// counts tells how many records a page has.
func counts(m gen.Message) string {
	if page, ok := m.(*gen.SuccessGetLeadActivity); ok && page.LeadActivityList != nil {
		return fmt.Sprintf(", %d records, %d remaining", page.LeadActivityList.ReturnCount, page.LeadActivityList.RemainingCount)
	}
	return ""
}

// envelopes shows request and answer as they were on the wire, without the signature.
func envelopes(e Exchange) string {
	return fmt.Sprintf("request:\n%s\nanswer:\n%s", clip(e.RawRequest), clip(e.RawResponse))
}

func clip(doc []byte) string {
	if len(doc) > shownBytes {
		return fmt.Sprintf("%s\n… %d more bytes", doc[:shownBytes], len(doc)-shownBytes)
	}
	if len(doc) == 0 {
		return "(none)"
	}
	return string(doc)
}
