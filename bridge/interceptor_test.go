package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/extract"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/mktowstest"
)

// seen notes calls as interceptors see them.
type seen struct {
	mu   sync.Mutex
	list []string
}

func (s *seen) interceptor(next bridge.Handler) bridge.Handler {
	return func(ctx context.Context, call *bridge.Call) error {
		err := next(ctx, call)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.list = append(s.list, fmt.Sprintf("%s: %s %s, %d attempts, HTTP %d, code %d, %t", call.Operation, call.Method, call.Path, call.Attempt, call.HTTPStatus, call.Code, err == nil))
		return err
	}
}

// Each call is seen once, with the operation that it is made for and no ids, in the order that the interceptors are given.
func TestWithInterceptors(t *testing.T) {
	t.Parallel()
	s, q := everyType(t)
	s.Inject(mktowstest.Rule{Operation: fileCall, Drop: mktowstest.DropHalfAnswer, Times: 1})
	s.Inject(mktowstest.Rule{Operation: "POST /rest/v1/leads/{leadId}/merge.json", Code: 1076})
	var first, second seen
	b := bridgeTo(t, s, bridge.WithInterceptors(first.interceptor), bridge.WithInterceptors(second.interceptor))
	job := jobOf(t, s, b.Extracts(), q)
	if _, err := recordsOf(t.Context(), b.Extracts(), job, 0); err != nil {
		t.Fatal(err)
	}
	_, _ = perform(t.Context(), b, &gen.ParamsMergeLeads{
		WinningLeadKeyList: &gen.ArrayOfAttribute{Attribute: []gen.Attribute{attribute("IDNUM", "318818")}},
		LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{{Attribute: []gen.Attribute{attribute("IDNUM", "318819")}}}},
	})
	for _, want := range []string{
		"createExtract: GET /rest/v1/activities/types.json, 1 attempts, HTTP 200, code 0, true",
		"createExtract: POST /bulk/v1/activities/export/create.json, 1 attempts, HTTP 200, code 0, true",
		"enqueueExtract: POST /bulk/v1/activities/export/{exportId}/enqueue.json, 1 attempts, HTTP 200, code 0, true",
		"getExtractFile: GET /bulk/v1/activities/export/{exportId}/file.json, 2 attempts, HTTP 206, code 0, true",
		"getExtractFile: GET /rest/v1/activities/deletedleads.json, 1 attempts, HTTP 200, code 0, true",
		"mergeLeads: POST /rest/v1/leads/{leadId}/merge.json, 1 attempts, HTTP 200, code 1076, false",
	} {
		if !slices.Contains(first.list, want) {
			t.Errorf("%s is missing in\n%s", want, strings.Join(first.list, "\n"))
		}
	}
	if !slices.Equal(first.list, second.list) {
		t.Errorf("%q, %q", first.list, second.list)
	}
}

// tardy is a limiter with whom each turn takes a while.
type tardy time.Duration

func (s tardy) Acquire(context.Context) (release func(sent bool), err error) {
	time.Sleep(time.Duration(s))
	return func(bool) {}, nil
}

// Interceptors see how long a call has waited for its turns.
func TestWithInterceptors_waited(t *testing.T) {
	t.Parallel()
	const wait = 2 * time.Millisecond
	s := mktowstest.NewServer(t)
	s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/leads.json", Code: 608, Times: 1})
	var waited time.Duration
	b := bridgeTo(t, s, bridge.WithLimiter(tardy(wait)), bridge.WithRetry(bridge.RetryPolicy{FirstWait: 1}), bridge.WithInterceptors(func(next bridge.Handler) bridge.Handler {
		return func(ctx context.Context, call *bridge.Call) error {
			err := next(ctx, call)
			if call.Path == "/rest/v1/leads.json" {
				waited = call.Waited
			}
			return err
		}
	}))
	_, _ = perform(t.Context(), b, &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "318815"}})
	if waited < 2*wait {
		t.Errorf("two attempts have waited %s", waited)
	}
}

