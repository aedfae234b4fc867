package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/internal/clock"
	"github.com/mktows/mktows-go/internal/gate"
	"github.com/mktows/mktows-go/internal/httpsend"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/internal/instance"
)

// gzipFrom is the size from which the service compresses an answer (Marketo REST API, REST
// API overview).
const gzipFrom = 1024

// Handler answers calls of the REST API. Make it with [New]; the zero value is of no use. It
// is safe for concurrent use.
type Handler struct{ api *handler }

// handler is what a Handler is made of.
type handler struct {
	*instance.Instance
	config

	current  atomic.Pointer[settings]
	tokens   tokens
	gates    gate.Gates
	sender   httpsend.Sender
	requests atomic.Uint64 // how many there were, for requestId
}

// config is what options set.
type config struct {
	settings Settings      // those of the beginning
	limits   limits.Limits // without zeros
	rules    *endpoint.Rules
	journal  func(endpoint.Exchange)
	sleep    func(ctx context.Context, d time.Duration) error
	life     time.Duration // of a token
}

// New returns the REST API of a simulator. It has to be told who may call, by [WithClient]. The
// error joins all mistakes in the options.
func New(sim *simulator.Simulator, opts ...Option) (*Handler, error) {
	if sim == nil {
		return nil, errors.New("rest: the simulator is nil")
	}
	h := &handler{Instance: instance.Of(sim)}
	conf := config{settings: Settings{Exports: ServiceExports()}, limits: limits.REST(), rules: new(endpoint.Rules), sleep: new(clock.Clock).Sleep, life: tokenLife}
	var errs []error
	for i, opt := range opts {
		if opt == nil {
			errs = append(errs, fmt.Errorf("rest: option %d is nil", i+1))
			continue
		}
		errs = append(errs, opt(&conf))
	}
	if err := errors.Join(append(errs, conf.settings.check())...); err != nil {
		return nil, err
	}
	h.config, h.tokens.life = conf, conf.life
	h.set(conf.settings)
	h.gates.Limits, h.sender.GzipFrom = h.limits, gzipFrom
	return &Handler{h}, nil
}

// Operations returns the operations, by the names that rules and journal have: method and
// path, with names in braces in place of ids.
func Operations() []string {
	names := make([]string, len(operations))
	for i := range operations {
		names[i] = operations[i].name()
	}
	return names
}

// Beside returns a handler of both APIs: calls at the paths of the SOAP API, whatever its version,
// go to its endpoint, all others to the handler.
func (h *Handler) Beside(soap http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, endpoint.SOAPMount) {
			soap.ServeHTTP(w, r)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// ServeHTTP answers one call.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.api.serve(w, r) }

func (h *handler) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", "mktows-go")
	w.Header().Set("Date", h.Now().UTC().Format(http.TimeFormat))
	c := newCall(h, w, r)
	answer := c.answer(r.Context())
	c.record(answer)
	switch {
	case answer.serve == nil || answer.Part == httpsend.Nothing:
		h.sender.Send(w, r, &answer.Answer)
	case answer.Part == httpsend.Half:
		answer.serve(&halfWriter{ResponseWriter: w}, r)
	default:
		answer.serve(w, r)
	}
}

// halfWriter closes the connection when half of what the header has announced is written.
type halfWriter struct {
	http.ResponseWriter

	left int
}

func (w *halfWriter) WriteHeader(status int) {
	size, _ := strconv.Atoi(w.Header().Get("Content-Length"))
	w.left = size / 2
	w.ResponseWriter.WriteHeader(status)
}

func (w *halfWriter) Write(p []byte) (int, error) {
	n := min(len(p), w.left)
	w.left -= n
	written, err := w.ResponseWriter.Write(p[:n])
	if w.left == 0 && err == nil {
		_ = http.NewResponseController(w.ResponseWriter).Flush()
		panic(http.ErrAbortHandler)
	}
	return written, err
}
