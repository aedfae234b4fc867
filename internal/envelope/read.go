package envelope

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/soapxml"
)

// ErrNotEnvelope says that a document is something else than a SOAP 1.1 envelope,
// such as a proxy's HTML page.
var ErrNotEnvelope = errors.New("not a SOAP 1.1 envelope")

// MustUnderstandError names a header entry that asks to be understood and is not
// (SOAP 1.1, section 4.2.3).
type MustUnderstandError struct{ Space, Local string }

func (e *MustUnderstandError) Error() string {
	return fmt.Sprintf("the header entry {%s}%s has mustUnderstand and is not understood", e.Space, e.Local)
}

// VersionError says that the envelope is of another SOAP version (SOAP 1.1, section 4.4.1).
type VersionError struct{ Space string }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the envelope is in the namespace %q, expected SOAP 1.1: %q", e.Space, soapxml.EnvelopeNamespace)
}

// Unwrap returns ErrNotEnvelope.
func (e *VersionError) Unwrap() error { return ErrNotEnvelope }

// ReadResponse reads the envelope of an answer into out. If it holds a fault, the
// error is that *fault.Fault. Otherwise an error tells what is wrong with the
// document: it is ErrNotEnvelope or a *soapxml.SyntaxError.
//
// Reading stops soon after the context has ended; the error then wraps that of the context.
func ReadResponse(ctx context.Context, doc string, out gen.Message) error {
	r := soapxml.NewReaderContext(ctx, doc)
	if err := openEnvelope(r); err != nil {
		return err
	}
	space, local, err := openBody(r, nil)
	if err != nil {
		return err
	}
	if space == soapxml.EnvelopeNamespace && local == "Fault" {
		f := readFault(r)
		if err := finish(r); err != nil {
			return err
		}
		return f
	}
	if local != out.ElementName() || space != soapxml.Namespace {
		r.Failf("the body holds {%s}%s, expected %s", space, local, out.ElementName())
		return r.Err()
	}
	r.Message(out)
	return finish(r)
}

// Request is the envelope of a request, read up to the element in its body. A server has to know who calls, and what,
// before it spends time on the content.
type Request struct {
	Header
	Space, Element string // the name of the element in the body
	r              *soapxml.Reader
}

// OpenRequest reads the header and finds the element in the body, so that the caller
// can authenticate before it reads on. Of the errors that ReadResponse tells,
// *VersionError and *MustUnderstandError have fault codes of their own in SOAP 1.1.
//
// Reading, of the body too, stops soon after the context has ended.
func OpenRequest(ctx context.Context, doc string) (*Request, error) {
	q := &Request{r: soapxml.NewReaderContext(ctx, doc)}
	q.r.NotePassed()
	if err := openEnvelope(q.r); err != nil {
		return nil, err
	}
	var err error
	q.Space, q.Element, err = openBody(q.r, q.header)
	return q, err
}

// Passed returns the names that were read so far and that the schema lacks: see
// [soapxml.Reader.Passed].
func (q *Request) Passed() []string { return q.r.Passed() }

// Read reads the element in the body and the rest of the envelope.
func (q *Request) Read(in gen.Message) error {
	q.r.Message(in)
	return finish(q.r)
}

// openEnvelope reads up to the root element and checks that it is an envelope. An envelope of SOAP 1.2 gets an error
// of its own, since SOAP 1.1 has a fault code for that.
func openEnvelope(r *soapxml.Reader) error {
	space, local, ok := r.Root()
	switch {
	case !ok && errors.Unwrap(r.Err()) != nil: // stopped, so nothing is known
		return r.Err()
	case !ok:
		return fmt.Errorf("%w: %w", ErrNotEnvelope, r.Err())
	case local == "Envelope" && space == soapxml.EnvelopeNamespace:
		return nil
	case local == "Envelope" && strings.Contains(space, "soap"):
		return &VersionError{space}
	}
	return fmt.Errorf("%w: the root element is {%s}%s", ErrNotEnvelope, space, local)
}

