package leadsync

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// maxLeadBatch is the greatest batch that the vendor recommends; larger ones may time
// out (Marketo SOAP API, limits).
const maxLeadBatch = 300

// piece is what one call has brought, converted to rows, together with the position after it; or what was decided
// without a call.
type piece struct {
	activities []store.ActivityRow
	leads      []store.LeadRow
	problems   []store.Problem     // records that cannot be read
	gone       []int64             // leads that the service no longer has
	versions   []store.ActivityRow // other things that are said of GUIDs that came before; no rows
	next       position            // what follows these rows
	calls      int64               // 0 or 1
	seen       int64               // rows that no piece before had
	missing    int64               // leads that there are not
	read       []string            // leads whose reading has ended
	again      bool                // what follows brings all of it again, in parts
	more       bool
	from       time.Time // how far back the history of a lead is read
	asked      int       // the last note of a merge before this was asked for
}

// pieces returns an iterator over the rest of a window, from a position up to its end or to the end of a pass. After
// a pass the caller has to ask afterPass where to go on, because only the caller knows how many of the rows were new.
// Rows may come more than once.
func (c *Config) pieces(ctx context.Context, s Stream, w store.Window, at position) iter.Seq2[piece, error] {
	r := c.reader(s, w, at)
	return func(yield func(piece, error) bool) {
		if err := r.read(ctx, func(p piece) bool { return yield(p, nil) }); err != nil {
			yield(piece{}, err)
		}
	}
}

// reader reads a window: it asks for ranges or histories, turns answers into pieces and keeps the position. It is
// used by one goroutine.
type reader struct {
	api    *operations.API
	batch  int
	stream Stream
	window store.Window
	twins  twins
	at     position
	page   marks // of the last page of a pass
	said   said
	bad    unreadable
	pace   *pace   // nil: none
	merged *merged // nil: none
	lately bool    // the page tells of a merge that the window does
}

// reader returns a reader that goes on from a position. Positions that earlier releases have stored are understood as
// well.
func (c *Config) reader(s Stream, w store.Window, at position) *reader {
	r := &reader{
		api: operations.New(c.Port), batch: c.BatchSize, stream: s, window: w, at: at,
		bad: unreadable{stream: s.Name, strict: c.Strict}, pace: c.pace, merged: c.merged,
	}
	switch {
	case s.Name == LeadActivity && at.Pass.Number == 0:
		r.at = position{Lead: at.Lead} // releases before had cursors without a pass
	case s.Name != LeadActivity && at.Range == timeRange{}:
		r.at = position{Range: newRange(s.Name, w)}
		if s.Name == Activities {
			r.at.Range = r.pace.shorten(r.at.Range, w)
		}
	case at.Cursor != "":
		r.at.Pass.Agreed = at.Pass.Agreed && !at.Range.Exact // much may have changed since: counts are no proof any more
		r.page = marks{decodeMarks(at.Pass.Page), at.Pass.GUIDs}
	}
	return r
}

// ended reports whether the window was read to its end.
func (r *reader) ended() bool {
	if r.stream.Name == LeadActivity {
		return r.at.Lead >= len(r.window.Leads)
	}
	return r.at.Range.From >= r.window.To.Unix()
}

// read hands out pieces until the end of the window or of a pass, an error, or a false from yield.
func (r *reader) read(ctx context.Context, yield func(piece) bool) error {
	for goOn := true; goOn && !r.ended() && !r.at.Pass.Ended; {
		var err error
		if goOn, err = r.ask(ctx, yield); err != nil {
			return err
		}
	}
	return nil
}

// ask asks for one range or one history and hands out its first page or, in a pass, all of its pages.
func (r *reader) ask(ctx context.Context, yield func(piece) bool) (goOn bool, err error) {
	start, err := operations.ParseCursor(r.at.Cursor)
	if err != nil {
		return false, err
	}
	r.twins.resume(nil)
	if !start.IsZero() {
		r.twins.resume(r.at.Tail)
	}
	asked := r.merged.noted()
	for page, err := range r.pages(ctx, start) {
		if r.stream.Name == LeadActivity && errors.Is(err, fault.ErrNotFound) {
			return yield(r.missing(err)), nil
		}
		if err == nil {
			page.problems, err = r.bad.take(page.records())
		}
		if err != nil {
			return false, r.failed(err)
		}
		p, inPass := r.take(page)
		p.asked = asked
		if !yield(p) {
			return false, nil
		}
		asked = r.merged.noted()
		if !inPass {
			return true, nil
		}
	}
	return true, nil
}

