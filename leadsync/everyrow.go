package leadsync

import (
	"context"
	"hash/maphash"
	"iter"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// everyRow reads windows of the source so that each row comes once and no row lies outside. Verify and Repair use it.
// It reads exactly as a copy is made, pass by pass, so that records which come and go meanwhile are not missed; where
// copying asks the store whether a pass has brought something new, everyRow asks its memory of what was read.
//
// It remembers hashes of rows and not their keys, since there may be tens of millions of them. Two rows with the same
// 64 bits would count as one; among ten million rows that is a chance of about one in 400,000.
type everyRow struct {
	config *Config
	stream Stream
	// until is where the rows end that are wanted; the zero time stands for the end of the window.
	until    time.Time
	window   store.Window
	at       position
	restarts int
	seed     maphash.Seed
	seen     map[uint64]uint32 // hashes, which take far less memory than keys
}

// rows returns a reader for windows of a stream that have each row once among all of them together.
func (c *Config) rows(s Stream) *everyRow {
	return &everyRow{config: c, stream: s, seed: maphash.MakeSeed(), seen: map[uint64]uint32{}}
}

// everyRow returns an iterator over pieces that have each row of a window once.
func (c *Config) everyRow(ctx context.Context, s Stream, w store.Window) iter.Seq2[piece, error] {
	return c.rows(s).read(ctx, w)
}

// read returns an iterator over the pages of a window. An error is yielded last.
func (e *everyRow) read(ctx context.Context, w store.Window) iter.Seq2[piece, error] {
	return func(yield func(piece, error) bool) {
		e.window, e.at, e.restarts = w, position{}, 0
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

// readOn reads up to the end of the window, to the end of a pass, or to a position that the service no longer
// accepts; more reports that there is something left to read.
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
		e.keepFirst(&p)
		if !yield(p, nil) || !p.more {
			return false, nil
		}
	}
	return true, nil
}

// keepFirst drops rows that lie outside and rows that have come before. A GUID that comes again with other content is
// kept aside as a version: the copy may have stored that one.
func (e *everyRow) keepFirst(p *piece) {
	until := e.window.To
	if !e.until.IsZero() {
		until = e.until
	}
	outside := func(r store.ActivityRow) bool { return r.Time.Before(beginOf(&e.window)) || !r.Time.Before(until) }
	p.activities, p.versions = slices.DeleteFunc(p.activities, outside), slices.DeleteFunc(p.versions, outside)
	kept := p.activities[:0]
	for _, row := range p.activities {
		switch first, same := e.first(&row); {
		case first:
			kept = append(kept, row)
		case !same:
			p.versions = append(p.versions, row)
		}
	}
	p.activities = kept
	p.leads = slices.DeleteFunc(p.leads, func(r store.LeadRow) bool {
		hash := maphash.Comparable(e.seed, leadEntry{r.Digest, r.ID})
		_, again := e.seen[hash]
		e.seen[hash] = 0
		return again
	})
}

// activityMark identifies an activity for everyRow. For a row without GUID the content is part of it.
type activityMark struct {
	key    string
	digest store.Digest
}

// first reports whether an activity comes for the first time and, if not, whether its content is the same as then. A
// key that is not made from a GUID may belong to several activities, so other content then means another activity and
// not another version.
func (e *everyRow) first(row *store.ActivityRow) (first, same bool) {
	mark, says := activityMark{row.Key, row.Digest}, uint32(0)
	if row.GUID != "" {
		mark.digest, says = store.Digest{}, short(row.Digest)
	}
	hash := maphash.Comparable(e.seed, mark)
	said, again := e.seen[hash]
	if !again {
		e.seen[hash] = says
	}
	return !again, said == says
}

// afterPass decides what follows a pass, as batch.afterPass does.
func (e *everyRow) afterPass() (more bool, err error) {
	p, err := e.config.reader(e.stream, e.window, e.at).afterPass(int64(len(e.seen)))
	e.at = p.next
	return p.more, err
}
