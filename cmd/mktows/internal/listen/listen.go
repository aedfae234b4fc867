package listen

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
)

// Listen opens the TCP address that a flag names. If other machines can reach that address, the error remote is
// returned, unless it is nil. It is the caller's, because only the caller knows why that is dangerous and which flag
// allows it.
func Listen(ctx context.Context, flag, addr string, remote error) (net.Listener, error) {
	resolved, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return nil, exit.Usagef("--%s: %q is not HOST:PORT, such as 127.0.0.1:8080: %w", flag, addr, err)
	}
	if !resolved.IP.IsLoopback() && remote != nil {
		return nil, remote
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", resolved.String())
	if err != nil {
		return nil, fmt.Errorf("%w\nchoose another address with --%s; port 0 means any free port", err, flag)
	}
	return ln, nil
}

// BaseURL is where a client on this machine finds what listens.
func BaseURL(ln net.Listener) string {
	addr, ok := ln.Addr().(*net.TCPAddr)
	if ok && addr.IP.IsUnspecified() {
		return fmt.Sprintf("http://localhost:%d", addr.Port)
	}
	return "http://" + ln.Addr().String()
}

const (
	readTimeout     = time.Minute
	writeTimeout    = 5 * time.Minute
	idleTimeout     = 2 * time.Minute
	shutdownTimeout = 5 * time.Second
)

// Serve serves until ctx ends, lets requests under way come to their end for a few seconds, and returns nil.
func Serve(ctx context.Context, ln net.Listener, handler http.Handler, log *slog.Logger) error {
	srv := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	select {
	case err := <-ended:
		return fmt.Errorf("the server has stopped: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := srv.Shutdown(grace); err != nil {
		_ = srv.Close() // who has not finished by now is cut off
	}
	<-ended
	return nil
}

// EndingWith ends the requests of a handler with ctx: a stream, such as that of a journal, would never come to its end.
func EndingWith(ctx context.Context, handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		within, cancel := context.WithCancel(r.Context())
		defer cancel()
		defer context.AfterFunc(ctx, cancel)()
		handler.ServeHTTP(w, r.WithContext(within))
	})
}
