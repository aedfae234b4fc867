package server

import (
	"bytes"
	"fmt"
	"time"

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

	// Passed are the elements of the request that the schema lacks, and text where it has
	// none: leadRecord/email, Header/Security, leadRecord/text(). They were passed over. At
	// most 20 are named, and then "…".
	Passed []string

	Request  gen.Message // as the port gets it
	Context  *gen.MktowsContextHeaderInfo
	Response gen.Message  // as the port gave it, sent or not
	Fault    *fault.Fault // the fault that was the answer
	Err      error        // what fault 20011 does not tell the caller, a refusal without an envelope, or ErrCutOff

	Status   int  // of HTTP; 0: the connection was closed without an answer
	Drop     Drop // what a rule did to the answer
	Scripted bool // a rule has acted
	Repaired int  // characters that WithRepair has replaced

	RawRequest  []byte // the envelope as it came, decompressed and in UTF-8
	RawResponse []byte // the body of the answer, before compression; of a half answer the half that was sent
}

// redacted stands in place of a signature.
const redacted = "[redacted]"

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
	doc = hideElements(doc)
	if len(signature) >= minSignature {
		doc = bytes.ReplaceAll(doc, []byte(signature), []byte(redacted))
	}
	return doc
}

var signatureName = []byte("requestSignature")

// hideElements returns a document with a placeholder in place of the content of elements
// called requestSignature, with any prefix; one without an end tag reaches to the end of the
// document. Documents come from anybody, so each byte is looked at only once or twice: a
// regular expression takes seconds for a document of ten megabytes.
func hideElements(doc []byte) []byte {
	var out []byte
	done, from := 0, 0 // so much is in out; so much was looked at
	for {
		name, after := nextName(doc, from, "<")
		if name < 0 {
			break
		}
		from = after
		if length := bytes.IndexByte(doc[after:], '>'); length < 0 {
			break
		} else if tag := doc[after : after+length]; len(tag) > 0 && (!isXMLSpace(tag[0]) || tag[len(tag)-1] == '/') {
			continue // another name, or an empty element
		} else {
			from = after + length + 1
		}
		out = append(append(out, doc[done:from]...), redacted...)
		done = endTag(doc, from)
		from = done
	}
	if done == 0 {
		return doc
	}
	return append(out, doc[done:]...)
}

// endTag returns the place of the next end tag of an element called requestSignature, or the
// end of the document.
func endTag(doc []byte, from int) int {
	for {
		begin, after := nextName(doc, from, "</")
		if begin < 0 {
			return len(doc)
		}
		if rest := bytes.TrimLeft(doc[after:min(len(doc), after+100)], " \t\r\n"); bytes.HasPrefix(rest, []byte(">")) {
			return begin
		}
		from = after
	}
}

// nextName finds the next tag that begins with an opening, a prefix if there is one, and
// requestSignature. It returns where the tag begins and where the name ends, -1 if there is
// none.
func nextName(doc []byte, from int, opening string) (begin, after int) {
	for {
		length := bytes.Index(doc[from:], signatureName)
		if length < 0 {
			return -1, len(doc)
		}
		name := from + length
		after = name + len(signatureName)
		begin = bytes.LastIndexByte(doc[from:name], '<')
		if begin >= 0 && isOpening(doc[from+begin:name], opening) {
			return from + begin, after
		}
		from = after
	}
}

// isOpening reports whether text is an opening and after it nothing or a prefix.
func isOpening(text []byte, opening string) bool {
	prefix, ok := bytes.CutPrefix(text, []byte(opening))
	if !ok || len(prefix) == 0 {
		return ok
	}
	return len(prefix) > 1 && bytes.IndexAny(prefix, ":/ \t\r\n>") == len(prefix)-1 && prefix[len(prefix)-1] == ':'
}

func isXMLSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

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
