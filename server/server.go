package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/clock"
	"github.com/mktows/mktows-go/internal/gate"
	"github.com/mktows/mktows-go/internal/httpsend"
	"github.com/mktows/mktows-go/limits"
)

// product is what answers have in their header Server.
const product = "mktows-go"

// Server is an endpoint over a port. Make it with [New]; the zero value is of no use.
// It is an http.Handler, safe for concurrent use, and holds no connection and no
// goroutine: whoever listens shuts down.
type Server struct {
	port  gen.Port
	mount string

	lookup func(ctx context.Context, userID string) (auth.Secret, bool) // nil: everybody is let in
	open   bool                                                         // by WithoutAuthentication
	decoy  auth.Secret                                                  // the key of users that are not known
	window time.Duration

	now   func() time.Time
	sleep func(ctx context.Context, d time.Duration) error
	gates gate.Gates
	lobby lobby
	rules *Rules

	maxBody   int64
	repair    bool
	repaired  atomic.Int64
	publicURL string
	forwarded bool
	log       *slog.Logger
	journal   func(context.Context, Exchange)
	sender    httpsend.Sender
	buffers   sync.Pool // of *[]byte
}

// New returns an endpoint over the port. It has to be told who may call: by WithUsers,
// by WithUserLookup or, explicitly, by WithoutAuthentication. The error joins all
// mistakes in the options.
func New(port gen.Port, opts ...Option) (*Server, error) {
	s := &Server{
		port: port, mount: DefaultMount, decoy: newDecoy(), window: DefaultWindow,
		now: time.Now, sleep: new(clock.Clock).Sleep, rules: new(Rules), maxBody: DefaultMaxBody, log: slog.New(slog.DiscardHandler),
	}
	s.sender.GzipFrom = gzipFrom
	s.gates.Limits = limits.SOAP()
	s.lobby.maxRequests, s.lobby.maxBytes = DefaultPending, DefaultPendingBytes
	var errs []error
	if port == nil {
		errs = append(errs, errors.New("server: the port is nil"))
	}
	for i, opt := range opts {
		if opt == nil {
			errs = append(errs, fmt.Errorf("server: option %d is nil", i+1))
			continue
		}
		errs = append(errs, opt(s))
	}
	if s.open == (s.lookup != nil) {
		errs = append(errs, errors.New("server: say who may call: exactly one of WithUsers, WithUserLookup and WithoutAuthentication"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return s, nil
}

// Repaired returns how many characters [WithRepair] has replaced so far.
func (s *Server) Repaired() int64 { return s.repaired.Load() }

// ServeHTTP answers a call or a request for the contract.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Server", product)
	// Clients learn from it how far their clock is off, so it is the clock that
	// signatures are held against.
	w.Header().Set("Date", s.now().UTC().Format(http.TimeFormat))
	version, err := s.version(r.URL.Path)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	switch r.Method {
	case http.MethodPost:
		s.serveCall(w, r, version)
	case http.MethodGet, http.MethodHead:
		s.serveContract(w, r, version)
	default:
		w.Header().Set("Allow", "GET, HEAD, POST")
		http.Error(w, "A SOAP call is a POST; GET ?WSDL gives the contract.", http.StatusMethodNotAllowed)
	}
}

// version returns the contract for an endpoint's path: any prefix, the mount, the
// version.
func (s *Server) version(path string) (gen.Version, error) {
	i := strings.LastIndex(path, s.mount)
	if i < 0 {
		return 0, fmt.Errorf("there is no endpoint here: its path ends in %sVERSION, such as %s%s", s.mount, s.mount, gen.V3_1)
	}
	return gen.ParseVersion(strings.TrimSuffix(path[i+len(s.mount):], "/"))
}
