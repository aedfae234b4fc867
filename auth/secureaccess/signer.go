package secureaccess

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/auth"
)

// DefaultLifetime is how long a signature is valid unless [WithLifetime] says
// otherwise: one day, as in Marketo's own program.
const DefaultLifetime = 24 * time.Hour

// What [Verify] finds wrong with a signature.
var (
	// ErrBadSignature means that the signature does not belong to this email,
	// device id, timestamp and secret.
	ErrBadSignature = errors.New("secureaccess: the signature does not match: compare email, device id, timestamp and access secret on both sides")
	// ErrExpired means that the signature is genuine and its timestamp has passed.
	ErrExpired = errors.New("secureaccess: the signature has expired: ask the endpoint for a new one")
)

// SecuritySignature is what the mobile SDK wants to be given, and the JSON answer of
// the endpoint. Printed or logged it hides the signature; JSON carries it.
type SecuritySignature struct {
	AccessKey string `json:"accessKey"`
	// Signature is 64 lower-case hexadecimal digits.
	Signature string `json:"signature"`
	// Timestamp is when the signature expires, in Unix seconds.
	Timestamp int64 `json:"timestamp"`
	// Email is the signed address, letter for letter.
	Email string `json:"email"`
}

// Expires is the timestamp as a time in UTC.
func (s SecuritySignature) Expires() time.Time { return time.Unix(s.Timestamp, 0).UTC() }

// Format serves every verb of package fmt and leaves the signature out.
func (s SecuritySignature) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "SecuritySignature{AccessKey:%q Signature:[redacted] Timestamp:%d Email:%q}",
		s.AccessKey, s.Timestamp, s.Email)
}

// LogValue leaves the signature out of structured logs.
func (s SecuritySignature) LogValue() slog.Value {
	return slog.GroupValue(slog.String("accessKey", s.AccessKey),
		slog.Int64("timestamp", s.Timestamp), slog.String("email", s.Email))
}

// Signer signs for the users of one mobile app. Any number of goroutines may share it. One from [NewSigner] never
// changes; one from [Keyring.Signer] follows the keyring.
type Signer struct {
	keys     *Keyring
	now      func() time.Time
	lifetime time.Duration
}

// SignerOption is a choice in [NewSigner].
type SignerOption func(*Signer) error

// WithClock replaces time.Now. A [Handler] counts its rate limits on the same clock.
func WithClock(now func() time.Time) SignerOption {
	return func(s *Signer) error {
		if now == nil {
			return errors.New("secureaccess: WithClock: the clock is nil")
		}
		s.now = now
		return nil
	}
}

// WithLifetime sets for how long signatures are valid: one second or more, and
// [DefaultLifetime] without this option.
func WithLifetime(d time.Duration) SignerOption {
	return func(s *Signer) error {
		// Expiry counts whole seconds: anything less could be over when it is made.
		if d < time.Second {
			return fmt.Errorf("secureaccess: WithLifetime: %v is less than a second", d)
		}
		s.lifetime = d
		return nil
	}
}

// NewSigner takes the access key and the access secret that Marketo Admin shows for
// the app under Mobile Apps & Devices. It reports all mistakes at once. Where the secret
// is to be changed without a new start, make a [Keyring] and its [Keyring.Signer].
func NewSigner(accessKey string, secret auth.Secret, opts ...SignerOption) (*Signer, error) {
	k, keyErr := NewKeyring(Pair{AccessKey: accessKey, Secret: secret})
	s, err := k.Signer(opts...)
	if err := errors.Join(keyErr, err); err != nil {
		return nil, err
	}
	return s, nil
}

// Sign signs for email on the device from now until the lifetime has passed, rounded
// down to the second, or until the secret ends, if that is sooner. An email or device id
// that cannot be signed is a [*FieldError].
func (s *Signer) Sign(email, deviceID string) (SecuritySignature, error) {
	now := s.now()
	pair := s.keys.signing(now)
	timestamp := now.Add(s.lifetime).Unix()
	if !pair.Until.IsZero() {
		timestamp = min(timestamp, pair.Until.Unix())
	}
	return sign(pair, email, deviceID, timestamp)
}

// SignUntil signs for email on the device with an expiry of the caller's choice, in
// Unix seconds. It may lie in the past; zero and below are refused.
func (s *Signer) SignUntil(email, deviceID string, timestamp int64) (SecuritySignature, error) {
	return sign(s.keys.signing(s.now()), email, deviceID, timestamp)
}

func sign(pair Pair, email, deviceID string, timestamp int64) (SecuritySignature, error) {
	if err := checkMessage(email, deviceID, timestamp); err != nil {
		return SecuritySignature{}, err
	}
	return SecuritySignature{
		AccessKey: pair.AccessKey,
		Signature: compute(pair.Secret, email, deviceID, timestamp),
		Timestamp: timestamp,
		Email:     email,
	}, nil
}

// Verify checks sig for a device against the access secret: [ErrBadSignature] if it
// was not made for this email, device and timestamp, [ErrExpired] if it was but the
// second of its timestamp is over, a [*FieldError] if it could not have been made at
// all. The comparison takes the same time wherever the difference is. The access key is
// not part of the signature and is not looked at.
func Verify(sig SecuritySignature, deviceID string, secret auth.Secret, now time.Time) error {
	if err := checkMessage(sig.Email, deviceID, sig.Timestamp); err != nil {
		return err
	}
	if err := checkPlain("access secret", secret.Reveal()); err != nil {
		return err
	}
	want := compute(secret, sig.Email, deviceID, sig.Timestamp)
	if !hmac.Equal([]byte(sig.Signature), []byte(want)) {
		return ErrBadSignature
	}
	// Only a genuine signature is told its age. Whole seconds are compared as numbers:
	// the largest timestamps do not survive conversion to a time.
	if now.Unix() > sig.Timestamp {
		return ErrExpired
	}
	return nil
}

// compute is the algorithm of Marketo's "Advanced Security Access Mode".
func compute(secret auth.Secret, email, deviceID string, timestamp int64) string {
	key := "MKTO" + secret.Reveal() + strconv.FormatInt(timestamp, 10)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(email + deviceID))
	return hex.EncodeToString(mac.Sum(nil))
}
