package bridge

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge/internal/join"
	"github.com/mktows/mktows-go/bridge/internal/names"
	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/internal/position"
)

// Credentials are those of a custom service: an administrator finds them under Admin > Integration >
// LaunchPoint. Printing and encoding them shows everything but the secret.
type Credentials struct {
	ClientID     string
	ClientSecret auth.Secret
}

// Bridge calls the REST API. Its methods are the 23 operations of the SOAP API; see [gen.Port].
// Make it with [New]; the zero value is of no use. It is safe for concurrent use.
type Bridge struct {
	config

	rest      *rest.Client
	catalog   *catalog
	campaigns *campaignNames
	names     *names.Names
	positions *position.Codec
	creating  keyLocks
	joined    *join.Gate // of histories
}

var _ gen.Port = (*Bridge)(nil)

// New returns a bridge to the instance of the endpoint, which Marketo shows as
// https://ACCOUNT.mktorest.com/rest. The error joins everything that is wrong with endpoint,
// credentials and options. Nothing is sent.
func New(endpoint string, creds Credentials, opts ...Option) (*Bridge, error) {
	cfg, errOptions := newConfig(opts)
	base, errEndpoint := parseEndpoint(endpoint, cfg.insecure)
	cfg.rest.Around = intercepted(cfg.interceptors)
	cfg.rest.Base, cfg.rest.ClientID, cfg.rest.ClientSecret = base, creds.ClientID, creds.ClientSecret
	client, err := rest.New(cfg.rest)
	if err := errors.Join(errEndpoint, err, errOptions); err != nil {
		return nil, err
	}
	b := &Bridge{config: *cfg, rest: client, joined: newGate(cfg.joining)}
	if b.names, err = names.New(names.Config{Source: source{client}, File: cfg.names, Now: cfg.rest.Now}); err != nil {
		return nil, fmt.Errorf("bridge: %w", err)
	}
	if b.positions, err = position.New(position.Bridge, client.Instance()+" "+creds.ClientID, append(cfg.positionKeys, creds.ClientSecret)...); err != nil {
		return nil, fmt.Errorf("bridge: %w", err)
	}
	b.catalog = newCatalog(client, cfg.rest.Now)
	b.campaigns = newCampaignNames(client, cfg.rest.Now, cfg.rest.Logger)
	return b, nil
}

// Authenticate gets a token unless there is one that is good, and so tells whether the credentials work. The service does not count
// it as a call.
func (b *Bridge) Authenticate(ctx context.Context) error { return b.rest.Authenticate(ctx) }

// CallsMade returns how many calls this process has made to the instance today, by all bridges, and when the day turns. [Bridge.CallsToday]
// asks the service how many all programs have made.
func (b *Bridge) CallsMade() (calls int, resets time.Time) { return b.rest.CallsToday() }

// Limits returns the limits that the bridge keeps, with the numbers of the defaults; Daily is [limits.None] where the day is not counted.
func (b *Bridge) Limits() Limits { return b.rest.Limits() }

// CloseIdleConnections closes the connections that are kept for further calls. The bridge stays
// usable. A client given with [WithHTTPClient] is left alone.
func (b *Bridge) CloseIdleConnections() { b.rest.CloseIdleConnections() }

// String names the instance.
func (b *Bridge) String() string { return fmt.Sprintf("bridge.Bridge(%s)", b.rest.Instance()) }

// GoString names the instance.
func (b *Bridge) GoString() string { return b.String() }

// perform carries an operation out. All methods of the port go through it: a request that is nil
// counts as empty, a context that has ended as the end of the call, and every error gets the
// operation's name.
func perform[I, O any](ctx context.Context, b *Bridge, operation string, in *I, do func(*work, *I) (*O, error)) (*O, error) {
	if in == nil {
		in = new(I)
	}
	w := &work{Context: ctx, Bridge: b, operation: operation, request: in}
	if err := httpcall.Ended(ctx); err != nil {
		return nil, w.failed(err)
	}
	out, err := do(w, in)
	if err != nil {
		return nil, w.failed(err)
	}
	return out, nil
}

// work is one call of an operation.
type work struct {
	context.Context //nolint:containedctx // it lives as long as the call
	*Bridge

	operation string
	request   any
}

// failed makes the error that a call ends with: what the REST API said gets the meaning that it has
// for the operation, and a write whose end nobody knows says so.
func (w *work) failed(err error) error {
	var known *fault.OpError
	if errors.As(err, &known) {
		return err
	}
	var call *rest.CallError
	attempts := 0
	if errors.As(err, &call) {
		attempts = call.Attempts
		err = w.meaning(err)
		if call.Unknown {
			err = &fault.UnknownOutcomeError{Op: w.operation, Err: err}
		}
	}
	return &fault.OpError{Op: w.operation, Attempts: attempts, Err: err}
}
