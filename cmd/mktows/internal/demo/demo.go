package demo

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/listen"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
)

// The pair that the mock server takes if the environment has none. It is not a secret, and
// good for nothing else.
const (
	user = "example_user"
	Key  = "example-key"
)

// EndpointPath is that of the mock server as it is printed; it takes other versions too.
const EndpointPath = server.DefaultMount + "2_7"

// Instance is the name under which copies know the simulator. The host of its endpoint would not do, because its
// port is another one in each run.
const Instance = "demo"

// Credentials are the placeholder pair.
func Credentials() auth.Credentials {
	return auth.Credentials{UserID: user, Key: auth.NewSecret(Key)}
}

// newHandler returns the simulator with its demonstration data behind the SOAP endpoint.
func newHandler(log *slog.Logger, more []server.Option) (http.Handler, error) {
	sim := simulator.New()
	if err := sim.LoadDemo(); err != nil {
		return nil, err
	}
	creds := Credentials()
	users := map[string]auth.Secret{creds.UserID: creds.Key}
	return server.New(sim, append([]server.Option{server.WithUsers(users), server.WithLogger(log)}, more...)...)
}

// Start serves the demonstration data at the SOAP endpoint; see [Serve].
func Start(ctx context.Context, more ...server.Option) (endpoint string, stop func(), err error) {
	handler, err := newHandler(slog.New(slog.DiscardHandler), more)
	if err != nil {
		return "", nil, err
	}
	base, stop, err := Serve(ctx, handler)
	return base + EndpointPath, stop, err
}

// Serve serves a handler on a free port of this machine and returns its URL. Stop ends that. The server does not end
// with ctx: a command that is interrupted may still have a call to finish.
func Serve(ctx context.Context, handler http.Handler) (base string, stop func(), err error) {
	ln, err := listen.Listen(ctx, "addr", "127.0.0.1:0", nil)
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = listen.Serve(ctx, ln, handler, slog.New(slog.DiscardHandler)) // the client reports what comes of it
	}()
	stop = func() { cancel(); <-ended }
	return listen.BaseURL(ln), stop, nil
}
