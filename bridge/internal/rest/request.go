package rest

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/mktows/mktows-go/fault"
)

// Sizes of requests, in bytes (Marketo REST API, overview; the one for assets of Marketo's blog on
// the REST API). A URI is kept a little shorter than it may be, for what is between.
const (
	maxURI      = 8_000
	maxAssetURI = 64_000
	// MaxBody is the size up to which the service takes the JSON of a call.
	MaxBody = 1 << 20
	// MaxImport is the size up to which it takes the file of an import.
	MaxImport = 10 << 20
)

// Media types of requests.
const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// readPath is a path that is only asked, or that is asked where it could be written as well. It may
// hold names in braces. limit is how long the service works on it at most (Marketo REST API,
// endpoint reference: timeouts).
type readPath struct {
	path  string
	limit time.Duration
}

// writePath is a path and a method that change something.
type writePath struct {
	method, path string
	limit        time.Duration
}

// Read is a call that changes nothing. Make it with newRead.
type Read struct {
	path   string
	name   string // for people: the path with the names in braces
	limit  time.Duration
	params params
	keys   []byte // JSON of a read by compound keys; nil: none
	err    error  // what was wrong in the making
}

// Write is a call that changes something. Make it with newWrite.
type Write struct {
	method string
	path   string
	name   string
	limit  time.Duration
	safety fault.Safety
	params params
	body   []byte
	kind   string         // of the body
	reads  bool           // it serves a reading: the calls of the day that are left to writes are not for it
	tell   fault.RESTCode // is told at once, as what it says takes longer to pass than a repetition waits; 0: none
	err    error
}

// newRead returns a read of a path, whose names in braces stand for the parts.
func newRead(p readPath, parts ...string) *Read {
	path, err := fill(p.path, parts)
	return &Read{path: path, name: p.path, limit: p.limit, err: err}
}

// newWrite returns a write. Safety says whether it may be repeated when nobody knows what became of
// it.
func newWrite(p writePath, safety fault.Safety, parts ...string) *Write {
	path, err := fill(p.path, parts)
	if safety == fault.ReadOnly { // a mistake that would repeat a write like a read
		safety = fault.Unknown
	}
	return &Write{method: p.method, path: path, name: p.path, limit: p.limit, safety: safety, err: err}
}

// fill puts parts into a path, in the place of the names in braces.
func fill(path string, parts []string) (string, error) {
	var b strings.Builder
	rest := path
	for _, part := range parts {
		before, after, found := strings.Cut(rest, "{")
		_, after, closed := strings.Cut(after, "}")
		if !found || !closed {
			return "", fmt.Errorf("%s has no place for %.100q", path, part)
		}
		if part == "" || part == "." || part == ".." {
			return "", fmt.Errorf("%.100q cannot be a part of %s", part, path)
		}
		b.WriteString(before + url.PathEscape(part))
		rest = after
	}
	if strings.Contains(rest, "{") {
		return "", fmt.Errorf("%s lacks a part", path)
	}
	return b.String() + rest, nil
}

// number returns an id as a part of a path.
func number(id int64) string { return strconv.FormatInt(id, 10) }

// params are the parameters of a call, in order.
type params []struct{ name, value string }

func (p *params) add(name, value string) {
	*p = append(*p, struct{ name, value string }{name, value})
}

// addText adds a parameter unless it is empty.
func (p *params) addText(name, value string) {
	if value != "" {
		p.add(name, value)
	}
}

// addNumber adds a parameter unless it is 0.
func (p *params) addNumber(name string, n int64) {
	if n != 0 {
		p.add(name, number(n))
	}
}

// addJSON adds a list as JSON, unless it is empty.
func (p *params) addJSON(name string, list any) error {
	text, err := json.Marshal(list)
	if err == nil && string(text) != "[]" {
		p.add(name, string(text))
	}
	return err
}

// addNumbers repeats a parameter for each number, which clients and the description of the API agree
// on.
func (p *params) addNumbers(name string, list []int64) {
	for _, n := range list {
		p.add(name, number(n))
	}
}

// addList joins texts by commas, as the service and its clients do. A text that has a comma of its
// own cannot be told apart in such a list: then the parameter is repeated.
func (p *params) addList(name string, list []string) {
	joined := strings.Join(list, ",")
	switch {
	case len(list) == 0:
	case strings.Count(joined, ",") == len(list)-1:
		p.add(name, joined)
	default:
		for _, text := range list {
			p.add(name, text)
		}
	}
}

// encode returns the parameters as a query or a form.
func (p params) encode() string {
	var b strings.Builder
	for i, one := range p {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(url.QueryEscape(one.name))
		b.WriteByte('=')
		b.WriteString(url.QueryEscape(one.value))
	}
	return b.String()
}

