package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

func TestNew_endpoint(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"https://account.mktoapi.com/soap/mktows/2_7":        "",
		"https://account.mktoapi.com/soap/mktows/2_7/":       "",
		"https://account.mktoapi.com:8443/soap/mktows/3_1//": "",
		"HTTPS://account.mktoapi.com/soap/mktows/1_4":        "",
		"https://proxy.example.com/a/b/2_0":                  "",
		"http://localhost:8080/soap/mktows/2_7":              "",
		"http://LocalHost/soap/mktows/2_7":                   "",
		"http://127.8.9.10/soap/mktows/2_7":                  "",
		"http://[::1]:8080/soap/mktows/2_7":                  "",
		"":                                                   "looks like https://ACCOUNT.mktoapi.com/soap/mktows/2_7",
		"account.mktoapi.com/soap/mktows/2_7":                "looks like https://",
		"ftp://account.mktoapi.com/soap/mktows/2_7":          "looks like https://",
		"https:///soap/mktows/2_7":                           "looks like https://",
		"https://:443/soap/mktows/2_7":                       "looks like https://",
		"https://account.mktoapi.com":                        "ends after the host: its path and version are missing; one looks like https://",
		"https://account.mktoapi.com/":                       "ends after the host",
		".":                                                  "not a web address, which begins with https://",
		"https://account.mktoapi.com:99999/soap/mktows/2_7":  "not a number from 1 to 65535",
		"https://account.mktoapi.com:0/soap/mktows/2_7":      "not a number from 1 to 65535",
		"https://account.mktoapi.com/soap/mktows":            `"mktows" is not a version`,
		"https://account.mktoapi.com/soap/mktows/0_0":        `"0_0" is not a version of the API`,
		"https://account.mktoapi.com/soap/mktows/4_0":        "client: the endpoint has to end in a version that is known: version 4_0 of the API is not known; the last one was 3_1; an endpoint looks like https://",
		"https://account.mktoapi.com/soap/mktows/2_7?WSDL":   "give it without",
		"https://account.mktoapi.com/soap/mktows/2_7?":       "give it without",
		"https://account.mktoapi.com/soap/mktows/2_7#a":      "fragment",
		"http://account.mktoapi.com/soap/mktows/2_7":         "WithInsecureHTTP",
		"http://localhost.example.com/soap/mktows/2_7":       "use https",
		"http://10.0.0.1/soap/mktows/2_7":                    "use https",
		"https://user:hunter2@a.example.com/2_7":             "user name or password",
		"https://user:hunter2@a.example.com:hunter2/2_7":     "not a URL",
		"https://user:hunter2@a.exa mple.com/2_7":            "not a URL",
	} {
		_, err := New(endpoint, credentials)
		switch {
		case want == "" && err != nil:
			t.Errorf("%q: %v", endpoint, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: error %v, expected %q in it", endpoint, err, want)
		case err != nil && strings.Contains(err.Error(), "hunter2"):
			t.Errorf("the error shows a password: %v", err)
		}
	}
	if _, err := New("http://10.0.0.1/soap/mktows/2_7", credentials, WithInsecureHTTP()); err != nil {
		t.Errorf("WithInsecureHTTP: %v", err)
	}
}

