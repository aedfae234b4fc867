package admin

import (
	"errors"
	"fmt"
	"io"
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

// Types of what is sent and answered.
var (
	stateType    = reflect.TypeFor[simulator.State]()
	ruleType     = reflect.TypeFor[ruleJSON]()
	settingsType = reflect.TypeFor[settingsJSON]()
)

// Mock is what the handler administers. Every field but REST and Hosts is needed.
type Mock struct {
	Simulator *simulator.Simulator
	Rules     *server.Rules
	Clock     *Clock
	Journal   *Journal
	REST      *rest.Handler // nil: the REST API is not served
	// Hosts are what the header Host may name besides localhost and loopback addresses, without a port: what a container or a
	// virtual machine that runs the mock is called.
	Hosts []string
}

type handler struct {
	Mock

	changing sync.Mutex // held while settings are changed
	routes   []route
}

// New returns the handler of a mock's administration. The error says what is missing.
// Who may ask is told in the documentation of the package.
func New(m Mock) (http.Handler, error) {
	if m.Simulator == nil || m.Rules == nil || m.Clock == nil || m.Journal == nil {
		return nil, errors.New("admin: New needs the simulator, the rules, the clock and the journal")
	}
	h := &handler{Mock: m}
	h.routes = h.makeRoutes()
	return h, nil
}

// NewForJournal returns a handler that shows a journal and nothing else, of an endpoint that is no mock: the paths /, /openapi.json and
// those below /journal. Hosts are what the header Host may name besides localhost and loopback addresses.
func NewForJournal(j *Journal, hosts ...string) (http.Handler, error) {
	if j == nil {
		return nil, errors.New("admin: NewForJournal needs a journal")
	}
	h := &handler{Mock: Mock{Journal: j, Hosts: hosts}}
	h.routes = h.journalRoutes()
	return h, nil
}

// refusal is an answer that is an error.
type refusal struct {
	status  int
	code    string
	message string
	field   string // that it is about: a parameter or a header; empty: none
	advice  string // what to do
}

func (r *refusal) Error() string { return r.message }

// ServeHTTP answers one request.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if err := h.serve(w, r); err != nil {
		writeError(w, r, err)
	}
}

func (h *handler) serve(w http.ResponseWriter, r *http.Request) error {
	if err := h.checkCaller(r); err != nil {
		return err
	}
	found, part := h.find(r.URL)
	if found == nil {
		return &refusal{status: http.StatusNotFound, code: "not_found", message: fmt.Sprintf("there is nothing at %q", r.URL.Path), advice: "GET / tells what there is"}
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	act, ok := found.actions[method]
	if !ok {
		allowed := strings.Join(found.methods(), ", ")
		w.Header().Set("Allow", allowed)
		return &refusal{status: http.StatusMethodNotAllowed, code: "method_not_allowed", message: fmt.Sprintf("%s takes %s", found.path, allowed), advice: "use one of these methods"}
	}
	query, err := readQuery(r, act.params)
	if err != nil {
		return err
	}
	return act.do(w, &request{r, query, part})
}

// checkCaller refuses what a web page of another site could have made a browser send, which names the site in the header Origin of all
// that is not a GET (WHATWG Fetch, "Origin" header). What programs send has none, and may be said to be of any type.
func (h *handler) checkCaller(r *http.Request) error {
	if !isLoopback(r.Host) && !h.isConfigured(r.Host) {
		return &refusal{status: http.StatusForbidden, code: "host_refused", message: fmt.Sprintf("the header Host is %q: only localhost, loopback addresses and hosts that are configured are served", r.Host),
			field: "Host", advice: "call the administration by its loopback address"}
	}
	for _, origin := range r.Header.Values("Origin") {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.EqualFold(u.Host, r.Host) {
			return &refusal{status: http.StatusForbidden, code: "origin_refused", message: fmt.Sprintf("requests of web pages of %q are refused", origin),
				field: "Origin", advice: "send the request from a program"}
		}
	}
	return nil
}

// isConfigured reports whether a header Host names one of the hosts of the mock.
func (h *handler) isConfigured(host string) bool {
	name := nameOf(host)
	return name != "" && slices.ContainsFunc(h.Hosts, func(known string) bool { return strings.EqualFold(known, name) })
}

// nameOf returns a header Host without its port.
func nameOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// isLoopback reports whether a header Host names this machine and nothing that a name
// server could point here.
func isLoopback(host string) bool {
	name := nameOf(host)
	if strings.EqualFold(name, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(name, "["), "]"))
	return err == nil && addr.Unmap().IsLoopback()
}

