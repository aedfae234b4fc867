package client

import (
	"errors"
	"net/http"
	"strings"
	"sync"
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

// dateAhead puts a Date on an answer that is ahead of the test's clock by that much.
func dateAhead(d time.Duration, then reply) reply {
	return func(w http.ResponseWriter, x *exchange) {
		w.Header().Set("Date", time.Now().Add(d).UTC().Format(http.TimeFormat))
		then(w, x)
	}
}

// punctual refuses stamps that are further from the test's clock than a minute. It says
// nothing of the date.
func punctual(w http.ResponseWriter, x *exchange) {
	stamp, err := auth.ParseTimestamp(x.stamp.RequestTimestamp)
	if err != nil || time.Since(stamp).Abs() > time.Minute {
		refuse(500, fault.CodeRequestExpired)(w, x)
		return
	}
	answer(w, x)
}

// A Date that does not help is forgotten: it may be that of a proxy with a wrong clock.
func TestExpired_wrongDateIsForgotten(t *testing.T) {
	tests := map[string]struct {
		option Option
		want   []error // of the calls
	}{
		"repeating":     {WithOptions(), []error{fault.ErrExpired, nil, nil}},
		"not repeating": {WithoutRetry(), []error{fault.ErrExpired, fault.ErrExpired, nil, nil}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := start(t, dateAhead(time.Hour, refuse(500, fault.CodeRequestExpired)), dateAhead(time.Hour, punctual))
				c := s.client(t, test.option)
				for i, want := range test.want {
					if err := call(t.Context(), c, "mergeLeads"); !errors.Is(err, want) {
						t.Errorf("call %d: error %v, expected %v", i+1, err, want)
					}
				}
				checkStamp(t, s.requests()[1], time.Hour) // tried once
				for _, x := range s.requests()[2:] {
					checkStamp(t, x, 0)
				}
			})
		})
	}
}

// While one call tries a correction, others are signed without it: it may be that of a proxy.
func TestExpired_neighboursOfATrial(t *testing.T) {
	tests := map[string]struct {
		ahead   time.Duration // of the service's clock; the Date is always an hour ahead
		trying  error
		stamped time.Duration // how the calls after it are signed
	}{
		"wrong": {0, fault.ErrExpired, 0},
		"right": {time.Hour, nil, time.Hour},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				slow := late(10*time.Second, dateAhead(time.Hour, expireUnlessWithin(test.ahead)))
				s := start(t, dateAhead(time.Hour, refuse(500, fault.CodeRequestExpired)), slow, answer)
				c := s.client(t)
				done := make(chan error, 1)
				go func() { done <- call(t.Context(), c, "mergeLeads") }()
				for range 3 {
					time.Sleep(time.Second)
					if err := call(t.Context(), c, "mergeLeads"); err != nil {
						t.Errorf("a neighbour: %v", err)
					}
				}
				if err := <-done; !errors.Is(err, test.trying) {
					t.Errorf("error %v, expected %v", err, test.trying)
				}
				if err := call(t.Context(), c, "mergeLeads"); err != nil {
					t.Error(err)
				}
				for i, want := range []time.Duration{0, time.Hour, 0, 0, 0, test.stamped} {
					checkStamp(t, s.requests()[i], want)
				}
			})
		})
	}
}

// A correction of which a call has learnt nothing is for one later call to try, not for several.
func TestExpired_trialOfALaterCall(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, dateAhead(time.Hour, refuse(500, fault.CodeRequestExpired)), late(time.Second, answer))
		c := s.client(t, WithoutRetry())
		if err := call(t.Context(), c, "getLead"); !errors.Is(err, fault.ErrExpired) {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if err := call(t.Context(), c, "getLead"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		tried := 0
		for _, x := range s.requests()[1:] {
			if stamp, err := auth.ParseTimestamp(x.stamp.RequestTimestamp); err != nil || stamp.Sub(x.at) > time.Minute {
				tried++
			}
		}
		if tried != 1 {
			t.Errorf("%d calls tried the correction", tried)
		}
	})
}

