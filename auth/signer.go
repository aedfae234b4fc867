package auth

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // The service's rule; HMAC-SHA1 is not broken by SHA-1's collisions.
	"encoding/hex"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Sign returns the requestSignature for a user id and a timestamp: HMAC-SHA1,
// keyed with the bytes of the key as it is shown, over the timestamp followed
// directly by the user id, as 40 lower-case hexadecimal digits. The timestamp must
// go into the request exactly as given here. (Marketo SOAP API, authentication
// signature.)
func Sign(userID string, key Secret, timestamp string) string {
	mac := hmac.New(sha1.New, []byte(key.Reveal()))
	mac.Write([]byte(timestamp + userID))
	return hex.EncodeToString(mac.Sum(nil))
}

// Signer makes stamps for one set of credentials. It is safe for concurrent use
// and prints without its key. Make it with [NewSigner]; the zero value is of no use.
type Signer struct {
	creds    Credentials
	now      func() time.Time
	location *time.Location
	offset   atomic.Int64 // nanoseconds to add to now
}

// Option sets one thing about a [Signer].
type Option func(*Signer) error

// WithClock sets the clock the timestamps are taken from. Default: time.Now.
func WithClock(now func() time.Time) Option {
	return func(s *Signer) error {
		if now == nil {
			return errors.New("auth: WithClock: the clock is nil")
		}
		s.now = now
		return nil
	}
}

// WithLocation sets the time zone, and so the offset, that timestamps are written
// in. It does not change the moment they name. Default: UTC, written +00:00.
func WithLocation(location *time.Location) Option {
	return func(s *Signer) error {
		if location == nil {
			return errors.New("auth: WithLocation: the location is nil")
		}
		s.location = location
		return nil
	}
}

// NewSigner returns a signer for c. Its error joins what [Credentials.Validate]
// finds with the mistakes in the options; it never shows the key.
func NewSigner(c Credentials, opts ...Option) (*Signer, error) {
	s := &Signer{creds: c, now: time.Now, location: time.UTC}
	errs := []error{c.Validate()}
	for i, opt := range opts {
		if opt == nil {
			errs = append(errs, fmt.Errorf("auth: option %d is nil", i+1))
			continue
		}
		errs = append(errs, opt(s))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, nil
}

// Stamp returns a stamp for the present moment by the signer's clock and its offset. Call it immediately before sending,
// and once for each attempt: a stamp that has waited in a queue may be refused as expired (20016).
func (s *Signer) Stamp() Stamp { return s.StampAt(s.now().Add(s.ClockOffset())) }

// StampAt returns a stamp for the moment t, whatever clock and offset say.
func (s *Signer) StampAt(t time.Time) Stamp {
	timestamp := FormatTimestamp(t.In(s.location))
	return Stamp{
		UserID:    s.creds.UserID,
		Signature: Sign(s.creds.UserID, s.creds.Key, timestamp),
		Timestamp: timestamp,
		PartnerID: s.creds.PartnerID,
	}
}

// SetClockOffset makes all stamps from now on tell the clock's time plus d, in place
// of the offset set before. It is for a machine whose clock is wrong: d is the
// server's time, from the Date header of an answer, less the signer's clock.
func (s *Signer) SetClockOffset(d time.Duration) { s.offset.Store(int64(d)) }

// ClockOffset returns what SetClockOffset has set, at first 0.
func (s *Signer) ClockOffset() time.Duration { return time.Duration(s.offset.Load()) }

// String names the signer's user.
func (s *Signer) String() string { return fmt.Sprintf("auth.Signer(%q)", s.creds.UserID) }

// GoString names the signer's user.
func (s *Signer) GoString() string { return s.String() }
