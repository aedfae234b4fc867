package leadsync

import (
	"context"
	"fmt"
	"slices"

	"github.com/mktows/mktows-go/leadsync/store"
)

// Reset forgets a stream of a copy, with its windows, runs and positions, so that the next run begins
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
	return dest.Reset(ctx, stream, agree) // the jobs of the stream end when they begin, since their windows are gone
}
