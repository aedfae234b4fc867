package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
)

const defaultCallTime = 50 * time.Second

// Gateway answers calls of the SOAP API by calls of the REST API. It is an http.Handler, safe for concurrent use. Make it with [New].
type Gateway struct {
	options options
	imports bridge.ImportMemory // of the gateway, as bridges live until the configuration is read again
	current atomic.Pointer[installation]
	open    connections
}

// Option sets one thing about a [Gateway] that no configuration file says.
type Option func(*options) error

type options struct {
	log    *slog.Logger
	getenv func(string) string
	bridge []bridge.Option
	now    func() time.Time
}

// WithLogger sets where events go: each call at level Info, as the access log, what goes wrong at Warn and Error. No event has a
// secret, a value of a request or an answer, or what tells a person. Default: nowhere.
func WithLogger(l *slog.Logger) Option {
	return func(o *options) error {
		if l == nil {
			return errors.New("gateway: WithLogger: the logger is nil")
		}
		o.log = l
		return nil
	}
}

// WithGetenv sets how environment variables are read. Default: os.Getenv.
func WithGetenv(getenv func(string) string) Option {
	return func(o *options) error {
		if getenv == nil {
			return errors.New("gateway: WithGetenv: the function is nil")
		}
		o.getenv = getenv
		return nil
	}
}

// WithBridgeOptions sets options for the bridges of all tenants, before those of the configuration.
func WithBridgeOptions(opts ...bridge.Option) Option {
	return func(o *options) error {
		o.bridge = append(o.bridge, opts...)
		return nil
	}
}

// WithClock sets the clock that signatures are held against. Default: time.Now.
func WithClock(now func() time.Time) Option {
	return func(o *options) error {
		if now == nil {
			return errors.New("gateway: WithClock: the function is nil")
		}
		o.now = now
		return nil
	}
}

// installation is a configuration at work.
type installation struct {
	tenants  map[string]*tenant
	server   *server.Server
	callTime time.Duration
	callers  Callers
	calls    atomic.Int64 // under way
	retired  atomic.Bool  // another one has taken its place
}

// New returns a gateway. Nothing is sent. The error is a *ConfigError with everything that is wrong with the configuration, or says
// what is wrong with the options.
func New(c *Config, opts ...Option) (*Gateway, error) {
	g := &Gateway{options: options{log: slog.New(slog.DiscardHandler), getenv: os.Getenv, now: time.Now}}
	for i, opt := range opts {
		if opt == nil {
			return nil, fmt.Errorf("gateway: option %d is nil", i+1)
		}
		if err := opt(&g.options); err != nil {
			return nil, err
		}
	}
	if err := g.Reload(c); err != nil {
		return nil, err
	}
	return g, nil
}

// Reload puts a configuration in the place of the one at work. Calls under way go on with the one that they began with. If something
// is wrong with the new one, the error says so, and the old one stays.
func (g *Gateway) Reload(c *Config) error {
	next, err := g.install(c)
	if err != nil {
		return err
	}
	g.open.bound(next.callers)
	before := g.current.Swap(next)
	if before != nil {
		before.retired.Store(true)
		before.close()
	}
	return nil
}

// install makes what a configuration describes.
func (g *Gateway) install(c *Config) (*installation, error) {
	if c == nil {
		c = new(Config)
	}
	p := &problems{config: c, getenv: g.options.getenv}
	in := &installation{callTime: defaultCallTime}
	switch {
	case c.CallTime < 0:
		p.add("callTime", "is negative")
	case c.CallTime > 0:
		in.callTime = time.Duration(c.CallTime)
	}
	p.listeners()
	in.callers = p.callers()
	in.tenants = p.tenants(g.options.log, append([]bridge.Option{
		bridge.WithLogger(g.options.log), bridge.WithUserAgent("mktows-gateway"), bridge.WithImports(&g.imports),
	}, g.options.bridge...))
	if err := p.err(); err != nil {
		return nil, err
	}
	var err error
	// What counts is the budget of the REST instance, which the bridge keeps.
	opts := []server.Option{
		server.WithUserLookup(in.lookup), server.WithClock(g.options.now), server.WithLimits(limits.Unlimited()), server.WithCallLog(func(e server.Exchange) { g.logCall(e, in.callers.Unproven) }),
		server.WithForwardedProto(), server.WithPerAddress(in.callers.perAddress()),
	}
	if c.Repair {
		opts = append(opts, server.WithRepair())
	}
	in.server, err = server.New(gen.PortFunc(in.call), opts...)
	if err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	return in, nil
}

// close gives back what an installation holds that is no longer needed. Its bridges stay usable for calls under way.
func (in *installation) close() {
	for _, t := range in.tenants {
		t.bridge.CloseIdleConnections()
	}
}

// CloseIdleConnections closes the connections to the REST API that are kept for further calls. The gateway stays usable.
func (g *Gateway) CloseIdleConnections() { g.current.Load().close() }

// lookup returns the key of a user.
func (in *installation) lookup(_ context.Context, userID string) (auth.Secret, bool) {
	t, known := in.tenants[userID]
	if !known {
		return auth.Secret{}, false
	}
	return t.key, true
}

// call takes a call to the bridge of its tenant, if that may make it.
func (in *installation) call(ctx context.Context, op *gen.Operation, request, out gen.Message) error {
	t := in.tenants[server.UserID(ctx)]
	if t == nil {
		return fault.New(fault.CodeInternal, "the call has no tenant")
	}
	setProved(ctx)
	if err := t.allow(ctx, op, request); err != nil {
		return err
	}
	return inTime(ctx, in.callTime, func(ctx context.Context) error {
		answer, err := op.Call(ctx, t.bridge, request)
		t.note(ctx, err)
		if err != nil {
			return err
		}
		reflect.ValueOf(out).Elem().Set(reflect.ValueOf(answer).Elem())
		return nil
	})
}

// ServeHTTP answers a call, or a request for a contract (?WSDL).
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in := g.current.Load()
	in.calls.Add(1)
	defer func() {
		if in.calls.Add(-1) == 0 && in.retired.Load() {
			in.close() // what its last calls have left
		}
	}()
	in.server.ServeHTTP(w, r)
}
