package client

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
)

func TestRetry_freshStampOnEachAttempt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, refuse(500, 20011), refuse(500, 20023), answer)
		if err := call(t.Context(), steady(s.client(t)), "getLead"); err != nil {
			t.Fatal(err)
		}
		seen := make(map[string]bool)
		for _, x := range s.requests() {
			seen[x.stamp.RequestSignature] = true
			checkStamp(t, x, 0)
		}
		if len(seen) != 3 {
			t.Errorf("%d different signatures in 3 attempts", len(seen))
		}
	})
}

// checkStamp checks that a request was signed in the second in which it came, by a clock
// that is wrong by that much.
func checkStamp(t *testing.T, x *exchange, wrong time.Duration) {
	t.Helper()
	stamp := auth.Stamp{UserID: x.stamp.MktowsUserId, Signature: x.stamp.RequestSignature, Timestamp: x.stamp.RequestTimestamp}
	if err := auth.Verify(stamp, credentials.Key, x.at.Add(wrong), time.Second); err != nil {
		t.Error(err)
	}
}

// The signature is made after the wait for a turn, not before.
func TestStamp_freshAfterWaitingForTheLimits(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, answer)
		c := s.client(t, WithLimits(Limits{Calls: 1, Per: time.Hour}))
		for range 3 {
			if err := call(t.Context(), c, "getLead"); err != nil {
				t.Fatal(err)
			}
		}
		for _, x := range s.requests() {
			checkStamp(t, x, 0)
		}
		hour := time.Hour + time.Hour/100
		if diff := cmp.Diff([]time.Duration{0, hour, 2 * hour}, moments(s)); diff != "" {
			t.Error(diff)
		}
	})
}

// expireUnlessWithin refuses stamps that are further from the service's clock than a
// minute, which is ahead of the test's by that much.
func expireUnlessWithin(ahead time.Duration) reply {
	return func(w http.ResponseWriter, x *exchange) {
		now := time.Now().Add(ahead)
		w.Header().Set("Date", now.UTC().Format(http.TimeFormat))
		stamp, err := auth.ParseTimestamp(x.stamp.RequestTimestamp)
		if err != nil || now.Sub(stamp).Abs() > time.Minute {
			refuse(500, fault.CodeRequestExpired)(w, x)
			return
		}
		answer(w, x)
	}
}

func TestExpired_learnsTheClockOfTheService(t *testing.T) {
	for _, ahead := range []time.Duration{time.Hour, -26 * time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := start(t, expireUnlessWithin(ahead))
				c := s.client(t)
				for range 2 {
					if err := call(t.Context(), c, "mergeLeads"); err != nil {
						t.Fatal(err)
					}
				}
				if diff := cmp.Diff(seconds(0, 0, 0), moments(s)); diff != "" {
					t.Errorf("expected one repetition, at once, in the first call only: %s", diff)
				}
				checkStamp(t, s.requests()[2], ahead)
			})
		})
	}
}

func TestExpired_twiceReportsTheSkew(t *testing.T) {
	bubble(t, func(t *testing.T) {
		date := time.Now().Add(90 * time.Minute).UTC().Format(http.TimeFormat)
		s := start(t, withHeader("Date", date, refuse(500, fault.CodeRequestExpired)))
		err := call(t.Context(), s.client(t), "getLead")
		checkOpError(t, err, "getLead", 2)
		var expired *fault.ExpiredError
		if !errors.As(err, &expired) {
			t.Fatalf("error %v is no ExpiredError", err)
		}
		if skew, ok := expired.Skew(); !ok || skew != -90*time.Minute {
			t.Errorf("skew %s, expected -90m", skew)
		}
	})
}

func TestExpired_withoutDate(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, withHeader("Date", "yesterday", refuse(200, fault.CodeRequestExpired)), answer)
		if err := call(t.Context(), s.client(t), "mergeLeads"); err != nil {
			t.Error(err)
		}
		checkStamp(t, s.requests()[1], 0)
	})
}
