package call

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/soapxml"
)

const (
	// maxAnswer bounds an answer, in bytes after decompression, as package client does.
	maxAnswer = 64 << 20
	// callTimeout is for the one attempt; the vendor's own sample waits as long for
	// getLeadChanges (Marketo SOAP API, getLeadChanges).
	callTimeout = 10 * time.Minute
)

// poster sends envelopes as they are. Package client makes its own; for these it lends
// its rules: https, no redirects, bounded answers. Unlike it a poster sends once, since what it
// sends is not its own to repeat.
type poster struct {
	http     *http.Client
	endpoint string
	log      *slog.Logger
}

func newPoster(endpoint string, log *slog.Logger) *poster {
	return &poster{
		http: &http.Client{
			Transport: &http.Transport{
				Proxy:                  http.ProxyFromEnvironment,
				TLSHandshakeTimeout:    10 * time.Second,
				MaxResponseHeaderBytes: 64 << 10,
				DisableKeepAlives:      true, // one call to a process
			},
			// A signed request goes to the endpoint and nowhere else.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		endpoint: endpoint,
		log:      log,
	}
}

// reply is what came back, and how.
type reply struct {
	status      int
	contentType string
	location    *url.URL  // where a redirect leads; may be nil
	date        time.Time // the server's clock; may be zero
	received    time.Time
	body        []byte
}

// post sends an envelope. Its error is a *fault.OpError.
func (p *poster) post(ctx context.Context, op *gen.Operation, safety fault.Safety, text []byte) (*reply, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, callTimeout, errCallTimeout)
	defer cancel()
	var sent atomic.Bool // a dial that has lost the race against ctx may still go on
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { sent.Store(true) }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost, p.endpoint, bytes.NewReader(text))
	if err != nil {
		return nil, &fault.OpError{Op: op.Name, Err: err}
	}
	req.GetBody = nil // net/http would send it again by itself
	req.Header.Set("Content-Type", envelope.ContentType)
	req.Header.Set("SOAPAction", `"`+op.SOAPAction+`"`) // as SOAP 1.1, section 6.1.1, spells it
	req.Header.Set("Accept", "text/xml")
	req.Header.Set("User-Agent", console.UserAgent())
	r, err := p.exchange(req)
	p.log.DebugContext(ctx, "mktows: call", "operation", op.Name, "bytes", len(text), "ok", err == nil)
	if err == nil {
		return r, nil
	}
	err = fmt.Errorf("the connection failed: %w", err)
	if over := ctx.Err(); over != nil {
		err = fmt.Errorf("%w: %w", over, context.Cause(ctx))
	}
	// Whether all of it was sent is not known once there was a connection.
	if sent.Load() && safety != fault.ReadOnly {
		err = &fault.UnknownOutcomeError{Op: op.Name, Err: err}
	}
	return nil, &fault.OpError{Op: op.Name, Attempts: 1, Err: err}
}

var errCallTimeout = fmt.Errorf("no complete answer within %s: %w", callTimeout, os.ErrDeadlineExceeded)

func (p *poster) exchange(req *http.Request) (*reply, error) {
	resp, err := p.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	r := &reply{status: resp.StatusCode, contentType: resp.Header.Get("Content-Type"), received: time.Now()}
	r.location, _ = resp.Location()
	r.date, _ = http.ParseTime(resp.Header.Get("Date"))
	r.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(r.body) > maxAnswer {
		err = fmt.Errorf("the answer has more than %d bytes", maxAnswer)
	}
	return r, err
}

// read reports whether the answer is SOAP rather than something else, if maybe in pieces, and
// returns the fault in it or what is wrong with it as an error, as package client would.
func (r *reply) read(ctx context.Context, op *gen.Operation, safety fault.Safety, s auth.Stamp) (isSOAP bool, err error) {
	err = envelope.ReadResponse(ctx, string(r.body), op.NewOutput())
	var f *fault.Fault
	switch {
	case errors.As(err, &f):
		f.HTTPStatus = r.status
		known := fault.Known{UserID: s.UserID, Now: r.received, ServerTime: r.date}
		known.RequestTime, _ = auth.ParseTimestamp(s.Timestamp)
		err, isSOAP = fault.Classify(f, known), true
	case err == nil && r.status < 300:
		return true, nil
	case err == nil, errors.Is(err, envelope.ErrNotEnvelope):
		err = r.statusError()
	default:
		err, isSOAP = fault.NewDecodeError(r.body, offset(err), fmt.Errorf("%w (HTTP %d)", err, r.status)), true
	}
	if safety != fault.ReadOnly && r.ambiguous(err) {
		err = &fault.UnknownOutcomeError{Op: op.Name, Err: err}
	}
	return isSOAP, &fault.OpError{Op: op.Name, Attempts: 1, Err: err}
}

// statusError says what came instead of SOAP, and where a redirect led, without what may be secret: no
// query, no user, no parameters of the path.
func (r *reply) statusError() error {
	var err error = fault.NewStatusError(r.status, r.contentType, 0, r.body[:min(len(r.body), 2048)])
	if r.location != nil && r.status < 400 {
		path, _, _ := strings.Cut(r.location.Path, ";")
		target := url.URL{Scheme: r.location.Scheme, Host: r.location.Host, Path: path}
		err = fmt.Errorf("the endpoint redirects to %.200q, and that was not followed: %w", target.String(), err)
	}
	return err
}

// offset is where reading failed, if that is known.
func offset(err error) int64 {
	var syntax *soapxml.SyntaxError
	if errors.As(err, &syntax) {
		return syntax.Offset
	}
	return -1
}

// ambiguous reports whether a request may have been carried out although err is its
// answer: not if the service or a proxy refused it.
func (r *reply) ambiguous(err error) bool {
	var f *fault.Fault
	if errors.As(err, &f) && f.Code != 0 {
		return errors.Is(err, fault.ErrServer)
	}
	switch r.status {
	case http.StatusRequestTimeout, statusClientClosed:
		return true
	}
	return r.status < 300 || r.status >= 500
}

// statusClientClosed is what nginx says where one side did not wait for the other. As with 408,
// the request may have gone on to the service before.
const statusClientClosed = 499
