package client

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/internal/limit"
	"github.com/mktows/mktows-go/limits"
)

// Client calls the service. Its methods are the 23 operations; see [gen.Port]. Make it
// with [New]; the zero value is of no use. It is safe for concurrent use.
type Client struct {
	gen.PortFunc // the operations, over handle

	endpoint   endpoint
	userID     string
	mark       string
	signer     *auth.Signer
	http       *http.Client
	own        bool // http is not the caller's
	handler    Handler
	retry      RetryPolicy
	newBackOff func() backoff.BackOff
	limiter    Limiter // nil: none
	logger     *slog.Logger
	userAgent  string
	maxBody    int64
	timeout    time.Duration // 0: by operation
	now        func() time.Time
	seen       atomic.Pointer[sighting] // the latest
	fix        atomic.Pointer[clockFix] // proven; nil: signatures go by the client's own clock
	untried    atomic.Pointer[trial]    // for the next call
}

var _ gen.Port = (*Client)(nil)

// New returns a client for the endpoint, whose path tells the version of the API:
// https://ACCOUNT.mktoapi.com/soap/mktows/2_7. The error joins everything that is wrong
// with endpoint, credentials and options. Nothing is sent.
func New(endpoint string, creds auth.Credentials, opts ...Option) (*Client, error) {
	cfg, errOptions := newConfig(opts)
	e, errEndpoint := parseEndpoint(endpoint)
	if errEndpoint == nil {
		errEndpoint = e.check(creds.PartnerID, cfg.insecure)
	}
	signer, errSigner := auth.NewSigner(creds, auth.WithClock(cfg.now), auth.WithLocation(cfg.location))
	if err := errors.Join(errEndpoint, errSigner, errOptions); err != nil {
		return nil, err
	}
	c := &Client{
		endpoint: e, userID: creds.UserID, mark: cursorMark(e.instance(), creds.UserID), signer: signer,
		retry: cfg.retry, newBackOff: httpcall.Retry(cfg.retry).BackOff,
		limiter: cfg.limiter, logger: cfg.logger, userAgent: cfg.userAgent,
		maxBody: cfg.maxBody, timeout: cfg.timeout, now: cfg.now,
	}
	if cfg.limits != nil {
		c.limiter = limit.Limiter{Key: limit.Key{Instance: e.instance(), User: creds.UserID}, Limits: *cfg.limits}
	}
	c.http, c.own = httpcall.ClientOf(cfg.http, cfg.dial, cfg.proxy, limits.SOAP().Concurrent)
	c.handler = chain(cfg.interceptors, c.handle)
	c.PortFunc = c.call
	return c, nil
}

// CloseIdleConnections closes the connections that are kept for further calls, which
// otherwise close by themselves after half a minute. The client stays usable. A client
// given with [WithHTTPClient] is left alone.
func (c *Client) CloseIdleConnections() {
	if c.own {
		c.http.CloseIdleConnections()
	}
}

// CursorMark returns a short hash of instance and user, whatever the version of the endpoint is.
// Package operations puts it into cursors, so that no other instance or user takes them.
func (c *Client) CursorMark() string { return c.mark }

// cursorMark shortens a hash so far that it tells clients apart and not whose they are.
func cursorMark(instance, user string) string {
	sum := sha256.Sum256([]byte(instance + "\x00" + user))
	return hex.EncodeToString(sum[:4])
}

// String names endpoint and user.
func (c *Client) String() string {
	return fmt.Sprintf("client.Client(%s as %q)", c.endpoint.url, c.userID)
}

// GoString names endpoint and user.
func (c *Client) GoString() string { return c.String() }

// call makes a call of any operation.
func (c *Client) call(ctx context.Context, op *gen.Operation, in, out gen.Message) error {
	return c.perform(ctx, c.newCall(op, in, out))
}

func (c *Client) newCall(op *gen.Operation, in, out gen.Message) *Call {
	return &Call{Server: c.endpoint.url.Host, Spec: SpecOf(op, in), Req: in, Res: out}
}

// perform makes a call, and sees to what interceptors may have done to it.
func (c *Client) perform(ctx context.Context, call *Call) error {
	out, name := call.Res, call.Spec.Operation
	err := c.handler(ctx, call)
	if err == nil && call.Res != out {
		err = errors.New("client: an interceptor has replaced Call.Res: it must fill it in place")
		if call.Spec.Safety != fault.ReadOnly { // what came into the other one is not known here
			err = &fault.UnknownOutcomeError{Op: name, Err: err}
		}
	}
	var wrapped *fault.OpError
	if err == nil || errors.As(err, &wrapped) {
		return err
	}
	return &fault.OpError{Op: name, Attempts: call.Attempt, Err: err} // an interceptor's own
}

// handle is the innermost handler.
func (c *Client) handle(ctx context.Context, call *Call) error {
	if err := check(call); err != nil {
		return &fault.OpError{Op: call.Spec.Operation, Attempts: call.Attempt, Err: err}
	}
	return c.attempts(ctx, call)
}

// check refuses a call that an interceptor has changed to something impossible.
func check(call *Call) error {
	op := gen.OperationByName(call.Spec.Operation)
	switch {
	case op == nil:
		return fmt.Errorf("client: %q is not an operation of the WSDL", call.Spec.Operation)
	case call.Req == nil || call.Req.ElementName() != op.Input:
		return fmt.Errorf("client: Call.Req is a %T, expected a %s", call.Req, op.Input)
	case call.Envelope != nil && call.Req != call.Envelope.in:
		return errors.New("client: an interceptor has replaced Call.Req, which the envelope of the call holds already")
	case call.Res == nil || call.Res.ElementName() != op.Output:
		return fmt.Errorf("client: Call.Res is a %T, expected a %s", call.Res, op.Output)
	}
	return nil
}
