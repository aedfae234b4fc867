package leadsync

import (
	"context"
	"errors"
	"fmt"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/operations"
)

// errStopped says that a window was left after a commit because of stop.
var errStopped = errors.New("stopped after a commit")

// maxRestarts is how often a window is begun anew in one attempt because the service does not take
// its position any more.
const maxRestarts = 3

// copyWindow reads a claimed window to its end, committing as it goes; finish is called
// in the transaction of the last commit, committed after each. It returns errStopped
// when stop was closed, after the next commit.
func (c *Config) copyWindow(ctx context.Context, s Stream, w Window, stop <-chan struct{},
	finish func(ctx context.Context, tx any) error, committed func(Counts)) error {
	b := &batch{config: c, stop: stop, finish: finish, committed: committed}
	b.commit = Commit{Claim: Claim{Window: w.ID, Epoch: w.Epoch, Worker: c.Worker}, Position: w.Position}
	var err error
	for range maxRestarts {
		err = b.copy(ctx, s, w)
		if !unusable(err) || b.commit.Position.Cursor == "" {
			return err
		}
		// Rows have keys: those that come a second time change nothing.
		c.Logger.Warn("the service does not take the position any more; reading the window again", "window", w.String(), "error", err)
		b.commit.Position = Position{Lead: b.commit.Position.Lead}
	}
	return fmt.Errorf("%s: the service has refused %d of its own positions: %w", w, maxRestarts, err)
}

// unusable reports whether a position is no longer taken, for example after a change of
// release here or there (20122).
func unusable(err error) bool {
	return errors.Is(err, operations.ErrCursor) || errors.Is(err, fault.CodeBadStreamPosition)
}

// batch is what is read and not yet committed.
type batch struct {
	config    *Config
	stop      <-chan struct{}
	finish    func(ctx context.Context, tx any) error
	committed func(Counts)
	commit    Commit
	merged    []int64 // leads that activities say were merged into others
	rows      int
}

// copy goes on from the position of the commit.
func (b *batch) copy(ctx context.Context, s Stream, w Window) error {
	at := b.commit.Position
	for p, err := range b.config.pieces(ctx, s, w, at) {
		if err != nil {
			return errors.Join(err, b.save(ctx))
		}
		b.add(p)
		stopping := isClosed(b.stop)
		if p.more && !stopping && b.rows < b.config.Store.CommitRows() {
			continue
		}
		if err := b.write(ctx, !p.more); err != nil {
			return err
		}
		if !p.more {
			return nil
		}
		if stopping {
			return errStopped
		}
	}
	// The window was at its end already, as a LeadActivity one of which the last lead was read.
	return b.write(ctx, true)
}

func (b *batch) add(p piece) {
	b.commit.Activities = append(b.commit.Activities, p.activities...)
	b.commit.Leads = append(b.commit.Leads, p.leads...)
	b.commit.LeadsRead = append(b.commit.LeadsRead, p.read...)
	b.commit.Problems = append(b.commit.Problems, p.problems...)
	b.commit.Gone = append(b.commit.Gone, p.gone...)
	b.merged = appendMerged(b.merged, p.activities)
	b.commit.Position = p.next
	b.commit.Counts.Add(Counts{Calls: 1, Pages: 1, Seen: p.seen, Missing: p.missing})
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
	commit := b.commit
	if commit.Done = done; done {
		commit.Finish = b.finish
	}
	counts, err := b.config.Store.Commit(ctx, commit)
	if err != nil {
		return err
	}
	b.commit = Commit{Claim: commit.Claim, Position: commit.Position}
	b.rows = 0
	b.committed(counts)
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
