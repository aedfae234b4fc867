package gateway

import (
	"context"

	"github.com/mktows/mktows-go/limits"
)

// LookAtCopies does once what KeepCopies does again and again, but for filling.
func (g *Gateway) LookAtCopies(ctx context.Context) {
	in := g.current.Load()
	in.lookAtCopies(ctx)
	g.keeper.retire(in)
}

// WithoutShare lets filling take what it needs.
func WithoutShare() Option {
	return func(o *options) error {
		o.share = func(limits.Limits) limits.Limits { return limits.Unlimited() }
		return nil
	}
}
