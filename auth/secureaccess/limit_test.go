package secureaccess_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/auth/secureaccess"
	"github.com/mktows/mktows-go/internal/testing/clocktest"
)

// limited serves with a clock of its own; the user is whatever X-User says, nobody if empty.
type limited struct {
	handler *secureaccess.Handler
	clock   *clocktest.Clock
}

func newLimited(t *testing.T, opts ...secureaccess.HandlerOption) limited {
	t.Helper()
	c := clocktest.At(noon)
	hook := func(r *http.Request) (string, error) {
		if user := r.Header.Get("X-User"); user != "" {
			return user, nil
		}
		return "", secureaccess.ErrUnauthenticated
	}
	signer := newSigner(t, exampleSecret, secureaccess.WithClock(c.Now))
	h, err := secureaccess.NewHandler(signer, hook, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return limited{h, c}
}

func (l limited) ask(tb testing.TB, user, address string) *httptest.ResponseRecorder {
	tb.Helper()
	r := post("", jsonType, `{"deviceId":"device-7"}`)
	r.RemoteAddr = address
	r.Header.Set("X-User", user)
	return serve(tb, l.handler, r)
}

// expect asks and compares the status.
func (l limited) expect(t *testing.T, status int, user, address string) *httptest.ResponseRecorder {
	t.Helper()
	w := l.ask(t, user, address)
	if w.Code != status {
		t.Errorf("%q from %s: status %d, want %d: %s", user, address, w.Code, status, w.Body)
	}
	return w
}

func TestHandler_limitsEachUser(t *testing.T) {
	t.Parallel()
	l := newLimited(t, secureaccess.WithEmailLimit(secureaccess.Limit{Rate: rate.Every(10 * time.Second), Burst: 2}),
		secureaccess.WithAddressLimit(noLimit))
	l.expect(t, 200, ann, "192.0.2.1:1000")
	l.expect(t, 200, ann, "192.0.2.2:1000")
	w := l.expect(t, 429, ann, "192.0.2.3:1000") // another address does not help
	if got := w.Header().Get("Retry-After"); got != "10" {
		t.Errorf("Retry-After %q, want 10", got)
	}
	if code, _ := refusalOf(t, w); code != "rate_limited" {
		t.Errorf("code %q", code)
	}
	l.expect(t, 429, "ANN@example.com", "192.0.2.1:1000") // nor does another case
	l.expect(t, 200, "bob@example.com", "192.0.2.1:1000")

	l.clock.Advance(8500 * time.Millisecond)
	if got := l.expect(t, 429, ann, "192.0.2.1:1000").Header().Get("Retry-After"); got != "2" {
		t.Errorf("Retry-After %q, want 2: 1.5 s rounded up", got)
	}
	l.clock.Advance(1500 * time.Millisecond) // refused requests have not put the moment off
	l.expect(t, 200, ann, "192.0.2.1:1000")
	l.expect(t, 429, ann, "192.0.2.1:1000")
}

func TestHandler_limitsEachAddress(t *testing.T) {
	t.Parallel()
	l := newLimited(t, secureaccess.WithAddressLimit(secureaccess.Limit{Rate: rate.Every(time.Second), Burst: 2}),
		secureaccess.WithEmailLimit(noLimit))
	l.expect(t, 401, "", "192.0.2.1:1000")
	l.expect(t, 401, "", "192.0.2.1:1001")
	l.expect(t, 429, "", "192.0.2.1:1002") // guessing tokens is slow
	l.expect(t, 429, ann, "192.0.2.1:1003")
	l.expect(t, 200, ann, "192.0.2.2:1000")
	l.expect(t, 200, ann, "[2001:db8::1]:1000")
	l.expect(t, 200, ann, "[2001:db8::2]:1000")
	l.expect(t, 429, ann, "[2001:db8::3]:1000") // one subscriber, who has 2^64 addresses
	l.expect(t, 200, ann, "[2001:db8:0:1::1]:1000")
	l.clock.Advance(time.Second)
	l.expect(t, 200, ann, "192.0.2.1:1004")
}

func TestHandler_limitsByDefault(t *testing.T) {
	t.Parallel()
	l := newLimited(t)
	for range 10 {
		l.expect(t, 200, ann, "192.0.2.1:1000")
	}
	if got := l.expect(t, 429, ann, "192.0.2.1:1000").Header().Get("Retry-After"); got != "6" {
		t.Errorf("Retry-After %q, want 6", got)
	}
	for i := range 89 {
		l.expect(t, 200, fmt.Sprintf("user%d@example.com", i), "192.0.2.1:1000")
	}
	l.expect(t, 429, ann, "192.0.2.2:1000") // ninety users later she is not forgotten
	if got := l.expect(t, 429, "bob@example.com", "192.0.2.1:1000").Header().Get("Retry-After"); got != "1" {
		t.Errorf("Retry-After %q, want 1", got)
	}
}

func TestHandler_otherMethodsCostNothing(t *testing.T) {
	t.Parallel()
	l := newLimited(t, secureaccess.WithAddressLimit(secureaccess.Limit{Rate: 1, Burst: 1}))
	for range 3 {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = "192.0.2.1:1000"
		if w := serve(t, l.handler, r); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("status %d", w.Code)
		}
	}
	l.expect(t, 200, ann, "192.0.2.1:1000")
}

