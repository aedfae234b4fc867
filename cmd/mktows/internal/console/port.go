package console

import (
	"context"
	"log/slog"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/limits"
)

// Port is a port that calls a service, over whichever of its APIs.
type Port interface {
	gen.Port
	CloseIdleConnections()
	// ServerTime returns the time by the service's clock.
	ServerTime(context.Context) (time.Time, error)
}

// CopySettings say which copy answers beside a port, and how old it may be.
type CopySettings struct {
	Port   gen.Port
	Place  string // a path or the URL of PostgreSQL
	Schema string // of PostgreSQL; empty: that of the search path
	MaxAge time.Duration
	// Instance is what the port calls, as copies know it.
	Instance string
}

// REST is the way to the REST API. Commands get it from the console and not from a package, so that the light command
// behind "make run" does not link what it is made of.
type REST struct {
	// New returns a port and sends nothing. Its errors are in terms of the command line.
	New func(*RESTSettings) (Port, error)
	// Demo serves the built-in simulator on this machine, without limits. Stop ends that.
	Demo func(context.Context) (endpoint string, creds auth.Credentials, stop func(), err error)
}

// RESTSettings are what a port over the REST API is made of.
type RESTSettings struct {
	Endpoint     string
	Creds        auth.Credentials // the client id and the client secret of a custom service
	InsecureHTTP bool
	Names        string // file of names of fields and activities; empty: none
	Unlimited    bool   // no limits are kept, unless Limiter is set
	// Limits are those that the process keeps by itself. Zero fields stand for what the service advises.
	Limits limits.Limits
	// Limiter takes their place. Nil: none does.
	Limiter interface {
		Acquire(ctx context.Context) (release func(sent bool), err error)
	}
	Logger *slog.Logger
	// Origin says where the value of a variable is from, for messages.
	Origin func(variable string) string
	// Observer is told of each call if it has the method BridgeInterceptor of package telemetry, whose types are not known
	// here: this package is linked without package bridge as well. Nil: nobody is told.
	Observer any
}
