// Package envelope reads and writes SOAP 1.1 envelopes around the messages of package gen. Client and server share
// it, so that what one of them writes is what the other expects.
package envelope

import (
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/soapxml"
)

// ContentType is that of every envelope that is sent (SOAP 1.1, section 6).
const ContentType = "text/xml; charset=utf-8"

const (
	head = `<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<SOAP-ENV:Envelope xmlns:SOAP-ENV="` + soapxml.EnvelopeNamespace + `"`
	declareNS1 = ` xmlns:ns1="` + soapxml.Namespace + `"`
	tail       = "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n"
)

// Header is what a request's SOAP header holds; nil is absent.
type Header struct {
	Authentication *gen.AuthenticationHeaderInfo
	Context        *gen.MktowsContextHeaderInfo
}

// AppendRequest appends the envelope of a request in the form of the version.
func AppendRequest(buf []byte, v gen.Version, h Header, in gen.Message) ([]byte, error) {
	w := open(buf, v)
	w.Raw("<SOAP-ENV:Header>")
	if h.Authentication != nil {
		w.Message(h.Authentication)
	}
	if h.Context != nil {
		w.Message(h.Context)
	}
	w.Raw("</SOAP-ENV:Header><SOAP-ENV:Body>")
	w.Message(in)
	w.Raw(tail)
	return w.Finish()
}

// AppendResponse appends the envelope of an answer in the form of the version.
func AppendResponse(buf []byte, v gen.Version, out gen.Message) ([]byte, error) {
	w := open(buf, v)
	w.Raw("<SOAP-ENV:Body>")
	w.Message(out)
	w.Raw(tail)
	return w.Finish()
}

// open begins an envelope, up to what follows its start tag.
func open(buf []byte, v gen.Version) *soapxml.Writer {
	w := soapxml.NewWriter(buf, int(v))
	w.Raw(head + declareNS1)
	w.DeclareHere()
	w.Raw(">")
	return w
}

// AppendFault appends the envelope of a fault in the service's form: the code stands
// in faultstring and in detail/serviceException (Marketo SOAP API, error codes). A
// fault without code has no detail. Characters that XML forbids are replaced by "?".
func AppendFault(buf []byte, f *fault.Fault) []byte {
	w := soapxml.NewWriter(buf, 0)
	w.Raw(head + "><SOAP-ENV:Body><SOAP-ENV:Fault>")
	w.String("faultcode", soapxml.Clean(faultCode(f.FaultCode)))
	w.String("faultstring", soapxml.Clean(f.FaultString))
	if f.Actor != "" {
		w.String("faultactor", soapxml.Clean(f.Actor))
	}
	if f.Code != 0 {
		w.Raw("<detail><ns1:serviceException" + declareNS1 + ">")
		w.String("name", soapxml.Clean(f.Name))
		w.String("message", soapxml.Clean(f.Message))
		w.String("code", strconv.Itoa(int(f.Code)))
		w.Raw("</ns1:serviceException></detail>")
	}
	w.Raw("</SOAP-ENV:Fault>" + tail)
	out, err := w.Finish()
	if err != nil {
		panic("envelope: a cleaned string was refused: " + err.Error()) // unreachable
	}
	return out
}

// faultCode returns a fault code of SOAP 1.1, section 4.4.1, with the prefix that is declared here. A fault code is a
// qualified name, and the fault may have come from another document with another prefix for the same namespace.
func faultCode(code string) string {
	_, local, ok := strings.Cut(code, ":")
	general, _, _ := strings.Cut(local, ".")
	switch general {
	case "VersionMismatch", "MustUnderstand", "Client", "Server":
		return "SOAP-ENV:" + local
	}
	if ok {
		return local // its namespace is not known
	}
	return code
}
