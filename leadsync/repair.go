package leadsync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// Repaired is what Repair has done.
type Repaired struct {
	Before, After *Verification
	// Streams are those that were repaired, in the order of Config.Streams.
	Streams []StreamRepair
}

// StreamRepair is what was done for a stream.
type StreamRepair struct {
	Name StreamName
	// Counts are what was read and written. Activities that were missing count as late.
	Counts store.Counts
	// Removed are activities that the source no longer has.
	Removed int64
	// Unsettled are windows in which nothing was removed because no two readings of the source agreed.
	Unsettled int
	// Solved reports that the whole stream was read, and that problems which did not occur again were forgotten.
	Solved bool
}

// Repair makes the copy equal to the source within the bounds. It compares the two as Verify does, reads again what differs,
// and writes it as a run does: for Activities the days with differences, for LeadActivity the histories of leads with
// differences, for Leads the leads that differ. Activities of those days or leads that the source no longer has are removed
// once two readings in a row agree, since a single reading may miss some; leads that it no longer has are marked as gone.
// Then it compares again. If the whole stream was compared, problems that did not occur again are forgotten.
//
// What does not differ is not touched. If Repair is interrupted, the next Run completes it. In a copy with both streams of
// activities, Repair assumes, as Verify does, that both have the same records of a lead.
//
// Errors: those of Verify and of Run; store.ErrInUse if another worker is working on the copy.
func Repair(ctx context.Context, config *Config, o *VerifyOptions) (*Repaired, error) {
	c := config.withDefaults()
	if err := c.validateFor(false); err != nil {
		return nil, err
	}
	if err := c.alone(ctx); err != nil {
		return nil, err
	}
	var done *Repaired
	err := c.living(ctx, func(ctx context.Context) (err error) {
		done, err = c.repair(ctx, o)
		return err
	})
	return done, err
}

// alone fails if another worker is at work on the copy. What that worker writes during the comparison would look like
// a difference and be removed.
func (c *Config) alone(ctx context.Context) error {
	workers, err := registryOf(c.Store).Workers(ctx)
	if err != nil {
		return err
	}
	for _, w := range workers {
		if w.Alive && w.Name != c.Worker {
			return fmt.Errorf("%s: %w: the worker %s lives until %s; stop it, or wait for its end",
				c.Store, store.ErrInUse, w.Name, w.Until.Format(time.RFC3339))
		}
	}
	return nil
}

// living does work as a registered worker. Its context ends when the lease could not be renewed.
func (c *Config) living(ctx context.Context, work func(context.Context) error) error {
	base := context.WithoutCancel(ctx)
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	l := &lease{workers: registryOf(c.Store), worker: c.Worker, length: c.Lease, logger: c.Logger, giveUp: c.Lease, tell: func() {}, fail: fail}
	if err := l.start(ctx); err != nil {
		l.close()
		return err
	}
	kept := make(chan struct{})
	go func() { defer close(kept); l.keep(ctx) }()
	bound, release, _ := l.bind(ctx)
	err := work(bound)
	if cause := context.Cause(bound); err != nil && cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w (%w)", cause, err)
	}
	release()
	fail(nil)
	<-kept
	l.close()
	base, cancel := context.WithTimeout(base, defaultTiming.grace)
	defer cancel()
	return errors.Join(err, l.workers.Retire(base, c.Worker))
}

// repair compares, repairs each stream that needs it, and compares again if something was changed.
func (c *Config) repair(ctx context.Context, o *VerifyOptions) (*Repaired, error) {
	before, parts, err := c.compare(ctx, o)
	if err != nil {
		return nil, err
	}
	done := &Repaired{Before: before, After: before}
	changed := false
	for _, cm := range parts {
		if !cm.needsRepair() {
			continue
		}
		changed = true
		r := &repair{comparison: cm, did: StreamRepair{Name: cm.stream.Name}}
		if err := r.run(ctx); err != nil {
			return nil, fmt.Errorf("repair %s: %w", cm.stream.Name, err)
		}
		done.Streams = append(done.Streams, r.did)
	}
	if changed {
		done.After, _, err = c.compare(ctx, o)
	}
	return done, err
}

// needsRepair reports whether there is something to do.
func (cm *comparison) needsRepair() bool {
	return len(cm.result.Differences) > 0 || cm.solves()
}

// solves reports whether problems of the copy were not met again.
func (cm *comparison) solves() bool {
	return cm.whole() && cm.status.Unreadable > int64(len(cm.problems))
}

// repair repairs a stream after a comparison.
type repair struct {
	*comparison

	did StreamRepair
}

// run plans the windows of a repair and works on them one after the other. They have no jobs, so nobody else takes
// them. If this process dies, the next run resumes them like any other windows.
func (r *repair) run(ctx context.Context) error {
	windows, err := r.plan(ctx)
	if err != nil {
		return err
	}
	for i, w := range windows {
		w, err := r.config.Store.Begin(ctx, w.ID)
		if err != nil {
			return err
		}
		commit := store.Commit{Fence: w.Fence()}
		if err := r.work(ctx, w, &commit, i == len(windows)-1); err != nil {
			return err
		}
	}
	return nil
}

