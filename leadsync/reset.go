package leadsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Reset forgets a stream of a copy, with its windows, runs, positions and jobs, so that the next run begins
// it anew, with another query if it likes. Its rows go too; those of a table that another
// stream writes as well stay, see [Store]. agree is told before anything is done what that is; its error is
// returned, and the copy stays as it was. It is called while the copy is locked: to ask a
// person, let it fail, and call Reset again with the answer.
//
// Errors: ErrNoStream; ErrInUse while a worker lives, of this process or another one.
func Reset(ctx context.Context, store Store, stream StreamName, agree func(Removal) error) error {
	if !slices.Contains(StreamNames(), stream) {
		return fmt.Errorf("stream %q: there is no such stream; there are %v", string(stream), StreamNames())
	}
	refuse := func(context.Context, job) error { return errors.New("nothing is worked on here") }
	q, err := newQueue(store.Queue(), (&Config{Store: store}).withDefaults(), time.Second, refuse)
	if err != nil {
		return err
	}
	return store.Reset(ctx, stream, func(ctx context.Context, tx any, r Removal) error {
		if err := agree(r); err != nil {
			return err
		}
		return q.discard(ctx, tx, func(args windowArgs) bool { return args.Stream == stream })
	})
}
