package server

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
)

// redacted stands in place of a signature: what a secret shows of itself.
var redacted = auth.Secret{}.String()

// minSignature is the length from which a text can be a signature; replacing shorter
// ones would only make the document unreadable.
const minSignature = 16

// redact returns a document without signatures: neither what the SOAP header holds, except what is known to be harmless, nor
// what is called like a secret anywhere, whether or not the document is well-formed, nor the
// signature itself, wherever it stands, nor any text of its form. The document becomes redact's own.
func redact(doc []byte, signature string) []byte {
	switch {
	case len(doc) == 0:
		return nil
	case isUTF16(doc): // where the search below would find nothing
		return fmt.Appendf(nil, "[%d bytes of UTF-16, not shown]", len(doc))
	}
	doc = hideDigests(redactMarkup(doc))
	if len(signature) >= minSignature {
		doc = []byte(auth.HideSignature(string(doc), signature))
	}
	return doc
}

// digestSize is how many hexadecimal digits a signature has: those of HMAC-SHA1 (Marketo SOAP API, authentication
// signature).
const digestSize = 40

// hideDigests hides what has the form of a signature, in an element of whatever name: 40 hexadecimal digits, with
// neither a letter nor a digit beside them.
func hideDigests(text []byte) []byte {
	var out []byte
	done, begin, plain := 0, 0, true // of the run of letters and digits at hand
	for i := 0; i <= len(text); i++ {
		if i < len(text) && isAlphanumeric(text[i]) {
			plain = plain && isHex(text[i])
			continue
		}
		if plain && i-begin == digestSize {
			out = append(append(out, text[done:begin]...), redacted...)
			done = i
		}
		begin, plain = i+1, true
	}
	if done == 0 {
		return text
	}
	return append(out, text[done:]...)
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isHex(c byte) bool { return c <= '9' || c|0x20 <= 'f' }

// withoutDigests returns a fault whose texts, which may repeat what the request has, show no signature.
func withoutDigests(f *fault.Fault) *fault.Fault {
	hidden := *f
	for _, text := range []*string{&hidden.Message, &hidden.FaultString} {
		*text = string(hideDigests([]byte(*text)))
	}
	return &hidden
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

// secretNames are parts of the names of elements and attributes whose content is secret, in lower case: requestSignature, however
// it is misspelled before or after, and what other protocols have.
var secretNames = []string{"signature", "secret", "password", "accesstoken", "access_token", "authorization"}

// shownElements and shownAttributes are what a SOAP header may show, in lower case and without prefixes.
var (
	shownElements   = []string{"mktowsuserid", "requesttimestamp", "partnerid", "targetworkspace"}
	shownAttributes = []string{"xmlns", "mustunderstand", "actor", "encodingstyle", "type", "nil"}
)

// redactor redacts a document that may come from anybody: it need not be XML, and may be made to cost time. It looks at each
// byte a few times at most. Comments and the like are taken for text and tags, as there may be a header in one.
type redactor struct {
	doc    []byte
	out    []byte // the document as far as done, if anything was redacted
	done   int
	header string // the element that is taken for a header, in lower case; empty: none is open
	depth  int    // so many elements of that name are open
	shown  bool   // the text that follows may be shown in a header
	lower  []byte // the last name
}

// redactMarkup redacts the texts and attributes of headers, and of what is called like a secret. A secret's element without
// an end tag reaches to the end of the document, and so does a header.
func redactMarkup(doc []byte) []byte {
	r := &redactor{doc: doc}
	for at := 0; at < len(doc); {
		end := at + lengthUntil(doc[at:], "<")
		if r.header != "" && !r.shown && len(bytes.TrimSpace(doc[at:end])) > 0 {
			r.hide(at, end)
		}
		at = r.markup(end)
	}
	if r.out == nil {
		return doc
	}
	return append(r.out, doc[r.done:]...)
}

// hide replaces a piece of the document.
func (r *redactor) hide(from, to int) {
	r.out = append(append(r.out, r.doc[r.done:from]...), redacted...)
	r.done = to
}

// markup goes on after the "<" at a place, and returns where text begins again.
func (r *redactor) markup(at int) int {
	at++
	r.shown = false
	switch {
	case at >= len(r.doc):
		return at
	case r.doc[at] == '!':
		return at + 1
	case r.doc[at] == '/':
		at = r.name(at + 1)
		r.leave()
		return at + endOfTag(r.doc[at:])
	case r.doc[at] == '?':
		at++
	}
	begin := at
	if at = r.name(at); at == begin {
		return at // no tag
	}
	r.enter()
	name := string(r.lower) // attributes have names too
	at, closed := r.attributes(at)
	switch {
	case closed:
		r.lower = append(r.lower[:0], name...)
		r.leave()
	case isSecret([]byte(name)):
		end := r.endOf(name, at)
		r.hide(at, end)
		return end
	default:
		r.shown = slices.Contains(shownElements, name)
	}
	return at
}

// name reads a name, keeps it in lower case and without its prefix, and returns where it ends.
func (r *redactor) name(at int) (end int) {
	end = at
	for end < len(r.doc) && !endsName(r.doc[end]) {
		end++
	}
	name := r.doc[at:end]
	r.lower = append(r.lower[:0], name[bytes.LastIndexByte(name, ':')+1:]...)
	for i, c := range r.lower {
		if c >= 'A' && c <= 'Z' {
			r.lower[i] = c + 'a' - 'A'
		}
	}
	return end
}

func endsName(c byte) bool {
	switch c {
	case '=', '/', '<', '>', '"', '\'':
		return true
	}
	return isSpace(c)
}

// enter notes the start tag of a header: that of SOAP, or the one with the signature wherever it stands.
func (r *redactor) enter() {
	switch {
	case r.header != "" && string(r.lower) == r.header:
		r.depth++
	case r.header == "" && (string(r.lower) == "header" || bytes.Contains(r.lower, []byte("authenticationheader"))):
		r.header, r.depth = string(r.lower), 1
	}
}

// leave notes an end tag.
func (r *redactor) leave() {
	if r.header == "" || string(r.lower) != r.header {
		return
	}
	if r.depth--; r.depth == 0 {
		r.header = ""
	}
}

// attributes redacts those of a tag, and returns where the tag ends and whether its element ends too. A tag that does not
// end is taken to end where the next one begins.
func (r *redactor) attributes(at int) (end int, closed bool) {
	for at < len(r.doc) {
		switch c := r.doc[at]; {
		case c == '<':
			return at, false
		case c == '>':
			return at + 1, r.doc[at-1] == '/' || r.doc[at-1] == '?'
		case isSpace(c) || c == '/' || c == '?':
			at++
		default:
			at = r.attribute(at)
		}
	}
	return at, false
}

// attribute redacts one attribute, or what stands in its place, and returns where it ends.
func (r *redactor) attribute(at int) int {
	begin := at
	end := r.name(at)
	prefixed := bytes.HasPrefix(r.doc[begin:end], []byte("xmlns:"))
	shown := prefixed || slices.Contains(shownAttributes, string(r.lower)) || slices.Contains(shownElements, string(r.lower))
	secret := isSecret(r.lower) || r.header != "" && !shown
	for end < len(r.doc) && (isSpace(r.doc[end]) || r.doc[end] == '=') {
		end++
	}
	value := end
	switch {
	case end < len(r.doc) && (r.doc[end] == '"' || r.doc[end] == '\''):
		value++
		end = value + lengthUntil(r.doc[value:], string(r.doc[end])+"<")
	case bytes.IndexByte(r.doc[begin:end], '=') >= 0:
		end += lengthUntil(r.doc[end:], "<> \t\r\n")
	default: // no value: it may be one itself
		value, end = begin, max(begin+1, r.name(begin))
	}
	if secret && value < end {
		r.hide(value, end)
	}
	if end < len(r.doc) && (r.doc[end] == '"' || r.doc[end] == '\'') {
		end++
	}
	return end
}

// endOf returns where the end tag of a secret's element begins, or the end of the document.
func (r *redactor) endOf(name string, at int) int {
	for {
		i := bytes.Index(r.doc[at:], []byte("</"))
		if i < 0 {
			return len(r.doc)
		}
		begin := at + i
		at = r.name(begin + len("</"))
		if string(r.lower) == name && endOfTag(r.doc[at:]) > 0 {
			return begin
		}
	}
}

// isSecret reports whether a name in lower case is that of a secret.
func isSecret(name []byte) bool {
	return slices.ContainsFunc(secretNames, func(part string) bool { return bytes.Contains(name, []byte(part)) })
}

// endOfTag returns the length of what remains of an end tag after its name, or 0 if it does not end.
func endOfTag(rest []byte) int {
	i := 0
	for i < len(rest) && isSpace(rest[i]) {
		i++
	}
	if i < len(rest) && rest[i] == '>' {
		return i + 1
	}
	return 0
}

// lengthUntil returns the length of what stands before the first of some characters.
func lengthUntil(text []byte, chars string) int {
	if i := bytes.IndexAny(text, chars); i >= 0 {
		return i
	}
	return len(text)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
