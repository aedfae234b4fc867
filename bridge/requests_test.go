package bridge_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/internal/testing/restrequests"
	"github.com/mktows/mktows-go/mktowstest"
)

// described is the description of the API, if it is at hand.
var described = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile(restrequests.DocumentPath(".."))
	if err != nil {
		return nil, err
	}
	doc.Servers = nil
	openapi3filter.RegisterBodyDecoder("text/csv", openapi3filter.FileBodyDecoder)
	return gorillamux.NewRouter(doc)
})

// TestDescription tells whether requests were checked, and that the check finds what is wrong.
func TestDescription(t *testing.T) {
	t.Parallel()
	router, err := described()
	if err != nil {
		t.Skipf("requests are not checked against the description of the API: set MKTOWS_OPENAPI to its file (%v)", err)
	}
	for _, address := range []string{"/rest/v1/leads.json?filterType=id", "/rest/v1/nothing.json"} {
		r := httptest.NewRequest(http.MethodGet, address, nil)
		r.Header.Set("Authorization", "Bearer token")
		if fits(router, r) == nil {
			t.Errorf("%s fits", address)
		}
	}
}

// checked sends requests that fit the description of the API, and fails the test with others.
type checked struct {
	t    testing.TB
	next http.RoundTripper
}

func (c checked) RoundTrip(r *http.Request) (*http.Response, error) {
	if router, err := described(); err == nil {
		body := bodyOf(r)
		if err := fits(router, r); err != nil {
			c.t.Errorf("%s %s: the request does not fit the description: %.1000v\n%.1000s", r.Method, r.URL, err, body)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	return c.next.RoundTrip(r)
}

// bodyOf reads the body of a request, and puts it back.
func bodyOf(r *http.Request) []byte {
	if r.Body == nil {
		return nil
	}
	body, _ := io.ReadAll(r.Body) // of memory
	_ = r.Body.Close()
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body
}

func fits(router routers.Router, r *http.Request) error {
	route, names, err := router.FindRoute(r)
	if err != nil {
		return err
	}
	return openapi3filter.ValidateRequest(context.Background(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: names, Route: route,
		Options: &openapi3filter.Options{SkipSettingDefaults: true, AuthenticationFunc: func(context.Context, *openapi3filter.AuthenticationInput) error {
			if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
				return fmt.Errorf("no bearer header")
			}
			return nil
		}},
	})
}

// bridgeTo returns a bridge to a server whose requests are checked.
func bridgeTo(t testing.TB, s *mktowstest.Server, opts ...bridge.Option) *bridge.Bridge {
	t.Helper()
	client := s.REST().Client
	client.Transport = checked{t, client.Transport}
	return s.Bridge(append([]bridge.Option{bridge.WithHTTPClient(client)}, opts...)...)
}
