package wiretest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/internal/testing/restrequests"
)

// tap looks at requests on their way.
type tap struct {
	next   http.RoundTripper
	folder string // for requests; empty: none is kept
}

// RoundTrip implements http.RoundTripper.
func (t *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	if !measuring() {
		if router, err := Described(); err == nil {
			looked, body := copied(r)
			path, err := Fits(router, looked)
			if err != nil {
				panic(fmt.Sprintf("%s %s: the request does not fit the description of the API: %.1000v\n%.1000s", r.Method, r.URL, err, body))
			}
			t.keep(path, looked, body)
		}
	}
	return t.next.RoundTrip(r)
}

// measuring reports whether there are benchmarks, which are not about the check.
var measuring = sync.OnceValue(func() bool {
	f := flag.Lookup("test.bench")
	return f != nil && f.Value.String() != ""
})

// CloseIdleConnections closes those of the transport, as http.Client asks it to.
func (t *tap) CloseIdleConnections() {
	if closer, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// copied returns a copy of a request, which may be read, and its body. The request is left as it is: its body knows how
// far it has come.
func copied(r *http.Request) (*http.Request, []byte) {
	var body []byte
	switch {
	case r.GetBody != nil:
		if reader, err := r.GetBody(); err == nil {
			body, _ = io.ReadAll(reader) // of memory
		}
	case r.Body != nil:
		body = r.Body.(*httpcall.Body).Peek() // no client makes another one
	}
	looked := r.Clone(r.Context())
	looked.Body = io.NopCloser(bytes.NewReader(body))
	return looked, body
}

// kept are the shapes of the process.
var kept sync.Map

// keep writes a request into the folder, if it is the first of its shape.
func (t *tap) keep(path string, r *http.Request, body []byte) {
	shape := shapeOf(path, r, body)
	if _, known := kept.LoadOrStore(shape, true); known || t.folder == "" {
		return
	}
	one := restrequests.Request{Method: r.Method, URI: r.URL.RequestURI(), Body: string(body), Kind: r.Header.Get("Content-Type")}
	if strings.HasPrefix(r.URL.Path, "/identity/") { // nothing secret goes into files
		one.Body = url.Values{"grant_type": {"client_credentials"}, "client_id": {"x"}, "client_secret": {"x"}}.Encode()
	}
	text, err := json.Marshal(one)
	if err != nil {
		panic(err)
	}
	name := sha256.Sum256([]byte(shape))
	if err := os.MkdirAll(t.folder, 0o700); err != nil {
		panic(err)
	}
	if err := os.WriteFile(filepath.Join(t.folder, hex.EncodeToString(name[:8])+".json"), text, 0o600); err != nil {
		panic(err)
	}
}

// shapeOf returns what two requests have in common that differ in their values alone.
func shapeOf(path string, r *http.Request, body []byte) string {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	shape := []string{r.Method, path, kind, strings.Join(fieldsOf(r.URL.Query()), " ")}
	switch kind {
	case "application/x-www-form-urlencoded":
		form, _ := url.ParseQuery(string(body))
		shape = append(shape, strings.Join(fieldsOf(form), " "))
	case "application/json":
		var doc any
		_ = json.Unmarshal(body, &doc)
		shape = append(shape, formOf(doc))
	}
	return strings.Join(shape, "\n")
}

// fieldsOf returns the names of values, those that repeat with a star.
func fieldsOf(values url.Values) []string {
	var names []string
	for name, list := range values {
		if len(list) > 1 {
			name += "*"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// formOf returns the form of a JSON document: members with the kinds of their values, of lists the forms of their items.
func formOf(doc any) string {
	var parts []string
	switch value := doc.(type) {
	case map[string]any:
		for name, member := range value {
			parts = append(parts, name+":"+formOf(member))
		}
	case []any:
		for _, item := range value {
			parts = append(parts, formOf(item))
		}
	default:
		return fmt.Sprintf("%T", doc)
	}
	slices.Sort(parts)
	return fmt.Sprintf("%T(%s)", doc, strings.Join(slices.Compact(parts), ","))
}
