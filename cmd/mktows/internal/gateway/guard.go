package gateway

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
)

// guard lets through requests of the REST API that read, and stops the others. It answers those in a way that the bridge does not repeat.
type guard struct {
	next   http.RoundTripper
	values bool // shown in what was stopped

	mu      sync.Mutex
	stopped []string
}

// ownTransport returns what the guard sends by.
func ownTransport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	return t.Clone() // with the proxy of the environment
}

const stoppedAnswer = `{"requestId":"compare","success":false,"errors":[{"code":"603","message":"not sent: comparing writes nothing"}]}`

// RoundTrip implements http.RoundTripper.
func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if reads(r) {
		return g.next.RoundTrip(r)
	}
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.stopped = append(g.stopped, g.describe(r, body))
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(stoppedAnswer)), ContentLength: int64(len(stoppedAnswer)),
	}, nil
}

// reads reports whether a request changes nothing. A long read is a POST that says so (Marketo REST API, _method), and asking for a token
// is one whose path is compared as a whole: a custom object may be called identity.
func reads(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodPost && (r.URL.Query().Get("_method") == http.MethodGet || r.URL.Path == "/identity/oauth/token")
}

// take returns what was stopped so far, and forgets it.
func (g *guard) take() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	stopped := g.stopped
	g.stopped = nil
	return stopped
}

// describe shows a request: method, path and the names of what it has in it.
func (g *guard) describe(r *http.Request, body []byte) string {
	text := r.Method + " " + r.URL.Path
	if names := slices.Sorted(maps.Keys(r.URL.Query())); len(names) > 0 {
		text += "?" + strings.Join(names, "&")
	}
	var v any
	switch {
	case len(body) == 0:
	case json.Unmarshal(body, &v) == nil && g.values:
		text += " " + string(bytes.TrimSpace(body))
	case v != nil:
		shape, err := output.EncodeJSON(shapeOf(v), "")
		if err == nil {
			text += " " + shape
		}
	default:
		text += " (" + strings.SplitN(r.Header.Get("Content-Type"), ";", 2)[0] + ")"
	}
	return text
}

// shapeOf leaves of a JSON value the names of members, and of a list the first element.
func shapeOf(v any) any {
	switch v := v.(type) {
	case map[string]any:
		shape := make(map[string]any, len(v))
		for name, inner := range v {
			shape[name] = shapeOf(inner)
		}
		return shape
	case []any:
		if len(v) > 1 {
			return []any{shapeOf(v[0]), "…"}
		}
		if len(v) == 1 {
			return []any{shapeOf(v[0])}
		}
		return v
	case nil:
		return nil
	}
	return "…"
}
