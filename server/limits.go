package server

import (
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/gate"
)

// Limits are limits on calls; a field of 0 sets none (Marketo SOAP API, limits).
type Limits struct {
	Calls      int           // in any window of the length Per: fault 20023
	Per        time.Duration // the length of that window
	Concurrent int           // calls at the same time: fault 20024
	Daily      int           // calls from midnight to midnight US Central: fault 20015

	// PerUser counts each user apart. By default all users share the counts, as all
	// programs that call one instance of the service do.
	PerUser bool
}

// ServiceLimits returns the documented limits of the service: 100 calls in 20 seconds, 10
// at the same time, 10,000 a day.
func ServiceLimits() Limits {
	return Limits{Calls: 100, Per: 20 * time.Second, Concurrent: 10, Daily: 10_000}
}

// limitFault is the fault of a call that a limit has kept out.
func limitFault(l gate.Limits, r *gate.Refusal) *fault.Fault {
	switch r.Limit {
	case gate.Daily:
		return fault.Newf(fault.CodeRequestLimitExceeded, "Request Limit Exceeded: all %d calls of this day are used; the count starts anew at %s",
			l.Daily, r.Resets.Format(time.RFC3339))
	case gate.Rate:
		return fault.Newf(fault.CodeRateLimitExceeded, "Rate Limit Exceeded: more than %d calls in %s", l.Calls, l.Per)
	}
	return fault.Newf(fault.CodeConcurrencyLimitExceeded, "Concurrency Limit Exceeded: more than %d calls at the same time", l.Concurrent)
}
