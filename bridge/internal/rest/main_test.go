package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"github.com/mktows/mktows-go/mktowstest"
)

func TestMain(m *testing.M) {
	time.Local = time.FixedZone("", -(7*3600 + 13*60)) // a zone that no other machine is in
	goleak.VerifyTestMain(m)
}

const (
	clientID     = "11111111-2222-3333-4444-5555aaaa6666"
	clientSecret = "Zq8+placeholder/secret&<1>"
)

// config returns what all clients of the tests have.
func config(address string) rest.Config {
	base, err := url.Parse(address)
	if err != nil {
		panic(err)
	}
	return rest.Config{
		Base: base, ClientID: clientID, ClientSecret: auth.NewSecret(clientSecret),
		Logger: slog.New(slog.DiscardHandler), UserAgent: "test", MaxBody: 8 << 20, Now: time.Now,
	}
}

func newClient(t testing.TB, cfg rest.Config) *rest.Client {
	t.Helper()
	c, err := rest.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// against returns a client of a simulated service.
func against(t testing.TB, s *mktowstest.Server, change ...func(*rest.Config)) *rest.Client {
	t.Helper()
	api := s.REST()
	cfg := config(strings.TrimSuffix(api.URL, "/rest"))
	cfg.ClientID, cfg.ClientSecret, cfg.HTTP, cfg.Now = api.ClientID, api.ClientSecret, api.Client, s.Clock().Now
	for _, c := range change {
		c(&cfg)
	}
	return newClient(t, cfg)
}

// sent is a request as it went over the wire.
type sent struct {
	method, uri, path, query, kind, token, body, bytes string // bytes: the header Range

	at time.Time
}

// service is a service of a test's own: it answers what the test says.
type service struct {
	t      testing.TB
	answer func(s sent, n int) (*http.Response, error) // the n-th call, Identity left out
	grant  func(s sent, n int) (*http.Response, error) // the n-th of Identity

	mu     sync.Mutex
	calls  []sent
	grants []sent
}

// RoundTrip implements http.RoundTripper.
func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	one := sent{
		method: r.Method, uri: r.URL.RequestURI(), path: r.URL.Path, query: r.URL.RawQuery, kind: r.Header.Get("Content-Type"),
		token: strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "), bytes: r.Header.Get("Range"), at: time.Now(),
	}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		one.body = string(body)
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	isGrant := one.path == "/identity/oauth/token"
	list, answer := &s.calls, s.answer
	if isGrant {
		list, answer = &s.grants, s.grant
	}
	*list = append(*list, one)
	n := len(*list)
	s.mu.Unlock()
	if isGrant && answer == nil {
		return reply(200, grantOf("token-one", 3600)), nil
	}
	got, err := answer(one, n)
	if err == nil && errors.Is(r.Context().Err(), context.Canceled) {
		return nil, r.Context().Err()
	}
	return got, err
}

func (s *service) count() (calls, grants int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls), len(s.grants)
}

// instances tells apart what the process counts for each.
var instances atomic.Int64

// client returns a client of the service, as of an instance that no other test has.
func (s *service) client(change ...func(*rest.Config)) *rest.Client {
	s.t.Helper()
	cfg := config(fmt.Sprintf("https://instance-%d.example.com", instances.Add(1)))
	cfg.HTTP = &http.Client{Transport: s}
	for _, c := range change {
		c(&cfg)
	}
	return newClient(s.t, cfg)
}

// withoutLimits is a change of a client that sends at once.
func withoutLimits(c *rest.Config) { c.NoLimits = true }

// once is a change of a client that repeats nothing.
func once(c *rest.Config) { c.NoLimits, c.Retry.MaxAttempts = true, 1 }

func grantOf(token string, left int) string {
	return `{"access_token":"` + token + `","token_type":"bearer","expires_in":` + strconv.Itoa(left) + `,"scope":"a@example.com"}`
}

// reply is an answer in JSON, or in HTML if it begins with <.
func reply(status int, body string) *http.Response {
	kind := "application/json;charset=UTF-8"
	if strings.HasPrefix(body, "<") {
		kind = "text/html"
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

// always answers the same.
func always(status int, body string) func(sent, int) (*http.Response, error) {
	return func(sent, int) (*http.Response, error) { return reply(status, body), nil }
}

const empty = `{"requestId":"1#1","success":true,"result":[]}`

func failing(code string) string {
	return `{"requestId":"7be1#19d2f40a6c3","success":false,"errors":[{"code":"` + code + `","message":"said"}]}`
}

// aRead and aWrite are calls of which the tests do not want more than their kind.
func aRead(ctx context.Context, c *rest.Client) error {
	_, err := c.LeadsByFilter(ctx, rest.LeadFilter{Field: "id", Values: []string{"1"}})
	return err
}

func aWrite(ctx context.Context, c *rest.Client) error {
	_, err := c.SyncLeads(ctx, rest.LeadSync{Action: rest.CreateOrUpdate, Input: []rest.Object{{{Name: "email", Value: "a@example.com"}}}}, fault.NotIdempotent)
	return err
}

func anIdempotentWrite(ctx context.Context, c *rest.Client) error {
	_, err := c.AddToList(ctx, 1042, []int64{318815})
	return err
}

// aFile asks for a file that may not be there yet.
func aFile(ctx context.Context, c *rest.Client) error {
	_, job := fileOf("a row\n")
	return c.FetchExport(ctx, job, true, rest.FileOf(new(fullDisk)))
}
