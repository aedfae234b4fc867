package server

import (
	"context"
	"slices"
	"sync"

	"github.com/mktows/mktows-go/endpoint"
)

// maxBehind is how many calls are kept of one exchange: a history that is read whole may take thousands.
const maxBehind = 100

// behind are calls that a port has made to answer one. They may be made by several goroutines.
type behind struct {
	mu    sync.Mutex
	calls []endpoint.Call
}

type behindKey struct{}

// NoteCall notes a call of another API that a port has made to answer the call that ctx belongs to. The journal of [WithJournal] has the
// first hundred in [Exchange].Calls. Without a journal, and in a context of no call, it does nothing. A call that is noted after the
// answer is left out.
func NoteCall(ctx context.Context, call endpoint.Call) {
	b, _ := ctx.Value(behindKey{}).(*behind)
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.calls) < maxBehind {
		b.calls = append(b.calls, call)
	}
}

// list returns what was noted so far.
func (b *behind) list() []endpoint.Call {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.calls)
}
