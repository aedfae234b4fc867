package admin

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// The greatest bodies that are read, in bytes.
const (
	maxState = 512 << 20 // a million activities are about 300 MiB
	maxBody  = 8 << 20
)

// Mock is what the handler administers. Every field but REST is needed.
type Mock struct {
	Simulator *simulator.Simulator
	Rules     *server.Rules
	Clock     *Clock
	Journal   *Journal
	REST      *rest.Handler // nil: the REST API is not served
}

type handler struct {
	Mock

	changing sync.Mutex // held while settings are changed

	routes map[string]map[string]func(w http.ResponseWriter, r *http.Request) error // by path and method
}

// New returns the handler of a mock's administration. The error says what is missing.
// Who may ask is told in the documentation of the package.
func New(m Mock) (http.Handler, error) {
	if m.Simulator == nil || m.Rules == nil || m.Clock == nil || m.Journal == nil {
		return nil, errors.New("admin: New needs the simulator, the rules, the clock and the journal")
	}
	h := &handler{Mock: m}
	type methods = map[string]func(http.ResponseWriter, *http.Request) error
	h.routes = map[string]methods{
		"/":         {http.MethodGet: h.getIndex},
		"/state":    {http.MethodGet: h.getState, http.MethodPut: h.putState},
		"/reset":    {http.MethodPost: h.reset},
		"/rules":    {http.MethodGet: h.getRules, http.MethodPost: h.postRule, http.MethodDelete: h.deleteRules},
		"/settings": {http.MethodGet: h.getSettings, http.MethodPost: h.postSettings},
		"/clock":    {http.MethodGet: h.getClock, http.MethodPost: h.postClock},
		"/journal":  {http.MethodGet: h.getJournal, http.MethodDelete: h.deleteJournal},
	}
	return h, nil
}

const index = `Administration of the mock of Marketo's APIs

GET    /state     the data as JSON; PUT replaces all of it
POST   /reset     no data, no rules, an empty journal
GET    /rules     how the mock misbehaves; POST adds a rule, DELETE takes all away; a rule is like
                  {"operation":"syncLead","times":1,"code":20011}, and has skip, delay, text, status,
                  header, body, records and drop, which is "beforeWork", "afterWork" or "halfAnswer"
GET    /settings  how pages are cut, and of the REST API the clients with their permissions, quirks and
                  bulk extracts; POST changes the parts that are given: {"pages":{"empty":0.3,"limit":10}},
                  {"clients":[{"id":"reader","secret":"s","permissions":["Read-Only Lead"]}]}
GET    /clock     the time; POST {"advance":"24h"} or {"set":"2016-02-01T12:00:00-06:00"}
GET    /journal   the latest calls; DELETE empties it
`

// refusal is an answer that is an error.
type refusal struct {
	status  int
	code    string
	message string
}

func (r *refusal) Error() string { return r.message }

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if err := h.serve(w, r); err != nil {
		writeError(w, err)
	}
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request) error {
	if err := checkCaller(r); err != nil {
		return err
	}
	route, ok := h.routes[r.URL.Path]
	if !ok {
		return &refusal{http.StatusNotFound, "not_found", fmt.Sprintf("there is nothing at %q: GET / tells what there is", r.URL.Path)}
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	act, ok := route[method]
	if !ok {
		allowed := strings.Join(slices.Sorted(maps.Keys(route)), ", ")
		w.Header().Set("Allow", allowed)
		return &refusal{http.StatusMethodNotAllowed, "method_not_allowed", fmt.Sprintf("%s takes %s", r.URL.Path, allowed)}
	}
	return act(w, r)
}

// checkCaller refuses what a web page of another site could have made a browser send.
func checkCaller(r *http.Request) error {
	if !isLoopback(r.Host) {
		return &refusal{http.StatusForbidden, "host_refused", fmt.Sprintf("the header Host is %q: only localhost and loopback addresses are served", r.Host)}
	}
	for _, origin := range r.Header.Values("Origin") {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.EqualFold(u.Host, r.Host) {
			return &refusal{http.StatusForbidden, "origin_refused", fmt.Sprintf("requests of web pages of %q are refused", origin)}
		}
	}
	return nil
}

// isLoopback reports whether a header Host names this machine and nothing that a name
// server could point here.
func isLoopback(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(name, "["), "]"))
	return err == nil && addr.Unmap().IsLoopback()
}

