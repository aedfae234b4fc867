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
		return now, &waiting{what: forTurn, wait: turnWait}
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
	return now, b.putOff(ctx, now, untilReset(now, &fault.QuotaError{ResetsAt: fault.NextReset(now)}))
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
