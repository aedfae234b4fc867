package quota

import (
	"context"
	"errors"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// Limited returns a port whose every call waits for its turn by l and is counted there.
// It is meant for ports that make one attempt for a call, such as a simulator; a client
// repeats attempts by itself and takes the limiter with client.WithLimiter.
//
// When the port answers that the calls of the day are used up (20015), l is told so.
func Limited(port gen.Port, l Limiter) gen.Port {
	return gen.PortFunc(func(ctx context.Context, op *gen.Operation, in, out gen.Message) error {
		release, err := l.Acquire(ctx)
		if err != nil {
			return err
		}
		defer release(true) // a port does not tell what was sent
		err = op.CallInto(ctx, port, in, out)
		if errors.Is(err, fault.ErrQuota) {
			return errors.Join(err, l.Exhausted(context.WithoutCancel(ctx)))
		}
		return err
	})
}
