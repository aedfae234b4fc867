package rest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v4"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// CallError is what a call ends with that did not succeed.
type CallError struct {
	Call     string // method and path, with names in braces
	Attempts int    // how often it was sent or tried; 0: not at all
	Unknown  bool   // it is a write, and may have been carried out
	Err      error
}

// Error names the call and what became of it.
func (e *CallError) Error() string { return e.Call + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *CallError) Unwrap() error { return e.Err }

// call is a read or a write on its way.
type call struct {
	wire
	name   string
	safety fault.Safety
	reads  bool          // the day's reserve is not for it
	limit  time.Duration // of an attempt
	decode func(resp *http.Response, doc string) error
	file   *download      // where the answer goes if it is a file; nil: it is none
	tell   fault.RESTCode // see Write
	seen   Seen
}

// read makes a read. It is repeated where that can help.
func read[T any](ctx context.Context, c *Client, r *Read) (*Answer[T], error) {
	w, err := r.wire()
	a, err := answer[T](ctx, c, &call{wire: w, name: http.MethodGet + " " + r.name, safety: fault.ReadOnly, reads: true, limit: r.limit}, err)
	if err == nil && a.More && a.Next == r.params.get(tokenParam) && (len(a.Records) > 0 || !strings.HasPrefix(r.path, activityPaths)) {
		err = &CallError{Call: http.MethodGet + " " + r.name, Attempts: 1, Err: fault.NewContentError(errors.New("the token of the next page is that of this one, so the pages have no end"))}
		return nil, err
	}
	return a, err
}

// activityPaths is what paths of activities begin with. Their pages may be empty while the service looks
// for records, and nothing says that the token changes meanwhile (Marketo REST API, activities).
const activityPaths = "/rest/v1/activities"

// write makes a write. It is repeated if the service has surely not carried it out, or if its safety
// allows that.
func write[T any](ctx context.Context, c *Client, w *Write) (*Answer[T], error) {
	out, err := w.wire()
	return answer[T](ctx, c, &call{wire: out, name: w.method + " " + w.name, safety: w.safety, reads: w.reads, limit: w.limit, tell: w.tell}, err)
}

// do makes a write that answers, if anything, what became of what it is about: that this was skipped is an
// error like one of the whole call, as each code can come in either place (Marketo REST API, error codes).
func do(ctx context.Context, c *Client, w *Write) error {
	a, err := write[Outcome](ctx, c, w)
	if err != nil {
		return err
	}
	for i := range a.Records {
		if problem := a.Records[i].Err(a.RequestID); problem != nil {
			return &CallError{Call: w.method + " " + w.name, Attempts: 1, Err: fault.FromREST(problem, 0, fault.Known{Now: c.now()})}
		}
	}
	return nil
}

func answer[T any](ctx context.Context, c *Client, k *call, err error) (*Answer[T], error) {
	if err != nil {
		return nil, &CallError{Call: k.name, Err: err}
	}
	var out *Answer[T]
	k.decode = func(resp *http.Response, doc string) (err error) {
		out, err = answerOf[T](resp, doc, c.now())
		return err
	}
	if err := c.make(ctx, k); err != nil {
		return nil, err
	}
	return out, nil
}

// failure is an attempt that did not succeed.
type failure struct {
	httpcall.Failure

	token string // that was refused; empty: it was not about the token
}

// hopeless makes the failure of an attempt that cannot be helped by another one.
func hopeless(err error) *failure { return &failure{Failure: httpcall.Failure{Err: err}} }

// series is what is known of the attempts of one call.
type series struct {
	attempts int // that were sent or tried
	failures int // that count
	maybe    bool
	refused  string // the token that was refused, once
	refusal  error  // and how
	waits    backoff.BackOff
}

// attempts makes attempts until one succeeds or no other is to be made.
func (c *Client) attempts(ctx context.Context, k *call) error {
	s := &series{waits: c.retry.BackOff()}
	for {
		f := c.attempt(ctx, k, s)
		if f == nil {
			return nil
		}
		if k.file.advanced() { // what follows is a call of its own for the rest
			s = &series{attempts: s.attempts, waits: c.retry.BackOff()}
		}
		wait, again := c.again(ctx, s, f)
		if !again {
			return c.failed(k, s, f.Err)
		}
		c.logger.LogAttrs(ctx, slog.LevelWarn, "mktows: repeating a call of the REST API",
			slog.String("call", k.name), slog.Int("attempt", s.attempts), slog.Duration("wait", wait), slog.Any("reason", f.Err))
		if err := httpcall.Sleep(ctx, wait); err != nil {
			return c.failed(k, s, fmt.Errorf("%w, while waiting to repeat the call after: %w", err, f.Err))
		}
	}
}

