package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// RetryPolicy says how often and when a call is repeated. Whether it may be, the fault
// and the call's safety decide ([fault.Retryable]). A zero field stands for its default.
type RetryPolicy struct {
	// MaxAttempts is how often a call is sent at most, the first time included.
	// Default: 5.
	MaxAttempts int
	// The wait before the n-th repetition is random, between 0 and FirstWait doubled
	// n-1 times, but at most MaxWait (exponential backoff with full jitter). It is added to
	// what a fault or a Retry-After header asks for. Default: 500 ms and 30 s.
	FirstWait, MaxWait time.Duration
}

// WithRetry sets when calls are repeated. Default: RetryPolicy{}.
func WithRetry(p RetryPolicy) Option {
	return func(c *config) error {
		err := errors.Join(
			atLeast("WithRetry", "MaxAttempts", p.MaxAttempts, 0),
			atLeast("WithRetry", "FirstWait", p.FirstWait, 0),
			atLeast("WithRetry", "MaxWait", p.MaxWait, 0),
		)
		c.retry = RetryPolicy(httpcall.Retry(p).WithDefaults())
		if c.retry.FirstWait > c.retry.MaxWait {
			err = errors.Join(err, fmt.Errorf("client: WithRetry: FirstWait is %s, must be at most MaxWait, %s",
				p.FirstWait, p.MaxWait))
		}
		return err
	}
}

// WithoutRetry makes every call one attempt, whatever its end. The clock of the server
// is still learnt from an expired request, on trial for the next call.
func WithoutRetry() Option { return WithRetry(RetryPolicy{MaxAttempts: 1}) }

// series is what is known of the attempts of one call.
type series struct {
	tries   int
	maybe   bool   // one of them may have been carried out
	expired error  // the first 20016
	trial   *trial // a correction of the clock that the next attempt is signed with; nil: none
	waits   backoff.BackOff
}

// attempts makes attempts until one succeeds or no other is to be made.
func (c *Client) attempts(ctx context.Context, call *Call) error {
	s := &series{waits: c.newBackOff(), trial: c.takeTrial()}
	defer c.leaveTrial(s)
	for {
		f := c.attempt(ctx, call, s)
		if f == nil {
			return nil
		}
		wait, again := c.again(ctx, s, f)
		if !again {
			return c.failed(call, s, f.Err)
		}
		c.logRetry(ctx, call, wait, f.Err)
		if err := httpcall.Sleep(ctx, wait); err != nil {
			return c.failed(call, s, fmt.Errorf("%w, while waiting to repeat the call after: %w", err, f.Err))
		}
	}
}

// again decides whether to make another attempt after a failure, and when.
func (c *Client) again(ctx context.Context, s *series, f *failure) (wait time.Duration, ok bool) {
	s.tries++
	s.maybe = s.maybe || f.Maybe
	expired := errors.Is(f.Err, fault.ErrExpired)
	switch {
	case expired && s.expired != nil:
		// The first one tells by how much the clocks differ; the second one was corrected.
		f.Err = fmt.Errorf("%w (signed again, it was refused again; the server's Date, if it gave one, may be that of a proxy)", s.expired)
		return 0, false
	case httpcall.Ended(ctx) != nil || !f.Retry || s.tries >= c.retry.MaxAttempts || f.After > httpcall.MaxAsked:
		return 0, false
	case expired:
		s.expired = f.Err
	default:
		wait = f.After + s.waits.NextBackOff()
	}
	deadline, bounded := ctx.Deadline()
	return wait, !bounded || time.Until(deadline) > wait
}

// failed makes the error that a call ends with.
func (c *Client) failed(call *Call, s *series, err error) error {
	if s.maybe && call.Spec.Safety != fault.ReadOnly {
		err = &fault.UnknownOutcomeError{Op: call.Spec.Operation, Err: err}
	}
	return &fault.OpError{Op: call.Spec.Operation, Attempts: call.Attempt, Err: err}
}

func (c *Client) logRetry(ctx context.Context, call *Call, wait time.Duration, reason error) {
	c.logger.LogAttrs(ctx, slog.LevelWarn, "mktows: repeating a call",
		slog.String("operation", call.Spec.Operation),
		slog.Int("attempt", call.Attempt),
		slog.Duration("wait", wait),
		slog.String("reason", reason.Error()))
}
