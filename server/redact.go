package server

import (
	"bytes"
	"fmt"

	"github.com/mktows/mktows-go/auth"
)

// redacted stands in place of a signature.
const redacted = "[redacted]"

// minSignature is the length from which a text can be a signature; replacing shorter
// ones would only make the document unreadable.
const minSignature = 16

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
	doc = redactElements(doc)
	if len(signature) >= minSignature {
		doc = []byte(auth.HideSignature(string(doc), signature))
	}
	return doc
}

// isUTF16 goes by the byte order mark, or by the "<" or white space that an XML
// document begins with (XML 1.0, appendix F).
func isUTF16(doc []byte) bool {
	if len(doc) < 2 {
		return false
	}
	mark := string(doc[:2])
	return doc[0] == 0 || doc[1] == 0 || mark == "\xFE\xFF" || mark == "\xFF\xFE"
}

// redactElements redacts the content of the elements called requestSignature, with any
// prefix; one without an end tag reaches to the end of the document. It looks at each byte
// a few times at most: the document may come from anybody, and be made to cost time.
func redactElements(doc []byte) []byte {
	var out []byte
	done := 0
	for {
		_, content, ok := findTag(doc, done, "<", endOfStartTag)
		if !ok {
			break
		}
		after, _, ok := findTag(doc, content, "</", endOfEndTag)
		if !ok {
			after = len(doc)
		}
		out = append(append(out, doc[done:content]...), redacted...)
		done = after
	}
	if out == nil {
		return doc
	}
	return append(out, doc[done:]...)
}

// findTag finds the next tag of a requestSignature from a place on: the function tells
// where it ends, by what follows its name.
func findTag(doc []byte, from int, opening string, tagEnd func(rest []byte) int) (begin, end int, ok bool) {
	const name = "requestSignature"
	for at := from; ; {
		i := bytes.Index(doc[at:], []byte(name))
		if i < 0 {
			return 0, 0, false
		}
		before := withoutPrefix(doc[at : at+i])
		begin, at = at+len(before)-len(opening), at+i+len(name)
		if !bytes.HasSuffix(before, []byte(opening)) {
			continue
		}
		if length := tagEnd(doc[at:]); length > 0 {
			return begin, at + length, true
		}
	}
}

// withoutPrefix takes a namespace prefix off the end of what stands before a name.
func withoutPrefix(before []byte) []byte {
	rest, ok := bytes.CutSuffix(before, []byte(":"))
	if !ok {
		return before
	}
	return rest[:bytes.LastIndexAny(rest, "<>/: \t\r\n")+1]
}

// endOfStartTag returns the length of what remains of a start tag after its name, or 0:
// of an element that is empty, or has a longer name. A tag that does not end is taken to
// end where the next one begins.
func endOfStartTag(rest []byte) int {
	if len(rest) == 0 || rest[0] != '>' && !isSpace(rest[0]) {
		return 0
	}
	switch i := bytes.IndexAny(rest, "<>"); {
	case i < 0:
		return len(rest)
	case rest[i] == '<':
		return i
	case i > 0 && rest[i-1] == '/':
		return 0
	default:
		return i + 1
	}
}

func endOfEndTag(rest []byte) int {
	i := 0
	for i < len(rest) && isSpace(rest[i]) {
		i++
	}
	if i < len(rest) && rest[i] == '>' {
		return i + 1
	}
	return 0
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