// A bridge tells its limits, with the numbers of the defaults.
func TestBridge_Limits(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t)
	for name, test := range map[string]struct {
		option bridge.Option
		want   int
	}{"default": {bridge.WithLimits(bridge.Limits{}), 50_000}, "own": {bridge.WithLimits(bridge.Limits{Daily: 7}), 7}, "none": {bridge.WithoutLimits(), limits.None}} {
		if got := bridgeTo(t, s, test.option).Limits(); got.Daily != test.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// signalling is a transport that tells when it is used.
type signalling struct {
	http.RoundTripper

	used chan string
}

func (g signalling) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.Contains(r.URL.Path, "/identity/") {
		g.used <- r.URL.Path
	}
	return g.RoundTripper.RoundTrip(r)
}

// A call that an interceptor does not wait for ends as it does all the same, and none is made once it has ended.
func TestWithInterceptors_notWaiting(t *testing.T) {
	t.Parallel()
	api := mktowstest.NewServer(t).REST()
	own := *api.Client
	g := signalling{own.Transport, make(chan string)}
	own.Transport = g
	var later func() error
	impatient := func(next bridge.Handler) bridge.Handler {
		return func(ctx context.Context, call *bridge.Call) error {
			again := *call
			go func() { _ = next(ctx, call) }()
			<-g.used
			later = func() error { return next(ctx, &again) }
			return errors.New("takes too long")
		}
	}
	b, err := bridge.New(api.URL, bridge.Credentials{ClientID: api.ClientID, ClientSecret: api.ClientSecret}, bridge.WithHTTPClient(&own), bridge.WithInterceptors(impatient))
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if _, err := b.Extracts().Job(t.Context(), "job/"); !errors.Is(err, extract.ErrGone) {
			t.Fatal(err)
		}
		if err := later(); err == nil { // of the same call: a request would wait for ever
			t.Error("no error")
		}
	}
}

// What an interceptor does makes no call twice, and no call end other than it did.
func TestWithInterceptors_wrong(t *testing.T) {
	t.Parallel()
	own := errors.New("its own")
	for name, test := range map[string]struct {
		interceptor bridge.Interceptor
		calls       int
		ok          bool
	}{
		"twice": {func(next bridge.Handler) bridge.Handler {
			return func(ctx context.Context, call *bridge.Call) error {
				return errors.Join(next(ctx, call), next(ctx, call))
			}
		}, 1, true},
		"twice at the same time": {func(next bridge.Handler) bridge.Handler {
			return func(ctx context.Context, call *bridge.Call) error {
				var both sync.WaitGroup
				for range 2 {
					own := *call
					both.Go(func() { _ = next(ctx, &own) })
				}
				both.Wait()
				return nil
			}
		}, 1, true},
		"another error": {func(next bridge.Handler) bridge.Handler {
			return func(ctx context.Context, call *bridge.Call) error { _ = next(ctx, call); return own }
		}, 1, true},
		"not at all": {func(bridge.Handler) bridge.Handler {
			return func(context.Context, *bridge.Call) error { return nil }
		}, 0, false},
		"an error in its place": {func(bridge.Handler) bridge.Handler {
			return func(context.Context, *bridge.Call) error { return own }
		}, 0, false},
	} {
		s := mktowstest.NewServer(t, mktowstest.WithoutLimits())
		_, err := bridgeTo(t, s, bridge.WithInterceptors(test.interceptor)).Extracts().Job(t.Context(), "job/")
		if got := errors.Is(err, extract.ErrGone); got != test.ok {
			t.Errorf("%s: %v", name, err)
		}
		if !test.ok && !strings.Contains(err.Error(), "did not make the call") {
			t.Errorf("%s: %v", name, err)
		}
		if test.calls > 0 {
			s.RequireCalls(t, statusCall, test.calls)
		}
	}
	if _, err := bridge.New("https://example.com/rest", bridge.Credentials{}, bridge.WithInterceptors(nil)); err == nil || !strings.Contains(err.Error(), "interceptor 1 is nil") {
		t.Error(err)
	}
}
