package client

import (
	"context"
	"errors"
	"fmt"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// Envelope is a request whose SOAP envelope is ready but for its AuthenticationHeader, for example one that another
// program has written.
type Envelope struct {
	// Operation is what the body asks for. The SOAPAction and the time that an attempt may take go by it.
	Operation *gen.Operation
	// Sign returns the envelope with an AuthenticationHeader made of a stamp. It is called for each attempt, and once
	// before with an empty stamp, for the client to read what the body asks for. Its documents may differ in nothing
	// but that header.
	Sign func(auth.Stamp) ([]byte, error)

	in     gen.Message // what the body asks for
	answer string      // the document that came last; empty if none came, or none that is SOAP
}

// Do sends a ready-made envelope as the methods for the operations send theirs: through the interceptors, within the
// limits, freshly signed for each attempt, and again where that may be done. Its errors are theirs too. The workspace
// of [gen.WithMktowsContext] is not put into the envelope.
//
// The answer is the document as it came. It is there also if the error is a fault or says that the document cannot be
// read, and empty if nothing came that is SOAP.
//
// Interceptors see the request in Call.Req, as far as it can be read: where it cannot, which the service may see
// otherwise, Req is empty and the call as safe as its operation is in general. They must replace neither that nor
// Call.Envelope.
func (c *Client) Do(ctx context.Context, e Envelope) (answer string, err error) {
	if e.Operation == nil || e.Sign == nil {
		return "", errors.New("client: an Envelope needs an Operation and Sign")
	}
	if e.in, err = e.request(ctx); err != nil {
		return "", &fault.OpError{Op: e.Operation.Name, Err: err}
	}
	call := c.newCall(e.Operation, e.in, e.Operation.NewOutput())
	call.Envelope = &e
	err = c.perform(ctx, call)
	return e.answer, err
}

// request reads what the body asks for.
func (e *Envelope) request(ctx context.Context) (gen.Message, error) {
	text, err := e.Sign(auth.Stamp{})
	if err != nil {
		return nil, fmt.Errorf("the envelope cannot be signed: %w", err)
	}
	in := e.Operation.NewInput()
	q, err := envelope.OpenRequest(ctx, string(text))
	if err == nil && q.Element != in.ElementName() {
		return nil, fmt.Errorf("the envelope holds a %s, where %s has a %s", q.Element, e.Operation.Name, in.ElementName())
	}
	if err != nil || q.Read(in) != nil {
		return e.Operation.NewInput(), httpcall.Ended(ctx)
	}
	return in, nil
}

// keep keeps a document if it is SOAP, maybe in pieces, rather than what something between has to say. The error is
// what came of reading it.
func (e *Envelope) keep(doc string, status int, err error) {
	if e == nil || err == nil && status >= 300 || errors.Is(err, envelope.ErrNotEnvelope) {
		return
	}
	e.answer = doc
}
