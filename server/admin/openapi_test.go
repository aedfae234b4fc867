package admin_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/server/admin"
	"github.com/mktows/mktows-go/simulator"
)

// described is the description that the administration gives of itself.
var described = sync.OnceValues(func() (routers.Router, error) {
	h, err := admin.New(admin.Mock{Simulator: simulator.New(), Rules: new(server.Rules), Clock: new(admin.Clock), Journal: new(admin.Journal)})
	if err != nil {
		return nil, err
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/openapi.json", nil))
	doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	if err != nil {
		return nil, err
	}
	if err := doc.Validate(context.Background()); err != nil {
		return nil, err
	}
	openapi3filter.RegisterBodyDecoder("text/event-stream", openapi3filter.FileBodyDecoder)
	return gorillamux.NewRouter(doc)
})

// maxValidated bounds what is compared with the description, in bytes: that takes seconds for megabytes.
const maxValidated = 256 << 10

// validate checks an answer, and the request if it was taken, against the description.
func validate(t *testing.T, r *http.Request, body string, w *httptest.ResponseRecorder) {
	t.Helper()
	router, err := described()
	if err != nil {
		t.Fatal(err)
	}
	method := r.Method
	if r.Method == http.MethodHead || max(len(body), w.Body.Len()) > maxValidated {
		return
	}
	route, names, err := router.FindRoute(r)
	if err != nil {
		if !slices.Contains([]int{403, 404, 405}, w.Code) {
			t.Errorf("%s %s: status %d, and the description does not have it: %v", method, r.URL, w.Code, err)
		}
		return
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: names, Route: route}
	r.Body = io.NopCloser(strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json") // as which every body is read; the description says what it should be called
	if err := openapi3filter.ValidateRequest(t.Context(), in); err != nil && w.Code < 400 {
		t.Errorf("%s %s: status %d, and the request is not as described: %.2000s", method, r.URL, w.Code, err.Error())
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: w.Code, Header: w.Header(), Body: io.NopCloser(bytes.NewReader(w.Body.Bytes())),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	if err := openapi3filter.ValidateResponse(t.Context(), out); err != nil {
		t.Errorf("%s %s: the answer is not as described: %.2000s", method, r.URL, err.Error())
	}
}

// The description has every path and method that there is, and tells the values of filters.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.want(200, `"openapi": "3.0.3"`, "GET", "/openapi.json", "")
	b.want(200, `"POST /rest/v1/leads.json"`, "GET", "/openapi.json", "")
	doc, err := openapi3.NewLoader().LoadFromData(b.ask("GET", "/openapi.json", "").Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if allow := b.ask("PATCH", path, "").Header().Get("Allow"); !bytes.Contains([]byte(allow), []byte(method)) {
				t.Errorf("%s allows %q, and not %s, which is described", path, allow, method)
			}
		}
	}
}
