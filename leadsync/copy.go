package leadsync

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// errStopped says that a window was left after a commit because of stop.
var errStopped = errors.New("stopped after a commit")

// maxRestarts is how often one attempt may give up positions that the service no longer accepts and begin again
// without them. More than that means that the service refuses what it has just handed out.
const maxRestarts = 3

// copyWindow reads a window, which has been begun, to its end and commits as it goes. Committed is called after each
// commit and is told whether that was the last one. When stop is closed, copyWindow makes the next commit and returns
// errStopped.
//
// A position that the service no longer accepts is given up, and what it stood for is read again. That costs calls
// and no rows: rows have keys, and those that come a second time change nothing.
func (c *Config) copyWindow(ctx context.Context, s Stream, w store.Window, stop <-chan struct{},
	committed func(added store.Counts, done bool)) error {
	b := &batch{config: c, stream: s, window: w, stop: stop, committed: committed}
	b.commit.Fence = w.Fence()
	b.written = w.Counts.Inserted + w.Counts.Updated
	var err error
	if b.at, err = parsePosition(w.Position); err != nil {
		return err
	}
	for range maxRestarts {
		if err = b.copy(ctx); !unusable(err) {
			return err
		}
		// Rows have keys: those that come a second time change nothing.
		c.Logger.Warn("the service does not take the position any more; reading again what it was for", "window", w.String(), "error", err)
		b.at = b.at.lost()
	}
	return fmt.Errorf("%s: the service has refused %d of its own positions: %w", w, maxRestarts, err)
}

// unusable reports whether an error says that a position is of no use: it is no longer accepted, for example after a
// new release on either side (20122), or it leads nowhere although more records were announced (20123). A stream that
// goes on for ever is not meant: beginning again would take as many calls and end in the same way.
func unusable(err error) bool {
	if errors.Is(err, operations.ErrEndless) {
		return false
	}
	return errors.Is(err, operations.ErrCursor) || errors.Is(err, operations.ErrStalled) ||
		errors.Is(err, fault.CodeBadStreamPosition) || errors.Is(err, fault.ErrEndOfStream)
}

// batch is what was read of a window and is not committed yet, with where the reading stands.
type batch struct {
	config    *Config
	stream    Stream
	window    store.Window
	stop      <-chan struct{}
	committed func(added store.Counts, done bool)
	commit    store.Commit // without its position
	at        position     // after what is read
	asked     []int        // of each activity of a history, the last note of a merge before it was asked for
	merged    []int64      // leads that activities say were merged into others
	rows      int
	written   int64 // what the window has inserted and updated
}

// copy reads on from the position of the last commit, pass after pass, until the window is done. It alternates
// between reading, up to the end of the window or of a pass, and deciding what follows a pass.
func (b *batch) copy(ctx context.Context) error {
	if b.at.Extract != nil {
		return b.extract(ctx)
	}
	for {
		if b.at.Pass.Ended {
			if err := b.afterPass(ctx); err != nil {
				return err
			}
		}
		done, err := b.readOn(ctx)
		if done || err != nil {
			return err
		}
	}
}

// afterPass decides whether the pass that has ended was enough, and moves the position behind it or to the beginning
// of another one. If no further pass is worth while, the position is committed before the error is returned, so that
// the next attempt begins with new passes.
func (b *batch) afterPass(ctx context.Context) error {
	p, unproven := b.config.reader(b.stream, b.window, b.at).afterPass(b.written)
	b.add(p)
	if unproven != nil {
		return errors.Join(unproven, b.write(ctx, false))
	}
	return nil
}

// readOn reads and commits up to the end of the window or of a pass. It commits when enough rows have gathered, when
// the work is to stop, and at the end of a pass: whether a pass has brought something new is known only when its rows
// are in the store.
//
// If reading fails, what was read before the error is committed all the same, because the calls for it were made.
func (b *batch) readOn(ctx context.Context) (done bool, err error) {
	for p, err := range b.config.pieces(ctx, b.stream, b.window, b.at) {
		if err != nil {
			return false, errors.Join(err, b.save(ctx))
		}
		b.add(p)
		stopping, decide := isClosed(b.stop), p.next.Pass.Ended
		if p.more && !stopping && !decide && (p.again || b.rows < b.config.Store.CommitRows()) {
			continue
		}
		if err := b.write(ctx, !p.more); err != nil || !p.more {
			return err == nil, err
		}
		if stopping {
			return false, errStopped
		}
		if decide {
			return false, nil
		}
	}
	// The window was at its end already, as a LeadActivity one of which the last lead was read.
	return true, b.write(ctx, true)
}

// add takes what one call has brought into the batch. A page that will be read again in smaller ranges is counted but
// not kept: if one of its records changes in between, it would be written twice, and writing costs more than reading.
func (b *batch) add(p piece) {
	if p.again { // what changes meanwhile would be there twice, and writing it costs more than reading it
		p.activities, p.leads = nil, nil
	}
	if b.stream.Name == LeadActivity {
		b.config.merged.note(b.window, p.from, p.activities)
		b.asked = append(b.asked, slices.Repeat([]int{p.asked}, len(p.activities))...)
	}
	b.commit.Activities = append(b.commit.Activities, p.activities...)
	b.commit.Leads = append(b.commit.Leads, p.leads...)
	b.commit.LeadsRead = append(b.commit.LeadsRead, p.read...)
	b.commit.Problems = append(b.commit.Problems, p.problems...)
	b.commit.Gone = append(b.commit.Gone, p.gone...)
	b.merged = appendMerged(b.merged, p.activities)
	b.at = p.next
	b.commit.Counts.Add(store.Counts{Calls: p.calls, Pages: p.calls, Seen: p.seen, Missing: p.missing})
	b.rows += len(p.activities) + len(p.leads)
}

// save commits what was read before an error. It does nothing if nothing was read or if the context has ended,
// because a commit could not succeed then.
func (b *batch) save(ctx context.Context) error {
	if b.commit.Counts.Pages == 0 || ctx.Err() != nil {
		return nil //nolint:nilerr // the caller has the error
	}
	return b.write(ctx, false)
}

// write commits the batch and empties it. Before that it looks up the leads that the rows report as merged, and drops
// rows that a merge has made obsolete, so that both go into the same transaction as the rows.
func (b *batch) write(ctx context.Context, done bool) error {
	if err := b.lookUpMerged(ctx); err != nil {
		return err
	}
	if b.stream.Name == LeadActivity {
		b.commit.Activities, b.asked = b.config.merged.withoutStale(b.commit.Activities, b.asked)
	}
	commit := b.commit
	commit.Position = b.at.text()
	commit.Done = done
	counts, err := b.config.Store.Commit(ctx, commit)
	if err != nil {
		return err
	}
	b.commit = store.Commit{Fence: commit.Fence}
	b.rows, b.asked = 0, nil
	b.written += counts.Inserted + counts.Updated
	b.committed(counts, done)
	return nil
}

// isClosed reports whether a channel is closed, without waiting.
func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
