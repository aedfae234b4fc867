package ledger

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// Plan lets a function decide what to do next, and stores the decision; see [store.Store]. Everything happens under
// the lock, which takes the place of the transaction of a database: two plans at a time would both make windows for
// the same hours. Nothing is changed before the function has succeeded.
func (l *Ledger) Plan(
	ctx context.Context, asked store.Stream, plan func(store.StreamState) (store.Planned, error),
) (store.RunStatus, []store.Window, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := ctx.Err()
	if err == nil {
		err = l.sameStream(asked)
	}
	if err != nil {
		return store.RunStatus{}, nil, err
	}
	state := l.state(asked.Name)
	planned, err := plan(state)
	if err == nil && state.Since.IsZero() && planned.Since.IsZero() {
		err = fmt.Errorf("stream %s is new: say since when it is to be copied", asked.Name)
	}
	if err != nil {
		return store.RunStatus{}, nil, err
	}
	l.save(asked, planned)
	if planned.Query != "" && state.Query != "" {
		planned.Drop = state.Unfinished
		l.replaceQuery(asked.Name, planned.Query)
	}
	l.drop(asked.Name, planned.Drop)
	if len(planned.Windows) > 0 {
		run, windows := l.newRun(asked.Name, planned)
		return run, windows, nil
	}
	run, windows := l.resume(asked.Name, planned.Resume)
	return run, windows, nil
}

// sameStream refuses a plan that would mix two copies: of another instance, or with another query, once that has
// worked.
func (l *Ledger) sameStream(asked store.Stream) error {
	had := l.streams[asked.Name]
	switch {
	case had == nil:
		return nil
	case asked.Instance != "" && had.instance != "" && asked.Instance != had.instance:
		return fmt.Errorf("stream %s: %w: it is of %s", asked.Name, store.ErrOtherInstance, had.instance)
	case len(asked.Types)+len(asked.Fields) > 0 && asked.Query() != had.query && l.hasWorked(asked.Name):
		return fmt.Errorf("stream %s: %w: it has %s", asked.Name, store.ErrOtherQuery, had.query)
	}
	return nil
}

// state returns what a plan decides by: the windows that are not done, and the bounds of the last 100 finished runs,
// latest first. Runs from before a change of the query do not count, because they have not read what the new query
// asks for.
func (l *Ledger) state(name store.StreamName) (st store.StreamState) {
	had := l.streams[name]
	if had == nil {
		return st
	}
	st.Since, st.Query = had.since, had.query
	for _, w := range l.of(name) {
		if w.State != store.WindowDone {
			st.Unfinished = append(st.Unfinished, *w)
		}
	}
	for _, r := range l.runs {
		if r.Stream != name || r.Finished.IsZero() {
			continue
		}
		st.Names = nil // only those of the last one matter
		for _, w := range l.ofRun(r.ID) {
			st.Names = append(st.Names, w.Names...)
		}
		if r.ID > had.begunAfter {
			st.Uppers = append(st.Uppers, r.Upper)
		}
	}
	slices.Sort(st.Names)
	st.Names = slices.Compact(st.Names)
	st.Uppers = st.Uppers[max(0, len(st.Uppers)-100):]
	slices.SortFunc(st.Uppers, func(a, b time.Time) int { return b.Compare(a) })
	if name == store.LeadActivity {
		st.LeadUppers = maps.Clone(l.uppers)
	}
	return st
}

// save creates the stream, or moves its beginning back. It never moves it forward: the rows from before are there.
func (l *Ledger) save(asked store.Stream, planned store.Planned) {
	had := l.streams[asked.Name]
	if had == nil {
		had = &stream{query: asked.Query(), since: planned.Since}
		l.streams[asked.Name] = had
	}
	had.instance = cmp.Or(had.instance, asked.Instance)
	if !planned.Since.IsZero() && planned.Since.Before(had.since) {
		had.since = planned.Since
		l.forgetLeads(asked.Name) // those that are not chosen now are new when they are again
	}
}

// replaceQuery gives a stream another query. The rows of a query that never finished a window go.
func (l *Ledger) replaceQuery(name store.StreamName, query string) {
	if !l.hasWorked(name) {
		l.remove(name)
	}
	l.forgetLeads(name)
	had := l.streams[name]
	had.query = query
	for _, r := range l.runs {
		if r.Stream == name {
			had.begunAfter = r.ID
		}
	}
}

// drop forgets windows that are not done, and with them runs that have no window left. A run whose remaining windows
// are all done is finished thereby, and one of which nothing failed remains is no longer refused.
func (l *Ledger) drop(name store.StreamName, windows []store.Window) {
	for i := range windows {
		l.windows = slices.DeleteFunc(l.windows, func(w *store.Window) bool { return w.ID == windows[i].ID && w.State != store.WindowDone })
	}
	if len(windows) == 0 {
		return
	}
	l.runs = slices.DeleteFunc(l.runs, func(r *run) bool {
		left := l.ofRun(r.ID)
		if r.Stream == name && len(left) > 0 {
			r.finish(left)
			// What was refused is not asked for any more.
			r.refused = r.refused && slices.ContainsFunc(left, func(w *store.Window) bool { return w.State == store.WindowFailed })
		}
		return r.Stream == name && len(left) == 0
	})
}

// finish ends a run whose windows are all done; the time of the first call counts.
func (r *run) finish(windows []*store.Window) {
	if r.Finished.IsZero() && !slices.ContainsFunc(windows, func(w *store.Window) bool { return w.State != store.WindowDone }) {
		r.Finished = now()
	}
}

func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// believed returns a bound, or the beginning of its run if that was earlier: a clock that is ahead must not make time
// count as read that has not come yet.
func believed(upper, started time.Time) time.Time {
	if upper.After(started) {
		return started
	}
	return upper.UTC()
}

// newRun makes a run with its windows. The windows that are returned are copies, since the ledger goes on to change
// its own.
func (l *Ledger) newRun(name store.StreamName, planned store.Planned) (store.RunStatus, []store.Window) {
	l.ids++
	r := &run{RunStatus: store.RunStatus{ID: l.ids, Stream: name, Started: now()}}
	r.Upper = believed(planned.Upper, r.Started)
	l.runs = append(l.runs, r)
	made := make([]store.Window, len(planned.Windows))
	for i, w := range planned.Windows {
		l.ids++
		made[i] = store.Window{
			ID: l.ids, Run: r.ID, Stream: name, From: w.From.UTC(), To: w.To.UTC(), Fresh: w.Fresh.UTC(),
			Names: w.Names, Leads: w.Leads, State: store.WindowPending, Position: w.Position,
		}
		stored := made[i]
		l.windows = append(l.windows, &stored)
	}
	return l.report(r), made
}

// resume makes failed windows pending again and returns all windows that are to be worked on, with the status of
// their latest run. What was done or dropped since the state was read is left out.
func (l *Ledger) resume(name store.StreamName, windows []store.Window) (status store.RunStatus, resumed []store.Window) {
	status.Stream = name
	for i := range windows {
		w := l.window(windows[i].ID)
		if w == nil || w.State == store.WindowDone {
			continue // meanwhile
		}
		r := l.run(w.Run)
		if w.State == store.WindowFailed {
			w.State, r.refused = store.WindowPending, false
		}
		resumed = append(resumed, *w)
		if r.ID >= status.ID {
			status = l.report(r)
			status.Resumed = true
		}
	}
	return status, resumed
}