// plan stores a run with the windows of the repair. Its bound is where the copy is complete already, and all of its
// rows count as late, so the copy stays complete up to there, whatever becomes of the repair.
func (r *repair) plan(ctx context.Context) (windows []store.Window, err error) {
	planned := store.Planned{Upper: r.status.Complete, Windows: r.repairWindows()}
	for i := range planned.Windows {
		planned.Windows[i].Stream, planned.Windows[i].Fresh = r.stream.Name, r.status.Complete
	}
	_, windows, err = r.config.Store.Plan(ctx, r.stream.kept(), func(store.StreamState) (store.Planned, error) { return planned, nil })
	return windows, err
}

// repairWindows returns what is read again: the days that differ, or the histories of the leads that differ. Leads
// are read by their ids, and problems may be all that there is to forget; then the window is the last second only,
// which is there for its commit. Each window is one that a normal run can resume.
func (r *repair) repairWindows() []store.Window {
	v := &r.result
	last := []store.Window{{From: v.Until.Add(-time.Second), To: v.Until}}
	switch {
	case r.stream.Name == Leads || len(v.Differences) == 0 && r.stream.Name == Activities:
		return last
	case r.stream.Name == LeadActivity:
		return r.leadRepairs()
	}
	var windows []store.Window
	for _, d := range v.Differences {
		day, _ := time.Parse(time.DateOnly, d.Day) // as it was written
		w := store.Window{From: latest(v.Since, day), To: earliest(v.Until, day.AddDate(0, 0, 1))}
		if n := len(windows); n == 0 || !windows[n-1].From.Equal(w.From) {
			windows = append(windows, w)
		}
	}
	return windows
}

// leadRepairs returns windows with the histories of the leads that differ, from where the copy begins: a lead that
// the copy reads for the first time has to be complete afterwards. If none differ, the window has some lead that was
// compared, since a window of this stream must have one.
func (r *repair) leadRepairs() []store.Window {
	var keys []string
	for _, id := range slices.Sorted(maps.Keys(r.leads)) {
		if b := r.leads[id]; b.source != b.stored && id > 0 {
			keys = append(keys, operations.LeadID(id).String())
		}
	}
	if len(keys) == 0 {
		for _, id := range slices.Sorted(maps.Keys(r.leads)) {
			if id > 0 {
				keys = []string{operations.LeadID(id).String()}
				break
			}
		}
	}
	var windows []store.Window
	for chunk := range slices.Chunk(keys, leadsPerWindow) {
		windows = append(windows, store.Window{Leads: chunk, From: r.status.Since, To: r.result.Until})
	}
	return windows
}

// work reads a window again and makes the last commit of it, which also marks leads as gone and forgets problems that
// were not met again.
func (r *repair) work(ctx context.Context, w store.Window, commit *store.Commit, last bool) (err error) {
	if r.stream.Name == Leads {
		err = r.fetchLeads(ctx, commit)
	} else {
		err = r.copyAgain(ctx, w, commit)
	}
	if err != nil {
		return err
	}
	commit.Done = true
	if last {
		if err := r.addGone(ctx, commit); err != nil {
			return err
		}
	}
	if last && r.solves() {
		commit.KeepProblems, r.did.Solved = slices.AppendSeq([]string{}, maps.Keys(r.problems)), true
	}
	return r.write(ctx, commit)
}

// write commits, counts what was done, and empties the commit for the next one.
func (r *repair) write(ctx context.Context, commit *store.Commit) error {
	counts, err := r.config.Store.Commit(ctx, *commit)
	if err != nil {
		return err
	}
	r.did.Counts.Add(counts)
	r.did.Removed += int64(len(commit.Removed))
	*commit = store.Commit{Fence: commit.Fence, Position: commit.Position}
	return nil
}

// addGone adds the leads that were gone during the comparison and still are. They are asked for again, because
// marking a lead wrongly is worse than one more call.
func (r *repair) addGone(ctx context.Context, commit *store.Commit) error {
	gone, calls, err := r.config.lookUp(ctx, r.gone)
	commit.Gone = gone
	commit.Counts.Calls += calls
	return err
}

// fetchLeads reads the leads that differ by their ids.
func (r *repair) fetchLeads(ctx context.Context, commit *store.Commit) error {
	options := &operations.LeadOptions{Fields: r.stream.Fields, OnUnreadable: ignore}
	for some := range slices.Chunk(r.fetch, maxKeys) {
		for page, err := range operations.New(r.config.Port).Leads.Pages(ctx, byIDs(some), options) {
			if err != nil {
				return err
			}
			for _, lead := range page.Items {
				commit.Leads = append(commit.Leads, store.NewLeadRow(lead))
				commit.Rewrite = append(commit.Rewrite, lead.ID)
			}
			commit.Counts.Add(store.Counts{Calls: 1, Pages: 1, Seen: int64(len(page.Items))})
		}
		if len(commit.Leads) < max(r.config.Store.CommitRows(), 1) {
			continue
		}
		if err := r.write(ctx, commit); err != nil {
			return err
		}
	}
	return nil
}

