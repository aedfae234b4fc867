package call

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/beevik/etree"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/soapxml"
)

const authenticationHeader = "AuthenticationHeader"

// document is a request's envelope that can be signed. Everything except the AuthenticationHeader stays as it is:
// other headers, prefixes, comments, white space. What XML regards as the same may change: the kind of quotes,
// <a></a> and <a/>, and which characters are written as references.
type document struct {
	tree      *etree.Document
	envelope  *etree.Element
	body      *etree.Element
	operation *gen.Operation
}

// readDocument parses an envelope and finds the operation it asks for. The document is kept as a tree and not decoded
// into the types of package gen, since decoding and encoding again would lose what those types have no place for.
func readDocument(ctx context.Context, text []byte) (*document, error) {
	if err := checkXML(ctx, string(text)); err != nil {
		return nil, err
	}
	tree := etree.NewDocument()
	tree.ReadSettings = etree.ReadSettings{PreserveCData: true, PreserveDuplicateAttrs: true}
	// The two write carriage returns and line ends as references where they were such.
	tree.WriteSettings = etree.WriteSettings{CanonicalText: true, CanonicalAttrVal: true}
	if err := tree.ReadFromBytes(text); err != nil {
		return nil, err
	}
	d := &document{tree: tree, envelope: tree.Root()}
	for _, find := range []func() error{d.checkEnvelope, d.findBody, d.findOperation} {
		if err := find(); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// checkXML checks a document against what SOAP 1.1 asks for, with the reader of package soapxml. The library etree
// accepts more, does not say where an error is, and has no bounds for depth, attributes and names.
func checkXML(ctx context.Context, text string) error {
	r := soapxml.NewReaderContext(ctx, text)
	if _, _, ok := r.Root(); ok {
		r.Skip()
		r.End()
	}
	return r.Err()
}

// checkEnvelope checks the root element. Its namespace is compared and not its prefix, which is arbitrary.
func (d *document) checkEnvelope() error {
	space := d.envelope.NamespaceURI()
	if d.envelope.Tag != "Envelope" || space != soapxml.EnvelopeNamespace {
		return fmt.Errorf("its root element is {%s}%s, where a SOAP 1.1 envelope is {%s}Envelope",
			space, d.envelope.Tag, soapxml.EnvelopeNamespace)
	}
	return nil
}

// findBody finds the body and checks that there is at most one header, before it.
func (d *document) findBody() error {
	bodies := d.parts("Body")
	if len(bodies) != 1 {
		return fmt.Errorf("its envelope has %d bodies instead of one", len(bodies))
	}
	d.body = bodies[0]
	headers := d.parts("Header")
	if len(headers) > 1 || len(headers) == 1 && headers[0].Index() > d.body.Index() {
		return errors.New("its envelope has a header in the wrong place: there is at most one, before the body")
	}
	return nil
}

// findOperation finds the operation by the one element in the body. The SOAPAction follows from it.
func (d *document) findOperation() error {
	requests := d.body.ChildElements()
	if len(requests) != 1 {
		return fmt.Errorf("its body has %d elements instead of one request", len(requests))
	}
	name, space := requests[0].Tag, requests[0].NamespaceURI()
	d.operation = gen.OperationByInput(name)
	if d.operation == nil || space != soapxml.Namespace {
		return fmt.Errorf("its body holds {%s}%s, which is not a request of the API: %q lists them, in the namespace %s",
			space, name, "mktows operations", soapxml.Namespace)
	}
	return nil
}

// parts returns the children of the envelope that have this name in the namespace of SOAP.
func (d *document) parts(tag string) []*etree.Element {
	var found []*etree.Element
	for _, e := range d.envelope.ChildElements() {
		if e.Tag == tag && e.NamespaceURI() == soapxml.EnvelopeNamespace {
			found = append(found, e)
		}
	}
	return found
}

// stamp replaces the content of the AuthenticationHeader by s, or adds one if there is none. If there are several,
// only the first one stays, as the service would not know which one to check.
func (d *document) stamp(s auth.Stamp) {
	header := d.header()
	var old *etree.Element
	for _, e := range slices.Backward(header.ChildElements()) { // etree numbers anew what follows
		if e.Tag != authenticationHeader || e.NamespaceURI() != soapxml.Namespace && e.NamespaceURI() != "" {
			continue
		}
		if old != nil {
			header.RemoveChild(old)
		}
		old = e
	}
	if old == nil {
		old = d.newAuthenticationHeader(header)
	}
	fill(old, s)
}

// header returns the SOAP header and adds one if there is none. The new one is set apart from the body by the same
// white space as the body from what precedes it, so that an indented document stays indented.
func (d *document) header() *etree.Element {
	if headers := d.parts("Header"); len(headers) > 0 {
		return headers[0]
	}
	header := etree.NewElement("Header")
	header.Space = d.envelope.Space
	at := d.body.Index()
	before := ""
	if at > 0 {
		before = whiteSpace(d.envelope.Child[at-1])
	}
	d.envelope.InsertChildAt(at, header)
	if before != "" {
		d.envelope.InsertChildAt(at+1, etree.NewText(before))
	}
	return header
}

// newAuthenticationHeader adds an empty AuthenticationHeader before the other entries. It uses the prefix of the
// request element if that is declared in the header's scope, otherwise one of its own.
func (d *document) newAuthenticationHeader(header *etree.Element) *etree.Element {
	e := etree.NewElement(authenticationHeader)
	header.InsertChildAt(0, e)
	if request := d.body.ChildElements()[0]; request.Space != "" && bound(header, request.Space) == soapxml.Namespace {
		e.Space = request.Space
		return e
	}
	e.Space = "mkt"
	e.CreateAttr("xmlns:mkt", soapxml.Namespace)
	return e
}

// bound returns the namespace that a prefix stands for inside of e, found by adding an element with that prefix and
// removing it again. Etree has no other way to ask.
func bound(e *etree.Element, prefix string) string {
	probe := etree.NewElement(prefix + ":probe")
	e.AddChild(probe)
	defer e.RemoveChild(probe)
	return probe.NamespaceURI()
}

// fill gives the AuthenticationHeader new content with the layout of the old one. Of the old content only a partner
// id is kept, unless there is a new one. The children are in no namespace (WSDL: AuthenticationHeaderInfo,
// unqualified), so a default namespace in whose scope they stand has to be switched off for each of them.
func fill(e *etree.Element, s auth.Stamp) {
	if s.PartnerID == "" {
		if old := e.SelectElement("partnerId"); old != nil {
			s.PartnerID = strings.TrimSpace(old.Text())
		}
	}
	first, last := "", ""
	if n := len(e.Child); n > 0 {
		first, last = whiteSpace(e.Child[0]), whiteSpace(e.Child[n-1])
	}
	for n := len(e.Child); n > 0; n-- { // from the end: etree numbers anew what follows
		e.RemoveChildAt(n - 1)
	}
	// Its children are in no namespace (WSDL: AuthenticationHeaderInfo, unqualified).
	probe := etree.NewElement("probe")
	e.AddChild(probe)
	inherited := probe.NamespaceURI() != ""
	e.RemoveChild(probe)
	for _, field := range stampFields(s) {
		e.CreateText(first)
		child := e.CreateElement(field[0])
		if inherited {
			child.CreateAttr("xmlns", "")
		}
		child.SetText(field[1])
	}
	e.CreateText(last)
}

// stampFields returns the names and values of the header's elements, in the order that the schema demands.
func stampFields(s auth.Stamp) [][2]string {
	fields := [][2]string{
		{"mktowsUserId", s.UserID}, {"requestSignature", s.Signature}, {"requestTimestamp", s.Timestamp},
	}
	if s.PartnerID != "" {
		fields = append(fields, [2]string{"partnerId", s.PartnerID})
	}
	return fields
}

// whiteSpace returns the text of a token that is only white space, otherwise "".
func whiteSpace(t etree.Token) string {
	if text, ok := t.(*etree.CharData); ok && text.IsWhitespace() {
		return text.Data
	}
	return ""
}

// stamped signs the document with s and returns its text. The client calls it once for each attempt.
func (d *document) stamped(s auth.Stamp) ([]byte, error) {
	d.stamp(s)
	text, err := d.tree.WriteToBytes()
	if err != nil {
		return nil, fmt.Errorf("the stamped envelope cannot be written: %w", err)
	}
	return text, nil
}
