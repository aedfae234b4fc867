package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

const (
	readTimeout = time.Minute
	// idleTimeout is how long a connection may wait for its next call. Old clients open one for each.
	idleTimeout = time.Minute
	// stopMargin is how much longer than a call a stop may take: for its answer.
	stopMargin = 5 * time.Second
)

// Handler returns the handler for what comes in by a listener: what is said about a caller in headers is believed only behind a proxy.
func (g *Gateway) Handler(l *Listener) http.Handler {
	if l.BehindProxy {
		return g
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-For", "Forwarded"} {
			r.Header.Del(name)
		}
		g.ServeHTTP(w, r)
	})
}

// Serve answers what comes in by a listener until ctx ends. Then it takes no new connections, lets calls under way come to their
// end, and returns nil.
func (g *Gateway) Serve(ctx context.Context, ln net.Listener, handler http.Handler) error {
	callTime := g.current.Load().callTime
	srv := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: readTimeout, WriteTimeout: readTimeout + callTime + readTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(g.options.log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	select {
	case err := <-ended:
		return fmt.Errorf("listening has ended: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTime+stopMargin)
	defer cancel()
	err := srv.Shutdown(grace)
	if err != nil {
		err = errors.Join(fmt.Errorf("calls were cut off at the stop: %w", err), srv.Close())
	}
	<-ended
	g.current.Load().journal.flush(grace)
	return err
}
