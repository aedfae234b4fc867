package mktowstest

import (
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
)

// Rule makes the server misbehave on purpose: see [server.Rule].
type Rule = server.Rule

// Exchange is a call and what became of it: see [server.Exchange].
type Exchange = server.Exchange

// What the Drop of a [Rule] can be.
const (
	DropBeforeWork = server.DropBeforeWork // the connection is closed, nothing was done
	DropAfterWork  = server.DropAfterWork  // the work was done, its answer is lost
	DropHalfAnswer = server.DropHalfAnswer // half an answer is sent
)

// Server is a Marketo for one test. Make it with [NewServer]. It is safe for
// concurrent use.
type Server struct {
	tb     testing.TB
	config config
	sim    *simulator.Simulator
	rules  server.Rules
	clock  *Clock
	pipes  *pipeListener
	http   *http.Server
	base   string // of the endpoint in memory
	log    journal

	serving sync.WaitGroup
	mu      sync.Mutex
	url     string // of the real listener, once there is one
}

// NewServer starts a server that ends with the test. A mistake in the options fails the
// test at once.
func NewServer(tb testing.TB, opts ...Option) *Server {
	tb.Helper()
	s := &Server{tb: tb, config: newConfig(opts), clock: new(Clock), pipes: newPipeListener(), base: anyLoopback()}
	s.sim = simulator.New(append([]simulator.Option{simulator.WithClock(s.clock.Now)}, s.config.simulator...)...)
	if s.config.demo {
		if err := s.sim.LoadDemo(); err != nil {
			tb.Fatalf("mktowstest: %v", err)
		}
	}
	soap, err := server.New(s.port(), s.options()...)
	if err != nil {
		tb.Fatalf("mktowstest: %v", err)
	}
	handler, err := s.faces(soap)
	if err != nil {
		tb.Fatalf("mktowstest: %v", err)
	}
	s.http = &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute}
	s.serve(s.pipes)
	tb.Cleanup(s.finish)
	return s
}

func (s *Server) port() gen.Port {
	if s.config.port != nil {
		return s.config.port
	}
	return s.sim
}

func (s *Server) options() []server.Option {
	creds := s.config.creds
	opts := []server.Option{
		server.WithUsers(map[string]auth.Secret{creds.UserID: creds.Key}),
		server.WithClock(s.clock.Now), server.WithSleep(s.clock.c.Sleep),
		server.WithRules(&s.rules), server.WithJournal(s.record),
	}
	if s.config.noLimits {
		opts = append(opts, server.WithLimits(limits.Unlimited()))
	}
	return append(opts, s.config.server...)
}

// serve answers what the listener accepts, until the server is closed.
func (s *Server) serve(l net.Listener) {
	s.serving.Go(func() { _ = s.http.Serve(l) }) // returns when the server is closed
}

// finish ends the server and, if the test has failed, shows what was asked of it.
func (s *Server) finish() {
	_ = s.http.Close()
	s.serving.Wait()
	s.log.close()
	if s.tb.Failed() {
		s.tb.Log(s.log.summary())
	}
}

// anyLoopback returns the URL of an endpoint that no other server of the process has:
// clients count their calls by host and user, and servers of parallel tests must not
// share a count. Nothing listens there.
func anyLoopback() string {
	return fmt.Sprintf("http://127.%d.%d.%d:%d", rand.IntN(256), rand.IntN(256), 1+rand.IntN(254), 1+rand.IntN(65535))
}

// endpointPath is the path of the endpoint.
func (s *Server) endpointPath() string { return server.DefaultMount + s.config.version }

// Client returns a client of the server that is ready for use, over connections in
// memory. The options come after those that make it so: they may change everything
// but the HTTP client; for one of your own use [Server.URL].
func (s *Server) Client(opts ...client.Option) *client.Client {
	s.tb.Helper()
	all := []client.Option{client.WithDial(s.pipes.dial), client.WithClock(s.clock.Now)}
	if s.config.noLimits {
		all = append(all, client.WithoutLimits())
	}
	c, err := client.New(s.base+s.endpointPath(), s.config.creds, append(all, opts...)...)
	if err != nil {
		s.tb.Fatalf("mktowstest: %v", err)
	}
	s.tb.Cleanup(c.CloseIdleConnections)
	return c
}

// URL returns the endpoint at a port of the loopback interface, where other processes
// and other HTTP clients reach the server. The first call starts to listen. It does not work
// in a synctest bubble.
func (s *Server) URL() string {
	s.tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.url == "" {
		l, err := new(net.ListenConfig).Listen(s.tb.Context(), "tcp", "127.0.0.1:0")
		if err != nil {
			s.tb.Fatalf("mktowstest: %v", err)
		}
		s.serve(l)
		s.url = "http://" + l.Addr().String() + s.endpointPath()
	}
	return s.url
}

// Credentials returns the user id and the secret key that the server knows.
func (s *Server) Credentials() auth.Credentials { return s.config.creds }

// Clock returns the clock of server, simulator and client.
func (s *Server) Clock() *Clock { return s.clock }

// Sim returns the simulator, for adding and looking up while the test runs. With
// [WithPort] nobody asks it.
func (s *Server) Sim() *simulator.Simulator { return s.sim }

// Seed adds leads with their activities and returns their ids. A lead that cannot be
// added fails the test at once.
func (s *Server) Seed(leads ...simulator.Lead) (ids []int64) {
	s.tb.Helper()
	for i := range leads {
		id, err := s.sim.AddLead(leads[i])
		if err != nil {
			s.tb.Fatalf("mktowstest: lead %d: %v", i+1, err)
		}
		ids = append(ids, id)
	}
	return ids
}

// Inject adds a rule; remove takes it away. A rule that is not valid fails the test
// at once.
func (s *Server) Inject(r Rule) (remove func()) {
	s.tb.Helper()
	if err := r.Validate(); err != nil {
		s.tb.Fatalf("mktowstest: %v", err)
	}
	return s.rules.Add(r)
}
