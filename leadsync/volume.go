package leadsync

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/store"
)

// mayHaveJob returns the time by the server's clock if the window may have a job made for it now, and a *waiting if not.
//
// Jobs of the copy, and windows without one, are served in order: those that have a job first, then the older ones. The
// first maxExtracts of them may have one. As a window only ever leaves this order, several workers that look at the same
// time come to no other result than one. Only windows that had failed come back into it: a run that resumes them while
// another one makes a job may have a job too many, which the service takes, as its queue has room for ten.
func (b *batch) mayHaveJob(ctx context.Context) (now time.Time, err error) {
	c := b.config
	st, err := c.look(ctx, Stream{Name: b.stream.Name})
	if err != nil {
		return now, err
	}
	before, running := 0, time.Duration(0)
	for i := range st.Unfinished {
		w := &st.Unfinished[i]
		at, err := parsePosition(w.Position)
		if err != nil || at.Extract == nil || w.ID == b.window.ID || w.State != store.WindowPending {
			continue
		}
		switch {
		case at.Extract.File:
			c.volume.note(w, at.Extract.Bytes)
		case at.Extract.occupies():
			before++
			running += w.To.Sub(w.From)
		case w.ID < b.window.ID:
			before++
		}
	}
	if before >= maxExtracts {
		rounds := (before - maxExtracts) / maxExtracts // that have to pass first, each as long as it takes to ask again
		return now, &waiting{what: forTurn, wait: min(turnWait, c.ExtractInterval) + time.Duration(rounds)*c.ExtractInterval}
	}
	return b.mayUseVolume(ctx, running)
}

// mayUseVolume asks how much of the day's volume is left, and returns the time if that is enough for the window, running
// being the time that jobs of the copy are about which have not ended. A window that would not even fit into a day on which
// nothing else is read is tried all the same: the service takes a job as long as anything is left.
func (b *batch) mayUseVolume(ctx context.Context, running time.Duration) (now time.Time, err error) {
	c := b.config
	if now, err = c.Now(ctx); err != nil {
		return now, fmt.Errorf("asking for the server's time: %w", err)
	}
	b.commit.Counts.Calls++
	used, limit, err := c.Extracts.Volume(ctx)
	if err != nil {
		return now, err
	}
	c.volume.asked(used, limit)
	soon, own := used+c.volume.expect(running), c.volume.expect(b.window.To.Sub(b.window.From))
	if limit == 0 || used < limit && (soon+own <= limit || soon == 0 || own > limit) {
		return now, nil
	}
	return now, b.putOff(ctx, now, b.untilReset(now, &fault.QuotaError{ResetsAt: fault.NextReset(now)}))
}

// VolumeError says that the day's volume of bulk extracts is used up: by the service, or because the next file is not likely
// to fit into what is left. Calls may be left.
type VolumeError struct{ Quota *fault.QuotaError }

// Error says when there is volume again.
func (e *VolumeError) Error() string {
	return fmt.Sprintf("the day's volume of bulk extracts is used up; it starts anew at %s: wait until then, read by pages, or have the volume raised",
		e.Quota.ResetsAt.UTC().Format("2006-01-02T15:04 MST"))
}

// Unwrap returns the error that tells when the day turns.
func (e *VolumeError) Unwrap() error { return e.Quota }

// Extract is a window of a copy that is read by bulk extract and is not done.
type Extract struct {
	From, To time.Time
	Failed   bool   // the next run tries again
	Job      string // of the service; empty: there is none yet
	// Rows of the file that are committed, how many it has, and its bytes; 0: there is no file yet.
	Rows, Of, Bytes int64
	// Waiting says what is waited for, until a time by the server's clock; empty: nothing, as far as the copy knows.
	Waiting   string
	WaitUntil time.Time
}

// Extracts returns the windows of a copy that are read by bulk extract and are not done, oldest first. It makes no call.
func Extracts(ctx context.Context, dest store.Store) (all []Extract, err error) {
	st, err := (&Config{Store: dest}).look(ctx, Stream{Name: Activities})
	for i := range st.Unfinished {
		w := &st.Unfinished[i]
		at, err := parsePosition(w.Position)
		if err != nil || at.Extract == nil {
			continue
		}
		x := Extract{
			From: w.From, To: w.To, Failed: w.State == store.WindowFailed,
			Job: at.Extract.Job, Rows: at.Extract.Rows, Of: at.Extract.Of, Bytes: at.Extract.Bytes,
		}
		if at.Extract.Until > 0 {
			x.Waiting, x.WaitUntil = at.Extract.For, time.Unix(at.Extract.Until, 0).UTC()
		}
		all = append(all, x)
	}
	return all, err
}

// volume is what is known about the volume of bulk extracts. All windows of a process share it. The zero value knows
// nothing.
type volume struct {
	mu          sync.Mutex
	used, limit int64              // of the day, as the service told last
	files       map[int64]volumeOf // by window, of the last ones
}

// volumeOf is what the file of a window took.
type volumeOf struct {
	bytes   int64
	seconds int64 // of the window
}

// maxFiles is how many files are remembered. The last ones tell most about the next.
const maxFiles = 10

// note records the file of a window.
func (v *volume) note(w *store.Window, bytes int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.files == nil {
		v.files = map[int64]volumeOf{}
	}
	v.files[w.ID] = volumeOf{bytes, int64(w.To.Sub(w.From) / time.Second)}
	if len(v.files) > maxFiles {
		delete(v.files, slices.MinFunc(slices.Collect(maps.Keys(v.files)), cmp.Compare[int64]))
	}
}

// expect returns how many bytes the files of so much time are likely to take; 0: nobody knows.
func (v *volume) expect(d time.Duration) int64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	var sum volumeOf
	for _, f := range v.files {
		sum.bytes, sum.seconds = sum.bytes+f.bytes, sum.seconds+f.seconds
	}
	return int64(float64(sum.bytes) * d.Seconds() / float64(max(sum.seconds, 1)))
}

// asked records what the service has told.
func (v *volume) asked(used, limit int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.used, v.limit = used, limit
}

// ofDay returns what the service told last; 0: nothing.
func (v *volume) ofDay() (used, limit int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.used, v.limit
}
