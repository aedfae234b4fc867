package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/internal/soapxml"
)

// ErrBodyTooLarge says that an answer has more bytes than [WithMaxBody] allows.
var ErrBodyTooLarge = httpcall.ErrBodyTooLarge

// receive reads the answer into call.Res.
func (c *Client) receive(ctx, limited context.Context, call *Call, stamp stamp, got httpcall.Response) *failure {
	if httpcall.IsRedirect(got.HTTP.StatusCode) {
		return &failure{Err: redirected(got.HTTP, stamp)}
	}
	err := got.Err
	if err == nil {
		err = c.read(limited, call, stamp, got.HTTP, got.Doc)
		if stopped := limited.Err(); stopped == nil || !errors.Is(err, stopped) {
			c.learn(call, stamp, got.HTTP, err)
			return c.judge(ctx, call, err)
		}
	}
	f := c.judged(call, stamp, nil).BrokenOff(ctx, limited, got.HTTP.StatusCode, err)
	return &f
}

// judge decides what the error of a complete answer means for the call.
func (c *Client) judge(ctx context.Context, call *Call, err error) *failure {
	if err == nil {
		return nil
	}
	f := &failure{Err: err, Maybe: maybeDone(err)}
	f.After, f.Retry = fault.Retryable(err, call.Spec.Safety)
	if over := httpcall.Ended(ctx); over != nil { // a dead context wins over everything
		f.Err = fmt.Errorf("%w; the answer was: %w", over, err)
	}
	return f
}

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
		return httpcall.MaybeDone(status.Code)
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
	return fault.NewStatusError(resp.StatusCode, contentType, httpcall.RetryAfter(resp, c.now()), []byte(doc[:min(len(doc), 2048)]))
}

// withoutSignature blots out the signature of the request, in case an answer echoes it:
// errors keep parts of answers in fields that anything may print.
func withoutSignature(text string, stamp stamp) string {
	return auth.HideSignature(text, stamp.Signature)
}

// classify gives a fault the type of its class.
func (c *Client) classify(f *fault.Fault, call *Call, stamp stamp, resp *http.Response) error {
	known := fault.Known{UserID: stamp.UserID, Now: call.Received}
	if date, ok := httpcall.ServerDate(resp, call.Received); ok {
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

// redirected refuses a redirect.
func redirected(resp *http.Response, stamp stamp) error {
	target := withoutSignature(httpcall.RedirectTarget(resp), stamp)
	return fmt.Errorf("the endpoint redirects to %s, and that was not followed: %w",
		target, fault.NewStatusError(resp.StatusCode, withoutSignature(resp.Header.Get("Content-Type"), stamp), 0, nil))
}
