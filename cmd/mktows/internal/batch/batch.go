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
	// The service refused the record. The word is the service's own.
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

// Flags are the flags of the commands that write many records. Size is what --batch says, and Most is the largest
// value that the operation of the command accepts in one call.
type Flags struct {
	settings.WriteFlags
	output.FormFlags
	Size, Most int
}

// Bind adds the flags: size records at a time unless --batch says otherwise, and most at most.
func (f *Flags) Bind(fs *pflag.FlagSet, size, most int) {
	f.WriteFlags.Bind(fs)
	f.FormFlags.Bind(fs)
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

// Status is what became of one record. Only Status and Lead can be set directly; the rest is set by Set and Fail.
type Status struct {
	line   int    // of the input; 0: the record came as an argument
	key    string // what names the record
	Status string
	id     int64
	reason string           // why it failed
	Lead   *operations.Lead // as it is afterwards, if that was asked for
}

// Set stores what the service answered about a record. It copies the strings: those of a decoded message share the
// memory of the whole answer, and a status is kept until the last batch is done, so one short status would keep a
// whole answer in memory.
func (s *Status) Set(outcome operations.Outcome, id int64, err error) {
	s.Status, s.id = strings.Clone(string(outcome)), id
	s.Fail(err)
}

// Fail stores why a record failed; a nil error leaves the status as it is. For a record that the service refused,
// only the service's reason is kept, since the status and the key already say the rest of the error's text.
func (s *Status) Fail(err error) {
	var refused *fault.SyncError
	switch {
	case errors.As(err, &refused):
		s.reason = strings.Clone(cmp.Or(refused.Reason, "the service gives no reason"))
	case err != nil:
		s.reason = err.Error()
	}
}

// done reports whether the record is in the service as it was asked for. Anything else came with an error, SKIPPED
// included, whose reason is kept even if the service gave none.
func (s *Status) done() bool { return s.reason == "" }

type statusJSON struct {
	Line   int          `json:"line,omitempty"`
	Key    string       `json:"key"`
	Status string       `json:"status"`
	ID     *int64       `json:"id"`
	Error  *string      `json:"error"`
	Lead   *output.Lead `json:"lead,omitempty"`
}

// newStatusJSON returns a status as -o json and -o jsonl show it. Id and error are null, not absent, when there is
// none, so that every line has the same members; line and lead are left out where the command has nothing to put
// there.
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

// statusShape describes the output of a writing command. CSV has no column for the lead that --return asks for: a
// lead has as many fields as it likes, and a CSV file has one header.
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

// Batches holds the records that a command is going to send, in the order of the input. T is what the operation
// takes: a lead, a lead key, an object.
type Batches[T any] struct {
	Name  string // of the input
	Unit  string // what the arguments are that the records came as; empty: they came as lines
	Op    string // the wire operation
	Items []T
	// states has one element for each item. Until the item is sent it holds only what is known beforehand: line and
	// key.
	states []Status
	// Send sends a batch and writes into its states what became of it.
	Send func(ctx context.Context, api *operations.API, items []T, states []Status) error
}

// Add appends a record. Line is the line of the input that the record begins on, or 0 if it came as an argument, and
// key is how the output names it.
func (b *Batches[T]) Add(item T, line int, key string) {
	b.Items = append(b.Items, item)
	b.states = append(b.states, Status{line: line, key: key, Status: statusNotSent})
}

// Run sends batch after batch and prints what became of each record. The list is complete even if a batch fails or
// the user interrupts: records that were not sent are printed as NOT_SENT, because a list that simply stops would
// leave open whether they were. In a dry run, nothing is printed but the envelopes.
//
// If everything was sent and printed, the error is still an exit code 7 when the service refused some of the records.
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

// sendBatches sends the batches and adds each one's statuses to the list as soon as it is answered, so that jsonl and
// csv can be followed while a long run is going on. It returns how many records were sent and listed, and the error
// that ended the sending, if any.
//
// A failed batch ends the run. The next batch would most likely fail for the same reason, and a user who sees the
// first failure at once can act on it.
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
		// A dry run has printed the envelope of this batch. It goes on with the next one and lists nothing.
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

// forget releases the memory of a batch that was sent and listed. An input may have half a gigabyte, and the lead
// that --return brings back is only needed until it is printed.
func forget[T any](items []T, states []Status) {
	clear(items)
	for i := range states {
		states[i].Lead = nil
	}
}

// uninterrupted returns a context that ignores the cancellation of ctx but keeps its deadline. Ctrl-C must not cut a
// batch off in the middle: the request may already be with the service, and nobody could say whether its records were
// taken. So the batch under way is finished and the loop stops before the next one. --timeout still ends it, since
// the user has said in advance how long to wait. A second Ctrl-C ends the process as usual.
func uninterrupted(ctx context.Context) (context.Context, context.CancelFunc) {
	calls := context.WithoutCancel(ctx)
	if at, ok := ctx.Deadline(); ok {
		return context.WithDeadlineCause(calls, at, errors.New("--timeout is over"))
	}
	return context.WithCancel(calls)
}

// announceStop tells the user who presses Ctrl-C why the program does not stop at once. The function that it returns
// ends the watch; if the message is being written at that moment, it waits for it, so that the message cannot appear
// after the final report.
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

// failBatch sets the status of the records of a batch whose call failed as a whole. Records about which the answer
// did say something keep what it said.
func failBatch(states []Status, err error) {
	status := batchStatus(err)
	for i := range states {
		if states[i].Status == statusNotSent && states[i].reason == "" {
			states[i].Status, states[i].reason = status, err.Error()
		}
	}
}

// batchStatus turns the error of a call into a status, by what the error proves. A fault that judges the request
// proves that the records were refused; an error before the connection was made, or before anything was sent, proves
// that they never left. Everything else, including a fault that only says that the service is in trouble
// (fault.ErrServer), proves nothing, and the records are reported as UNKNOWN: calling them failed would invite a
// repetition that makes duplicates.
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

// conclude returns the error of the whole command. If a call failed, that error decides the exit code, and the tally
// goes to standard error as an additional line. If all calls succeeded but the service refused records, the tally is
// the error.
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

// tally counts the records by what became of them and names their lines, as in "leads.csv: 200 done (lines 2-201); 3
// unknown (lines 202-204)". It also reports whether all of them are done.
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

// maxRanges limits how many ranges one line of the report names. The full list is in the output of the command.
const maxRanges = 12

// ranges names the records at the given indices, with neighbours joined into one range. Records from a file are named
// by their lines. Records from arguments are named by unit and position, such as "KEY 2-4", counted from 1.
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

// span writes a range, or a single number if it has only one.
func span(first, last int) string {
	if first == last {
		return fmt.Sprint(first)
	}
	return fmt.Sprintf("%d-%d", first, last)
}
