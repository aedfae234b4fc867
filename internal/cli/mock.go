package cli

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
)

// The pair that the mock server takes if the environment has none. It is no secret, and
// good for nothing else.
const (
	placeholderUser = "example_user"
	placeholderKey  = "example-key"
)

// endpointPath is that of the mock server as it is printed; it takes other versions too.
const endpointPath = server.DefaultMount + "2_7"

func placeholders() auth.Credentials {
	return auth.Credentials{UserID: placeholderUser, Key: auth.NewSecret(placeholderKey)}
}

// newMock returns the simulator as a SOAP endpoint, with or without demonstration data.
func newMock(creds auth.Credentials, demo bool, log *slog.Logger, more ...server.Option) (http.Handler, error) {
	sim := simulator.New()
	if demo {
		if err := sim.LoadDemo(); err != nil {
			return nil, err
		}
	}
	users := map[string]auth.Secret{creds.UserID: creds.Key}
	return server.New(sim, append([]server.Option{server.WithUsers(users), server.WithLogger(log)}, more...)...)
}

// startDemo serves the demonstration data on a free port of this machine. Stop ends that.
func startDemo(ctx context.Context, more ...server.Option) (endpoint string, stop func(), err error) {
	log := slog.New(slog.DiscardHandler)
	mock, err := newMock(placeholders(), true, log, more...)
	if err != nil {
		return "", nil, err
	}
	ln, err := listen(ctx, "addr", "127.0.0.1:0", nil)
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = serve(ctx, ln, mock, log) // the client reports what comes of it
	}()
	stop = func() { cancel(); <-ended }
	return baseURL(ln) + endpointPath, stop, nil
}
