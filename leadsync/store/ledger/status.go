package ledger

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// shown is how many runs and problems a status has at most, so that it stays small however old the copy is.
const shown = 50

// window returns a window, nil if it is not there.
func (l *Ledger) window(id int64) *store.Window {
	i := slices.IndexFunc(l.windows, func(w *store.Window) bool { return w.ID == id })
	if i < 0 {
		return nil
	}
	return l.windows[i]
}

// run returns the run of a window.
func (l *Ledger) run(id int64) *run {
	i := slices.IndexFunc(l.runs, func(r *run) bool { return r.ID == id })
	if i < 0 {
		return nil
	}
	return l.runs[i]
}

// of returns the windows of a stream, oldest first.
func (l *Ledger) of(name store.StreamName) []*store.Window {
	return l.those(func(w *store.Window) bool { return w.Stream == name })
}

// ofRun returns the windows of a run, oldest first.
func (l *Ledger) ofRun(id int64) []*store.Window {
	return l.those(func(w *store.Window) bool { return w.Run == id })
}

func (l *Ledger) those(are func(*store.Window) bool) []*store.Window {
	all := slices.DeleteFunc(slices.Clone(l.windows), func(w *store.Window) bool { return !are(w) })
	slices.SortFunc(all, func(a, b *store.Window) int { return cmp.Or(a.From.Compare(b.From), cmp.Compare(a.ID, b.ID)) })
	return all
}

// hasWorked reports whether a window of a stream was ever done.
func (l *Ledger) hasWorked(name store.StreamName) bool {
	return slices.ContainsFunc(l.windows, func(w *store.Window) bool { return w.Stream == name && w.State == store.WindowDone })
}

// Unfinished counts windows; see [store.Store].
func (l *Ledger) Unfinished(ctx context.Context, name store.StreamName) (waiting, failed int, err error) {
	err = l.Locked(ctx, func() error {
		for _, w := range l.of(name) {
			switch {
			case w.State == store.WindowFailed:
				failed++
			case w.State == store.WindowPending && !l.run(w.Run).refused:
				waiting++
			}
		}
		return nil
	})
	return waiting, failed, err
}

// Run reports on one run; see [store.Store].
func (l *Ledger) Run(ctx context.Context, id int64) (status store.RunStatus, err error) {
	err = l.Locked(ctx, func() error {
		if r := l.run(id); r != nil {
			status = l.report(r)
		}
		return nil
	})
	return status, err
}

// report returns the status of a run. Its counts are summed up from its windows each time rather than kept, so that
// they cannot drift apart.
func (l *Ledger) report(r *run) store.RunStatus {
	status := r.RunStatus
	for _, w := range l.ofRun(r.ID) {
		status.Windows++
		status.Counts.Add(w.Counts)
		switch w.State {
		case store.WindowDone:
			status.Done++
		case store.WindowFailed:
			status.Failed++
			status.Error = cmp.Or(status.Error, w.Error)
		}
	}
	return status
}

// Status reports on everything but rows. The caller has locked the ledger with Locked, so that it can count its rows
// at the same point in time.
func (l *Ledger) Status() store.Status {
	st := store.Status{Version: 1}
	for _, name := range store.StreamNames() {
		if l.streams[name] != nil {
			st.Streams = append(st.Streams, l.streamStatus(name))
		}
	}
	slices.SortFunc(st.Streams, func(a, b store.StreamStatus) int { return cmp.Compare(a.Name, b.Name) })
	for _, r := range slices.Backward(l.runs[max(0, len(l.runs)-shown):]) {
		st.Runs = append(st.Runs, l.report(r))
	}
	for _, p := range slices.Backward(l.problems[max(0, len(l.problems)-shown):]) {
		st.Problems = append(st.Problems, p)
	}
	return st
}

// streamStatus returns the status of a stream. Everything in it is computed from windows and problems, so it cannot
// contradict them.
func (l *Ledger) streamStatus(name store.StreamName) store.StreamStatus {
	had := l.streams[name]
	st := store.StreamStatus{Name: name, Query: had.query, Since: had.since}
	for _, w := range l.of(name) {
		st.Counts.Add(w.Counts)
		switch w.State {
		case store.WindowPending:
			st.Pending++
		case store.WindowDone:
			st.Done++
		case store.WindowFailed:
			st.Failed++
			st.Problem = cmp.Or(st.Problem, w.Error)
		}
	}
	for i := range l.problems {
		if l.problems[i].Stream == name {
			st.Unreadable++
		}
	}
	if until := l.complete(name); until.After(had.since) {
		st.Complete = until
	}
	return st
}

// complete is up to when a stream is copied: where the first unfinished window begins to read something new, unless
// that is beyond the bound of its run, else the bound of the last run.
func (l *Ledger) complete(name store.StreamName) (until time.Time) {
	for _, w := range l.of(name) {
		if w.State == store.WindowDone {
			continue
		}
		begin := w.From
		if w.Fresh.After(begin) {
			begin = w.Fresh
		}
		if upper := l.run(w.Run).Upper; upper.Before(begin) {
			begin = upper
		}
		if until.IsZero() || begin.Before(until) {
			until = begin
		}
	}
	if !until.IsZero() {
		return until
	}
	for _, r := range l.runs {
		if r.Stream == name && !r.Finished.IsZero() && r.ID > l.streams[name].begunAfter {
			until = r.Upper
		}
	}
	return until
}