// copyAgain copies a window again and finds the rows of the copy that are too many in it. The window stays open for
// the caller's last commit.
//
// A row is only removed after two readings in a row agree and a further one, up to the present, has not found it
// either: a reading of a busy source can miss a record, and that must not cost the copy its row.
func (r *repair) copyAgain(ctx context.Context, w store.Window, commit *store.Commit) error {
	held := &holding{Store: r.config.Store, rows: reading{}, once: r.config.rows(r.stream)}
	c := *r.config
	c.Store = held
	if err := c.copyWindow(ctx, r.stream, w, nil, r.noted); err != nil {
		return err
	}
	commit.Position = held.position
	if keys, _, err := r.surplus(ctx, w, maps.Clone(held.rows)); err != nil || len(keys) == 0 {
		return err // nothing to remove, so one reading is enough
	}
	source, err := r.agreed(ctx, w, held.rows, commit)
	if err != nil {
		return err
	}
	if source == nil {
		r.did.Unsettled++
		return nil
	}
	lacks := false
	if commit.Removed, lacks, err = r.surplus(ctx, w, maps.Clone(source)); err != nil || len(commit.Removed) == 0 {
		return err
	}
	if commit.Removed, err = r.surelyGone(ctx, w, commit); err != nil || !lacks || len(commit.Removed) == 0 {
		return err
	}
	// A row that somebody has changed by hand was in the way of what it should be, by its key.
	if err := r.write(ctx, commit); err != nil {
		return err
	}
	return c.copyWindow(ctx, r.stream, w, nil, r.noted)
}

// noted adds what a commit has written.
func (r *repair) noted(added store.Counts, _ bool) { r.did.Counts.Add(added) }

// surelyGone returns the keys of the rows in a window of the copy that the source does not have anywhere. The source
// is asked for everything up to the present, because it may choose records by when it stored them, and a row of this
// window may have been stored later. A record that cannot be read may be any of the rows, so then none is removed.
func (r *repair) surelyGone(ctx context.Context, w store.Window, commit *store.Commit) (keys []string, err error) {
	wide := w
	if wide.To, err = r.config.Now(ctx); err != nil || !w.To.Before(wide.To) {
		wide.To = w.To
	}
	source, unreadable := reading{}, 0
	for p, err := range r.config.everyRow(ctx, r.stream, wide) {
		if err != nil {
			return nil, err
		}
		commit.Counts.Calls += p.calls
		unreadable += len(p.problems)
		source.add(slices.DeleteFunc(p.activities, func(a store.ActivityRow) bool { return !a.Time.Before(w.To) }))
	}
	if unreadable > 0 {
		r.did.Unsettled++
		return nil, nil
	}
	keys, _, err = r.surplus(ctx, w, source)
	return keys, err
}

// reading counts the rows of a source by their digests.
type reading map[store.Digest]int32

func (g reading) add(rows []store.ActivityRow) {
	for i := range rows {
		g[rows[i].Digest]++
	}
}

// maxReadings is how often a window is read at most until two readings agree.
const maxReadings = 4

// agreed reads a window until two readings in a row are the same and returns that reading, or nil if no two ever are.
// A busy source gives something else each time, and a single reading may have missed records.
func (r *repair) agreed(ctx context.Context, w store.Window, before reading, commit *store.Commit) (reading, error) {
	for range maxReadings - 1 {
		now := reading{}
		for p, err := range r.config.everyRow(ctx, r.stream, w) {
			if err != nil {
				return nil, err
			}
			commit.Counts.Calls += p.calls
			now.add(p.activities)
		}
		if maps.Equal(before, now) {
			return now, nil
		}
		before = now
	}
	return nil, nil //nolint:nilnil // they do not agree, which is no error
}

// surplus returns the keys of the rows in a window of the copy that the source does not have, or has less often.
// Lacks reports whether the copy is missing some that the source has.
func (r *repair) surplus(ctx context.Context, w store.Window, source reading) (keys []string, lacks bool, err error) {
	leads := map[int64]bool{}
	for _, text := range w.Leads {
		if key, err := operations.ParseLeadKey(text); err == nil {
			leads[leadOf(key)] = true
		}
	}
	for row, err := range r.stored(ctx, w.From, w.To) {
		if err != nil {
			return nil, false, err
		}
		if len(w.Leads) > 0 && !leads[row.LeadID] {
			continue
		}
		if source[row.Digest]--; source[row.Digest] < 0 {
			keys = append(keys, row.Key)
		}
	}
	for _, n := range source {
		lacks = lacks || n > 0
	}
	return keys, lacks, nil
}

// holding is a store that notes the rows of a window which are committed through it, and keeps the window open at the
// end. Repair still has to commit in it.
type holding struct {
	store.Store

	once     *everyRow // for what a pass has read again
	rows     reading
	position store.Position
}

// Commit implements Store.
func (h *holding) Commit(ctx context.Context, c store.Commit) (store.Counts, error) {
	for i := range c.Activities {
		if first, _ := h.once.first(&c.Activities[i]); first {
			h.rows.add(c.Activities[i : i+1])
		}
	}
	h.position = c.Position
	c.Done = false
	return h.Store.Commit(ctx, c)
}
