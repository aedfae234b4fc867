package gateway

import "context"

// LookAtCopies does once what KeepCopies does again and again, but for filling.
func (g *Gateway) LookAtCopies(ctx context.Context) {
	in := g.current.Load()
	in.lookAtCopies(ctx)
	g.keeper.retire(in)
}
