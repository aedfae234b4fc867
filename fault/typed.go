package fault

import (
	"fmt"
	"time"
)

// Known is what the caller of the service knows about a call and its fault does not
// tell. Fields that are not known stay zero.
type Known struct {
	UserID      string    // whom the call was made for
	Now         time.Time // when the fault came
	ServerTime  time.Time // Date header of the answer
	RequestTime time.Time // timestamp that the request was signed with
}

// Classify returns f as an [AuthenticationError], a [QuotaError] or an
// [ExpiredError] if it is of such a class, filled from what is known, and else f
// itself. It returns nil for a nil fault.
func Classify(f *Fault, k Known) error {
	if f == nil {
		return nil
	}
	switch f.meaning().Class() {
	case ErrAuth:
		return &AuthenticationError{Fault: f, UserID: k.UserID}
	case ErrQuota:
		e := &QuotaError{Fault: f}
		if !k.Now.IsZero() {
			e.ResetsAt = NextReset(k.Now)
		}
		return e
	case ErrExpired:
		return &ExpiredError{Fault: f, ServerTime: k.ServerTime, RequestTime: k.RequestTime}
	}
	return f
}

// AuthenticationError is a fault of class ErrAuth: user id or signature are not valid
// (20014), or the client is blocked (20013). Repeating the call does not help.
type AuthenticationError struct {
	*Fault
	UserID string // user id of the request; may be empty, as it is over the REST API, whose client ids are not shown
}

// Error says who was refused and what to check. It never shows a key or a signature.
func (e *AuthenticationError) Error() string {
	if e.Fault == nil {
		return ErrAuth.Error()
	}
	user := ""
	if e.UserID != "" {
		user = fmt.Sprintf(" for user id %.100q", e.UserID)
	}
	return e.Headline() + user + "; " + e.Advice()
}

// Unwrap returns the fault.
func (e *AuthenticationError) Unwrap() error { return unwrapFault(e.Fault) }

// QuotaError is fault 20015: the subscription's calls of this day are used up, by
// whatever program made them. Calls before ResetsAt are refused too. Without a Fault it
// says that this side did not make the call, so as to keep within the quota.
type QuotaError struct {
	*Fault
	ResetsAt time.Time // zero if not known; see NextReset
}

// Error says when calls are possible again.
func (e *QuotaError) Error() string {
	what := ErrQuota.Error()
	if e.Fault != nil {
		what = e.Headline()
	}
	switch {
	case !e.ResetsAt.IsZero():
		return fmt.Sprintf("%s; the count starts anew at %s: wait until then, or have the quota raised",
			what, e.ResetsAt.Format("2006-01-02T15:04 MST"))
	case e.Fault == nil:
		return what
	}
	return e.Fault.Error()
}

// Is reports whether target is ErrQuota, or what the fault is.
func (e *QuotaError) Is(target error) bool { return target == ErrQuota || e.Fault.Is(target) }

// Unwrap returns the fault.
func (e *QuotaError) Unwrap() error { return unwrapFault(e.Fault) }

// ExpiredError is fault 20016: the request's timestamp was too old for the server,
// which most often means that a clock is wrong.
type ExpiredError struct {
	*Fault
	ServerTime  time.Time // the server's clock when it answered; zero if not known
	RequestTime time.Time // the timestamp of the request; zero if not known
}

// sameClock is the difference up to which two clocks are taken to agree: HTTP dates
// and timestamps have whole seconds, and answers take their time.
const sameClock = time.Minute

// farthestClock is how far clocks can be apart: one without a battery begins in 1970. What is beyond is no clock's time.
const farthestClock = 100 * 365 * 24 * time.Hour

// Skew returns how far the request's timestamp is ahead of the server's clock,
// negative if it is behind. It reports false if one of the two is not known, or cannot be
// the time of a clock since they are more than a century apart.
func (e *ExpiredError) Skew() (time.Duration, bool) {
	skew := e.RequestTime.Sub(e.ServerTime)
	if e.ServerTime.IsZero() || e.RequestTime.IsZero() || skew.Abs() > farthestClock {
		return 0, false
	}
	return skew, true
}

// Error says how far the clocks are apart, if that is known.
func (e *ExpiredError) Error() string {
	if e.Fault == nil {
		return ErrExpired.Error()
	}
	skew, known := e.Skew()
	switch {
	case !known:
		return e.Fault.Error()
	case skew.Abs() <= sameClock:
		return fmt.Sprintf("%s; the request was signed within %s of the server's time, so the clock is right: "+
			"sign immediately before sending", e.Headline(), sameClock)
	}
	direction := "ahead of"
	if skew < 0 {
		direction = "behind"
	}
	return fmt.Sprintf("%s; the request's timestamp %s is %s %s the server's clock: correct the clock of this machine",
		e.Headline(), e.RequestTime.Format(time.RFC3339), skew.Abs().Round(time.Second), direction)
}

// Unwrap returns the fault.
func (e *ExpiredError) Unwrap() error { return unwrapFault(e.Fault) }

// unwrapFault keeps a nil pointer from becoming an error that is not nil.
func unwrapFault(f *Fault) error {
	if f == nil {
		return nil
	}
	return f
}