func TestNew_joinsAllMistakes(t *testing.T) {
	t.Parallel()
	_, err := New("http://mktows.example.com/soap/mktows/2_7",
		auth.Credentials{Key: auth.NewSecret(" " + key), PartnerID: "partner"},
		nil,
		WithHTTPClient(nil), WithProxy(nil), WithDial(nil), WithLimiter(nil), WithLogger(nil), WithClock(nil), WithLocation(nil),
		WithUserAgent("a\r\nb"), WithUserAgent(""),
		WithMaxBody(0), WithTimeout(-time.Second),
		WithRetry(RetryPolicy{MaxAttempts: -1}), WithRetry(RetryPolicy{FirstWait: -1}), WithRetry(RetryPolicy{MaxWait: -1}),
		WithRetry(RetryPolicy{FirstWait: time.Minute, MaxWait: time.Second}),
		WithOptions(WithLimits(Limits{Calls: -2, Per: -1, Concurrent: -2}), nil), WithLimits(Limits{Daily: 500}), WithLimits(Limits{Reserve: 5}),
		WithInterceptors(func(next Handler) Handler { return next }, nil))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"use https", "version 2_7 has no place for a partner id: use an endpoint that ends in 3_1",
		"user id is empty", "secret key starts or ends with white space",
		"option 1 is nil", "option 2 is nil", "WithHTTPClient: ", "WithProxy: ", "WithDial: ", "WithLimiter: ", "WithLogger: ", "WithClock: ", "WithLocation: ",
		"WithUserAgent: ", "WithMaxBody: the bound is 0, must be at least 1", "WithTimeout: the time is -1s, must be at least 1ns",
		"WithRetry: MaxAttempts is -1, must be at least 0", "FirstWait is -1ns", "MaxWait is -1ns",
		"FirstWait is 1m0s, must be at most MaxWait, 1s",
		"WithLimits: limits: Calls: -2 is less than -1", "Per: -1ns is negative", "Concurrent: -2 is less than -1", "keeps neither Daily nor Reserve", "interceptor 2 is nil",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in:\n%v", want, err)
		}
	}
	if strings.Contains(err.Error(), key) {
		t.Errorf("the key is shown:\n%v", err)
	}
}

func TestPartnerID_isSent(t *testing.T) {
	t.Parallel()
	s := start(t, answer)
	c, err := New(s.url, auth.Credentials{UserID: userID, Key: credentials.Key, PartnerID: "partner_1"},
		WithInsecureHTTP(), WithDial(s.dial), WithoutLimits())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	if err := call(t.Context(), c, "getLead"); err != nil {
		t.Fatal(err)
	}
	if got := s.requests()[0].stamp.PartnerId; got != gen.Some("partner_1") {
		t.Errorf("partner id %v", got)
	}
}

func TestOptions_onTheWire(t *testing.T) {
	t.Parallel()
	s := start(t, answer)
	now := time.Date(2017, 3, 10, 1, 40, 0, 0, time.UTC)
	c := s.client(t, WithOptions(WithClock(func() time.Time { return now }), WithUserAgent("my program/1.0")),
		WithLocation(time.FixedZone("", -8*3600)))
	if err := call(t.Context(), c, "getLead"); err != nil {
		t.Fatal(err)
	}
	x := s.requests()[0]
	want := gen.AuthenticationHeaderInfo{
		MktowsUserId:     userID,
		RequestSignature: "0176853b8471c6d4477206402d7d6e21826d6ebd",
		RequestTimestamp: "2017-03-09T17:40:00-08:00",
	}
	if diff := cmp.Diff(want, x.stamp); diff != "" || x.header.Get("User-Agent") != "my program/1.0" {
		t.Errorf("User-Agent %q, stamp %s", x.header.Get("User-Agent"), diff)
	}
}

func TestWithProxy(t *testing.T) {
	t.Parallel()
	s := start(t, answer)
	asked := make(chan string, 1)
	c := s.client(t, WithProxy(func(r *http.Request) (*url.URL, error) {
		asked <- r.URL.Host
		return nil, nil //nolint:nilnil // no proxy, by the contract of http.Transport
	}))
	if err := call(t.Context(), c, "getLead"); err != nil || !strings.Contains(s.url, <-asked) {
		t.Errorf("error %v", err)
	}
}

func TestRequest_thatCannotBeWritten(t *testing.T) {
	t.Parallel()
	s := start(t, answer)
	c := s.client(t)
	_, err := c.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefEMAIL, KeyValue: "a\x00"}})
	checkOpError(t, err, "getLead", 0)
	if !strings.Contains(err.Error(), "paramsGetLead.leadKey.keyValue") {
		t.Errorf("the error does not name the field: %v", err)
	}
	for _, in := range []*gen.ParamsSyncLead{nil, {}} {
		if _, err := c.SyncLead(t.Context(), in); err == nil {
			t.Error("no error")
		}
	}
	if len(s.requests()) != 0 {
		t.Error("something was sent")
	}
}

