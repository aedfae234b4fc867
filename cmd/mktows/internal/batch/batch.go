package batch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/soapxml"
	"github.com/mktows/mktows-go/operations"
)

// The statuses of records beside those that the service gives.
const (
	StatusFailed  = "FAILED"
	statusUnknown = "UNKNOWN"  // sent, and no answer tells what became of it
	statusNotSent = "NOT_SENT" // not reached, or not out of this machine
)

// Help is what the help of each command that writes many records says.
const Help = `All input is read and checked first; if anything is wrong with it, nothing is sent, and the
mistakes are listed as FILE:LINE:COLUMN (in bytes). Each record of the input gets one in the
output, with the line it came from (line), what names it (key), its Marketo id if there is one
(id) and why it failed (error); the status is the service's, such as CREATED, UPDATED, DELETED,
UNCHANGED, SKIPPED or FAILED, or UNKNOWN (sent, but the answer never came) or NOT_SENT.

If a batch fails, nothing more is sent, and standard error says which lines are done, failed,
unknown and not sent. Ctrl-C stops after the batch under way, a second one at once. If the
service did not take some of the records, the exit code is 7.`

// Flags are those of commands that write many records.
type Flags struct {
	settings.WriteFlags
	output.FormFlags
	Size, Most int
}

// Bind adds the flags: size records at a time unless --batch says otherwise, and most at most.
func (f *Flags) Bind(fs *pflag.FlagSet, size, most int) {
	f.WriteFlags.Bind(fs)
	f.FormFlags.Bind(fs, "table", "json", "jsonl", "csv")
	f.Most = most
	fs.IntVar(&f.Size, "batch", size, fmt.Sprintf("send `N` at a time, 1 to %d", most))
}

// Check refuses values that are out of range.
func (f *Flags) Check() error {
	if f.Size < 1 || f.Size > f.Most {
		return exit.Usagef("--batch is %d: give a number from 1 to %d", f.Size, f.Most)
	}
	return f.FormFlags.Check()
}

// Status is what became of a record.
type Status struct {
	line   int    // of the input; 0: the record came as an argument
	key    string // what names the record
	Status string
	id     int64
	reason string           // why it failed
	Lead   *operations.Lead // as it is afterwards, if that was asked for
}

// Set takes over what the service says of a record, in memory of its own: texts of an answer share that of the
// whole answer, and what became of a record is kept to the end.
func (s *Status) Set(outcome operations.Outcome, id int64, err error) {
	s.Status, s.id = strings.Clone(string(outcome)), id
	s.Fail(err)
}

// Fail keeps the reason of an error.
func (s *Status) Fail(err error) {
	var refused *fault.SyncError
	switch {
	case errors.As(err, &refused):
		s.reason = strings.Clone(cmp.Or(refused.Reason, "the service gives no reason"))
	case err != nil:
		s.reason = err.Error()
	}
}

func (s *Status) done() bool { return s.reason == "" }

type statusJSON struct {
	Line   int          `json:"line,omitempty"`
	Key    string       `json:"key"`
	Status string       `json:"status"`
	ID     *int64       `json:"id"`
	Error  *string      `json:"error"`
	Lead   *output.Lead `json:"lead,omitempty"`
}

func newStatusJSON(s *Status) any {
	j := statusJSON{Line: s.line, Key: s.key, Status: s.Status}
	if s.id != 0 {
		j.ID = &s.id
	}
	if s.reason != "" {
		j.Error = &s.reason
	}
	if s.Lead != nil {
		lead := output.NewLead(s.Lead)
		j.Lead = &lead
	}
	return j
}

func statusShape() output.Shape[Status] {
	return output.Shape[Status]{
		Noun: "record", Nouns: "records",
		Columns: []output.Column{
			{Title: "STATUS"}, {Title: "LINE", Right: true}, {Title: "ID", Right: true},
			{Title: "KEY", Weight: 30}, {Title: "ERROR", Weight: 40}, {Title: "LEAD", Weight: 40},
		},
		Cells: func(s *Status) []string {
			lead := ""
			if s.Lead != nil {
				lead = output.Pairs(s.Lead.Attributes)
			}
			return []string{s.Status, output.Number(int64(s.line)), output.Number(s.id), s.key, s.reason, lead}
		},
		Header: []string{"line", "key", "status", "id", "error"},
		Row: func(s *Status) []string {
			return []string{output.Number(int64(s.line)), s.key, s.Status, output.Number(s.id), s.reason}
		},
		Json: newStatusJSON,
	}
}

// Batches are records to send, in the order of the input.
type Batches[T any] struct {
	Name  string // of the input
	Unit  string // what the arguments are that the records came as; empty: they came as lines
	Op    string // the wire operation
	Items []T
	// states has for each item what is known before: line and key.
	states []Status
	// Send sends a batch and writes into its states what became of it.
	Send func(ctx context.Context, api *operations.API, items []T, states []Status) error
}

// Add adds a record, with the line of the input that it stands in, or 0, and what names it.
func (b *Batches[T]) Add(item T, line int, key string) {
	b.Items = append(b.Items, item)
	b.states = append(b.states, Status{line: line, key: key, Status: statusNotSent})
}

