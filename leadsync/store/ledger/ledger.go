// Package ledger keeps in memory what a store has to know besides its rows: streams, runs, windows with their fences,
// and records that could not be read. A store without a database embeds a [Ledger] and adds its rows, as
// examples/memorystore does. The rules for windows are the hard part of a store, and this way nobody has to write
// them a second time.
package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// Rows are those of the copy, which are none of the ledger's business but for two things. Both are asked for while the ledger
// is locked. The streams activities and lead-activity share a table.
type Rows interface {
	// Len is how many rows there are in the table of a stream.
	Len(name store.StreamName) int64
	// Clear removes them.
	Clear(name store.StreamName)
}

// Ledger has the methods of a [store.Store] that have nothing to do with rows. It is safe for concurrent use.
type Ledger struct {
	mu       sync.Mutex
	table    Rows
	ids      int64 // of runs and windows
	streams  map[store.StreamName]*stream
	runs     []*run          // in the order of their ids
	windows  []*store.Window // likewise
	uppers   map[string]time.Time
	problems []store.Problem // in the order in which they were found
}

// stream is what is known about a stream besides its windows.
type stream struct {
	query, instance string
	since           time.Time
	begunAfter      int64 // the last run that does not count any more
}

// run is a run. Its counts and numbers of windows follow from the windows and are computed when they are asked for.
type run struct {
	store.RunStatus // what does not follow from the windows

	refused bool
}

// New returns an empty ledger of a copy.
func New(rows Rows) *Ledger {
	return &Ledger{table: rows, streams: map[store.StreamName]*stream{}, uppers: map[string]time.Time{}}
}

// Locked calls f while it holds the ledger's lock, so that nobody else reads or writes. A store uses it to read its
// rows and the ledger at one point in time. It must not be called from within f.
func (l *Ledger) Locked(ctx context.Context, f func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	return f()
}

// Begin raises the epoch of a window, which takes the right to commit from whoever has begun it before; see
// [store.Store].
func (l *Ledger) Begin(ctx context.Context, window int64) (begun store.Window, err error) {
	err = l.Locked(ctx, func() error {
		w := l.window(window)
		switch {
		case w == nil || w.State != store.WindowPending:
			return fmt.Errorf("window %d: %w", window, store.ErrDone)
		case l.run(w.Run).refused:
			return fmt.Errorf("window %d: %w", window, store.ErrRefused)
		}
		w.Epoch++
		begun = *w
		begun.Query, begun.Since = l.streams[w.Stream].query, l.streams[w.Stream].since
		return nil
	})
	return begun, err
}

// held returns the window of a fence if that is still valid. The caller holds l.mu, as for all methods that begin
// with a small letter.
func (l *Ledger) held(f store.Fence) (*store.Window, error) {
	w := l.window(f.Window)
	if w == nil || w.State != store.WindowPending || w.Epoch != f.Epoch {
		return nil, fmt.Errorf("window %d, epoch %d: %w", f.Window, f.Epoch, store.ErrLost)
	}
	return w, nil
}

// CommitWith makes a commit, except for its rows. Write does those, if the fence is valid, and returns how many it
// has Inserted, Updated, found Late and marked as Gone. Rows and ledger change together: if write fails, the ledger
// stays as it was.
func (l *Ledger) CommitWith(
	ctx context.Context, c store.Commit, write func(store.Window) (store.Counts, error),
) (added store.Counts, err error) {
	err = l.Locked(ctx, func() error {
		w, err := l.held(c.Fence)
		if err != nil {
			return err
		}
		written, err := write(*w)
		if err != nil {
			return err
		}
		added = c.Counts
		added.Inserted, added.Updated, added.Late, added.Gone = written.Inserted, written.Updated, written.Late, written.Gone
		added.Problems = l.keepProblems(w, &c)
		l.advance(w, &c, added)
		return nil
	})
	return added, err
}

