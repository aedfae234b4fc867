// Package compare repeats recorded SOAP exchanges and tells, field by field, what differs and whether the table of differences of package
// bridge expects it.
//
// A stream of pages is one thing: its pages are put together, on both sides, because positions are the service's own and pages end
// elsewhere. The positions of the recording are never sent; the stream is followed by those that come back.
//
// What counts: fields, by their names and values; which records there are; and their order, but for that of the fields of a record. What
// does not: spaces and prefixes of the XML; whether what has no value is missing, nil, empty or an empty list; numbers, flags and times that
// are the same in another form; positions; and the texts of faults, whose codes count. Of a stream of activities, those after the last
// one that was recorded do not count; and of a stream that was recorded in part, what lies outside of that part.
package compare

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/recording"
	"github.com/mktows/mktows-go/internal/safety"
)

// Options say what is compared with.
type Options struct {
	// Port returns the operations to compare an exchange with: in its version of the contract, for its user.
	Port func(e *recording.Exchange) (gen.Port, error)
	// Write is given the requests that write, in place of a port; nil: they are skipped. It returns what would be sent.
	Write func(ctx context.Context, e *recording.Exchange) ([]string, error)
	// Ignore are names of fields and attributes that are not compared.
	Ignore []string
	// Now is the moment that ages of activities are counted from.
	Now time.Time
}

// Outcome says how a comparison ended.
type Outcome string

// The outcomes.
const (
	Same      Outcome = "same"
	Expected  Outcome = "expected"  // all differences are in the table
	Differs   Outcome = "different" // some are not
	Skipped   Outcome = "skipped"
	Failed    Outcome = "failed" // no answer to compare with
	NotToSend Outcome = "write"  // what would be written is in Requests
)

// Result is what became of one recorded exchange, or of a stream of several.
type Result struct {
	Name        string       `json:"name"`            // of the first exchange
	Pages       int          `json:"pages,omitempty"` // exchanges of a stream; 0: it is none
	Operation   string       `json:"operation"`
	UserID      string       `json:"userID,omitempty"` // that was recorded
	Outcome     Outcome      `json:"outcome"`
	Why         string       `json:"why,omitempty"` // of what was skipped, or failed
	Differences []Difference `json:"differences,omitempty"`
	Later       int          `json:"later,omitempty"`    // records that came after the recording, which do not count
	Requests    []string     `json:"requests,omitempty"` // of the REST API that a write would begin with

	Err error `json:"-"` // why it failed
}

// Difference is a field that differs, in one record or in several alike.
type Difference struct {
	Field    string `json:"field"`              // the path in the answer, with types and names in brackets, without values of records
	What     string `json:"what"`               // changed, missing, added, order or fault
	Count    int    `json:"count"`              // how often
	First    string `json:"first"`              // the path of the first, with the numbers of records
	Recorded string `json:"recorded,omitempty"` // the values of the first
	Answered string `json:"answered,omitempty"`
	Expected string `json:"expected,omitempty"` // by which row of the table; empty: by none
}

// momentary are faults that tell of the moment, or of the caller, and not of the request.
var momentary = []fault.Code{
	fault.CodeInternal, fault.CodeServiceInternal, fault.CodeAccessDenied, fault.CodeAuthenticationFailed, fault.CodeRequestLimitExceeded,
	fault.CodeRequestExpired, fault.CodeRateLimitExceeded, fault.CodeConcurrencyLimitExceeded,
}

// Run compares exchanges in their order; a stream comes where it began. It ends early only with ctx.
func Run(ctx context.Context, all []*recording.Exchange, o *Options) iter.Seq[Result] {
	return func(yield func(Result) bool) {
		for _, s := range streams(all) {
			if ctx.Err() != nil || !yield(s.compare(ctx, o)) {
				return
			}
		}
	}
}

// stream is an exchange, with those that went on from it.
type stream struct {
	pages   []*recording.Exchange
	orphan  bool // it goes on from a position that was not recorded
	repeats bool // of a page that was recorded before
}

// streams puts pages to the streams that they belong to.
func streams(all []*recording.Exchange) (list []*stream) {
	type position struct{ operation, user, text string }
	next := make(map[position]*stream) // by where its next page begins
	done := make(map[position]bool)
	for _, e := range all {
		at := position{e.Operation.Name, e.UserID, positionOf(e.Request)}
		s := next[at]
		switch {
		case at.text == "":
			s = new(stream)
			list = append(list, s)
		case s == nil:
			s = &stream{orphan: !done[at], repeats: done[at]}
			list = append(list, s)
		default:
			done[at] = true
			delete(next, at)
		}
		s.pages = append(s.pages, e)
		if e.Response == nil {
			continue
		}
		if p := pageOf(e.Response); p != nil && p.next != "" {
			next[position{at.operation, at.user, p.next}] = s
		}
	}
	return list
}

