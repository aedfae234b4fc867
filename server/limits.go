package server

import (
	"errors"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/gate"
	"github.com/mktows/mktows-go/limits"
)

// Limits are limits on calls; see [WithLimits].
type Limits = limits.Limits

// WithLimits sets the limits on calls: more calls in a window of time are fault 20023, more at
// the same time fault 20024, more on a day fault 20015. Default: those of the service
// ([limits.SOAP]), which a field of 0 stands for as well; [limits.Unlimited] refuses no call.
// A Reserve is refused, since it is for those who call.
func WithLimits(l Limits) Option {
	return func(s *Server) error {
		s.gates.Limits = l.Or(limits.SOAP())
		if err := s.gates.Limits.Validate(); err != nil {
			return fmt.Errorf("server: WithLimits: %w", err)
		}
		if l.Reserve > 0 {
			return errors.New("server: WithLimits: Reserve is for those who call")
		}
		return nil
	}
}

// WithLimitsPerUser counts the calls of each user apart. By default all users share the counts, as
// all programs that call one instance of the service do.
func WithLimitsPerUser() Option {
	return func(s *Server) error {
		s.gates.PerUser = true
		return nil
	}
}

// limitFault is the fault of a call that a limit has kept out.
func limitFault(l limits.Limits, r *gate.Refusal) *fault.Fault {
	switch r.Limit {
	case gate.Daily:
		return fault.Newf(fault.CodeRequestLimitExceeded, "Request Limit Exceeded: all %d calls of this day are used; the count starts anew at %s",
			l.Daily, r.Resets.Format(time.RFC3339))
	case gate.Rate:
		return fault.Newf(fault.CodeRateLimitExceeded, "Rate Limit Exceeded: more than %d calls in %s", l.Calls, l.Per)
	}
	return fault.Newf(fault.CodeConcurrencyLimitExceeded, "Concurrency Limit Exceeded: more than %d calls at the same time", l.Concurrent)
}