// again decides whether to make another attempt after a failure, and when.
func (c *Client) again(ctx context.Context, s *series, f *failure) (wait time.Duration, ok bool) {
	s.maybe = s.maybe || f.Maybe
	if f.token != "" {
		// A call with a token that is refused was not carried out, whatever it is.
		first := s.refused == ""
		s.refused, s.refusal = f.token, f.Err
		return 0, first && httpcall.Ended(ctx) == nil
	}
	s.failures++
	if httpcall.Ended(ctx) != nil || !f.Retry || s.failures >= c.retry.MaxAttempts || f.After > httpcall.MaxAsked {
		return 0, false
	}
	wait = f.After + s.waits.NextBackOff()
	deadline, bounded := ctx.Deadline()
	return wait, !bounded || time.Until(deadline) > wait
}

// failed makes the error that a call ends with.
func (c *Client) failed(k *call, s *series, err error) error {
	return &CallError{Call: k.name, Attempts: s.attempts, Unknown: s.maybe && k.safety != fault.ReadOnly, Err: err}
}

// attempt waits for its turn, sends the request with a token and reads the answer.
func (c *Client) attempt(ctx context.Context, k *call, s *series) *failure {
	if err := httpcall.Ended(ctx); err != nil {
		return hopeless(err)
	}
	giveBack, err := c.takeOfDay(k.reads)
	if err != nil {
		return hopeless(err)
	}
	// Before the turn, which is not to be taken while Identity is waited for.
	if _, f := c.token(ctx, s); f != nil {
		giveBack()
		return f
	}
	queued := time.Now()
	release, err := c.place(ctx, k.reads)
	k.seen.Waited += time.Since(queued)
	if err != nil {
		giveBack()
		return hopeless(err)
	}
	// After it: the wait may have been longer than the rest of the token's life.
	token, f := c.token(ctx, s)
	if f != nil {
		giveBack()
		if release != nil {
			release(false)
		}
		return f
	}
	s.attempts++
	k.seen.Attempts, k.seen.HTTPStatus, k.seen.Code = s.attempts, 0, 0
	return c.send(ctx, k, token, release)
}

// token returns a token that was not refused.
func (c *Client) token(ctx context.Context, s *series) (string, *failure) {
	token, err := c.tokens.get(ctx)
	switch {
	case err != nil && httpcall.Ended(ctx) != nil:
		return "", hopeless(err)
	case err != nil:
		// Nothing was sent that could do something twice.
		after, retry := fault.Retryable(err, fault.ReadOnly)
		return "", &failure{Failure: httpcall.Failure{Err: err, After: after, Retry: retry || errors.Is(err, os.ErrDeadlineExceeded)}}
	case token == s.refused:
		return "", hopeless(fmt.Errorf("%w; Identity gives the same token again", s.refusal))
	}
	return token, nil
}

// send makes the HTTP exchange. It sees to it that the attempt's place is given back.
func (c *Client) send(ctx context.Context, k *call, token string, release func(sent bool)) *failure {
	limited, cancel := c.limited(ctx, k)
	defer cancel()
	uri, err := k.uri(c.base)
	if err != nil {
		if release != nil {
			release(false)
		}
		return hopeless(err)
	}
	body := httpcall.NewBody(k.body)
	e := httpcall.Exchanger{HTTP: c.http, MaxBody: c.maxBody, Now: c.now, Read: k.file.reader()}
	began := c.now()
	got, ok := e.Ask(httptrace.WithClientTrace(limited, body.Trace()), func(ctx context.Context) *http.Request {
		r := &http.Request{Method: k.method, URL: uri, Host: uri.Host, Header: c.header(k, token)}
		body.AddTo(r)
		return r.WithContext(ctx)
	}, body, release)
	var f *failure
	switch {
	case got.Panicked != nil:
		panic(got.Panicked)
	case !ok || got.HTTP == nil:
		f = &failure{Failure: c.judged(k, token, body).Lost(ctx, limited, got.Err)}
	default:
		f = c.receive(ctx, limited, k, token, got)
	}
	k.seen.take(got.HTTP, f)
	c.logAttempt(ctx, k, got, began, f)
	return f
}

