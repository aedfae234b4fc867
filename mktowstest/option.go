package mktowstest

import (
	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// Option sets one thing about a [Server].
type Option func(*config)

type config struct {
	creds      auth.Credentials
	version    string
	port       gen.Port
	demo       bool
	noLimits   bool
	unexpected bool
	simulator  []simulator.Option
	server     []server.Option
	rest       []rest.Option
}

func newConfig(opts []Option) config {
	c := config{
		creds:   auth.Credentials{UserID: "example_user", Key: auth.NewSecret("example-key")},
		version: gen.V3_1.String(),
	}
	for _, opt := range opts {
		opt(&c)
	}
	return c
}

// WithDemo begins with the demonstration data: see [simulator.Simulator.LoadDemo].
func WithDemo() Option { return func(c *config) { c.demo = true } }

// WithoutLimits makes neither the server nor its clients count calls.
func WithoutLimits() Option { return func(c *config) { c.noLimits = true } }

// WithUnexpectedRequests keeps requests that cannot be understood, and operations that are
// not simulated, from failing the test.
func WithUnexpectedRequests() Option { return func(c *config) { c.unexpected = true } }

// WithVersion sets the version in the endpoint's path. Default: 3_1.
func WithVersion(version string) Option { return func(c *config) { c.version = version } }

// WithCredentials sets the user that the server knows. Default: example_user with the
// key example-key.
func WithCredentials(creds auth.Credentials) Option { return func(c *config) { c.creds = creds } }

// WithPort puts a port of the test's own in place of the simulator.
func WithPort(port gen.Port) Option { return func(c *config) { c.port = port } }

// WithSimulator gives options to the simulator, such as simulator.WithPageLimit.
func WithSimulator(opts ...simulator.Option) Option {
	return func(c *config) { c.simulator = append(c.simulator, opts...) }
}

// WithServer gives options to the server, such as server.WithLimits.
func WithServer(opts ...server.Option) Option {
	return func(c *config) { c.server = append(c.server, opts...) }
}
