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

// document is a request's envelope that can be stamped. Everything else in it stays:
// other headers, prefixes, comments, white space. What XML holds to be the same may change:
// the kind of quotes, <a></a> and <a/>, the spelling of characters as references.
type document struct {
	tree      *etree.Document
	envelope  *etree.Element
	body      *etree.Element
	operation *gen.Operation
}

// readDocument reads an envelope and finds out what it asks for.
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

// checkXML holds a document to what SOAP 1.1 asks for; etree is more patient, its errors do
// not say where, and it sets no bounds to depth, attributes and names.
func checkXML(ctx context.Context, text string) error {
	r := soapxml.NewReaderContext(ctx, text)
	if _, _, ok := r.Root(); ok {
		r.Skip()
		r.End()
	}
	return r.Err()
}

func (d *document) checkEnvelope() error {
	space := d.envelope.NamespaceURI()
	if d.envelope.Tag != "Envelope" || space != soapxml.EnvelopeNamespace {
		return fmt.Errorf("its root element is {%s}%s, where a SOAP 1.1 envelope is {%s}Envelope",
			space, d.envelope.Tag, soapxml.EnvelopeNamespace)
	}
	return nil
}

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

// parts returns the children of the envelope with a SOAP name.
func (d *document) parts(tag string) []*etree.Element {
	var found []*etree.Element
	for _, e := range d.envelope.ChildElements() {
		if e.Tag == tag && e.NamespaceURI() == soapxml.EnvelopeNamespace {
			found = append(found, e)
		}
	}
	return found
}

// stamp makes s the content of the AuthenticationHeader. Where there is none it adds
// one; where there are several the first one stays.
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

// header returns the SOAP header, a new one if need be, as far from the body as the body
// from what stands before it.
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

// newAuthenticationHeader adds an empty one in front of the other entries.
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

// bound returns the namespace that a prefix stands for in an element.
func bound(e *etree.Element, prefix string) string {
	probe := etree.NewElement(prefix + ":probe")
	e.AddChild(probe)
	defer e.RemoveChild(probe)
	return probe.NamespaceURI()
}

// fill gives the header new content, laid out like the old one. Of the old only a partner
// id stays, unless there is a new one.
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

// stampFields returns name and value of the header's elements, in the schema's order.
func stampFields(s auth.Stamp) [][2]string {
	fields := [][2]string{
		{"mktowsUserId", s.UserID}, {"requestSignature", s.Signature}, {"requestTimestamp", s.Timestamp},
	}
	if s.PartnerID != "" {
		fields = append(fields, [2]string{"partnerId", s.PartnerID})
	}
	return fields
}

// whiteSpace returns the white space that a token is, or nothing.
func whiteSpace(t etree.Token) string {
	if text, ok := t.(*etree.CharData); ok && text.IsWhitespace() {
		return text.Data
	}
	return ""
}

// stamped makes s the content of the AuthenticationHeader and returns the document.
func (d *document) stamped(s auth.Stamp) ([]byte, error) {
	d.stamp(s)
	text, err := d.tree.WriteToBytes()
	if err != nil {
		return nil, fmt.Errorf("the stamped envelope cannot be written: %w", err)
	}
	return text, nil
}
