package gateway

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/server"
)

// cost is what a SOAP call has cost, and what else is noted of it on its way. It travels in the context of the call.
//
// A request that several calls share, as joined histories do, counts for the call that asked for it first, and for no other: the sum
// over all calls is what the instance was asked.
type cost struct {
	calls atomic.Int64 // of REST, repetitions included
	took  atomic.Int64 // nanoseconds of all of them, waits included; some may have been under way at the same time
	note  note
}

type costKey struct{}

// costOf returns the cost of the call that ctx belongs to.
func costOf(ctx context.Context) *cost {
	c, _ := ctx.Value(costKey{}).(*cost)
	if c == nil {
		c = new(cost) // it belongs to none
	}
	return c
}

// seeREST is the interceptor that counts calls of the REST API, and notes them behind the exchange that they are made for.
func (g *Gateway) seeREST(next bridge.Handler) bridge.Handler {
	return func(ctx context.Context, call *bridge.Call) error {
		began := time.Now()
		err := next(ctx, call)
		took := time.Since(began)
		c := costOf(ctx)
		c.calls.Add(int64(call.Attempt))
		c.took.Add(int64(took))
		server.NoteCall(ctx, server.Call{
			Method: call.Method, Path: call.Path, Status: call.HTTPStatus, Code: int(call.Code), Attempts: call.Attempt, Waited: call.Waited, Duration: took,
		})
		g.meters.restCall(ctx, call, err)
		return err
	}
}
