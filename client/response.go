package client

import (
	"cmp"
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/soapxml"
)

// ErrBodyTooLarge says that an answer has more bytes than [WithMaxBody] allows.
var ErrBodyTooLarge = errors.New("the answer is too large")

// receive reads the answer into call.Res.
func (c *Client) receive(ctx, limited context.Context, call *Call, stamp stamp, got response) *failure {
	if isRedirect(got.resp.StatusCode) {
		return &failure{err: redirected(got.resp, stamp)}
	}
	err := got.err
	if err == nil {
		err = c.read(limited, call, stamp, got.resp, got.doc)
		if stopped := limited.Err(); stopped == nil || !errors.Is(err, stopped) {
			c.learn(call, stamp, got.resp, err)
			return c.judge(ctx, call, err)
		}
	}
	switch {
	case ended(ctx) != nil:
		return &failure{err: fmt.Errorf("%w, while reading the answer", ended(ctx)), maybe: true}
	case limited.Err() != nil:
		return &failure{err: c.timedOut(call), maybe: true, retry: call.Spec.Safety.Repeatable()}
	}
	err = fmt.Errorf("the answer (HTTP %d) broke off or cannot be read: %w", got.resp.StatusCode, err)
	_, retry := fault.Retryable(err, call.Spec.Safety)
	return &failure{err: err, maybe: true, retry: retry}
}

// judge decides what the error of a complete answer means for the call.
func (c *Client) judge(ctx context.Context, call *Call, err error) *failure {
	if err == nil {
		return nil
	}
	f := &failure{err: err, maybe: maybeDone(err)}
	f.after, f.retry = fault.Retryable(err, call.Spec.Safety)
	if over := ended(ctx); over != nil { // a dead context wins over everything
		f.err = fmt.Errorf("%w; the answer was: %w", over, err)
	}
	return f
}

// statusClientClosed is what nginx says where one side did not wait for the other. As with 408,
// the request may have gone on to the service before.
const statusClientClosed = 499

// maybeDone reports whether a call may have been carried out although its answer is err.
func maybeDone(err error) bool {
	var f *fault.Fault
	var status *fault.StatusError
	switch {
	case errors.As(err, &f) && f.Code != 0:
		return errors.Is(err, fault.ErrServer)
	case errors.As(err, &f):
		return !f.BlamesRequest() // from something between
	case errors.As(err, &status):
		return status.Code < 300 || status.Code >= 500 || status.Code == http.StatusRequestTimeout || status.Code == statusClientClosed
	}
	return true
}

// read reads the document: an answer, a fault or something else.
func (c *Client) read(ctx context.Context, call *Call, stamp stamp, resp *http.Response, doc string) error {
	err := envelope.ReadResponse(ctx, doc, call.Res)
	call.Envelope.keep(doc, resp.StatusCode, err)
	if err == nil && resp.StatusCode < 300 {
		return nil
	}
	if shown := withoutSignature(doc, stamp); shown != doc {
		// An error quotes what it is about, maybe a part of the signature: it is made anew from what may be shown.
		doc, err = shown, cmp.Or(envelope.ReadResponse(ctx, shown, call.Res), err)
	}
	var f *fault.Fault
	switch {
	case errors.As(err, &f):
		for _, text := range []*string{&f.FaultCode, &f.FaultString, &f.Actor, &f.Name, &f.Message} {
			*text = withoutSignature(*text, stamp)
		}
		f.HTTPStatus = resp.StatusCode
		return c.classify(f, call, stamp, resp)
	case err == nil, errors.Is(err, envelope.ErrNotEnvelope) && (resp.StatusCode >= 400 || !isBrokenXML(err, resp, doc)):
		// An error status says more than why its page is no envelope.
		return c.statusError(resp, stamp, doc)
	}
	return decodeError(doc, fmt.Errorf("%w (HTTP %d)", err, resp.StatusCode))
}

func (c *Client) statusError(resp *http.Response, stamp stamp, doc string) error {
	contentType := withoutSignature(resp.Header.Get("Content-Type"), stamp)
	return fault.NewStatusError(resp.StatusCode, contentType, retryAfter(resp, c.now()), []byte(doc[:min(len(doc), 2048)]))
}

// withoutSignature blots out the signature of the request, in case an answer echoes it:
// errors keep parts of answers in fields that anything may print.
func withoutSignature(text string, stamp stamp) string {
	return auth.HideSignature(text, stamp.Signature)
}

// classify gives a fault the type of its class.
func (c *Client) classify(f *fault.Fault, call *Call, stamp stamp, resp *http.Response) error {
	known := fault.Known{UserID: stamp.UserID, Now: call.Received}
	if date, ok := serverDate(resp, call.Received); ok {
		known.ServerTime = date
	}
	known.RequestTime, _ = auth.ParseTimestamp(stamp.Timestamp)
	return fault.Classify(f, known)
}

// decodeError keeps what stands around the place where reading failed.
func decodeError(doc string, err error) error {
	const around = 2048
	at := int64(-1)
	var syntax *soapxml.SyntaxError
	if errors.As(err, &syntax) {
		at = syntax.Offset
	}
	from := max(0, min(int(at), len(doc))-around)
	to := min(len(doc), from+2*around)
	e := fault.NewDecodeError([]byte(doc[from:to]), at-int64(from), err)
	e.Offset = at
	return e
}

