package secureaccess_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/time/rate"

	"github.com/mktows/mktows-go/auth/secureaccess"
)

// described is the description of an endpoint at the path that all tests ask.
var described = sync.OnceValues(func() (routers.Router, error) {
	doc, err := load(secureaccess.OpenAPI("/"))
	if err != nil {
		return nil, err
	}
	return gorillamux.NewRouter(doc)
})

// load reads a description and checks that it is a good one.
func load(text []byte) (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(context.Background())
}

// validate checks an answer against the description, and the request if it was granted. The body is the request's.
func validate(tb testing.TB, r *http.Request, body []byte, w *httptest.ResponseRecorder) {
	tb.Helper()
	if r.Method != http.MethodPost {
		return // 405, or the description itself
	}
	router, err := described()
	if err != nil {
		tb.Fatal(err)
	}
	asked := r.Clone(tb.Context())
	asked.URL.Path, asked.URL.RawPath, asked.Body = "/", "", io.NopCloser(bytes.NewReader(body))
	asked.URL.Scheme, asked.URL.Host, asked.Host = "", "", ""
	route, _, err := router.FindRoute(asked)
	if err != nil {
		tb.Fatal(err)
	}
	in := &openapi3filter.RequestValidationInput{
		Request: asked, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}, // the hook has let it in
	}
	if w.Code == http.StatusOK {
		if err := openapi3filter.ValidateRequest(tb.Context(), in); err != nil {
			tb.Errorf("a request that was granted is not as described: %v", err)
		}
	}
	if err := openapi3filter.ValidateResponse(tb.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: w.Code, Header: w.Header(), Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}); err != nil {
		tb.Errorf("the answer %d is not as described: %v", w.Code, err)
	}
}

// TestOpenAPI_hasEveryAnswer gets every answer that there is; each is checked against the description, as is every
// answer of all other tests. The description has no more than these.
func TestOpenAPI_hasEveryAnswer(t *testing.T) {
	t.Parallel()
	const good = `{"deviceId":"device-7"}`
	once := secureaccess.WithAddressLimit(secureaccess.Limit{Rate: rate.Every(time.Hour), Burst: 1})
	h, _ := setup(t)
	exhausted, _ := setup(t, once)
	serve(t, exhausted, post(annToken, jsonType, good))
	crossSite := post(annToken, formType, "deviceId=device-7")
	crossSite.Header.Set("Sec-Fetch-Site", "cross-site")

	got := map[string]bool{}
	for _, c := range []struct {
		h http.Handler
		r *http.Request
	}{
		{h, post(annToken, jsonType, good)},
		{h, post(annToken, jsonType, `{}`)},
		{h, post("", jsonType, good)},
		{h, crossSite},
		{h, post("example-token-forbidden", jsonType, good)},
		{h, post(annToken, jsonType, `{"deviceId":"device-7","email":"bob@example.com"}`)},
		{h, post(annToken, formType, "deviceId="+strings.Repeat("x", 8<<10))},
		{h, post(annToken, "text/plain", good)},
		{exhausted, post(annToken, jsonType, good)},
		{h, post("example-token+lost", jsonType, good)},
	} {
		w := serve(t, c.h, c.r)
		code := ""
		if w.Code != http.StatusOK {
			code, _ = refusalOf(t, w)
		}
		got[fmt.Sprint(w.Code, code)] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(answersOf(t))), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Error(diff)
	}
}

// answersOf reads status and code of every answer to a POST from the description.
func answersOf(t *testing.T) map[string]bool {
	t.Helper()
	doc, err := load(secureaccess.OpenAPI("/"))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for status, response := range doc.Paths.Value("/").Post.Responses.Map() {
		schema := response.Value.Content.Get(jsonType).Schema.Value
		if schema.Properties["error"] == nil {
			found[status] = true
			continue
		}
		for _, code := range schema.Properties["error"].Value.Properties["code"].Value.Enum {
			found[status+code.(string)] = true
		}
	}
	return found
}

// The endpoint describes itself, under the path at which it is asked, to anybody.
func TestHandler_describesItself(t *testing.T) {
	t.Parallel()
	h, log := setup(t)
	for _, c := range []struct{ path, want string }{
		{"/openapi.json", "/"},
		{"/marketo/signature/openapi.json", "/marketo/signature"},
		{"/%7Bevil%7D%22%3C/openapi.json", "/%7Bevil%7D%22%3C"},
	} {
		w := serve(t, h, httptest.NewRequest(http.MethodGet, c.path, nil))
		doc, err := load(w.Body.Bytes())
		if err != nil || w.Code != http.StatusOK || w.Header().Get("Content-Type") != jsonType || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: HTTP %d, %v: %v", c.path, w.Code, w.Header(), err)
			continue
		}
		if doc.Paths.Len() != 2 || doc.Paths.Value(c.want).Post == nil || doc.Paths.Value(strings.TrimSuffix(c.want, "/")+"/openapi.json").Get == nil {
			t.Errorf("%s: the paths are %v, want %s", c.path, doc.Paths.Keys(), c.want)
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, secureaccess.OpenAPI(c.want)); err != nil || compact.String() != strings.TrimSpace(w.Body.String()) {
			t.Errorf("%s: it is not what OpenAPI makes: %s", c.path, w.Body)
		}
	}
	for _, r := range []*http.Request{
		httptest.NewRequest(http.MethodGet, "/", nil), httptest.NewRequest(http.MethodGet, "/openapi.jsonx", nil), httptest.NewRequest(http.MethodPut, "/openapi.json", nil),
	} {
		if w := serve(t, h, r); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: HTTP %d", r.Method, r.URL, w.Code)
		}
	}
	if strings.Contains(log.String(), exampleSecret) {
		t.Error(log)
	}
}
