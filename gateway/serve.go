package gateway

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
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
		return proxied{g}
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-For", "Forwarded"} {
			r.Header.Del(name)
		}
		g.ServeHTTP(w, r)
	})
}

// proxied is the handler for what comes by a proxy.
type proxied struct{ g *Gateway }

func (p proxied) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.RemoteAddr = forwardedFor(r.Header)
	p.g.ServeHTTP(w, r)
}

// forwardedFor returns the address that the proxy in front has seen, with a port, as it stands in the last entry of X-Forwarded-For:
// those before it were said by the caller, who may say anything. It is empty where there is none.
func forwardedFor(h http.Header) string {
	all := h.Values("X-Forwarded-For")
	if len(all) == 0 {
		return ""
	}
	last := all[len(all)-1]
	last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
	if addr, err := netip.ParseAddr(strings.Trim(last, "[]")); err == nil {
		return netip.AddrPortFrom(addr, 0).String()
	}
	return last
}

// Serve answers what comes in by a listener until ctx ends, from no more connections than Config.Callers says. Then it takes no new connections, lets calls under way come to their
// end, and returns nil.
func (g *Gateway) Serve(ctx context.Context, ln net.Listener, handler http.Handler) error {
	callTime := g.current.Load().callTime
	srv := &http.Server{
		Handler: g.patient(handler), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: readTimeout, WriteTimeout: readTimeout + callTime + readTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: 64 << 10, ErrorLog: log.New(connectionLog{newSeldom(g.options.log)}, "", 0),
	}
	_, behindProxy := ln.(proxiedListener)
	g.open.watch(srv, !behindProxy)
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	select {
	case err := <-ended:
		return fmt.Errorf("listening has ended: %w", err)
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), max(callTime, g.current.Load().callTime)+stopMargin)
	defer cancel()
	err := srv.Shutdown(grace)
	if err != nil {
		err = errors.Join(fmt.Errorf("calls were cut off at the stop: %w", err), srv.Close())
	}
	<-ended
	g.current.Load().journal.flush(grace)
	g.CloseIdleConnections()
	return err
}

// patient gives each answer the time that calls have now, which a reload may have made longer.
func (g *Gateway) patient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		until := time.Now().Add(g.current.Load().callTime + readTimeout + readTimeout) // what is left of the request is read meanwhile
		_ = http.NewResponseController(w).SetWriteDeadline(until)                      // else the time of the start counts
		next.ServeHTTP(w, r)
	})
}

// connectionLog takes what package http says of connections. That names the addresses of callers, and of a panic its value, which may
// quote a call: neither is told.
type connectionLog struct{ log *slog.Logger }

// Write implements io.Writer.
func (c connectionLog) Write(text []byte) (int, error) {
	what, stack, _ := strings.Cut(string(text), "\n")
	kind, _, known := strings.Cut(what, " from ") // an address
	switch {
	case strings.HasPrefix(what, "http: panic serving "):
		c.log.Error("a call has ended in a panic: please report this", "stack", stack)
	case strings.HasPrefix(what, "http: Accept error: "): // of the listener, such as that no more files can be opened
		c.log.Warn("no connection can be taken at the moment", "reason", strings.TrimPrefix(what, "http: Accept error: "))
	case known:
		c.log.Debug(kind)
	}
	return len(text), nil
}
