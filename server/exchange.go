package server

import (
	"bytes"
	"fmt"
	"regexp"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// Exchange is a call and what became of it. Fields that are not known, because the
// call did not get that far, are zero. It holds no signature: the raw forms have a
// placeholder. The messages are those of the call: do not change them.
type Exchange struct {
	Time      time.Time     // when the call came, by the server's clock
	Duration  time.Duration // until its answer was ready
	Version   gen.Version   // the contract, by the endpoint's path
	UserID    string        // only of a user who was let in
	Operation string        // name in the WSDL

	Request  gen.Message // as the port gets it
	Context  *gen.MktowsContextHeaderInfo
	Response gen.Message  // as the port gave it, sent or not
	Fault    *fault.Fault // the fault that was the answer
	Err      error        // what fault 20011 does not tell the caller, a refusal without an envelope, or ErrCutOff

	Status   int  // of HTTP; 0: the connection was closed without an answer
	Drop     Drop // what a rule did to the answer
	Scripted bool // a rule has acted
	Repaired int  // characters that WithRepair has replaced

	RawRequest  []byte // the envelope as it came, decompressed
	RawResponse []byte // the body of the answer, before compression; of a half answer the half that was sent
}

// redacted stands in place of a signature.
const redacted = "[redacted]"

// signatureElement finds the elements called requestSignature, with any prefix; one
// without an end tag reaches to the end of the document.
var signatureElement = regexp.MustCompile(
	`(?s)(<(?:[^<>\s/:]+:)?requestSignature(?:\s(?:[^>]*[^/>])?)?>).*?(</(?:[^<>\s/:]+:)?requestSignature\s*>|\z)`)

// redact returns a document without signatures: neither the content of elements
// called requestSignature, whether or not the document is well-formed, nor the
// signature itself, wherever it stands. The document becomes redact's own.
func redact(doc []byte, signature string) []byte {
	switch {
	case len(doc) == 0:
		return nil
	case isUTF16(doc): // where the search below would find nothing
		return fmt.Appendf(nil, "[%d bytes of UTF-16, not shown]", len(doc))
	}
	if bytes.Contains(doc, []byte("requestSignature")) { // the expression alone is slow on a large answer
		doc = signatureElement.ReplaceAll(doc, []byte("${1}"+redacted+"${2}"))
	}
	if len(signature) >= minSignature {
		doc = []byte(auth.HideSignature(string(doc), signature))
	}
	return doc
}

// minSignature is the length from which a text can be a signature; replacing shorter
// ones would only make the document unreadable.
const minSignature = 16

// isUTF16 goes by the byte order mark, or by the "<" or white space that an XML
// document begins with (XML 1.0, appendix F).
func isUTF16(doc []byte) bool {
	if len(doc) < 2 {
		return false
	}
	mark := string(doc[:2])
	return doc[0] == 0 || doc[1] == 0 || mark == "\xFE\xFF" || mark == "\xFF\xFE"
}
