package gateway

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/safety"
)

// allow refuses what the tenant's settings do not let through.
func (t *tenant) allow(ctx context.Context, op *gen.Operation, in gen.Message) error {
	writes := safety.Of(op.Name, in) != fault.ReadOnly
	switch {
	case slices.Contains(t.Off, op.Name):
		return fault.Newf(fault.CodeUnsupportedOperation, "%s is switched off for this user by the operator of the gateway", op.Name)
	case writes && t.ReadOnly:
		return fault.Newf(fault.CodeUnsupportedOperation, "%s writes, and the gateway only reads for this user", op.Name)
	case writes && t.DryRun:
		t.log.LogAttrs(ctx, slog.LevelInfo, "not written", slog.String("tenant", t.UserID), slog.String("operation", op.Name), slog.Any("request", outline(in)))
		return fault.Newf(fault.CodeUnsupportedOperation, "%s was not carried out: the gateway runs dry for this user, and has noted the request", op.Name)
	}
	return nil
}

// errCallTime is why a call ends that takes longer than Config.CallTime.
var errCallTime = errors.New("the time for the call is over")

// inTime calls do with the time that a call may take. A call that ended for lack of time, or that would get no turn within the
// limits before its time is over, without having changed anything, gets the fault that makes programs come back later: 20023.
func (t *tenant) inTime(ctx context.Context, most time.Duration, do func(context.Context) error) error {
	inner, cancel := context.WithTimeoutCause(ctx, most, errCallTime)
	defer cancel()
	err := do(inner)
	var f *fault.Fault
	switch {
	case err == nil, ctx.Err() != nil, errors.As(err, &f), errors.Is(err, fault.ErrUnknownOutcome):
		return err
	case !errors.Is(err, errStateAway) && !errors.Is(context.Cause(inner), errCallTime) && !errors.Is(err, context.DeadlineExceeded): // the last: no turn in time
		return err
	case errors.Is(err, errStateAway), t.budget != nil && t.budget.shared.away(): // calls that share a request do not see its errors
		return fault.New(fault.CodeRateLimitExceeded, "the gateway cannot reach the state in which it counts calls, so it cannot tell whether this one may be made: call again in a minute")
	}
	return fault.Newf(fault.CodeRateLimitExceeded, "the call would have taken longer than %s, as the limits of the REST API or its answers made it wait: call again in a minute", most)
}