// note records the order in which interceptors act.
func note(log *[]string, name string) Interceptor {
	return func(next Handler) Handler {
		return func(ctx context.Context, call *Call) error {
			*log = append(*log, name+" before")
			err := next(ctx, call)
			*log = append(*log, fmt.Sprintf("%s after attempt %d, HTTP %d", name, call.Attempt, call.HTTPStatus))
			return err
		}
	}
}

func TestInterceptors_order(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var log []string
		s := start(t, refuse(500, 20011), answer)
		c := s.client(t, WithInterceptors(note(&log, "a"), note(&log, "b")), WithInterceptors(note(&log, "c")))
		if err := call(t.Context(), c, "getLead"); err != nil {
			t.Fatal(err)
		}
		want := []string{"a before", "b before", "c before",
			"c after attempt 2, HTTP 200", "b after attempt 2, HTTP 200", "a after attempt 2, HTTP 200"}
		if diff := cmp.Diff(want, log); diff != "" {
			t.Error(diff)
		}
	})
}

func TestInterceptors_callIsDescribed(t *testing.T) {
	bubble(t, func(t *testing.T) {
		var seen Call
		s := start(t, late(3*time.Second, answer))
		c := s.client(t, WithInterceptors(func(next Handler) Handler {
			return func(ctx context.Context, call *Call) error {
				err := next(ctx, call)
				seen = *call
				return err
			}
		}))
		begin := time.Now()
		out, err := c.GetTags(t.Context(), &gen.ParamsGetTags{})
		want := Call{
			Server:  strings.Split(s.url, "/")[2],
			Spec:    Spec{"getTags", "http://www.marketo.com/mktows/getTags", fault.ReadOnly},
			Attempt: 1, Req: &gen.ParamsGetTags{}, Res: out,
			HTTPStatus: 200, Sent: begin, Received: begin.Add(3 * time.Second),
		}
		if diff := cmp.Diff(want, seen); err != nil || diff != "" {
			t.Errorf("error %v, %s", err, diff)
		}
	})
}

func TestInterceptors_canChangeACall(t *testing.T) {
	t.Parallel()
	mine := errors.New("not today")
	for name, test := range map[string]struct {
		interceptor Interceptor
		want        string // in the error's text; empty: success
		requests    int
	}{
		"another request": {func(next Handler) Handler {
			return func(ctx context.Context, call *Call) error {
				call.Req = &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "4711"}}
				return next(ctx, call)
			}
		}, "", 1},
		"a request of another operation": {func(next Handler) Handler {
			return func(ctx context.Context, call *Call) error {
				call.Req = &gen.ParamsGetTags{}
				return next(ctx, call)
			}
		}, "expected a paramsGetLead", 0},
		"no request": {func(next Handler) Handler {
			return func(ctx context.Context, call *Call) error { return next(ctx, &Call{Spec: call.Spec}) }
		}, "expected a paramsGetLead", 0},
		"no place for the answer": {func(next Handler) Handler {
			return func(ctx context.Context, call *Call) error {
				return next(ctx, &Call{Spec: call.Spec, Req: call.Req})
			}
		}, "expected a successGetLead", 0},
		"another operation": {func(next Handler) Handler {
			return func(ctx context.Context, call *Call) error {
				call.Spec.Operation = "getLeads"
				return next(ctx, call)
			}
		}, "not an operation", 0},
		"another place for the answer": {func(next Handler) Handler {
			return func(ctx context.Context, call *Call) error {
				call.Res = &gen.SuccessGetLead{}
				return next(ctx, call)
			}
		}, "fill it in place", 1},
		"refuse": {func(Handler) Handler { return func(context.Context, *Call) error { return mine } }, "getLead: not today", 0},
		"answer": {func(Handler) Handler {
			return func(_ context.Context, call *Call) error {
				call.Res.(*gen.SuccessGetLead).Result = &gen.ResultGetLead{Count: 7}
				return nil
			}
		}, "", 0},
		"wrap": {func(next Handler) Handler {
			return func(ctx context.Context, call *Call) error { return errors.Join(next(ctx, call), mine) }
		}, "not today", 1},
		"twice": {func(next Handler) Handler {
			return func(ctx context.Context, call *Call) error { return errors.Join(next(ctx, call), next(ctx, call)) }
		}, "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, answer)
			err := call(t.Context(), s.client(t, WithInterceptors(test.interceptor)), "getLead")
			if n := len(s.requests()); n != test.requests {
				t.Errorf("%d requests, expected %d", n, test.requests)
			}
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error %v, expected %q in it", err, test.want)
			}
			if err != nil && !errors.As(err, new(*fault.OpError)) && !errors.Is(err, mine) {
				t.Errorf("error %v is no OpError", err)
			}
		})
	}
}