// failed adds to an error whose history could not be read.
func (r *reader) failed(err error) error {
	if r.stream.Name == LeadActivity {
		return fmt.Errorf("lead %s: %w", r.window.Leads[r.at.Lead], err)
	}
	return err
}

// missing moves past a lead that does not exist; err is what the service said about it.
func (r *reader) missing(err error) piece {
	key, _ := operations.ParseLeadKey(r.window.Leads[r.at.Lead]) // it was asked with
	gone := goneLead(key, err)
	r.at = position{Lead: r.at.Lead + 1}
	return piece{calls: 1, missing: 1, gone: gone, next: r.at, more: !r.ended()}
}

// answer is a page of any stream.
type answer struct {
	activities []operations.Activity
	leads      []store.LeadRow
	problems   []store.Problem // records that cannot be read
	next       operations.Cursor
	remaining  int
	more       bool
}

// records returns how many records the page has, including those that cannot be read.
func (a *answer) records() int { return len(a.activities) + len(a.leads) + len(a.problems) }

// marks returns the marks of the page, to recognise its end at the beginning of the next one.
func (a *answer) marks() marks {
	m := marks{of: make([]byte, 0, store.MarkSize*a.records())}
	for i := range a.activities {
		row := store.NewActivityRow(a.activities[i], 0)
		m.guids = m.guids || row.GUID != ""
		m.add(row.Digest, store.MarkOf(row.Key, row.Digest))
	}
	for i := range a.leads {
		m.add(a.leads[i].Digest, [store.MarkSize]byte(a.leads[i].Digest[:]))
	}
	return m
}

// pages returns the pages of the range or history that is to be asked for now.
func (r *reader) pages(ctx context.Context, start operations.Cursor) iter.Seq2[answer, error] {
	switch r.stream.Name {
	case Activities:
		return answers(r.changes(ctx, start), asActivities)
	case LeadActivity:
		return answers(r.history(ctx, start), func(all []operations.Activity) answer { return answer{activities: all} })
	case Leads:
		return answers(r.leads(ctx, start), asLeadRows)
	}
	return answers(noPages(fmt.Errorf("there is no stream %q", string(r.stream.Name))), asLeadRows)
}

// answers converts the pages of an operation into answers.
func answers[T any](pages iter.Seq2[operations.Page[T], error], convert func([]T) answer) iter.Seq2[answer, error] {
	return func(yield func(answer, error) bool) {
		for page, err := range pages {
			a := convert(page.Items)
			a.next, a.remaining, a.more = page.Next, page.Remaining, page.More
			if !yield(a, err) {
				return
			}
		}
	}
}

// noPages returns an iterator that yields only an error.
func noPages(err error) iter.Seq2[operations.Page[operations.Lead], error] {
	return func(yield func(operations.Page[operations.Lead], error) bool) {
		yield(operations.Page[operations.Lead]{}, err)
	}
}

// changes asks for a range of activities.
func (r *reader) changes(ctx context.Context, start operations.Cursor) iter.Seq2[operations.Page[operations.Change], error] {
	return r.api.Changes.Pages(ctx, r.since(), &operations.ChangeOptions{
		Names: wantedTypes(r.stream, r.window), Until: r.at.Range.to(), Start: start, BatchSize: r.batchSize(operations.MaxChangeBatch),
		OnUnreadable: r.bad.hook(),
	})
}

// wantedTypes returns the types that a window of Activities asks for; none: all.
func wantedTypes(s Stream, w store.Window) []string {
	if len(w.Names) > 0 {
		return w.Names
	}
	return s.Types
}

// since returns the time to ask from. Whether the service takes the end of a range as inside is not documented, so
// some time before it is asked for. At the beginning of a window that is a second. Between two ranges it is less,
// since one second may hold many pages: half a second and a millisecond more lies before the range, and not before
// the second before it, whether the service cuts, rounds or respects fractions.
func (r *reader) since() time.Time {
	from := r.at.Range.from()
	if from.Equal(r.window.From) {
		return from.Add(-edge)
	}
	return from.Add(-edge/2 - time.Millisecond)
}

