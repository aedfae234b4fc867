package leadsync

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/operations"
)

// maxLeadBatch is the greatest batch that the vendor recommends; larger ones may time
// out (Marketo SOAP API, limits).
const maxLeadBatch = 300

// piece is what one call has brought.
type piece struct {
	activities []ActivityRow
	leads      []LeadRow
	problems   []Problem // records that cannot be read
	gone       []int64   // leads that the service no longer has
	next       Position  // what follows these rows
	seen       int64     // rows inside the window
	missing    int64     // leads that there are not
	read       []string  // leads whose reading has ended
	more       bool
}

// pieces returns an iterator over what is left of a window from a position on.
func (c *Config) pieces(ctx context.Context, s Stream, w Window, at Position) iter.Seq2[piece, error] {
	r := &reader{api: operations.New(c.Port), batch: c.BatchSize, stream: s, window: w, bad: unreadable{stream: s.Name, strict: c.Strict}}
	return func(yield func(piece, error) bool) {
		if err := r.read(ctx, at, func(p piece) bool { return yield(p, nil) }); err != nil {
			yield(piece{}, err)
		}
	}
}

// reader reads a window.
type reader struct {
	api    *operations.API
	batch  int
	stream Stream
	window Window
	twins  twins
	bad    unreadable
}

// read hands out pieces until the end, an error or a false.
func (r *reader) read(ctx context.Context, at Position, yield func(piece) bool) error {
	cursor, err := operations.ParseCursor(at.Cursor)
	if err != nil {
		return err
	}
	if !cursor.IsZero() {
		r.twins.resume(at.Tail)
	}
	switch r.stream.Name {
	case Activities:
		return r.readChanges(ctx, cursor, yield)
	case LeadActivity:
		return r.readHistories(ctx, at.Lead, cursor, yield)
	case Leads:
		return r.readLeads(ctx, cursor, yield)
	}
	return fmt.Errorf("there is no stream %q", string(r.stream.Name))
}

func (r *reader) readChanges(ctx context.Context, start operations.Cursor, yield func(piece) bool) error {
	names := r.window.Names
	if len(names) == 0 {
		names = r.stream.Types
	}
	options := &operations.ChangeOptions{
		Names: names, Until: r.window.To, Start: start, BatchSize: r.batchSize(operations.MaxChangeBatch),
		OnUnreadable: r.bad.hook(),
	}
	for page, err := range r.api.Activities.ChangePages(ctx, r.window.From.Add(-edge), options) {
		if err != nil {
			return err
		}
		p := piece{more: page.More}
		if p.problems, err = r.bad.take(len(page.Items)); err != nil {
			return err
		}
		for i := range page.Items {
			r.add(&p, asActivity(&page.Items[i]))
		}
		p.next = Position{Cursor: page.Next.String(), Tail: r.twins.tail()}
		if !yield(p) {
			return nil
		}
	}
	return nil
}

func asActivity(c *operations.Change) operations.Activity {
	return operations.Activity{
		ID: c.ID, HasID: c.HasID, GUID: c.GUID, Time: c.Time, Type: c.Type, AssetName: c.AssetName,
		Campaign: c.Campaign, LeadID: c.LeadID, Attributes: c.Attributes,
	}
}

// readHistories reads one lead after the other, newest activity first, and each no further
// than the window begins.
func (r *reader) readHistories(ctx context.Context, first int, start operations.Cursor, yield func(piece) bool) error {
	for i := first; i < len(r.window.Leads); i++ {
		last := i == len(r.window.Leads)-1
		goOn, err := r.readHistory(ctx, i, start, func(p piece, ended bool) bool {
			if ended {
				p.next = Position{Lead: i + 1}
			}
			p.more = !ended || !last
			return yield(p)
		})
		if err != nil || !goOn {
			return err
		}
		start = operations.Cursor{}
		r.twins.resume(nil)
	}
	return nil
}

