package client

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// failure is an attempt that did not succeed.
type failure = httpcall.Failure

// attempt waits for its turn, signs and sends the request, and reads the answer.
func (c *Client) attempt(ctx context.Context, call *Call, s *series) *failure {
	if err := httpcall.Ended(ctx); err != nil {
		return &failure{Err: err}
	}
	// Written before the wait, so that a message that cannot be written fails at once.
	stamp := c.stamp(s)
	body, err := c.encode(ctx, make([]byte, 0, 1024), stamp, call)
	if err != nil {
		return &failure{Err: err}
	}
	release, err := c.turn(ctx)
	if err != nil {
		return &failure{Err: err}
	}
	// Equal stamps have the same second and hence the same signature: only then is what
	// was written before the wait still fresh.
	if fresh := c.stamp(s); fresh != stamp {
		stamp = fresh
		if body, err = c.encode(ctx, body[:0], stamp, call); err != nil {
			release(false)
			return &failure{Err: err}
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
		f := c.judged(call, stamp, b).Lost(ctx, limited, got.Err)
		return &f
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

// judged is what is known of an attempt, for the judgement on its end.
func (c *Client) judged(call *Call, stamp stamp, b *httpcall.Body) *httpcall.Attempt {
	return &httpcall.Attempt{
		Host: c.endpoint.url.Host, Timeout: c.timeoutOf(call), Safety: call.Spec.Safety, Body: b,
		Hide: func(text string) string { return withoutSignature(text, stamp) },
	}
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
		attrs = append(attrs, slog.String("error", f.Err.Error()))
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "mktows: attempt", attrs...)
}