// Run sends batch after batch and prints what became of each record, whatever
// happens.
func Run[T any](ctx context.Context, a *console.Console, f *Flags, b *Batches[T]) error {
	return settings.WithWriteAPI(ctx, a, &f.WriteFlags, func(ctx context.Context, api *operations.API) error {
		defer announceStop(ctx, a)()
		list := output.NewListing(a.Stdout, &f.FormFlags, statusShape())
		sent, failed := sendBatches(ctx, api, f, b, list)
		if f.DryRun {
			return failed
		}
		rest := b.states[sent:]
		if err := errors.Join(list.Add(rest), list.End(false, false)); err != nil && failed == nil {
			failed = err
		}
		return conclude(a, b.Name, b.Unit, b.states, failed)
	})
}

// sendBatches returns how many records it has sent and written to the list.
func sendBatches[T any](ctx context.Context, api *operations.API, f *Flags, b *Batches[T], list *output.Listing[Status]) (int, error) {
	calls, cancel := uninterrupted(ctx)
	defer cancel()
	for at := 0; at < len(b.Items); {
		if err := settings.Stopped(ctx, b.Op); err != nil {
			return at, err
		}
		end := min(at+f.Size, len(b.Items))
		states := b.states[at:end]
		err := b.Send(calls, api, b.Items[at:end], states)
		switch {
		case errors.Is(err, settings.ErrNotSent):
			at = end
			continue
		case err != nil:
			failBatch(states, err)
		}
		if out := list.Add(states); out != nil && err == nil {
			err = out
		}
		forget(b.Items[at:end], states)
		if at = end; err != nil {
			return at, err
		}
	}
	return len(b.Items), nil
}

// forget lets go of what is not needed once a batch was sent and written out.
func forget[T any](items []T, states []Status) {
	clear(items)
	for i := range states {
		states[i].Lead = nil
	}
}

// uninterrupted returns a context that lasts until the deadline of ctx, whatever happens to
// ctx: a batch that is cut off has an unknown outcome.
func uninterrupted(ctx context.Context) (context.Context, context.CancelFunc) {
	calls := context.WithoutCancel(ctx)
	if at, ok := ctx.Deadline(); ok {
		return context.WithDeadlineCause(calls, at, errors.New("--timeout is over"))
	}
	return context.WithCancel(calls)
}

// announceStop tells who presses Ctrl-C why the program goes on. The function it returns
// ends that.
func announceStop(ctx context.Context, a *console.Console) func() {
	told := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		if errors.Is(context.Cause(ctx), context.Canceled) {
			a.Complain("stopping after the batch under way; interrupt again to stop at once")
		}
	})
	return func() {
		if !stop() {
			<-told
		}
	}
}

// failBatch says of each record of a batch that failed as a whole what is known of it.
func failBatch(states []Status, err error) {
	status := batchStatus(err)
	for i := range states {
		if states[i].Status == statusNotSent && states[i].reason == "" {
			states[i].Status, states[i].reason = status, err.Error()
		}
	}
}

// batchStatus goes by what the error proves: that the records surely were not taken, or
// surely never left.
func batchStatus(err error) string {
	var call *fault.OpError
	var field *soapxml.FieldError
	var dial *net.OpError
	switch {
	case errors.Is(err, fault.ErrUnknownOutcome):
		return statusUnknown
	case fault.FromServer(err) && !errors.Is(err, fault.ErrServer):
		return StatusFailed
	case errors.As(err, &field), errors.As(err, &call) && call.Attempts == 0:
		return statusNotSent
	case errors.As(err, &dial) && dial.Op == "dial":
		return statusNotSent
	}
	return statusUnknown
}

// conclude says what became of the input if not all of it is done.
func conclude(a *console.Console, name, unit string, states []Status, failed error) error {
	text, ok := tally(name, unit, states)
	switch {
	case failed != nil:
		a.Complain(text)
		return failed
	case !ok:
		return exit.Inputf("%s", text)
	}
	return nil
}

// tally counts the records by what became of them, and reports whether all are done.
func tally(name, unit string, states []Status) (string, bool) {
	kinds := []string{"done", "failed", "unknown", "not sent"}
	where := make([][]int, len(kinds))
	for i := range states {
		kind := 0
		switch s := &states[i]; {
		case s.Status == statusUnknown:
			kind = 2
		case s.Status == statusNotSent:
			kind = 3
		case !s.done():
			kind = 1
		}
		where[kind] = append(where[kind], i)
	}
	var parts []string
	for kind, at := range where {
		if len(at) > 0 {
			parts = append(parts, fmt.Sprintf("%d %s (%s)", len(at), kinds[kind], ranges(unit, states, at)))
		}
	}
	return fmt.Sprintf("%s: %s", name, strings.Join(parts, "; ")), len(where[0]) == len(states)
}

// maxRanges bounds a line of the report; the records of the output say the rest.
const maxRanges = 12

// ranges names records by their lines, neighbours together, or else by their place among the
// arguments of their kind, counted from 1 as lines are.
func ranges(unit string, states []Status, at []int) string {
	place := func(i int) int { return i + 1 }
	if unit == "" {
		unit, place = "line", func(i int) int { return states[i].line }
		if len(at) > 1 {
			unit = "lines"
		}
	}
	var parts []string
	for i := 0; i < len(at); {
		j := i
		for j+1 < len(at) && at[j+1] == at[j]+1 {
			j++
		}
		if len(parts) == maxRanges {
			return unit + " " + strings.Join(parts, ", ") + " …"
		}
		parts = append(parts, span(place(at[i]), place(at[j])))
		i = j + 1
	}
	return unit + " " + strings.Join(parts, ", ")
}

func span(first, last int) string {
	if first == last {
		return fmt.Sprint(first)
	}
	return fmt.Sprintf("%d-%d", first, last)
}
