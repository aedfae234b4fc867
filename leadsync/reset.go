package leadsync

import (
	"context"
	"fmt"
	"slices"

	"github.com/mktows/mktows-go/leadsync/store"
)

// Reset forgets a stream of a copy, with its windows, runs and positions, so that the next run starts over, with another
// query if need be. Its rows are removed too, unless another stream writes to the same table; see [store.Store]. Before
// anything is removed, agree is called with what that will be; if it returns an error, the copy stays as it was and Reset
// returns that error. The copy is locked meanwhile, so agree must not wait for a person: let it fail, ask, and call Reset
// again with the answer.
//
// Errors: store.ErrNoStream; store.ErrInUse while a worker is alive, of this process or another one.
func Reset(ctx context.Context, dest store.Store, stream StreamName, agree func(store.Removal) error) error {
	if !slices.Contains(store.StreamNames(), stream) {
		return fmt.Errorf("stream %q: there is no such stream; there are %v", string(stream), store.StreamNames())
	}
	return dest.Reset(ctx, stream, agree) // the jobs of the stream end when they begin, since their windows are gone
}
