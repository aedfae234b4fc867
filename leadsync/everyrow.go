package leadsync

import (
	"context"
	"hash/maphash"
	"iter"
	"slices"
)

// everyRow returns an iterator over pieces that have each row of a window once, and no row outside
// of it. It reads as a copy is made, so that nothing is missed while records come and go: again where a pass
// is not proven, with what was read so far in the place of the store.
func (c *Config) everyRow(ctx context.Context, s Stream, w Window) iter.Seq2[piece, error] {
	return func(yield func(piece, error) bool) {
		e := &everyRow{config: c, stream: s, window: w, seed: maphash.MakeSeed(), seen: map[uint64]struct{}{}}
		var err error
		for more := true; more && err == nil; {
			if more, err = e.readOn(ctx, yield); more && err == nil && e.at.Pass.Ended {
				more, err = e.afterPass()
			}
		}
		if err != nil {
			yield(piece{}, err)
		}
	}
}

type everyRow struct {
	config   *Config
	stream   Stream
	window   Window
	at       Position
	restarts int
	seed     maphash.Seed
	seen     map[uint64]struct{} // hashes, which take far less memory than keys
}

// readOn reads up to the end of the window or of a pass, or a position that is lost.
func (e *everyRow) readOn(ctx context.Context, yield func(piece, error) bool) (more bool, err error) {
	for p, err := range e.config.pieces(ctx, e.stream, e.window, e.at) {
		if unusable(err) && e.restarts < maxRestarts {
			e.restarts++
			e.at = e.at.lost()
			return true, nil
		}
		if err != nil {
			return false, err
		}
		if e.at.Range != p.next.Range || e.at.Lead != p.next.Lead { // it gets on
			e.restarts = 0
		}
		e.at = p.next
		p.activities = slices.DeleteFunc(p.activities, func(r ActivityRow) bool {
			outside := r.Time.Before(e.window.From) || !r.Time.Before(e.window.To)
			return outside || !e.first(maphash.Comparable(e.seed, activityMark{r.Key, r.Digest}))
		})
		p.leads = slices.DeleteFunc(p.leads, func(r LeadRow) bool { return !e.first(maphash.Comparable(e.seed, r.ID)) })
		if !yield(p, nil) || !p.more {
			return false, nil
		}
	}
	return true, nil
}

type activityMark struct {
	key    string
	digest Digest
}

// first reports whether a row comes for the first time.
func (e *everyRow) first(hash uint64) bool {
	_, again := e.seen[hash]
	e.seen[hash] = struct{}{}
	return !again
}

func (e *everyRow) afterPass() (more bool, err error) {
	p, err := e.config.reader(e.stream, e.window, e.at).afterPass(int64(len(e.seen)))
	e.at = p.next
	return p.more, err
}
