package leadsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/jobs"
	"github.com/mktows/mktows-go/leadsync/store"
)

// Reset forgets a stream of a copy, with its windows, runs, positions and jobs, so that the next run begins
// it anew, with another query if it likes. Its rows go too; those of a table that another
// stream writes as well stay, see [store.Store]. agree is told before anything is done what that is; its error is
// returned, and the copy stays as it was. It is called while the copy is locked: to ask a
// person, let it fail, and call Reset again with the answer.
//
// Errors: store.ErrNoStream; store.ErrInUse while a worker lives, of this process or another one.
func Reset(ctx context.Context, dest store.Store, stream StreamName, agree func(store.Removal) error) error {
	if !slices.Contains(store.StreamNames(), stream) {
		return fmt.Errorf("stream %q: there is no such stream; there are %v", string(stream), store.StreamNames())
	}
	refuse := func(context.Context, jobs.Job) error { return errors.New("nothing is worked on here") }
	q, err := (&Config{Store: dest}).withDefaults().queue(time.Second, refuse)
	if err != nil {
		return err
	}
	if err := dest.Reset(ctx, stream, agree); err != nil {
		return err
	}
	// A job that is left ends as soon as it begins, since its window is gone.
	_ = q.Discard(context.WithoutCancel(ctx), func(args jobs.Args) bool { return args.Stream == stream })
	return nil
}
