package httpcall

import (
	"cmp"
	"time"

	"github.com/cenkalti/backoff/v4"
)

// MaxAsked is the longest wait that an answer can ask for and get.
const MaxAsked = 2 * time.Minute

// Retry says how often and when a call is repeated. A zero field stands for its default.
type Retry struct {
	// MaxAttempts is how often a call is sent at most, the first time included; 5.
	MaxAttempts int
	// The wait before the n-th repetition is random, between 0 and FirstWait doubled n-1 times, but
	// at most MaxWait (exponential backoff with full jitter); 500 ms and 30 s.
	FirstWait, MaxWait time.Duration
}

// WithDefaults returns the policy with defaults in the place of zeros. A default never contradicts what is given: it
// makes room for a long FirstWait and keeps to a short MaxWait.
func (r Retry) WithDefaults() Retry {
	const first, longest = 500 * time.Millisecond, 30 * time.Second
	return Retry{
		MaxAttempts: cmp.Or(r.MaxAttempts, 5),
		FirstWait:   cmp.Or(r.FirstWait, min(first, cmp.Or(r.MaxWait, longest))),
		MaxWait:     cmp.Or(r.MaxWait, max(longest, r.FirstWait)),
	}
}

// BackOff returns the waits of one call.
func (r Retry) BackOff() backoff.BackOff {
	// The package draws from a range around the interval; for one from 0 to the wait wanted, the
	// interval is half of that.
	return backoff.NewExponentialBackOff(
		backoff.WithInitialInterval(r.FirstWait/2),
		backoff.WithMaxInterval(r.MaxWait/2),
		backoff.WithMultiplier(2),
		backoff.WithRandomizationFactor(1),
		backoff.WithMaxElapsedTime(0),
	)
}
