package auth_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
)

const window = 5 * time.Minute

// signed returns a stamp made with "example-key", the key that the tests verify with.
func signed(timestamp string) auth.Stamp {
	return auth.Stamp{
		UserID:    "example_user",
		Signature: auth.Sign("example_user", auth.NewSecret("example-key"), timestamp),
		Timestamp: timestamp,
	}
}

func TestVerify_vectors(t *testing.T) {
	t.Parallel()
	for _, v := range vectors(t) {
		at, err := auth.ParseTimestamp(v.timestamp)
		if err != nil {
			t.Fatal(err)
		}
		st := auth.Stamp{UserID: v.user, Signature: v.signature, Timestamp: v.timestamp}
		if err := auth.Verify(st, auth.NewSecret(v.key), at, 0); err != nil {
			t.Errorf("%s: %v", v.why, err)
		}
	}
}

func TestVerify_age(t *testing.T) {
	t.Parallel()
	at := time.Date(2017, 3, 10, 1, 40, 0, 0, time.UTC)
	tests := []struct {
		name string
		now  time.Time
		want error
		text string
	}{
		{name: "same moment", now: at},
		{name: "at the end of the window", now: at.Add(window)},
		{name: "too old", now: at.Add(window + 1), want: auth.ErrStale, text: "behind the clock here, 5m0s is allowed"},
		{name: "from the future, within", now: at.Add(-window)},
		{name: "from the future, beyond", now: at.Add(-window - 1), want: auth.ErrStale, text: "ahead of the clock here"},
		{name: "centuries old", now: at.AddDate(900, 0, 0), want: auth.ErrStale},
		{name: "centuries ahead", now: at.AddDate(-900, 0, 0), want: auth.ErrStale},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := auth.Verify(signed("2017-03-09T17:40:00-08:00"), auth.NewSecret("example-key"), tt.now, window)
			if !errors.Is(err, tt.want) {
				t.Fatalf("error %v, want %v", err, tt.want)
			}
			if tt.text != "" && !strings.Contains(err.Error(), tt.text) {
				t.Errorf("error %q does not say %q", err, tt.text)
			}
		})
	}
}

func TestVerify_refuses(t *testing.T) {
	t.Parallel()
	const timestamp = "2017-03-09T17:40:00-08:00"
	good := signed(timestamp)
	key, empty := auth.NewSecret("example-key"), auth.Secret{}
	with := func(change func(*auth.Stamp)) auth.Stamp {
		st := good
		change(&st)
		return st
	}
	tests := []struct {
		name string
		st   auth.Stamp
		key  auth.Secret
		want error
	}{
		{"another key", good, auth.NewSecret("another-example-key"), auth.ErrBadSignature},
		{"upper case", with(func(s *auth.Stamp) { s.Signature = strings.ToUpper(s.Signature) }), key, auth.ErrBadSignature},
		{"no signature", with(func(s *auth.Stamp) { s.Signature = "" }), key, auth.ErrBadSignature},
		{"short signature", with(func(s *auth.Stamp) { s.Signature = s.Signature[:39] }), key, auth.ErrBadSignature},
		{"long signature", with(func(s *auth.Stamp) { s.Signature += "0" }), key, auth.ErrBadSignature},
		{"blank after signature", with(func(s *auth.Stamp) { s.Signature += " " }), key, auth.ErrBadSignature},
		{"another user", with(func(s *auth.Stamp) { s.UserID = "example_user_2" }), key, auth.ErrBadSignature},
		{"another timestamp", with(func(s *auth.Stamp) { s.Timestamp = "2017-03-09T17:40:01-08:00" }), key, auth.ErrBadSignature},
		{"same moment, written otherwise", with(func(s *auth.Stamp) { s.Timestamp = "2017-03-10T01:40:00+00:00" }), key, auth.ErrBadSignature},
		{"zero", auth.Stamp{}, key, auth.ErrBadSignature},
		{
			"empty key, with which anyone can sign",
			with(func(s *auth.Stamp) { s.Signature = auth.Sign(s.UserID, empty, s.Timestamp) }),
			empty, auth.ErrBadSignature,
		},
		{"unreadable timestamp, rightly signed", signed("yesterday"), key, auth.ErrBadTimestamp},
		{
			"border of timestamp and user moved",
			with(func(s *auth.Stamp) { s.Timestamp, s.UserID = timestamp[:24], "0"+s.UserID }),
			key, auth.ErrBadTimestamp,
		},
	}
	now := time.Date(2017, 3, 10, 1, 40, 0, 0, time.UTC)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if err := auth.Verify(tt.st, tt.key, now, window); !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
		})
	}
}

