package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/soapxml"
	"github.com/mktows/mktows-go/operations"
)

// The statuses of records beside those that the service gives.
const (
	statusFailed  = "FAILED"
	statusUnknown = "UNKNOWN"  // sent, and no answer tells what became of it
	statusNotSent = "NOT_SENT" // not reached, or not out of this machine
)

const batchHelp = `All input is read and checked first; if anything is wrong with it, nothing is sent, and the
mistakes are listed as FILE:LINE:COLUMN (in bytes). Each record of the input gets one in the
output, with the line it came from (line), what names it (key), its Marketo id if there is one
(id) and why it failed (error); the status is the service's, such as CREATED, UPDATED, DELETED,
UNCHANGED, SKIPPED or FAILED, or UNKNOWN (sent, but the answer never came) or NOT_SENT.

If a batch fails, nothing more is sent, and standard error says which lines are done, failed,
unknown and not sent. Ctrl-C stops after the batch under way, a second one at once. If the
service did not take some of the records, the exit code is 7.`

// batchFlags are those of commands that write many records.
type batchFlags struct {
	writeFlags
	outputFlags
	size, most int
}

func (f *batchFlags) bind(fs *pflag.FlagSet, size, most int) {
	f.writeFlags.bind(fs)
	f.outputFlags.bind(fs, "table", "json", "jsonl", "csv")
	f.most = most
	fs.IntVar(&f.size, "batch", size, fmt.Sprintf("send `N` at a time, 1 to %d", most))
}

func (f *batchFlags) check() error {
	if f.size < 1 || f.size > f.most {
		return usagef("--batch is %d: give a number from 1 to %d", f.size, f.most)
	}
	return f.outputFlags.check()
}

// recordStatus is what became of a record.
type recordStatus struct {
	line   int    // of the input; 0: the record came as an argument
	key    string // what names the record
	status string
	id     int64
	reason string           // why it failed
	lead   *operations.Lead // as it is afterwards, if that was asked for
}

// set takes over what the service says of a record, in memory of its own: texts of an answer share that of the
// whole answer, and what became of a record is kept to the end.
func (s *recordStatus) set(outcome operations.Outcome, id int64, err error) {
	s.status, s.id = strings.Clone(string(outcome)), id
	s.fail(err)
}

// fail keeps the reason of an error.
func (s *recordStatus) fail(err error) {
	var refused *fault.SyncError
	switch {
	case errors.As(err, &refused):
		s.reason = strings.Clone(cmp.Or(refused.Reason, "the service gives no reason"))
	case err != nil:
		s.reason = err.Error()
	}
}

func (s *recordStatus) done() bool { return s.reason == "" }

type statusJSON struct {
	Line   int       `json:"line,omitempty"`
	Key    string    `json:"key"`
	Status string    `json:"status"`
	ID     *int64    `json:"id"`
	Error  *string   `json:"error"`
	Lead   *leadJSON `json:"lead,omitempty"`
}

func newStatusJSON(s *recordStatus) any {
	j := statusJSON{Line: s.line, Key: s.key, Status: s.status}
	if s.id != 0 {
		j.ID = &s.id
	}
	if s.reason != "" {
		j.Error = &s.reason
	}
	if s.lead != nil {
		lead := newLeadJSON(s.lead)
		j.Lead = &lead
	}
	return j
}

func statusShape() shape[recordStatus] {
	return shape[recordStatus]{
		noun: "record", nouns: "records",
		columns: []column{
			{title: "STATUS"}, {title: "LINE", right: true}, {title: "ID", right: true},
			{title: "KEY", weight: 30}, {title: "ERROR", weight: 40}, {title: "LEAD", weight: 40},
		},
		cells: func(s *recordStatus) []string {
			lead := ""
			if s.lead != nil {
				lead = pairs(s.lead.Attributes)
			}
			return []string{s.status, number(int64(s.line)), number(s.id), s.key, s.reason, lead}
		},
		header: []string{"line", "key", "status", "id", "error"},
		row: func(s *recordStatus) []string {
			return []string{number(int64(s.line)), s.key, s.status, number(s.id), s.reason}
		},
		json: newStatusJSON,
	}
}

