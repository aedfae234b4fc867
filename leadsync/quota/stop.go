package quota

import (
	"context"
)

type stopKey struct{}

// WithStop returns a context whose calls do not wait for their turn once stop is closed.
func WithStop(ctx context.Context, stop <-chan struct{}) context.Context {
	return context.WithValue(ctx, stopKey{}, stop)
}

// Stopping returns what is closed when the calls of a context are not to be begun any more;
// nil if nothing tells.
func Stopping(ctx context.Context) <-chan struct{} {
	stop, _ := ctx.Value(stopKey{}).(<-chan struct{})
	return stop
}