// header returns the header of a request. The token stands there and nowhere else: the query
// parameter for it is no more (Marketo REST API, authentication).
func (c *Client) header(k *call, token string) http.Header {
	h := http.Header{
		"Authorization":   {"Bearer " + token},
		"Accept":          {"application/json"},
		"Accept-Encoding": {"gzip"},
		"User-Agent":      {c.userAgent},
	}
	if k.kind != "" {
		h.Set("Content-Type", k.kind)
	}
	k.file.addTo(h)
	return h
}

// overhead is what an attempt gets beside the time that the service works on it at most.
const overhead = 15 * time.Second

// limited returns the context of an attempt.
func (c *Client) limited(ctx context.Context, k *call) (context.Context, context.CancelFunc) {
	if k.file != nil {
		return k.file.whileAlive(ctx, c.timeoutOf(k))
	}
	return context.WithTimeout(ctx, c.timeoutOf(k))
}

func (c *Client) timeoutOf(k *call) time.Duration {
	if c.timeout != 0 {
		return c.timeout
	}
	return k.limit + overhead
}

// judged is what is known of an attempt, for the judgement on its end.
func (c *Client) judged(k *call, token string, body *httpcall.Body) *httpcall.Attempt {
	return &httpcall.Attempt{
		Host: c.base.Host, Timeout: c.timeoutOf(k), Safety: k.safety, Body: body,
		Hide: func(text string) string { return c.hidden(text, token) },
	}
}

// leastSecret is how long an id or a secret is at least, in bytes: shorter ones, such as a test has, are parts of words.
const leastSecret = 8

// hidden blots a token out of a text, and what it was fetched with.
func (c *Client) hidden(text, token string) string {
	secrets := []string{token}
	for _, one := range c.identity.secrets() {
		if len(one) >= leastSecret {
			secrets = append(secrets, one)
		}
	}
	return hidden(text, secrets...)
}

// receive reads the answer.
func (c *Client) receive(ctx, limited context.Context, k *call, token string, got httpcall.Response) *failure {
	if httpcall.IsRedirect(got.HTTP.StatusCode) {
		return hopeless(fmt.Errorf("the endpoint redirects to %s, and that was not followed: %w", c.hidden(httpcall.RedirectTarget(got.HTTP), token),
			fault.NewStatusError(got.HTTP.StatusCode, got.HTTP.Header.Get("Content-Type"), 0, nil)))
	}
	if got.Err == nil {
		err := k.decode(got.HTTP, got.Doc)
		if err != nil { // which quotes what it is about
			if shown := c.hidden(got.Doc, token); shown != got.Doc {
				err = k.decode(got.HTTP, shown)
			}
		}
		return c.judge(ctx, k, token, err)
	}
	return &failure{Failure: c.judged(k, token, nil).BrokenOff(ctx, limited, got.HTTP.StatusCode, got.Err)}
}

// judge decides what the error of a complete answer means for the call.
func (c *Client) judge(ctx context.Context, k *call, token string, err error) *failure {
	if err == nil {
		return nil
	}
	f := &failure{Failure: httpcall.Failure{Err: err, Maybe: maybeDone(err)}}
	f.After, f.Retry = fault.Retryable(err, k.safety)
	switch {
	case errors.Is(err, errNotWhole):
		f.Retry = true
	case k.tell != 0 && errors.Is(err, k.tell):
		f.Retry = false
	case errors.Is(err, fault.RESTCode(601)), errors.Is(err, fault.RESTCode(602)):
		c.tokens.drop(token)
		f.token = token
	case errors.Is(err, fault.RESTCode(607)):
		f.Err = c.exhausted(ctx, err)
	}
	if over := httpcall.Ended(ctx); over != nil { // a dead context wins over everything
		f.Err = fmt.Errorf("%w; the answer was: %w", over, err)
	}
	return f
}

// maybeDone reports whether a call may have been carried out although its answer is err.
func maybeDone(err error) bool {
	var said *fault.RESTError
	var status *fault.StatusError
	switch {
	case errors.As(err, &said):
		return !said.Refused()
	case errors.As(err, &status):
		return httpcall.MaybeDone(status.Code)
	}
	return true
}

func (c *Client) logAttempt(ctx context.Context, k *call, got httpcall.Response, began time.Time, f *failure) {
	if !c.logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	attrs := []slog.Attr{slog.String("call", k.name), slog.Duration("took", got.Received.Sub(began))}
	if got.HTTP != nil {
		attrs = append(attrs, slog.Int("http_status", got.HTTP.StatusCode))
	}
	if f != nil {
		attrs = append(attrs, slog.Any("error", f.Err))
	}
	c.logger.LogAttrs(ctx, slog.LevelDebug, "mktows: attempt at a call of the REST API", attrs...)
}
