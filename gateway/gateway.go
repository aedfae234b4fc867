package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

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
	keeper  *keeper
	shared  *shared // nil: there is no state that is shared
	current atomic.Pointer[installation]
	open    connections

	tracer    trace.Tracer
	meters    *meters
	strangers strangers
	history   history
}

// Option sets one thing about a [Gateway] that no configuration file says.
type Option func(*options) error

type options struct {
	log    *slog.Logger
	getenv func(string) string
	bridge []bridge.Option
	copies Copies
	share  func(budget limits.Limits) limits.Limits // of filling
	now    func() time.Time
	state  StateStore

	inspector Inspector // nil: none

	version string
	tracers trace.TracerProvider
	meters  metric.MeterProvider
	metrics http.Handler // nil: none
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

// WithVersion sets the version that [Gateway.Overview] tells. Default: none.
func WithVersion(version string) Option {
	return func(o *options) error {
		o.version = version
		return nil
	}
}

// installation is a configuration at work.
type installation struct {
	tenants   map[string]*tenant
	server    *server.Server
	callTime  time.Duration
	callers   Callers
	journal   *journal     // nil: there is none
	inspector Inspector    // nil: it is off
	addresses bool         // of callers are logged
	calls     atomic.Int64 // under way
	retired   atomic.Bool  // another one has taken its place
}

// New returns a gateway. Nothing is sent. The error is a *ConfigError with everything that is wrong with the configuration, or says
// what is wrong with the options.
func New(c *Config, opts ...Option) (*Gateway, error) {
	g := &Gateway{options: options{
		log: slog.New(slog.DiscardHandler), getenv: os.Getenv, now: time.Now, share: shareOf, tracers: tracenoop.NewTracerProvider(), meters: metricnoop.NewMeterProvider(),
	}}
	for i, opt := range opts {
		if opt == nil {
			return nil, fmt.Errorf("gateway: option %d is nil", i+1)
		}
		if err := opt(&g.options); err != nil {
			return nil, err
		}
	}
	g.options.log = slog.New(discreet{g.options.log.Handler()})
	g.tracer = g.options.tracers.Tracer(scope)
	g.history.since = g.options.now()
	g.keeper = newKeeper(g.options.copies, g.options.log)
	if g.options.state != nil {
		g.shared = newShared(g.options.state, g.options.log)
	}
	if err := g.replace(c); err != nil {
		return nil, err
	}
	if g.shared == nil {
		g.options.log.Info("budgets and imports are kept in memory: the next start knows none of them, and no other gateway does")
	}
	var err error
	if g.meters, err = newMeters(g.options.meters, g); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	return g, nil
}

// Reload puts a configuration in the place of the one at work. Calls under way go on with the one that they began with. If something
// is wrong with the new one, the error says so, and the old one stays.
func (g *Gateway) Reload(c *Config) error {
	err := g.replace(c)
	g.reloaded(err)
	return err
}

func (g *Gateway) replace(c *Config) error {
	next, err := g.install(c)
	if err != nil {
		return err
	}
	if g.shared != nil {
		g.shared.callTime.Store(int64(next.callTime))
	}
	g.open.bound(next.callers)
	g.keeper.adopt(next)
	before := g.current.Swap(next)
	g.keeper.wake()
	if before != nil {
		if before.inspector != nil && next.inspector == nil {
			before.inspector.Clear()
		}
		before.retired.Store(true)
		before.close()
	}
	return nil
}

// Close closes the copies, and tells the state that this gateway makes no more calls, so that nothing counts as under way any more. It
// is for after the last call; a gateway that was killed is found out by itself, later. The error is that of the state.
func (g *Gateway) Close(ctx context.Context) error {
	g.keeper.close()
	if g.shared == nil {
		return nil
	}
	g.shared.telling.Wait()
	ctx, cancel := context.WithTimeout(ctx, stateTimeout)
	defer cancel()
	return errors.Join(g.shared.storeNotes(ctx), g.shared.store.Retire(ctx, g.shared.worker))
}

// install makes what a configuration describes.
func (g *Gateway) install(c *Config) (*installation, error) {
	if c == nil {
		c = new(Config)
	}
	p := &problems{config: c, getenv: g.options.getenv, copies: g.options.copies, keeper: g.keeper, shared: g.shared, now: g.options.now, share: g.options.share}
	in := &installation{callTime: defaultCallTime, addresses: c.AccessLog.Addresses}
	switch {
	case c.CallTime < 0:
		p.add("callTime", "is negative")
	case c.CallTime > 0:
		in.callTime = time.Duration(c.CallTime)
	}
	p.listeners()
	in.callers = p.callers()
	in.journal = p.journal(g.options.log)
	in.inspector = p.inspector(g.options.inspector)
	_ = p.state()
	in.tenants = p.tenants(g.options.log, append([]bridge.Option{
		bridge.WithLogger(g.options.log), bridge.WithUserAgent("mktows-gateway"), bridge.WithImports(&g.imports),
		bridge.WithInterceptors(g.seeREST),
	}, g.options.bridge...))
	if err := p.err(); err != nil {
		return nil, err
	}
	var err error
	// What counts is the budget of the REST instance, which the bridge keeps.
	opts := []server.Option{
		server.WithUserLookup(in.lookup), server.WithClock(g.options.now), server.WithLimits(limits.Unlimited()), server.WithForwardedProto(),
		server.WithPerAddress(in.callers.perAddress()),
		server.WithObserver(func(ctx context.Context, e server.Exchange, size server.Size) { g.observe(ctx, in, &e, size) }),
	}
	if keep := in.keep(); keep != nil {
		opts = append(opts, server.WithJournal(keep))
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

// call takes a call to the tenant of the user who makes it.
func (in *installation) call(ctx context.Context, op *gen.Operation, request, out gen.Message) error {
	return in.callAs(ctx, server.UserID(ctx), op, request, out)
}

// callAs takes a call of a user to the bridge of its tenant, if that may make it.
func (in *installation) callAs(ctx context.Context, userID string, op *gen.Operation, request, out gen.Message) error {
	t := in.tenants[userID]
	if t == nil {
		return fault.New(fault.CodeInternal, "the call has no tenant")
	}
	setProved(ctx)
	if err := t.allow(ctx, op, request); err != nil {
		return err
	}
	return t.inTime(ctx, in.callTime, func(ctx context.Context) error {
		err := op.CallInto(ctx, t.port, request, out)
		t.note(ctx, err)
		return err
	})
}

// ServeHTTP answers a call, or a request for a contract (?WSDL).
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in := g.current.Load()
	if r.Method != http.MethodPost {
		in.server.ServeHTTP(w, r)
		return
	}
	in.calls.Add(1)
	defer func() {
		if in.calls.Add(-1) == 0 && in.retired.Load() {
			in.close() // what its last calls have left
		}
	}()
	ctx, span := g.startSpan(r)
	defer span.End()
	ctx = context.WithValue(ctx, costKey{}, &cost{note: note{header: w.Header()}})
	in.server.ServeHTTP(w, r.WithContext(ctx))
}

// Port returns the operations as the gateway carries them out for a user, within the same settings and limits, for a program in whose
// process it runs.
func (g *Gateway) Port(userID string) gen.PortFunc {
	return func(ctx context.Context, op *gen.Operation, in, out gen.Message) error {
		return g.current.Load().callAs(ctx, userID, op, in, out)
	}
}