func (h *handler) getIndex(w http.ResponseWriter, _ *request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, h.index()) // the caller may be gone
	return nil
}

func (h *handler) getOpenAPI(w http.ResponseWriter, _ *request) error {
	return writeJSON(w, http.StatusOK, h.document())
}

// healthJSON is what GET /health answers.
type healthJSON struct {
	Status  string       `json:"status" enum:"ok"`
	Now     time.Time    `json:"now" doc:"in UTC, by the clock of the mock"`
	REST    bool         `json:"rest" doc:"the REST API is served"`
	Rules   int          `json:"rules"`
	Journal journalState `json:"journal"`
}

func (h *handler) getHealth(w http.ResponseWriter, _ *request) error {
	return writeJSON(w, http.StatusOK, healthJSON{"ok", h.Clock.Now().UTC(), h.REST != nil, len(h.Rules.List()), h.Journal.state()})
}

func (h *handler) getState(w http.ResponseWriter, _ *request) error {
	text, err := EncodeState(h.Simulator.Snapshot())
	if err != nil {
		return err
	}
	write(w, http.StatusOK, text)
	return nil
}

func (h *handler) putState(w http.ResponseWriter, r *request) error {
	data, err := readBody(w, r, maxState)
	if err != nil {
		return err
	}
	st, err := DecodeState(data)
	if err != nil {
		return err
	}
	if err := h.Simulator.Load(st); err != nil {
		return placed(data, stateType, err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (h *handler) postDemo(w http.ResponseWriter, _ *request) error {
	h.Simulator.Reset()
	if err := h.Simulator.LoadDemo(); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (h *handler) reset(w http.ResponseWriter, _ *request) error {
	h.Simulator.Reset()
	h.Rules.Clear()
	h.Journal.Clear()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// clockNow is what GET /clock answers. The time is in UTC, wherever the server runs.
type clockNow struct {
	Now   time.Time `json:"now"`
	Ahead string    `json:"ahead"`
}

func (h *handler) getClock(w http.ResponseWriter, _ *request) error {
	return writeJSON(w, http.StatusOK, clockNow{h.Clock.Now().UTC(), h.Clock.Ahead().String()})
}

func (h *handler) postClock(w http.ResponseWriter, r *request) error {
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

func readBody(w http.ResponseWriter, r *request, limit int64) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, &refusal{status: http.StatusRequestEntityTooLarge, code: "too_large", message: fmt.Sprintf("the body has more than %d bytes", limit), advice: "send less at a time"}
	case err != nil:
		return nil, &refusal{status: http.StatusBadRequest, code: "bad_request", message: "the body could not be read", advice: "send it again"}
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
	Error problemJSON `json:"error"`
}

type problemJSON struct {
	Code    string `json:"code" doc:"a name for programs"`
	Message string `json:"message" doc:"what is wrong"`
	Where   string `json:"where" doc:"method and path of the request"`
	Advice  string `json:"advice" doc:"what to do"`
	Line    int    `json:"line,omitempty" doc:"of the body, from 1"`
	Column  int    `json:"column,omitempty" doc:"in characters, from 1"`
	Field   string `json:"field,omitempty" doc:"of the body, or the parameter or header that it is about"`
}

func writeError(w http.ResponseWriter, r *http.Request, err error) {
	out := problemJSON{Code: "internal", Message: err.Error(), Where: r.Method + " " + r.URL.Path, Advice: "this is a mistake of the mock: please report it"}
	status := http.StatusInternalServerError
	var refused *refusal
	var bad *PlaceError
	switch {
	case errors.As(err, &refused):
		status, out.Code, out.Field, out.Advice = refused.status, refused.code, refused.field, refused.advice
	case errors.As(err, &bad):
		status, out.Code = http.StatusBadRequest, "bad_request"
		out.Line, out.Column, out.Field, out.Advice = bad.Line, bad.Column, bad.Field, "mend the body at that place: GET / lists fields and values"
	}
	if err := writeJSON(w, status, errorJSON{out}); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
}
