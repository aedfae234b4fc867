package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/mktowstest"
)

// What Identity is asked: by POST, with the secret in the form and in no address.
func TestToken_request(t *testing.T) {
	t.Parallel()
	s := &service{t: t, answer: always(200, empty)}
	c := s.client(once)
	for range 3 {
		if err := aRead(t.Context(), c); err != nil {
			t.Fatal(err)
		}
	}
	if calls, grants := s.count(); calls != 3 || grants != 1 {
		t.Fatalf("%d calls, %d of Identity", calls, grants)
	}
	asked := s.grants[0]
	form, err := url.ParseQuery(asked.body)
	if err != nil || asked.method != "POST" || asked.uri != "/identity/oauth/token" || asked.token != "" ||
		form.Get("grant_type") != "client_credentials" || form.Get("client_id") != clientID || form.Get("client_secret") != clientSecret {
		t.Errorf("%+v", asked)
	}
	for _, one := range s.calls {
		if one.token != "token-one" || strings.Contains(one.uri, "token") {
			t.Errorf("%+v", one)
		}
	}
}

// A token is used until it has expired, and not a second less: Identity gives out the same one until then.
func TestToken_life(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := mktowstest.NewServer(t, mktowstest.WithoutLimits())
		c := against(t, s)
		call := func(after time.Duration, grants int) {
			t.Helper()
			s.Clock().Advance(after)
			if err := aRead(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			s.RequireCalls(t, "POST /identity/oauth/token", grants)
		}
		call(0, 1)
		call(59*time.Minute, 1)
		call(59*time.Second, 1)
		call(2*time.Second, 2)
	})
}

// A token that the service takes no more is fetched anew, and the call repeated, whatever it is.
func TestToken_refused(t *testing.T) {
	t.Parallel()
	calls := map[string]func(context.Context, *rest.Client) error{"read": aRead, "write": aWrite}
	for name, call := range calls {
		for _, code := range []string{"601", "602"} {
			t.Run(name+" "+code, func(t *testing.T) {
				t.Parallel()
				s := &service{t: t}
				s.answer = func(one sent, _ int) (*http.Response, error) {
					if one.token == "token-1" {
						return reply(200, failing(code)), nil
					}
					return reply(200, empty), nil
				}
				s.grant = func(_ sent, n int) (*http.Response, error) {
					return reply(200, grantOf(fmt.Sprint("token-", n), 3600)), nil
				}
				if err := call(t.Context(), s.client(once)); err != nil {
					t.Fatal(err)
				}
				if calls, grants := s.count(); calls != 2 || grants != 2 {
					t.Errorf("%d calls, %d of Identity", calls, grants)
				}
			})
		}
	}
}

// There is no loop: neither where Identity gives the refused token again, nor where the next one is
// refused too.
func TestToken_refusedForEver(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		token func(n int) string
		calls int
	}{
		"the same token": {func(int) string { return "token-one" }, 1},
		"another token":  {func(n int) string { return fmt.Sprint("token-", n) }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &service{t: t, answer: always(200, failing("601"))}
			s.grant = func(_ sent, n int) (*http.Response, error) { return reply(200, grantOf(test.token(n), 3600)), nil }
			err := aWrite(t.Context(), s.client(withoutLimits))
			var auth *fault.AuthenticationError
			if !errors.As(err, &auth) || !errors.Is(err, fault.CodeAuthenticationFailed) || !errors.Is(err, fault.RESTCode(601)) {
				t.Error(err)
			}
			var call *rest.CallError
			if !errors.As(err, &call) || call.Unknown {
				t.Errorf("a refused write was not carried out: %v", err)
			}
			if calls, grants := s.count(); calls != test.calls || grants != 2 {
				t.Errorf("%d calls, %d of Identity", calls, grants)
			}
		})
	}
}

// All who need a token wait for one fetch.
func TestToken_oneFetch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{t: t, answer: always(200, empty)}
		s.grant = func(sent, int) (*http.Response, error) {
			time.Sleep(time.Second)
			return reply(200, grantOf("token-one", 3600)), nil
		}
		c := s.client(withoutLimits)
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				if err := aRead(t.Context(), c); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
		if calls, grants := s.count(); calls != 20 || grants != 1 {
			t.Errorf("%d calls, %d of Identity", calls, grants)
		}
	})
}

// An Identity that hangs keeps nobody longer than the own deadline, and nothing is sent for who is gone.
func TestToken_hangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{t: t, answer: always(200, empty)}
		c := s.client(withoutLimits, func(c *rest.Config) {
			c.HTTP = &http.Client{Transport: hanging{s}}
		})
		begin := time.Now()
		short, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		defer cancel()
		patient := make(chan time.Duration)
		go func() {
			longer, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			_ = aRead(longer, c)
			patient <- time.Since(begin)
		}()
		if err := aWrite(short, c); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 200*time.Millisecond {
			t.Errorf("after %s: %v", time.Since(begin), err)
		}
		if took := <-patient; took != time.Second {
			t.Errorf("the other one waited %s", took)
		}
		synctest.Wait() // the fetch has ended too
		if calls, _ := s.count(); calls != 0 {
			t.Errorf("%d calls", calls)
		}
	})
}

// hanging is a service whose Identity never answers.
type hanging struct{ *service }

func (h hanging) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/identity/") {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	return h.service.RoundTrip(r)
}

