package gen

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/internal/soapxml"
)

// Version is a version of the contract that has a WSDL document of its own.
type Version int

// The versions differ in few elements: see the README of package wsdl.
const (
	V2_7 Version = 207
	V3_1 Version = 301
)

// String returns the version as it stands in an endpoint's path, such as "2_7".
func (v Version) String() string { return fmt.Sprintf("%d_%d", int(v)/100, int(v)%100) }

// ParseVersion returns the contract that applies on an endpoint whose path ends in s:
// 2_7 for every version up to that one, 3_1 for later ones up to 3_1.
func ParseVersion(s string) (Version, error) {
	major, minor, ok := strings.Cut(s, "_")
	a, err1 := strconv.Atoi(major)
	b, err2 := strconv.Atoi(minor)
	v := Version(a*100 + b)
	switch {
	case !ok || err1 != nil || err2 != nil || a < 1 || a > 99 || b < 0 || b > 99:
		return 0, fmt.Errorf("%q is not a version of the API; expected one such as 2_7 or 3_1", s)
	case v <= V2_7:
		return V2_7, nil
	case v <= V3_1:
		return V3_1, nil
	}
	return 0, fmt.Errorf("version %s of the API is not known; the last one was 3_1", s)
}

// Message is a global element of the schema: a request, an answer or a header.
type Message interface {
	// ElementName returns the local name of the element.
	ElementName() string

	readXML(r *soapxml.Reader)
	writeXML(w *soapxml.Writer)
}

// The packages of this module that have a reader or writer of an envelope go through package soapxml, so that neither shows here.
var _ = soapxml.SetCodec(
	func(r *soapxml.Reader, m soapxml.Message) { m.(Message).readXML(r) },  //nolint:forcetypeassert // only messages of this package are read
	func(w *soapxml.Writer, m soapxml.Message) { m.(Message).writeXML(w) }, //nolint:forcetypeassert // likewise
)

// Marshal returns the message as an XML document, for an endpoint of the version. An
// error names the field that cannot be written and why.
func Marshal(m Message, v Version) ([]byte, error) {
	w := soapxml.NewWriter(nil, int(v))
	m.writeXML(w)
	return w.Finish()
}

// Unmarshal reads a document whose root element is the message, without an envelope.
// An error tells the byte offset and the path.
func Unmarshal(doc []byte, m Message) error {
	r := soapxml.NewReader(string(doc))
	space, local, ok := r.Root()
	if ok && (space != soapxml.Namespace || local != m.ElementName()) {
		r.Failf("expected %s in the namespace %s", m.ElementName(), soapxml.Namespace)
	}
	m.readXML(r)
	r.End()
	return r.Err()
}

// Operation describes an operation of the port type.
type Operation struct {
	Name       string // as in the WSDL: getLeadActivity
	SOAPAction string // the URI, without quotes
	Input      string // the name of the request's element
	Output     string // the name of the answer's element

	takesContext        bool
	newInput, newOutput func() Message
	call                func(context.Context, Port, Message) (Message, error)
	fill                func(out, answer Message)
}

// Operations returns all operations in the order of the port type. They are shared:
// do not change them.
func Operations() []*Operation {
	all := make([]*Operation, len(operations))
	for i := range operations {
		all[i] = &operations[i]
	}
	return all
}

// OperationByName returns the operation of that name, or nil.
func OperationByName(name string) *Operation {
	for i := range operations {
		if operations[i].Name == name {
			return &operations[i]
		}
	}
	return nil
}

// OperationByInput returns the operation whose request is the element, or nil.
func OperationByInput(element string) *Operation {
	for i := range operations {
		if operations[i].Input == element {
			return &operations[i]
		}
	}
	return nil
}

// TakesContext reports whether the binding gives the operation a MktowsContextHeader.
func (o *Operation) TakesContext() bool { return o.takesContext }

// NewInput returns an empty request.
func (o *Operation) NewInput() Message { return o.newInput() }

// NewOutput returns an empty answer.
func (o *Operation) NewOutput() Message { return o.newOutput() }

// Call calls the operation's method of the port. The request must be of the type
// that NewInput returns. A port that returns neither an answer nor an error, as one
// that was written by hand may do, gives ErrNoAnswer.
func (o *Operation) Call(ctx context.Context, p Port, in Message) (Message, error) {
	answer, err := o.call(ctx, p, in)
	if answer == nil && err == nil {
		err = fmt.Errorf("%s: %w", o.Name, ErrNoAnswer)
	}
	return answer, err
}

// CallInto is Call for a [PortFunc] that passes calls on: it fills out, which must be of
// the type that NewOutput returns, and leaves it alone where there is an error.
func (o *Operation) CallInto(ctx context.Context, p Port, in, out Message) error {
	answer, err := o.Call(ctx, p, in)
	if err != nil {
		return err
	}
	o.fill(out, answer)
	return nil
}

// ErrNoAnswer says that a port has returned neither an answer nor an error.
var ErrNoAnswer = errors.New("the port has returned neither an answer nor an error")

// given returns what a method of a port has returned, as an interface that is nil where there is no answer.
func given[T any, M interface {
	*T
	Message
}](answer M, err error) (Message, error) {
	if err != nil || answer == nil {
		return nil, err
	}
	return answer, nil
}

// PortFunc makes a [Port] of one function that serves every operation: it reads in
// and fills out, which are of the operation's types.
type PortFunc func(ctx context.Context, op *Operation, in, out Message) error

var _ Port = PortFunc(nil)

type contextKey struct{}

// WithMktowsContext returns a context that gives its calls a MktowsContextHeader,
// which names a workspace. Only syncLead takes one.
func WithMktowsContext(ctx context.Context, h MktowsContextHeaderInfo) context.Context {
	return context.WithValue(ctx, contextKey{}, h)
}

// MktowsContext returns the header that WithMktowsContext set.
func MktowsContext(ctx context.Context) (h MktowsContextHeaderInfo, ok bool) {
	h, ok = ctx.Value(contextKey{}).(MktowsContextHeaderInfo)
	return h, ok
}