// An interceptor that knows better can say that a write may be repeated.
func TestInterceptors_canSetSafety(t *testing.T) {
	bubble(t, func(t *testing.T) {
		s := start(t, hangUp(""), answer)
		c := s.client(t, WithInterceptors(func(next Handler) Handler {
			return func(ctx context.Context, call *Call) error {
				call.Spec.Safety = fault.Idempotent
				return next(ctx, call)
			}
		}))
		if err := call(t.Context(), c, "syncLead"); err != nil {
			t.Error(err)
		}
	})
}

// An interceptor can be tested without a client, a server or a connection.
func TestInterceptors_withACallOfTheTest(t *testing.T) {
	t.Parallel()
	var log []string
	h := chain([]Interceptor{note(&log, "a")}, func(context.Context, *Call) error { return fault.ErrQuota })
	err := h(t.Context(), &Call{Spec: Spec{Operation: "getLead"}, Attempt: 3})
	if !errors.Is(err, fault.ErrQuota) || !slices.Equal(log, []string{"a before", "a after attempt 3, HTTP 0"}) {
		t.Errorf("error %v, log %q", err, log)
	}
}

func TestClient_string(t *testing.T) {
	t.Parallel()
	c, err := New("https://mktows.example.com/soap/mktows/2_7//", credentials) // sent without the slashes
	if err != nil {
		t.Fatal(err)
	}
	want := `client.Client(https://mktows.example.com/soap/mktows/2_7 as "example_user")`
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, c); got != want {
			t.Errorf("%s: %s", verb, got)
		}
	}
}

// The mark tells instances and users apart, whatever the version is, and not who they are.
func TestClient_cursorMark(t *testing.T) {
	t.Parallel()
	mark := func(endpoint, user string) string {
		c, err := New(endpoint, auth.Credentials{UserID: user, Key: auth.NewSecret(key)})
		if err != nil {
			t.Fatal(err)
		}
		return c.CursorMark()
	}
	const endpoint = "https://a.example.com/soap/mktows/2_7"
	own := mark(endpoint, userID)
	if len(own) != 8 || strings.Contains(own, userID) {
		t.Errorf("mark %q", own)
	}
	for _, same := range []string{"https://A.example.com/soap/mktows/3_1", "https://a.example.com:443/soap/mktows/2_7/"} {
		if got := mark(same, userID); got != own {
			t.Errorf("%s: %q, expected %q", same, got, own)
		}
	}
	others := []string{
		mark("https://b.example.com/soap/mktows/2_7", userID), mark("https://a.example.com:8443/soap/mktows/2_7", userID), mark(endpoint, "example_user2"),
	}
	for _, other := range others {
		if other == own {
			t.Errorf("another instance or user has the same mark %q", other)
		}
	}
}

// An answer that an interceptor puts elsewhere is lost: of a write nobody knows the outcome then.
func TestInterceptor_replacesTheAnswer(t *testing.T) {
	t.Parallel()
	for operation, write := range map[string]bool{"getLead": false, "mergeLeads": true} {
		replace := func(next Handler) Handler {
			return func(ctx context.Context, c *Call) error {
				c.Res = gen.OperationByName(operation).NewOutput()
				return next(ctx, c)
			}
		}
		err := call(t.Context(), start(t, answer).client(t, WithInterceptors(replace)), operation)
		checkOpError(t, err, operation, 1)
		if errors.Is(err, fault.ErrUnknownOutcome) != write || !strings.Contains(err.Error(), "has replaced Call.Res") {
			t.Errorf("%s: %v", operation, err)
		}
	}
}
