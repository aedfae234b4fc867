package settings

import (
	"context"
	"errors"

	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/demo"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// Stopped returns why no further batch is to be sent.
func Stopped(ctx context.Context, op string) error {
	err := context.Cause(ctx)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &fault.OpError{Op: op, Err: err}
	}
	return err
}

// RemoteFlags are those of the commands that call typed operations.
type RemoteFlags struct {
	ConnectionFlags
	Demo bool
}

// Bind adds the flags.
func (f *RemoteFlags) Bind(fs *pflag.FlagSet) {
	f.ConnectionFlags.Bind(fs)
	fs.BoolVar(&f.Demo, "demo", false, "ask the built-in simulator instead of the service")
}

// CheckDemo refuses flags that do not go with --demo.
func (f *ConnectionFlags) CheckDemo(demo bool) error {
	if demo && (f.endpoint != "" || f.userID != "") {
		return exit.Usagef("--demo has an endpoint and a user of its own: leave out --endpoint and --user-id")
	}
	return nil
}

// WithAPI calls do with the operations of the service.
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

// OpenPort returns the client to ask, and what to do when done.
func OpenPort(ctx context.Context, a *console.Console, f *ConnectionFlags, demo bool) (gen.Port, func(), error) {
	if demo {
		return demoPort(ctx, a, f)
	}
	conn, err := Connect(ctx, a, f, false)
	if err != nil {
		return nil, nil, err
	}
	made, err := NewClient(a, conn, f)
	if err != nil {
		return nil, nil, err
	}
	return made, made.CloseIdleConnections, nil
}

// DemoEndpoint stands for the endpoint of a simulator that is not started, since nothing is sent.
const DemoEndpoint = "the built-in simulator"

// Connect returns where and as whom to call, and what to do when done. Where nothing is to be sent, the endpoint may be
// missing, and the simulator of --demo is not started.
func (f *RemoteFlags) Connect(ctx context.Context, a *console.Console, dryRun bool) (c Connection, stop func(), err error) {
	stop = func() {}
	if err := f.CheckDemo(f.Demo); err != nil {
		return c, stop, err
	}
	switch {
	case !f.Demo:
		c, err = Connect(ctx, a, &f.ConnectionFlags, dryRun)
	case dryRun:
		c = Connection{Endpoint: DemoEndpoint, Creds: demo.Credentials()}
	default:
		c, stop, err = demoConnection(ctx)
	}
	return c, stop, err
}

func demoConnection(ctx context.Context) (Connection, func(), error) {
	endpoint, stop, err := demo.Start(ctx)
	if err != nil {
		return Connection{}, func() {}, err
	}
	return Connection{endpoint, demo.Credentials()}, stop, nil
}

func demoPort(ctx context.Context, a *console.Console, f *ConnectionFlags) (gen.Port, func(), error) {
	conn, stop, err := demoConnection(ctx)
	if err != nil {
		return nil, nil, err
	}
	made, err := NewClient(a, conn, f)
	if err != nil {
		stop()
		return nil, nil, err
	}
	return made, func() { made.CloseIdleConnections(); stop() }, nil
}