// withJSON makes a value the body of a write.
func (w *Write) withJSON(v any) *Write {
	body, err := json.Marshal(v)
	switch {
	case err != nil:
		w.err = errors.Join(w.err, fmt.Errorf("the request cannot be written: %w", err))
	case len(body) > MaxBody:
		w.err = errors.Join(w.err, fault.Newf(fault.CodeBadParameter, "the request has %d bytes, more than the %d that the REST API takes: send fewer records at once", len(body), MaxBody))
	}
	w.body, w.kind = body, jsonType
	return w
}

// withForm makes the parameters the body of a write.
func (w *Write) withForm(p params) *Write {
	w.body, w.kind = []byte(p.encode()), formType
	if p.has(methodParam) {
		w.err = errors.Join(w.err, errMethod)
	}
	return w
}

// withKeys makes a value the JSON of a read by compound keys.
func (r *Read) withKeys(v any) *Read {
	var err error
	if r.keys, err = json.Marshal(v); err != nil {
		r.err = errors.Join(r.err, fmt.Errorf("the request cannot be written: %w", err))
	}
	return r
}

// methodParam lets a POST stand for another method. Reads write it here and nowhere else, with the
// value GET: with DELETE the service deletes leads.
const methodParam = "_method"

// wire is a request before it has a token.
type wire struct {
	method string
	path   string // escaped
	query  string
	body   []byte
	kind   string // of the body, empty if there is none
}

// wire returns how a read goes over the wire: as a GET; as a POST with _method=GET where that would
// be too long, or where keys have to be in a body (Marketo REST API, lead database). Asset calls
// know no such form.
func (r *Read) wire() (wire, error) {
	query := r.params.encode()
	size := len(r.path) + 1 + len(query)
	w := wire{method: http.MethodGet, path: r.path, query: query}
	asset := strings.HasPrefix(r.path, "/rest/asset/")
	switch {
	case r.err != nil:
		return w, r.err
	case r.keys != nil:
		w = wire{method: http.MethodPost, path: r.path, query: methodParam + "=" + http.MethodGet, body: r.keys, kind: jsonType}
	case asset && size > maxAssetURI:
		return w, fault.Newf(fault.CodeBadParameter, "the request has a URI of %d bytes, more than the %d that the REST API takes: ask for less at once", size, maxAssetURI)
	case !asset && size > maxURI:
		w = wire{method: http.MethodPost, path: r.path, query: methodParam + "=" + http.MethodGet, body: []byte(query), kind: formType}
	}
	if r.params.has(methodParam) {
		return w, errMethod
	}
	return w, w.checkRead()
}

// wire returns how a write goes over the wire: its parameters stand in the URL.
func (w *Write) wire() (wire, error) {
	out := wire{method: w.method, path: w.path, query: w.params.encode(), body: w.body, kind: w.kind}
	if w.err != nil {
		return out, w.err
	}
	return out, out.checkWrite()
}

// get returns the value of a parameter, empty if there is none.
func (p params) get(name string) string {
	for _, one := range p {
		if one.name == name {
			return one.value
		}
	}
	return ""
}

func (p params) has(name string) bool {
	for _, one := range p {
		if strings.EqualFold(one.name, name) {
			return true
		}
	}
	return false
}

var (
	errMethod   = errors.New("rest: a parameter is named " + methodParam)
	errAsWrite  = errors.New("rest: a read would be taken for a write")
	errAsRead   = errors.New("rest: a write would be taken for a read or for another write")
	errNoMethod = errors.New("rest: a write has no method that changes something")
)

// checkRead is the last look at a read: without _method=GET its POST would be a write.
func (w wire) checkRead() error {
	isForm := w.method == http.MethodPost && w.query == methodParam+"="+http.MethodGet
	isGet := w.method == http.MethodGet && len(w.body) == 0
	if !isForm && !isGet {
		return errAsWrite
	}
	return nil
}

// checkWrite is the last look at a write.
func (w wire) checkWrite() error {
	query, err := url.ParseQuery(w.query)
	switch {
	case err != nil || query.Has(methodParam) || w.kind == formType && bytes.Contains(w.body, []byte(methodParam+"=")):
		return errAsRead
	case w.method != http.MethodPost && w.method != http.MethodDelete:
		return errNoMethod
	}
	return nil
}

// uri returns the whole address of a request.
func (w wire) uri(base *url.URL) (*url.URL, error) {
	u, err := url.Parse(base.String() + w.path)
	if err != nil {
		return nil, fmt.Errorf("the request's address cannot be written: %w", err)
	}
	u.RawQuery = w.query
	return u, nil
}
