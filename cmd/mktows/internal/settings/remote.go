package settings

import (
	"context"
	"errors"

	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/demo"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/server"
)

// Stopped returns the reason why no further batch may be sent, or nil. If --timeout ran out, it is a failure of the
// operation op, with the exit code of the service; if the user interrupted, it is the plain error of the context.
func Stopped(ctx context.Context, op string) error {
	err := context.Cause(ctx)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &fault.OpError{Op: op, Err: err}
	}
	return err
}

// RemoteFlags are the flags of commands that call the service or, with --demo, the simulator.
type RemoteFlags struct {
	ConnectionFlags
	Demo bool
}

// Bind adds the flags.
func (f *RemoteFlags) Bind(fs *pflag.FlagSet) {
	f.ConnectionFlags.Bind(fs)
	fs.BoolVar(&f.Demo, "demo", false, "ask the built-in simulator instead of the service")
}

// CheckDemo refuses flags that contradict --demo. Settings from the environment are ignored instead: they are often
// set for a whole session, and --demo is meant to be tried without unsetting them.
func (f *ConnectionFlags) CheckDemo(demo bool) error {
	if demo && (f.endpoint != "" || f.userID != "") {
		return exit.Usagef("--demo has an endpoint and a user of its own: leave out --endpoint and --user-id")
	}
	return f.checkREST()
}

// WithAPI opens a connection, calls do with the operations of the service, and closes what it opened. With --demo the
// simulator is started first and stopped at the end.
func WithAPI(ctx context.Context, a *console.Console, f *RemoteFlags, do func(context.Context, *operations.API) error) error {
	if err := f.CheckDemo(f.Demo); err != nil {
		return err
	}
	port, stop, err := OpenPort(ctx, a, &f.ConnectionFlags, f.Demo)
	if err != nil {
		return err
	}
	defer stop()
	return do(ctx, operations.New(port))
}

// OpenPort returns a port that calls the service or the simulator, and a function that releases it.
func OpenPort(ctx context.Context, a *console.Console, f *ConnectionFlags, demo bool) (console.Port, func(), error) {
	conn, stop, err := open(ctx, a, f, demo)
	if err != nil {
		return nil, nil, err
	}
	made, err := NewPort(a, conn, f, &PortOptions{})
	if err != nil {
		stop()
		return nil, nil, err
	}
	return made, func() { made.CloseIdleConnections(); stop() }, nil
}

// open returns the connection to the service, or to a simulator that is started for it, and what stops that.
func open(ctx context.Context, a *console.Console, f *ConnectionFlags, demo bool) (Connection, func(), error) {
	if demo {
		return DemoConnection(ctx, a, f)
	}
	conn, err := Connect(ctx, a, f, false)
	return conn, func() {}, err
}

// DemoEndpoint is printed as the endpoint in a dry run with --demo, for which no simulator is started.
const DemoEndpoint = "the built-in simulator"

// Connect returns the endpoint and the credentials, and a function that releases what was started for them; the
// function is never nil. In a dry run the endpoint may be missing and no simulator is started, since nothing is sent.
func (f *RemoteFlags) Connect(ctx context.Context, a *console.Console, dryRun bool) (c Connection, stop func(), err error) {
	stop = func() {}
	if err := f.CheckDemo(f.Demo); err != nil {
		return c, stop, err
	}
	switch {
	case !f.Demo:
		c, err = Connect(ctx, a, &f.ConnectionFlags, dryRun)
	case dryRun:
		c = Connection{Endpoint: DemoEndpoint, Creds: demo.Credentials(), REST: f.rest}
	default:
		c, stop, err = DemoConnection(ctx, a, &f.ConnectionFlags)
	}
	return c, stop, err
}

// DemoConnection starts the simulator behind a real HTTP server on this machine, and returns what stops it. It could
// be called directly, without a network, but then --demo would show less than what a user's own calls go through.
func DemoConnection(ctx context.Context, a *console.Console, f *ConnectionFlags, more ...server.Option) (Connection, func(), error) {
	if f.rest {
		return demoREST(ctx, a)
	}
	endpoint, stop, err := demo.Start(ctx, more...)
	if err != nil {
		return Connection{}, func() {}, err
	}
	return Connection{Endpoint: endpoint, Creds: demo.Credentials(), demo: true}, stop, nil
}