// number is a number of which 0 means none.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// batches are records to send, in the order of the input.
type batches[T any] struct {
	name  string // of the input
	unit  string // what the arguments are that the records came as; empty: they came as lines
	op    string // the wire operation
	items []T
	// states has for each item what is known before: line and key.
	states []recordStatus
	// send sends a batch and writes into its states what became of it.
	send func(ctx context.Context, api *operations.API, items []T, states []recordStatus) error
}

func (b *batches[T]) add(item T, line int, key string) {
	b.items = append(b.items, item)
	b.states = append(b.states, recordStatus{line: line, key: key, status: statusNotSent})
}

// runBatches sends batch after batch and prints what became of each record, whatever
// happens.
func runBatches[T any](ctx context.Context, a *app, f *batchFlags, b *batches[T]) error {
	return a.withWriteAPI(ctx, &f.writeFlags, func(ctx context.Context, api *operations.API) error {
		defer a.announceStop(ctx)()
		list := newListing(a.stdout, &f.outputFlags, statusShape())
		sent, failed := sendBatches(ctx, api, f, b, list)
		if f.dryRun {
			return failed
		}
		rest := b.states[sent:]
		if err := errors.Join(list.add(rest), list.end(false, false)); err != nil && failed == nil {
			failed = err
		}
		return a.conclude(b.name, b.unit, b.states, failed)
	})
}

// sendBatches returns how many records it has sent and written to the list.
func sendBatches[T any](ctx context.Context, api *operations.API, f *batchFlags, b *batches[T], list *listing[recordStatus]) (int, error) {
	calls, cancel := uninterrupted(ctx)
	defer cancel()
	for at := 0; at < len(b.items); {
		if err := stopped(ctx, b.op); err != nil {
			return at, err
		}
		end := min(at+f.size, len(b.items))
		states := b.states[at:end]
		err := b.send(calls, api, b.items[at:end], states)
		switch {
		case errors.Is(err, errNotSent):
			at = end
			continue
		case err != nil:
			failBatch(states, err)
		}
		if out := list.add(states); out != nil && err == nil {
			err = out
		}
		forget(b.items[at:end], states)
		if at = end; err != nil {
			return at, err
		}
	}
	return len(b.items), nil
}

// forget lets go of what is not needed once a batch was sent and written out.
func forget[T any](items []T, states []recordStatus) {
	clear(items)
	for i := range states {
		states[i].lead = nil
	}
}

// stopped returns why no further batch is to be sent.
func stopped(ctx context.Context, op string) error {
	err := context.Cause(ctx)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &fault.OpError{Op: op, Err: err}
	}
	return err
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
func (a *app) announceStop(ctx context.Context) func() {
	told := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		if errors.Is(context.Cause(ctx), context.Canceled) {
			a.complain("stopping after the batch under way; interrupt again to stop at once")
		}
	})
	return func() {
		if !stop() {
			<-told
		}
	}
}

// failBatch says of each record of a batch that failed as a whole what is known of it.
func failBatch(states []recordStatus, err error) {
	status := batchStatus(err)
	for i := range states {
		if states[i].status == statusNotSent && states[i].reason == "" {
			states[i].status, states[i].reason = status, err.Error()
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
		return statusFailed
	case errors.As(err, &field), errors.As(err, &call) && call.Attempts == 0:
		return statusNotSent
	case errors.As(err, &dial) && dial.Op == "dial":
		return statusNotSent
	}
	return statusUnknown
}

// conclude says what became of the input if not all of it is done.
func (a *app) conclude(name, unit string, states []recordStatus, failed error) error {
	text, ok := tally(name, unit, states)
	switch {
	case failed != nil:
		a.complain(text)
		return failed
	case !ok:
		return inputf("%s", text)
	}
	return nil
}

// tally counts the records by what became of them, and reports whether all are done.
func tally(name, unit string, states []recordStatus) (string, bool) {
	kinds := []string{"done", "failed", "unknown", "not sent"}
	where := make([][]int, len(kinds))
	for i := range states {
		kind := 0
		switch s := &states[i]; {
		case s.status == statusUnknown:
			kind = 2
		case s.status == statusNotSent:
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
func ranges(unit string, states []recordStatus, at []int) string {
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