func (h *handler) getIndex(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, index) // the caller may be gone
	return nil
}

func (h *handler) getState(w http.ResponseWriter, _ *http.Request) error {
	text, err := EncodeState(h.Simulator.Snapshot())
	if err != nil {
		return err
	}
	write(w, http.StatusOK, text)
	return nil
}

func (h *handler) putState(w http.ResponseWriter, r *http.Request) error {
	data, err := readBody(w, r, maxState)
	if err != nil {
		return err
	}
	st, err := DecodeState(data)
	if err != nil {
		return err
	}
	if err := h.Simulator.Load(st); err != nil {
		return placed(data, reflect.TypeFor[simulator.State](), err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (h *handler) reset(w http.ResponseWriter, _ *http.Request) error {
	h.Simulator.Reset()
	h.Rules.Clear()
	h.Journal.Clear()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (h *handler) getRules(w http.ResponseWriter, _ *http.Request) error {
	list := []ruleJSON{}
	for _, r := range h.Rules.List() {
		list = append(list, newRuleJSON(r))
	}
	return writeJSON(w, http.StatusOK, list)
}

func (h *handler) postRule(w http.ResponseWriter, r *http.Request) error {
	data, err := readBody(w, r, maxBody)
	if err != nil {
		return err
	}
	var in ruleJSON
	if err := decode(data, &in); err != nil {
		return err
	}
	rule, err := in.rule()
	if err != nil {
		return placed(data, reflect.TypeFor[ruleJSON](), err)
	}
	h.Rules.Add(rule)
	return writeJSON(w, http.StatusCreated, newRuleJSON(rule))
}

func (h *handler) deleteRules(w http.ResponseWriter, _ *http.Request) error {
	h.Rules.Clear()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// clockNow is what GET /clock answers. The time is in UTC, wherever the server runs.
type clockNow struct {
	Now   time.Time `json:"now"`
	Ahead string    `json:"ahead"`
}

func (h *handler) getClock(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, clockNow{h.Clock.Now().UTC(), h.Clock.Ahead().String()})
}

func (h *handler) postClock(w http.ResponseWriter, r *http.Request) error {
	data, err := readBody(w, r, maxBody)
	if err != nil {
		return err
	}
	var in clockJSON
	if err := decode(data, &in); err != nil {
		return err
	}
	set, err := in.setting()
	if err == nil {
		err = set(h.Clock)
	}
	if err != nil {
		return placed(data, reflect.TypeFor[clockJSON](), err)
	}
	return h.getClock(w, r)
}

func (h *handler) getJournal(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, h.Journal.json())
}

func (h *handler) deleteJournal(w http.ResponseWriter, _ *http.Request) error {
	h.Journal.Clear()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func readBody(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, &refusal{http.StatusRequestEntityTooLarge, "too_large", fmt.Sprintf("the body has more than %d bytes", limit)}
	case err != nil:
		return nil, &refusal{http.StatusBadRequest, "bad_request", "the body could not be read"}
	}
	return data, nil
}

func writeJSON(w http.ResponseWriter, status int, v any) error {
	text, err := encode(v)
	if err != nil {
		return err
	}
	write(w, status, text)
	return nil
}

func write(w http.ResponseWriter, status int, text []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(text) // the caller may be gone
}

// errorJSON is the body of an error.
type errorJSON struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Line    int    `json:"line,omitempty"`
		Column  int    `json:"column,omitempty"`
		Field   string `json:"field,omitempty"`
	} `json:"error"`
}

func writeError(w http.ResponseWriter, err error) {
	var out errorJSON
	status := http.StatusInternalServerError
	out.Error.Code, out.Error.Message = "internal", err.Error()
	var refused *refusal
	var bad *PlaceError
	switch {
	case errors.As(err, &refused):
		status, out.Error.Code = refused.status, refused.code
	case errors.As(err, &bad):
		status, out.Error.Code = http.StatusBadRequest, "bad_request"
		out.Error.Line, out.Error.Column, out.Error.Field = bad.Line, bad.Column, bad.Field
	}
	if err := writeJSON(w, status, out); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
}
