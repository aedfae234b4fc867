package mktowstest

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/simulator/rest"
)

// The custom service that the REST API of a server knows: placeholders.
const (
	RESTClientID     = "00000000-0000-0000-0000-00000000c11e"
	RESTClientSecret = "example-client-secret"
)

// REST is the REST API of a server, over the same state: what the code under test writes by one
// API it reads by the other.
type REST struct {
	// URL is the base URL: paths such as /rest/v1/leads.json, /bulk/v1 and /identity follow it.
	URL          string
	ClientID     string
	ClientSecret auth.Secret
	// Client reaches the URL over connections in memory.
	Client *http.Client
}

// REST returns the REST API of the server. Rules of [Server.Inject] act on it as well, by the
// names of [rest.Operations], and [Server.Exchanges] shows its calls. Options are given by
// [WithREST]. A request that the API does not know, or cannot read, fails the test, unless
// [WithUnexpectedRequests] is given.
func (s *Server) REST() REST {
	s.tb.Helper()
	transport := &http.Transport{DialContext: s.pipes.dial}
	s.tb.Cleanup(transport.CloseIdleConnections)
	return REST{s.base, RESTClientID, auth.NewSecret(RESTClientSecret), &http.Client{Transport: transport}}
}

// WithREST gives options to the REST API, such as rest.WithQuirks.
func WithREST(opts ...rest.Option) Option {
	return func(c *config) { c.rest = append(c.rest, opts...) }
}

// faces returns a handler of both APIs, each at the paths that the service has.
func (s *Server) faces(soap http.Handler) (http.Handler, error) {
	opts := []rest.Option{
		rest.WithClient(RESTClientID, auth.NewSecret(RESTClientSecret)), rest.WithRules(&s.rules), rest.WithJournal(s.record), rest.WithSleep(s.clock.c.Sleep),
	}
	if s.config.noLimits {
		opts = append(opts, rest.WithLimits(limits.Unlimited()))
	}
	api, err := rest.New(s.sim, append(opts, s.config.rest...)...)
	if err != nil {
		return nil, fmt.Errorf("the REST API: %w", err)
	}
	return api.Beside(soap), nil
}

// RESTURL returns the base URL of the REST API at a port of the loopback interface, for other
// processes: see [Server.URL].
func (s *Server) RESTURL() string {
	s.tb.Helper()
	return strings.TrimSuffix(s.URL(), s.endpointPath())
}