// openBody reads up to the element in the body and returns its name. If there is a header, the function is called to
// read it; nil skips it.
func openBody(r *soapxml.Reader, header func() error) (space, local string, err error) {
	for headers := 0; ; {
		space, local, ok := r.Next()
		switch {
		case !ok:
			r.Failf("the envelope has no body")
			return "", "", r.Err()
		case local == "Header" && space == soapxml.EnvelopeNamespace && headers == 0:
			headers++
			if header == nil {
				r.Skip()
			} else if err := header(); err != nil {
				return "", "", err
			}
		case local == "Body" && space == soapxml.EnvelopeNamespace:
			if space, local, ok = r.Next(); !ok {
				r.Failf("the body is empty")
			}
			return space, local, r.Err()
		default:
			r.Failf("unexpected {%s}%s in the envelope, expected a header or a body", space, local)
		}
	}
}

// finish reads what follows the element in the body, which has to be nothing.
func finish(r *soapxml.Reader) error {
	if _, local, ok := r.Next(); ok {
		r.Failf("a second element, %s, in the body", local)
	}
	for {
		// Elements of other namespaces may follow the body (SOAP 1.1, section 4).
		space, local, ok := r.Next()
		if !ok {
			break
		}
		if space == "" || space == soapxml.EnvelopeNamespace {
			r.Failf("unexpected %s after the body", local)
		}
		r.Skip()
	}
	r.End()
	return r.Err()
}

// actorNext addresses a header entry to whoever reads it first (SOAP 1.1, section 4.2.2).
const actorNext = "http://schemas.xmlsoap.org/soap/actor/next"

// mustUnderstand reports whether the entry that was opened last is meant for this
// endpoint and has to be understood.
func (q *Request) mustUnderstand() bool {
	must, _ := q.r.Attr(soapxml.EnvelopeNamespace, "mustUnderstand")
	actor, _ := q.r.Attr(soapxml.EnvelopeNamespace, "actor")
	return (must == "1" || must == "true") && (actor == "" || actor == actorNext)
}

// header reads the entries of the header element.
func (q *Request) header() error {
	for {
		space, local, ok := q.r.Next()
		if !ok {
			return q.r.Err()
		}
		ours := space == "" || space == soapxml.Namespace
		must := q.mustUnderstand()
		switch {
		case ours && local == "AuthenticationHeader" && q.Authentication == nil:
			q.Authentication = new(gen.AuthenticationHeaderInfo)
			q.r.Message(q.Authentication)
		case ours && local == "MktowsContextHeader" && q.Context == nil:
			q.Context = new(gen.MktowsContextHeaderInfo)
			q.r.Message(q.Context)
		case ours && (local == "AuthenticationHeader" || local == "MktowsContextHeader"):
			q.r.Failf("the header entry %s stands twice", local)
		case must:
			return &MustUnderstandError{space, local}
		default:
			q.r.Skip()
		}
	}
}

// readFault reads a fault as the service, or anything on the way, may send it. Names are compared without their
// namespace and the detail may be missing: an error that is reported badly should still be reported.
func readFault(r *soapxml.Reader) *fault.Fault {
	f, code := &fault.Fault{}, ""
	for {
		_, local, ok := r.Next()
		if !ok {
			break
		}
		switch local {
		case "faultcode":
			f.FaultCode = r.Token()
		case "faultstring":
			f.FaultString = r.Token()
		case "faultactor":
			f.Actor = r.Token()
		case "detail":
			code = readDetail(r, f)
		default:
			r.Skip()
		}
	}
	f.Code = fault.ReadCode(code, f.FaultString)
	return f
}

// readDetail reads the detail and returns the text of its code.
func readDetail(r *soapxml.Reader, f *fault.Fault) (code string) {
	for {
		_, local, ok := r.Next()
		switch {
		case !ok:
			return code
		case local == "serviceException":
			code = readException(r, f)
		default:
			r.Skip()
		}
	}
}

// readException reads the service's own part of a fault and returns the text of its code.
func readException(r *soapxml.Reader, f *fault.Fault) (code string) {
	for {
		_, local, ok := r.Next()
		if !ok {
			return code
		}
		switch local {
		case "name":
			f.Name = r.Token()
		case "message":
			f.Message = r.Token()
		case "code":
			code = r.Token()
		default:
			r.Skip()
		}
	}
}