// compare repeats a stream and compares.
func (s *stream) compare(ctx context.Context, o *Options) Result {
	first := s.pages[0]
	r := Result{Name: first.Name, Operation: first.Operation.Name, UserID: first.UserID, Outcome: Skipped}
	if len(s.pages) > 1 {
		r.Pages = len(s.pages)
	}
	last := s.pages[len(s.pages)-1]
	switch {
	case safety.Of(first.Operation.Name, first.Request) != fault.ReadOnly:
		return r.write(ctx, first, o)
	case s.orphan:
		r.Why = "it goes on from a position that no answer before it gave: record streams from their first page"
		return r
	case s.repeats:
		r.Why = "it asks for a page that was recorded before"
		return r
	case last.Fault != nil && len(s.pages) == 1 && slices.Contains(momentary, last.Fault.Code):
		r.Why = fmt.Sprintf("fault %d was recorded, which tells of that moment and not of the request", last.Fault.Code)
		return r
	case last.Fault != nil && len(s.pages) > 1:
		s.pages = s.pages[:len(s.pages)-1] // where it broke off
	}
	answers, code, err := s.repeat(ctx, o)
	if err != nil {
		r.Outcome, r.Why, r.Err = Failed, reason(err), err
		return r
	}
	f := &finder{request: first.Request, operation: first.Operation.Name, options: o, answeredFault: code}
	if first.Fault != nil {
		f.recordedFault = first.Fault.Code
	}
	recorded := make([]gen.Message, 0, len(s.pages))
	for _, e := range s.pages {
		recorded = append(recorded, e.Response)
	}
	f.compare(recorded, answers)
	r.Differences, r.Later = f.found, f.later
	r.Outcome = Same
	for i := range r.Differences {
		if r.Outcome = Expected; r.Differences[i].Expected == "" {
			r.Outcome = Differs
			break
		}
	}
	return r
}

// write shows what a write would send.
func (r Result) write(ctx context.Context, e *recording.Exchange, o *Options) Result {
	if o.Write == nil {
		r.Why = "it writes"
		return r
	}
	requests, err := o.Write(ctx, e)
	r.Outcome, r.Requests = NotToSend, requests
	if err != nil {
		r.Outcome, r.Why, r.Err = Failed, reason(err), err
	}
	return r
}

// maxPages bounds how long a stream is followed.
const maxPages = 10_000

// repeat makes the call, and follows its stream as far as the recording goes. A fault that tells of the request is its code.
func (s *stream) repeat(ctx context.Context, o *Options) (answers []gen.Message, code fault.Code, err error) {
	first := s.pages[0]
	port, err := o.Port(first)
	if err != nil {
		return nil, 0, err
	}
	if first.Context != nil {
		ctx = gen.WithMktowsContext(ctx, *first.Context)
	}
	in, covered := first.Request, s.covered()
	var answered []*node
	for range maxPages {
		out, err := first.Operation.Call(ctx, port, in)
		var said *fault.Fault
		switch {
		case errors.As(err, &said) && !slices.Contains(momentary, said.Code) && len(answers) == 0:
			return nil, said.Code, nil
		case err != nil:
			return nil, 0, err
		}
		answers = append(answers, out)
		p := pageOf(out)
		if p == nil || !p.more || p.next == "" || first.Fault != nil {
			return answers, 0, nil
		}
		if answered = append(answered, p.records...); covered(answered) {
			return answers, 0, nil
		}
		in = following(in, out)
	}
	return nil, 0, fmt.Errorf("it has more than %d pages", maxPages)
}

// covered returns what reports whether records that were answered are all that the recording could hold, so that what follows them
// cannot count.
func (s *stream) covered() func(answered []*node) bool {
	var recorded []*node
	incomplete := false
	for _, e := range s.pages {
		if p := pageOf(e.Response); p != nil {
			recorded, incomplete = append(recorded, p.records...), p.more
		}
	}
	span := spanOf(recorded)
	return func(answered []*node) bool {
		if len(answered) > 1 {
			if ends := timesOf([]*node{answered[0], answered[len(answered)-1]}); len(ends) > 1 {
				first, last := ends[0], ends[1]
				if last.After(first) && last.After(span.latest) || incomplete && last.Before(first) && last.Before(span.earliest) {
					return true
				}
			}
		}
		return incomplete && !slices.ContainsFunc(align(recorded, answered), func(p pair) bool { return p.answered == nil })
	}
}

// reason tells why there is no answer, without values: faults repeat those of the request, and other errors show a piece of the answer.
func reason(err error) string {
	var said *fault.Fault
	var status *fault.StatusError
	var unread *fault.DecodeError
	switch {
	case errors.As(err, &said):
		return fmt.Sprintf("the gateway answers with the fault %d", said.Code)
	case errors.As(err, &status):
		return fmt.Sprintf("what answers is no gateway, with HTTP status %d: see the address", status.Code)
	case errors.As(err, &unread):
		return "the answer of the gateway cannot be read"
	}
	return err.Error()
}
