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

// maxRestarts is how often positions that the service does not take any more are given up in one attempt.
const maxRestarts = 3

// copyWindow reads a window that was begun to its end, committing as it goes; committed is called
// after each commit, and told whether it was the last. It returns errStopped
// when stop was closed, after the next commit.
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

// unusable reports whether a position is no longer taken, for example after a change of
// release here or there (20122), or leads nowhere although more records were announced (20123). What leads on for ever
// is none of it: another try would take as many calls again.
func unusable(err error) bool {
	if errors.Is(err, operations.ErrEndless) {
		return false
	}
	return errors.Is(err, operations.ErrCursor) || errors.Is(err, operations.ErrStalled) ||
		errors.Is(err, fault.CodeBadStreamPosition) || errors.Is(err, fault.ErrEndOfStream)
}

// batch is what is read and not yet committed.
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

// copy goes on from the position of the commit, from pass to pass.
func (b *batch) copy(ctx context.Context) error {
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

// afterPass goes on behind a pass, or with another one.
func (b *batch) afterPass(ctx context.Context) error {
	p, unproven := b.config.reader(b.stream, b.window, b.at).afterPass(b.written)
	b.add(p)
	if unproven != nil {
		return errors.Join(unproven, b.write(ctx, false))
	}
	return nil
}

// readOn reads and commits up to the end of the window, or of a pass.
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

// save writes what was read before an error, unless that is of the store or the end of the context.
func (b *batch) save(ctx context.Context) error {
	if b.commit.Counts.Pages == 0 || ctx.Err() != nil {
		return nil //nolint:nilerr // the caller has the error
	}
	return b.write(ctx, false)
}

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

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
