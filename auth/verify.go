package auth

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"time"
)

// Reasons for which [Verify] refuses a stamp. The service answers the first with
// 20016 and the two others with 20014 (Marketo SOAP API, error codes).
var (
	// ErrStale: the signature is right, but the timestamp is too far from now, in
	// the past or in the future.
	ErrStale = errors.New("auth: request timestamp outside the validity window")
	// ErrBadSignature: the signature does not belong to this user id, timestamp and key.
	ErrBadSignature = errors.New("auth: wrong request signature")
	// ErrBadTimestamp: the timestamp cannot be read.
	ErrBadTimestamp = errors.New("auth: unreadable request timestamp")
)

// Verify reports whether st was signed with key and names a moment not more than
// window away from now; a timestamp from the future is stale as well. The error
// matches [ErrBadSignature], [ErrBadTimestamp] or [ErrStale]. The partner id is not
// signed and not looked at. How old a timestamp the service takes is not documented.
// (Marketo SOAP API, authentication signature.)
//
// The signature must be in lower case; it is compared in constant time, and before
// the timestamp is looked at: who cannot sign learns nothing of this machine's clock.
// An empty key verifies nothing, so that a failed look-up of a user's key lets
// nobody in.
func Verify(st Stamp, key Secret, now time.Time, window time.Duration) error {
	want := Sign(st.UserID, key, st.Timestamp)
	if !hmac.Equal([]byte(st.Signature), []byte(want)) || key.IsZero() {
		return ErrBadSignature
	}
	at, err := ParseTimestamp(st.Timestamp)
	if err != nil {
		return err
	}
	if age := now.Sub(at); age.Abs() > window {
		return staleError(st.Timestamp, age, window)
	}
	return nil
}

func staleError(timestamp string, age, window time.Duration) error {
	direction := "behind"
	if age < 0 {
		direction = "ahead of"
	}
	return fmt.Errorf("%w: %s is %s %s the clock here, %s is allowed: check both clocks",
		ErrStale, timestamp, age.Abs(), direction, window)
}