// A Date that no clock shows corrects nothing and is no difference of clocks to be told of.
func TestExpired_absurdDate(t *testing.T) {
	for _, date := range []string{
		"Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "Sat, 01 Jan 0000 00:00:00 GMT", "Tue, 01 Jan 2250 00:00:00 GMT",
	} {
		t.Run(date, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := start(t, withHeader("Date", date, refuse(500, fault.CodeRequestExpired)))
				c := s.client(t)
				err := call(t.Context(), c, "getLead")
				checkOpError(t, err, "getLead", 2)
				var expired *fault.ExpiredError
				if !errors.As(err, &expired) || !expired.ServerTime.IsZero() || strings.Contains(err.Error(), "the server's clock:") {
					t.Errorf("error %v", err)
				}
				for _, x := range s.requests() {
					checkStamp(t, x, 0)
				}
				if c.untried.Load() != nil || c.fix.Load() != nil {
					t.Error("something was learnt")
				}
				s = start(t, withHeader("Date", date, answer))
				c = s.client(t)
				if err := call(t.Context(), c, "getLead"); err != nil || c.seen.Load() != nil {
					t.Errorf("believed %v, error %v", c.seen.Load(), err)
				}
			})
		})
	}
}

// A correction that worked is in doubt as the clock itself is, when a request is found expired
// later: the machine's clock may have been set right.
func TestExpired_clockSetRightLater(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wrong := -time.Hour
		s := start(t, expireUnlessWithin(0))
		c := s.client(t, WithClock(func() time.Time { return time.Now().Add(wrong) }))
		for _, wrong = range []time.Duration{-time.Hour, 0, 30 * time.Hour} {
			for range 2 {
				if err := call(t.Context(), c, "mergeLeads"); err != nil {
					t.Errorf("clock %s ahead: %v", wrong, err)
				}
			}
		}
		if n := len(s.requests()); n != 9 {
			t.Errorf("%d requests, expected one repetition for each change", n)
		}
	})
}

// A correction that worked, a proxy's Date and a clock that was set right meanwhile: in the end
// the machine's own clock is asked again.
func TestExpired_wrongDateAfterACorrection(t *testing.T) {
	bubble(t, func(t *testing.T) {
		wrong := -time.Hour
		s := start(t, expireUnlessWithin(0), expireUnlessWithin(0), dateAhead(5*time.Hour, punctual))
		c := s.client(t, WithClock(func() time.Time { return time.Now().Add(wrong) }))
		if err := call(t.Context(), c, "mergeLeads"); err != nil {
			t.Fatal(err)
		}
		wrong = 0
		for i, want := range []error{fault.ErrExpired, nil} {
			if err := call(t.Context(), c, "mergeLeads"); !errors.Is(err, want) {
				t.Errorf("call %d: error %v, expected %v", i+1, err, want)
			}
		}
	})
}

// Where both clocks show the same, the Date does not explain the refusal, as when a request
// was held up on its way.
func TestExpired_dateThatExplainsNothing(t *testing.T) {
	tests := map[string]struct {
		ahead, took time.Duration // of the date, at the end of an exchange of that length
		want        time.Duration // the correction
	}{
		"equal":                        {0, 0, 0},
		"cut to the second":            {-900 * time.Millisecond, 0, 0},
		"answered early":               {-80 * time.Second, 80 * time.Second, 0},
		"answered late":                {0, 80 * time.Second, 0},
		"two seconds before":           {-2 * time.Second, 0, -2 * time.Second},
		"before the sending":           {-90 * time.Second, 80 * time.Second, -90 * time.Second},
		"a second after the receiving": {time.Second, 80 * time.Second, time.Second},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				s := start(t, late(test.took, dateAhead(test.ahead, refuse(500, fault.CodeRequestExpired))))
				c := s.client(t, WithoutRetry())
				if err := call(t.Context(), c, "getLead"); !errors.Is(err, fault.ErrExpired) {
					t.Fatal(err)
				}
				var got time.Duration
				if next := c.untried.Load(); next != nil {
					got = next.fix.by
				}
				if c.fix.Load() != nil {
					t.Error("an unproven correction is in force")
				}
				if got != test.want {
					t.Errorf("correction of %s, expected %s", got, test.want)
				}
			})
		})
	}
}

// Calls that meet the same wrong clock at the same time do not undo what one of them learnt.
func TestExpired_manyAtOnce(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, late(time.Second, expireUnlessWithin(time.Hour)))
		c := s.client(t)
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 300 * time.Millisecond)
				if err := call(t.Context(), c, "mergeLeads"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}