// advance stores the position and the counts of a window, and ends the run with its last window. How far the history
// of each lead was read is believed only up to the start of the run (see believed), and never goes back.
func (l *Ledger) advance(w *store.Window, c *store.Commit, added store.Counts) {
	w.Position = c.Position
	w.Counts.Add(added)
	r := l.run(w.Run)
	for _, key := range c.LeadsRead {
		if upper := believed(w.To, r.Started); upper.After(l.uppers[key]) {
			l.uppers[key] = upper
		}
	}
	if c.Done {
		w.State, w.Error = store.WindowDone, ""
		r.finish(l.ofRun(r.ID))
	}
}

// keepProblems stores the unreadable records of a commit and returns how many of them are new. It forgets those of
// the stream that are solved: a record with the same GUID can be read now, or the commit lists the problems that the
// stream still has, and this is none of them.
func (l *Ledger) keepProblems(w *store.Window, c *store.Commit) (fresh int64) {
	readable := map[string]bool{}
	for i := range c.Activities {
		readable[c.Activities[i].GUID] = true
	}
	l.problems = slices.DeleteFunc(l.problems, func(p store.Problem) bool {
		solved := p.GUID != "" && readable[p.GUID] || c.KeepProblems != nil && !slices.Contains(c.KeepProblems, p.Key)
		return p.Stream == w.Stream && solved
	})
	for _, p := range c.Problems {
		if slices.ContainsFunc(l.problems, func(had store.Problem) bool { return had.Key == p.Key }) {
			continue
		}
		p.Stream, p.Run, p.Window, p.Found = w.Stream, w.Run, w.ID, now()
		l.problems = append(l.problems, p)
		fresh++
	}
	return fresh
}

// Fail makes a window failed; see [store.Store]. A refusal concerns the whole run: all of its windows ask for the
// same types and fields, so the service would refuse every one of them.
func (l *Ledger) Fail(ctx context.Context, f store.Fence, problem error) error {
	return l.Locked(ctx, func() error {
		w, err := l.held(f)
		if err != nil {
			return err
		}
		w.State, w.Error = store.WindowFailed, problem.Error()
		r := l.run(w.Run)
		r.refused = r.refused || errors.Is(problem, store.ErrRefused)
		return nil
	})
}

// Reset forgets a stream; see [store.Store]. The lock is held while agree is called, so that what agree was shown is
// what is removed.
func (l *Ledger) Reset(ctx context.Context, name store.StreamName, agree func(store.Removal) error) error {
	return l.Locked(ctx, func() error {
		had := l.streams[name]
		if had == nil {
			return fmt.Errorf("%w: %s", store.ErrNoStream, name)
		}
		r := store.Removal{
			Stream: name, Query: had.query, Since: had.since, Windows: len(l.of(name)), Rows: l.table.Len(name), Shared: l.sharer(name),
		}
		for _, one := range l.runs {
			if one.Stream == name {
				r.Runs++
			}
		}
		if err := agree(r); err != nil {
			return err
		}
		l.remove(name)
		delete(l.streams, name)
		return nil
	})
}

// sharer returns the other stream that writes to the same table, or "". Two streams bring activities, by windows of
// time and by lead; leads have a table to themselves.
func (l *Ledger) sharer(name store.StreamName) store.StreamName {
	for other := range l.streams {
		if other != name && other != store.Leads && name != store.Leads {
			return other
		}
	}
	return ""
}

// remove removes the windows, runs and problems of a stream, and its rows unless another stream writes to the same
// table: nobody can tell which of the two has read a row.
func (l *Ledger) remove(name store.StreamName) {
	if l.sharer(name) == "" {
		l.table.Clear(name)
	}
	l.forgetLeads(name)
	l.windows = slices.DeleteFunc(l.windows, func(w *store.Window) bool { return w.Stream == name })
	l.runs = slices.DeleteFunc(l.runs, func(r *run) bool { return r.Stream == name })
	l.problems = slices.DeleteFunc(l.problems, func(p store.Problem) bool { return p.Stream == name })
}

// forgetLeads forgets how far the history of each lead was read.
func (l *Ledger) forgetLeads(name store.StreamName) {
	if name == store.LeadActivity {
		clear(l.uppers)
	}
}
