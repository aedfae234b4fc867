package httpcall

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Sleep waits, unless the context ends before.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return Ended(ctx)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return Ended(ctx)
	}
}

// Ended returns why the context has ended, with its cause, or nil. A deadline that has
// passed counts even if the context's own timer is late: a connection may have noticed.
func Ended(ctx context.Context) error {
	err := ctx.Err()
	if deadline, ok := ctx.Deadline(); ok && err == nil && !time.Now().Before(deadline) {
		err = context.DeadlineExceeded
	}
	cause := context.Cause(ctx)
	if err == nil || cause == nil || errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// Turn waits until a limiter lets an attempt through, which then has to be released. The error tells a limiter that
// fails from a context that ends while it waits.
func Turn(ctx context.Context, acquire func(context.Context) (release func(sent bool), err error)) (release func(sent bool), err error) {
	release, err = acquire(ctx)
	if err == nil {
		return release, nil
	}
	switch over := Ended(ctx); {
	case over == nil:
		return nil, fmt.Errorf("the limiter let no call through: %w", err)
	case errors.Is(over, err):
		return nil, fmt.Errorf("%w, while waiting for a turn within the limits of the service", over)
	default:
		return nil, fmt.Errorf("%w, while waiting for a turn within the limits of the service: %w", over, err)
	}
}