// readHistory hands out the history of one lead; ended tells that it was read up.
func (r *reader) readHistory(ctx context.Context, i int, start operations.Cursor, yield func(p piece, ended bool) bool) (goOn bool, err error) {
	text := r.window.Leads[i]
	key, err := operations.ParseLeadKey(text)
	if err != nil {
		return false, err
	}
	options := &operations.ActivityOptions{
		Include: askable(r.stream.Types), Start: start, BatchSize: r.batchSize(operations.MaxActivityBatch),
		OnUnreadable: r.bad.hook(),
	}
	for page, err := range r.api.Activities.Pages(ctx, key, options) {
		if errors.Is(err, fault.ErrNotFound) {
			return yield(piece{missing: 1, gone: goneLead(key, err)}, true), nil
		}
		if err != nil {
			return false, fmt.Errorf("lead %s: %w", text, err)
		}
		p := piece{next: Position{Cursor: page.Next.String(), Lead: i}}
		if p.problems, err = r.bad.take(len(page.Items)); err != nil {
			return false, fmt.Errorf("lead %s: %w", text, err)
		}
		for _, a := range page.Items {
			r.add(&p, a)
		}
		p.next.Tail = r.twins.tail()
		ended := !page.More || len(page.Items) > 0 && page.Items[len(page.Items)-1].Time.Before(r.window.From)
		if ended {
			p.read = []string{text}
		}
		if !yield(p, ended) {
			return false, nil
		}
		if ended {
			return true, nil
		}
	}
	return true, nil
}

// askable returns the types that getLeadActivity can be asked for; none if one of them cannot: then all are
// read and those of other names are dropped.
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

// readLeads cannot tell which leads lie in the seconds beyond the window's ends; they are
// written too, which does no harm.
func (r *reader) readLeads(ctx context.Context, start operations.Cursor, yield func(piece) bool) error {
	between := operations.UpdatedBetween(r.window.From.Add(-edge), r.window.To.Add(edge))
	options := &operations.LeadOptions{
		Fields: r.stream.Fields, Start: start, BatchSize: r.batchSize(maxLeadBatch), OnUnreadable: r.bad.hook(),
	}
	for page, err := range r.api.Leads.Pages(ctx, between, options) {
		if err != nil {
			return err
		}
		p := piece{next: Position{Cursor: page.Next.String()}, more: page.More, seen: int64(len(page.Items))}
		if p.problems, err = r.bad.take(len(page.Items)); err != nil {
			return err
		}
		for _, lead := range page.Items {
			p.leads = append(p.leads, NewLeadRow(lead))
		}
		if !yield(p) {
			return nil
		}
	}
	return nil
}

func (r *reader) batchSize(most int) int {
	if r.batch > 0 {
		return min(r.batch, most)
	}
	return most
}

// add adds an activity to the piece if it lies in the window and is of a wanted type.
func (r *reader) add(p *piece, a operations.Activity) {
	inside := !a.Time.Before(r.window.From) && a.Time.Before(r.window.To)
	wanted := len(r.stream.Types) == 0 || slices.Contains(r.stream.Types, a.Type)
	if !inside || !wanted {
		return
	}
	p.seen++
	p.activities = append(p.activities, r.twins.row(a))
}

// twins gives activities that are alike in everything, and have neither GUID nor id,
// different keys. They lie in the same second, and activities come in the order of time, so only the
// last second is remembered.
type twins struct {
	second int64
	equal  map[string]int
}

func (t *twins) resume(at *Tail) {
	t.second, t.equal = 0, nil
	if at != nil {
		t.second, t.equal = at.Second, at.Equal
	}
}

func (t *twins) row(a operations.Activity) ActivityRow {
	row := NewActivityRow(a, 0)
	if hasOwnKey(&a) {
		return row
	}
	if second := a.Time.Unix(); second != t.second || t.equal == nil {
		t.second, t.equal = second, map[string]int{}
	}
	digest := row.Digest.String()
	n := t.equal[digest]
	t.equal[digest]++
	if n > 0 {
		row.Key = activityKey(&a, row.Digest, n)
	}
	return row
}

// tail returns a copy of what is remembered.
func (t *twins) tail() *Tail {
	if len(t.equal) == 0 {
		return nil
	}
	equal := make(map[string]int, len(t.equal))
	for digest, n := range t.equal {
		equal[digest] = n
	}
	return &Tail{Second: t.second, Equal: equal}
}