func TestHandler_forgetsTheClientUnseenForLongest(t *testing.T) {
	t.Parallel()
	l := newLimited(t, secureaccess.WithMaxClients(2),
		secureaccess.WithEmailLimit(secureaccess.Limit{Rate: rate.Every(time.Hour), Burst: 1}),
		secureaccess.WithAddressLimit(noLimit))
	const from = "192.0.2.1:1000"
	l.expect(t, 200, "a@example.com", from)
	l.expect(t, 200, "b@example.com", from)
	l.expect(t, 429, "a@example.com", from) // seen again: b is now the older one
	l.expect(t, 200, "c@example.com", from)
	l.expect(t, 429, "a@example.com", from)
	l.expect(t, 429, "c@example.com", from)
	l.expect(t, 200, "b@example.com", from) // was forgotten; now a is
	l.expect(t, 429, "c@example.com", from)
	l.expect(t, 200, "a@example.com", from)
}

func TestHandler_clientAddressBehindAProxy(t *testing.T) {
	t.Parallel()
	l := newLimited(t, secureaccess.WithClientAddress(secureaccess.ForwardedFor), secureaccess.WithEmailLimit(noLimit),
		secureaccess.WithAddressLimit(secureaccess.Limit{Rate: rate.Every(time.Hour), Burst: 1}))
	for _, c := range []struct {
		name      string
		forwarded []string
		status    int
	}{
		{"first client", []string{"198.51.100.7"}, 200},
		{"what the client put in front is not believed", []string{"203.0.113.1, 203.0.113.2, 198.51.100.7"}, 429},
		{"nor in a header of its own", []string{"203.0.113.2", "198.51.100.7"}, 429},
		{"with a port", []string{"198.51.100.7:4711"}, 429},
		{"IPv4 in IPv6", []string{"::ffff:198.51.100.7"}, 429},
		{"another client", []string{"203.0.113.1,198.51.100.8"}, 200},
		{"IPv6", []string{"2001:db8::1"}, 200},
		{"IPv6 with zone and port", []string{"[2001:db8::1%eth0]:4711"}, 429},
		{"no header", nil, 200},
		{"whatever is no address is one client", []string{"unknown"}, 429},
	} {
		r := post("", jsonType, `{"deviceId":"device-7"}`)
		r.Header.Set("X-User", ann)
		r.Header["X-Forwarded-For"] = c.forwarded
		if w := serve(t, l.handler, r); w.Code != c.status {
			t.Errorf("%s: status %d, want %d", c.name, w.Code, c.status)
		}
	}
}

func TestHandler_limitsAndSignsOnTheSignersClock(t *testing.T) {
	t.Parallel()
	l := newLimited(t, secureaccess.WithEmailLimit(secureaccess.Limit{Rate: rate.Every(time.Minute), Burst: 1}))
	first := l.expect(t, 200, ann, "192.0.2.1:1000").Body.String()
	l.clock.Advance(time.Minute)
	second := l.expect(t, 200, ann, "192.0.2.1:1000").Body.String()
	if first == second {
		t.Errorf("a minute later the same answer: %s", second)
	}
	secret := auth.NewSecret(exampleSecret)
	for at, body := range map[time.Time]string{noon: first, noon.Add(time.Minute): second} {
		sig := signatureIn(t, body)
		if err := secureaccess.Verify(sig, "device-7", secret, at); err != nil || !sig.Expires().Equal(at.Add(24*time.Hour)) {
			t.Errorf("%v: %v", sig, err)
		}
	}
}
