package fault

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// Safety says what doing an operation twice does.
type Safety int

// Degrees of safety. Unknown is treated like NotIdempotent.
const (
	Unknown       Safety = iota // nothing is known of the operation
	ReadOnly                    // the operation changes nothing
	Idempotent                  // doing it twice is the same as doing it once
	NotIdempotent               // doing it twice does more than doing it once
)

// String returns the safety in words.
func (s Safety) String() string {
	switch s {
	case Unknown:
		return "unknown"
	case ReadOnly:
		return "read-only"
	case Idempotent:
		return "idempotent"
	case NotIdempotent:
		return "not idempotent"
	}
	return fmt.Sprintf("Safety(%d)", int(s))
}

// Repeatable reports whether the operation may be repeated when nobody knows whether
// it was carried out.
func (s Safety) Repeatable() bool { return s == ReadOnly || s == Idempotent }

const (
	// rateWindow is how long the service counts calls (Marketo SOAP API, limits):
	// after that long a wait, none of the calls that exceeded the limit counts.
	rateWindow = 20 * time.Second
	// slotPause is a guess at how soon one of ten running calls ends.
	slotPause = time.Second
)

// Retryable reports whether repeating a call that ended in err can help and may be
// done, given the operation's safety, and the shortest wait that makes sense before it.
// The caller adds growing and random pauses, and a bound.
//
//   - 20016: yes, at once, with a fresh signature. The caller sees to it that this
//     happens once: if it comes back, the clock is wrong.
//   - 20023, 20024, HTTP 429: yes, after a wait. Such a call was refused before
//     anything was done.
//   - 10001, 20011, HTTP 408, 499, 502, 503 and 504, and a connection lost or timed out by the
//     network: only if the operation is repeatable, because it may have been carried out.
//   - What the REST API has said goes by its own code: see [RESTError]. 606 and 615 are as 20023
//     and 20024; of the others those that announce a passing failure, and only if the operation is
//     repeatable or the call was surely not carried out.
//   - No connection at all: yes, since nothing was sent, unless the host is unknown.
//   - All other codes, unknown ones included, and all other errors: no. So it is for 10001 that
//     says "Parameter required": the request is to blame.
//   - An error that matches context.Canceled or context.DeadlineExceeded: never, whatever
//     else it matches. That includes the time-outs set on an http.Client or a
//     net.Dialer, which match the latter.
//
// (Marketo SOAP API, error codes and limits.)
func Retryable(err error, s Safety) (after time.Duration, ok bool) {
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return 0, false
	case errors.Is(err, ErrUnknownOutcome) && !s.Repeatable():
		return 0, false
	}
	if rest := restOf(err); rest != nil {
		return retryREST(rest, s)
	}
	if code, found := codeOf(err); found {
		return retryCode(code, s)
	}
	var status *StatusError
	if errors.As(err, &status) {
		return retryStatus(status, s)
	}
	return 0, retryConnection(err, s)
}

// codeOf finds the code of a fault, or a Code used as an error by itself. A fault
// without a code counts as found.
func codeOf(err error) (Code, bool) {
	var f *Fault
	if errors.As(err, &f) && f != nil {
		return f.meaning(), true
	}
	var code Code
	return code, errors.As(err, &code)
}

func retryCode(code Code, s Safety) (time.Duration, bool) {
	switch code {
	case CodeRequestExpired:
		return 0, true
	case CodeRateLimitExceeded:
		return rateWindow, true
	case CodeConcurrencyLimitExceeded:
		return slotPause, true
	case CodeInternal, CodeServiceInternal:
		return 0, s.Repeatable()
	}
	return 0, false
}

// retryREST goes by the code of the REST API, which tells apart what one code of the SOAP API
// stands for.
func retryREST(e *RESTError, s Safety) (time.Duration, bool) {
	known := e.entry()
	allowed := !known.unsure || s.Repeatable()
	var status *StatusError
	switch known.retry {
	case restBackoff:
		if errors.As(e.Err, &status) {
			return max(status.RetryAfter, 0), allowed
		}
		return 0, allowed
	case restWindow:
		return rateWindow, allowed
	case restSlot:
		return slotPause, allowed
	case restSmaller:
		return 0, s == ReadOnly
	}
	return 0, false
}

// retryStatus leaves out status 500: with it the service sends its faults, and what
// comes without one is no answer of the service. Whether a call that met 503 was carried out nobody knows, with
// Retry-After or without: gateways answer so too when the connection behind them broke after the request had gone
// through.
func retryStatus(e *StatusError, s Safety) (time.Duration, bool) {
	ok := false
	switch e.Code {
	case 429:
		ok = true
	case 408, 499, 502, 503, 504: // 499: nginx lost patience, or thought that the client had
		ok = s.Repeatable()
	}
	if !ok {
		return 0, false
	}
	return max(e.RetryAfter, 0), true
}

// retryConnection knows the errors of a connection that another attempt may not meet.
// Failures of TLS are not among them: they come from settings.
func retryConnection(err error, s Safety) bool {
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return false
	}
	var op *net.OpError
	if errors.As(err, &op) {
		switch op.Op {
		case "dial", "proxyconnect": // nothing was sent
			return true
		case "read", "write":
			return s.Repeatable()
		}
		return false
	}
	lost := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe)
	return lost && s.Repeatable()
}

// FromServer reports whether the service itself said what err says, as a SOAP fault
// or about one record of a call. It is false for what this side concluded: a broken
// answer, a lost connection, an HTTP answer without a fault.
func FromServer(err error) bool {
	var f *Fault
	var record *SyncError
	return errors.As(err, &f) && f != nil || errors.As(err, &record)
}