func asActivities(changes []operations.Change) answer {
	all := make([]operations.Activity, len(changes))
	for i := range changes {
		all[i] = changes[i].Activity()
	}
	return answer{activities: all}
}

// history reads a lead's activities, newest first.
func (r *reader) history(ctx context.Context, start operations.Cursor) iter.Seq2[operations.Page[operations.Activity], error] {
	key, err := operations.ParseLeadKey(r.window.Leads[r.at.Lead])
	if err != nil {
		return func(yield func(operations.Page[operations.Activity], error) bool) {
			yield(operations.Page[operations.Activity]{}, err)
		}
	}
	return r.api.Activities.Pages(ctx, key, &operations.ActivityOptions{
		Include: withMerges(askable(r.stream.Types)), Start: start, BatchSize: r.batchSize(operations.MaxActivityBatch),
		OnUnreadable: r.bad.hook(),
	})
}

// leads asks for the leads that were updated in the range. Which of them were updated in the seconds beyond its ends
// cannot be told, as answers have no time; they are written too, which does no harm.
func (r *reader) leads(ctx context.Context, start operations.Cursor) iter.Seq2[operations.Page[operations.Lead], error] {
	until := r.at.Range.to()
	if until.Equal(r.window.To) {
		until = until.Add(edge)
	}
	between := operations.UpdatedBetween(r.since(), until)
	return r.api.Leads.Pages(ctx, between, &operations.LeadOptions{
		Fields: r.stream.Fields, Start: start, BatchSize: r.batchSize(maxLeadBatch), OnUnreadable: r.bad.hook(),
	})
}

func asLeadRows(leads []operations.Lead) answer {
	rows := make([]store.LeadRow, len(leads))
	for i := range leads {
		rows[i] = store.NewLeadRow(leads[i])
	}
	return answer{leads: rows}
}

// askable returns the types as getLeadActivity can be asked for them. Its filter is an enumeration; if it lacks one
// of the types, the result is empty, all activities are read, and those of other types are dropped here.
func askable(names []string) []operations.ActivityType {
	types := make([]operations.ActivityType, 0, len(names))
	for _, name := range names {
		t, err := operations.ParseActivityType(name)
		if err != nil {
			return nil
		}
		types = append(types, t)
	}
	return types
}

// withMerges adds merges of leads to the types that are asked for. They show which rows of the copy have moved to
// another lead.
func withMerges(types []operations.ActivityType) []operations.ActivityType {
	if len(types) == 0 || slices.Contains(types, operations.ActivityMergeLeads) {
		return types
	}
	return append(types, operations.ActivityMergeLeads)
}

// batchSize returns how many records to ask for.
func (r *reader) batchSize(most int) int {
	if r.batch > 0 {
		return min(r.batch, most)
	}
	return most
}

// add adds an activity to the piece if its type is wanted and the copy keeps its time; inside reports whether it lies
// in what was asked for.
//
// A service may choose activities by when it stored them. Then some lie before what was asked for and come nowhere
// else, so they are kept unless they are older than the copy. None is stored before it happens, so those after the
// range will come with a later one.
func (r *reader) add(p *piece, a operations.Activity) (inside bool) {
	if r.stream.Name == LeadActivity {
		r.twins.merge(&a) // also where it lies outside of the window
		r.lately = r.lately || a.Is(operations.ActivityMergeLeads) && !a.Time.Before(r.window.From)
	}
	wanted := len(r.stream.Types) == 0 || slices.Contains(r.stream.Types, a.Type)
	end := r.window.To
	if r.stream.Name == Activities {
		end = earliest(end, r.at.Range.to())
	}
	if !wanted || a.Time.Before(beginOf(&r.window)) || !a.Time.Before(end) {
		return false
	}
	p.activities = append(p.activities, r.twins.row(a))
	if r.stream.Name == Activities {
		return r.at.Range.contains(a.Time) && !a.Time.Before(r.window.From)
	}
	return !a.Time.Before(r.window.From) && a.Time.Before(r.window.To)
}