// isBrokenXML tells a document that is meant to be XML and cannot be read from one that
// is something else.
func isBrokenXML(err error, resp *http.Response, doc string) bool {
	var syntax *soapxml.SyntaxError
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	isXML := strings.HasSuffix(media, "/xml") || strings.HasSuffix(media, "+xml")
	return isXML && doc != "" && errors.As(err, &syntax)
}

func isRedirect(status int) bool { return status >= 300 && status < 400 }

// redirected refuses a redirect, and tells where it leads without what may be secret: no query,
// no user, no parameters of the path, which may be a session.
func redirected(resp *http.Response, stamp stamp) error {
	var target string
	u, err := resp.Location() // relative to the endpoint
	switch {
	case err != nil:
		target = "no address that can be read"
	default:
		path, _, _ := strings.Cut(u.Path, ";")
		target = fmt.Sprintf("%.200q", withoutSignature((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: path}).String(), stamp))
	}
	return fmt.Errorf("the endpoint redirects to %s, and that was not followed: %w",
		target, fault.NewStatusError(resp.StatusCode, withoutSignature(resp.Header.Get("Content-Type"), stamp), 0, nil))
}

// plainRedirects takes an address that cannot be read out of a redirect. A http.Client reads it before it asks whether to
// follow, and shows all of it, with what may be secret, in its error.
type plainRedirects struct{ http.RoundTripper }

func (t plainRedirects) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(r)
	if err == nil && resp != nil && isRedirect(resp.StatusCode) {
		if _, wrong := resp.Location(); wrong != nil {
			resp.Header.Del("Location")
		}
	}
	return resp, err
}

// CloseIdleConnections closes those of the transport, as http.Client asks it to.
func (t plainRedirects) CloseIdleConnections() {
	if closer, ok := t.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// longestWait is what a longer one counts as: it is more than anybody waits, and far from what
// a time.Duration has no room for.
const longestWait = 365 * 24 * time.Hour

// retryAfter reads the header of that name: seconds or a date (RFC 9110, 10.2.3). The date is by the
// clock of the answer's own Date, if there is one, since the clock here may be wrong.
func retryAfter(resp *http.Response, now time.Time) time.Duration {
	value := strings.TrimSpace(resp.Header.Get("Retry-After"))
	seconds, err := strconv.ParseUint(value, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && seconds > uint64(longestWait/time.Second):
		return longestWait
	case err == nil:
		return time.Duration(seconds) * time.Second //nolint:gosec // bounded above
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if date, ok := serverDate(resp, now); ok {
		now = date
	}
	return min(max(0, at.Sub(now)), longestWait)
}

var (
	gzipReaders sync.Pool // of *gzip.Reader
	copyBuffers sync.Pool // of *[32 << 10]byte
)

// readBody reads the whole body, unpacked, of at most so many bytes. The answer's
// strings share the memory of the string that is returned.
func readBody(ctx context.Context, resp *http.Response, most int64) (string, error) {
	if resp.ContentLength > most {
		return "", tooLarge(most)
	}
	packed := &io.LimitedReader{R: envelope.Until(ctx, resp.Body), N: most + 1} // or a stream of empty members would never end
	var body io.Reader = packed
	expansion := int64(1)
	switch encoding := strings.ToLower(resp.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := openGzip(packed)
		if err != nil {
			return "", unpackError(err)
		}
		defer gzipReaders.Put(z)
		body, expansion = &io.LimitedReader{R: z, N: most + 1}, 8
	default:
		return "", fault.NewDecodeError(nil, -1, fmt.Errorf("Content-Encoding %.40q was not asked for, expected gzip or none", encoding))
	}
	text, err := readString(body, resp.ContentLength*expansion)
	if packed.N == 0 || int64(len(text)) > most {
		return "", tooLarge(most)
	}
	return text, err
}

func tooLarge(most int64) error {
	return fault.NewDecodeError(nil, -1, fmt.Errorf(
		"%w: more than %d bytes; ask for smaller pages, or allow more with WithMaxBody", ErrBodyTooLarge, most))
}

func openGzip(r io.Reader) (*gzip.Reader, error) {
	if z, ok := gzipReaders.Get().(*gzip.Reader); ok {
		return z, z.Reset(r)
	}
	return gzip.NewReader(r)
}

// readString reads to the end. The hint is how much to expect, if known; it is not
// trusted with more than a few megabytes.
func readString(r io.Reader, hint int64) (string, error) {
	const mostTrusted = 4 << 20
	var text strings.Builder
	text.Grow(int(min(max(hint, 512), mostTrusted)))
	buf, ok := copyBuffers.Get().(*[32 << 10]byte)
	if !ok {
		buf = new([32 << 10]byte)
	}
	defer copyBuffers.Put(buf)
	_, err := io.CopyBuffer(&text, r, buf[:])
	return text.String(), unpackError(err)
}

// unpackError tells what gzip finds wrong from what the connection does.
func unpackError(err error) error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) || errors.As(err, &corrupt) {
		return fault.NewDecodeError(nil, -1, fmt.Errorf("gzip: %w", err))
	}
	return err
}
