package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"os"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/internal/limit"
)

// failure is an attempt that did not succeed.
type failure struct {
	err   error
	maybe bool          // the service may have carried the call out
	retry bool          // another attempt can help and may be made
	after time.Duration // but not before this long
}

// attempt waits for its turn, signs and sends the request, and reads the answer.
func (c *Client) attempt(ctx context.Context, call *Call, s *series) *failure {
	if err := httpcall.Ended(ctx); err != nil {
		return &failure{err: err}
	}
	// Written before the wait, so that a message that cannot be written fails at once.
	stamp := c.stamp(s)
	body, err := c.encode(ctx, make([]byte, 0, 1024), stamp, call)
	if err != nil {
		return &failure{err: err}
	}
	release, err := c.turn(ctx)
	if err != nil {
		return &failure{err: err}
	}
	// Equal stamps have the same second and hence the same signature: only then is what
	// was written before the wait still fresh.
	if fresh := c.stamp(s); fresh != stamp {
		stamp = fresh
		if body, err = c.encode(ctx, body[:0], stamp, call); err != nil {
			release(false)
			return &failure{err: err}
		}
	}
	call.Attempt++
	call.HTTPStatus, call.Sent, call.Received = 0, c.now(), time.Time{}
	if call.Envelope != nil {
		call.Envelope.answer = ""
	}
	f := c.send(ctx, call, stamp, body, release)
	c.logAttempt(ctx, call, f)
	return f
}

// encode appends the envelope of the call, or returns one that is ready.
func (c *Client) encode(ctx context.Context, buf []byte, stamp stamp, call *Call) ([]byte, error) {
	if call.Envelope != nil {
		text, err := call.Envelope.Sign(stamp.Stamp)
		if err != nil {
			return nil, fmt.Errorf("the envelope cannot be signed: %w", err)
		}
		return text, nil
	}
	h := envelope.Header{Authentication: &gen.AuthenticationHeaderInfo{
		MktowsUserId:     stamp.UserID,
		RequestSignature: stamp.Signature,
		RequestTimestamp: stamp.Timestamp,
	}}
	if stamp.PartnerID != "" {
		h.Authentication.PartnerId = gen.Some(stamp.PartnerID)
	}
	workspace, given := gen.MktowsContext(ctx)
	if given && gen.OperationByName(call.Spec.Operation).TakesContext() {
		h.Context = &workspace
	}
	buf, err := envelope.AppendRequest(buf, c.endpoint.version, h, call.Req)
	if err != nil {
		return nil, fmt.Errorf("the request cannot be written: %w", err)
	}
	return buf, nil
}

// processLimiter is the count of the process.
type processLimiter struct {
	key    limit.Key
	limits Limits
}

// Acquire implements Limiter. What was not sent counts all the same: a place is only gone for the
// length of the window.
func (l processLimiter) Acquire(ctx context.Context) (release func(sent bool), err error) {
	end, err := limit.Process.Acquire(ctx, l.key, l.limits)
	return func(bool) { end() }, err
}

// turn waits until the limits allow an attempt.
func (c *Client) turn(ctx context.Context) (release func(sent bool), err error) {
	if c.limiter == nil {
		return func(bool) {}, httpcall.Ended(ctx)
	}
	return httpcall.Turn(ctx, c.limiter.Acquire)
}

// send makes the HTTP exchange. It sees to it that the attempt's place is given back.
func (c *Client) send(ctx context.Context, call *Call, stamp stamp, body []byte, release func(sent bool)) *failure {
	limited, cancel := context.WithTimeout(ctx, c.timeoutOf(call))
	defer cancel()
	b := httpcall.NewBody(body)
	got, ok := c.ask(httptrace.WithClientTrace(limited, b.Trace()), call, b, release)
	call.Received = got.Received
	switch {
	case got.Panicked != nil:
		panic(got.Panicked)
	case !ok || got.HTTP == nil:
		return c.lost(ctx, limited, call, stamp, b, got.Err)
	}
	call.HTTPStatus = got.HTTP.StatusCode
	return c.receive(ctx, limited, call, stamp, got)
}

func (c *Client) request(ctx context.Context, call *Call, b *httpcall.Body) *http.Request {
	url := *c.endpoint.url // transports have been seen to change it
	r := &http.Request{
		Method: http.MethodPost,
		URL:    &url,
		Host:   url.Host,
		Header: http.Header{
			"Content-Type":    {envelope.ContentType},
			"SOAPAction":      {`"` + call.Spec.SOAPAction + `"`}, // as SOAP 1.1, section 6.1.1, spells it
			"Accept":          {"text/xml"},
			"Accept-Encoding": {"gzip"},
			"User-Agent":      {c.userAgent},
		},
	}
	b.AddTo(r) // which net/http cannot send again by itself, with the old signature
	return r.WithContext(ctx)
}

const (
	defaultTimeout = 3 * time.Minute
	// leadChangesTimeout is what the vendor's own sample waits (Marketo SOAP API, getLeadChanges).
	leadChangesTimeout = 10 * time.Minute
)

func (c *Client) timeoutOf(call *Call) time.Duration {
	switch {
	case c.timeout != 0:
		return c.timeout
	case call.Spec.Operation == "getLeadChanges":
		return leadChangesTimeout
	}
	return defaultTimeout
}

// timedOut is the error of an attempt whose own time is over. It does not match
// context.DeadlineExceeded: the caller's context has not ended.
func (c *Client) timedOut(call *Call) error {
	return fmt.Errorf("no complete answer from %s within %s, the time of one attempt (WithTimeout): %w",
		c.endpoint.url.Host, c.timeoutOf(call), os.ErrDeadlineExceeded)
}

// lost makes the failure of an exchange that came to no end.
func (c *Client) lost(ctx, limited context.Context, call *Call, stamp stamp, b *httpcall.Body, err error) *failure {
	safety := call.Spec.Safety
	maybe := b.MayHaveArrived()
	if !maybe {
		safety = fault.ReadOnly // what nobody has seen can be sent again, whatever it is
	}
	if over := httpcall.Ended(ctx); over != nil {
		return &failure{err: fmt.Errorf("%w, while a request to %s was under way", over, c.endpoint.url.Host), maybe: maybe}
	}
	if limited.Err() != nil {
		return &failure{err: c.timedOut(call), maybe: maybe, retry: safety.Repeatable()}
	}
	after, retry := fault.Retryable(err, safety)
	if text := err.Error(); withoutSignature(text, stamp) != text {
		err = errors.New(withoutSignature(text, stamp)) // net/http quotes what is no HTTP
	}
	// Of a connection that was there, every end is a loss; net/http has no type for some.
	retry = retry || b.Connected() && safety.Repeatable() && !httpcall.IsTimeout(err)
	return &failure{err: fmt.Errorf("the connection failed: %w", err), maybe: maybe, retry: retry, after: after}
}

func (c *Client) logAttempt(ctx context.Context, call *Call, f *failure) {
	if !c.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{
		slog.String("operation", call.Spec.Operation),
		slog.Int("attempt", call.Attempt),
		slog.Int("http_status", call.HTTPStatus),
		slog.Duration("took", call.Received.Sub(call.Sent)),
	}
	if f != nil {
		attrs = append(attrs, slog.String("error", f.err.Error()))
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "mktows: attempt", attrs...)
}