// Who cannot sign must not learn whether a timestamp would have been good.
func TestVerify_signatureBeforeAge(t *testing.T) {
	t.Parallel()
	now := time.Date(2017, 3, 10, 1, 40, 0, 0, time.UTC)
	for _, timestamp := range []string{"2017-03-10T01:40:00+00:00", "1999-01-01T00:00:00+00:00", "never"} {
		st := auth.Stamp{UserID: "example_user", Signature: strings.Repeat("0", 40), Timestamp: timestamp}
		if err := auth.Verify(st, auth.NewSecret("example-key"), now, window); err != auth.ErrBadSignature { //nolint:errorlint // Nothing may be added.
			t.Errorf("%s: error %v, want exactly ErrBadSignature", timestamp, err)
		}
	}
}

func TestVerify_errorsShowNoSecret(t *testing.T) {
	t.Parallel()
	key := auth.NewSecret(keyText)
	for _, timestamp := range []string{"2017-03-09T17:40:00-08:00", "yesterday"} {
		st := auth.Stamp{UserID: "example_user", Signature: auth.Sign("example_user", key, timestamp), Timestamp: timestamp}
		err := auth.Verify(st, key, time.Now(), window)
		if err == nil {
			t.Fatal("verified")
		}
		requireHidden(t, err.Error(), keyText)
		requireHidden(t, err.Error(), st.Signature)
	}
}

func FuzzVerify(f *testing.F) {
	for _, v := range vectors(f) {
		f.Add(v.user, v.key, v.timestamp, v.signature, int64(1489110000))
	}
	f.Add("", "", "", "", int64(0))
	f.Fuzz(func(t *testing.T, user, key, timestamp, signature string, unix int64) {
		mac := hmac.New(sha1.New, []byte(key))
		fmt.Fprint(mac, timestamp, user)
		want := fmt.Sprintf("%x", mac.Sum(nil))
		at, errAt := auth.ParseTimestamp(timestamp)
		now := time.Unix(unix, 0)

		st := auth.Stamp{UserID: user, Signature: signature, Timestamp: timestamp}
		err := auth.Verify(st, auth.NewSecret(key), now, window)
		if err == nil && (signature != want || key == "" || errAt != nil || now.Sub(at).Abs() > window) {
			t.Errorf("verified: %q %q %q at %v", user, timestamp, signature, now)
		}
		if (signature != want || key == "") && !errors.Is(err, auth.ErrBadSignature) {
			t.Errorf("wrong signature: error %v", err)
		}

		// The right signature verifies at its own moment; one changed digit does not.
		st.Signature = want
		err = auth.Verify(st, auth.NewSecret(key), at, 0)
		if key != "" && fmt.Sprint(err) != fmt.Sprint(errAt) {
			t.Errorf("right signature: error %v, want %v", err, errAt)
		}
		digit := []byte(want)
		digit[len(signature)%40] ^= 1
		st.Signature = string(digit)
		if err := auth.Verify(st, auth.NewSecret(key), at, window); !errors.Is(err, auth.ErrBadSignature) {
			t.Errorf("changed signature: error %v", err)
		}
	})
}