// An Identity that hangs is asked again, within the bounds of the attempts.
func TestToken_hangsForEver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{t: t, answer: always(200, empty)}
		c := s.client(withoutLimits, func(c *rest.Config) {
			c.HTTP, c.Retry.MaxAttempts = &http.Client{Transport: hanging{s}}, 3
		})
		begin := time.Now()
		err := aWrite(t.Context(), c)
		var call *rest.CallError
		if !errors.As(err, &call) || call.Unknown || call.Attempts != 0 || !strings.Contains(err.Error(), "no token from Identity within 30s") {
			t.Error(err)
		}
		if took := time.Since(begin); took < 90*time.Second || took > 100*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

// What else Identity may answer, and what becomes of it. Nothing that is said shows the client.
func TestToken_answers(t *testing.T) {
	t.Parallel()
	refused := `{"error":"unauthorized","error_description":"No client with requested id: ` + clientID + `"}`
	for name, test := range map[string]struct {
		status int
		body   string
		is     error
		text   string
		tries  int
	}{
		"unknown client":  {401, refused, fault.CodeAuthenticationFailed, "No client with requested id: [redacted]", 1},
		"in escapes":      {401, strings.ReplaceAll(refused, "-", `\u002d`), fault.ErrAuth, "No client with requested id: [redacted]", 1},
		"in capitals":     {401, strings.ReplaceAll(refused, clientID, strings.ToUpper(clientID)), fault.ErrAuth, "No client with requested id: [redacted]", 1},
		"in an envelope":  {200, `{"success":false,"errors":[{"code":"610","message":"` + strings.ReplaceAll(clientID, "-", `\u002d`) + `"}]}`, fault.RESTCode(610), "[redacted]", 1},
		"wrong secret":    {401, `{"error":"unauthorized","error_description":"Bad client credentials"}`, fault.ErrAuth, "Bad client credentials", 1},
		"refused in 200":  {200, refused, fault.RESTCode(401), "check the client id", 1},
		"unavailable":     {200, failing("608"), fault.RESTCode(608), "608", 3},
		"too many calls":  {200, failing("606"), fault.ErrRateLimited, "606", 3},
		"page of a proxy": {200, "<html>log in " + clientSecret, nil, "HTTP 200 with text/html instead of JSON", 1},
		"bad gateway":     {502, "<html>", fault.ErrServer, "HTTP 502", 3},
		"service busy":    {503, "<html>", fault.ErrServer, "HTTP 503", 3},
		"no token":        {200, `{"expires_in":7}`, nil, "the answer has none", 1},
		"half a document": {200, `{"access_token":"t`, nil, "no token", 1},
		"token of lines":  {200, `{"access_token":"t\nx: y","expires_in":7}`, nil, "cannot be sent", 1},
		"escaped id":      {400, `{"error":"unauthorized","error_description":"No client with requested id: \u0031` + clientID[1:] + `"}`, fault.ErrAuth, "[redacted]", 1},
		"escaped secret":  {403, `<html>You sent ` + url.QueryEscape(clientSecret), nil, "HTTP 403", 1},
		"nothing":         {200, "", nil, "HTTP 200", 1},
		"redirect":        {302, "", nil, "HTTP 302", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{t: t, answer: always(200, empty), grant: always(test.status, test.body)}
				err := aRead(t.Context(), s.client(withoutLimits, func(c *rest.Config) { c.Retry.MaxAttempts = 3 }))
				if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.text) {
					t.Errorf("%v", err)
				}
				if text := fmt.Sprintf("%v %+v %#v", err, err, err); strings.Contains(strings.ToLower(text), clientID) || strings.Contains(text, clientSecret) || strings.Contains(text, url.QueryEscape(clientSecret)) {
					t.Errorf("it shows the client: %s", text)
				}
				if calls, grants := s.count(); calls != 0 || grants != test.tries {
					t.Errorf("%d calls, %d of Identity, want %d", calls, grants, test.tries)
				}
			})
		})
	}
}

// How long a token is good, whatever Identity says of it: as long as any where that makes no sense, and not
// longer. Half a minute before the end it is still the one.
func TestToken_lives(t *testing.T) {
	t.Parallel()
	for left, want := range map[string]time.Duration{
		`60`: time.Minute, `"60"`: time.Minute, `60.9`: time.Minute, `0`: 0, `-1`: 0, `-1e10`: 0, `-9223372036854775808`: 0,
		`3600`: time.Hour, `3601`: time.Hour, `1e300`: time.Hour, `99999999999999999999`: time.Hour, `"soon"`: time.Hour, `"NaN"`: time.Hour, `null`: time.Hour, `[]`: time.Hour, `{}`: time.Hour,
	} {
		t.Run(left, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{t: t, answer: always(200, empty), grant: func(sent, int) (*http.Response, error) {
					grant := reply(200, `{"access_token":"token-one","token_type":"bearer","expires_in":`+left+`}`)
					grant.Header.Set("Content-Type", "text/plain")
					return grant, nil
				}}
				c := s.client(withoutLimits)
				call := func() int {
					_, before := s.count()
					if err := aRead(t.Context(), c); err != nil {
						t.Fatal(err)
					}
					_, after := s.count()
					return after - before
				}
				call()
				time.Sleep(max(0, want-time.Second))
				if n := call(); (n == 0) != (want > 0) {
					t.Errorf("%d grants just before the end", n)
				}
				time.Sleep(time.Second)
				if call() == 0 {
					t.Errorf("it is used after %s", want)
				}
			})
		})
	}
}

// A client shows neither id nor secret, however it is printed.
func TestClient_showsNothing(t *testing.T) {
	t.Parallel()
	s := &service{t: t, answer: always(200, empty)}
	c := s.client(once)
	if err := aRead(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, c); strings.Contains(text, clientSecret) || strings.Contains(text, "token-one") {
			t.Errorf("%s: %s", format, text)
		}
	}
}
