package soapxml

import "strings"

// misc passes over white space, comments and processing instructions outside the
// root element.
func (r *Reader) misc() bool {
	for r.err == nil {
		r.skipSpace()
		rest := r.doc[r.pos:]
		if !strings.HasPrefix(rest, "<!") && !strings.HasPrefix(rest, "<?") {
			break
		}
		r.interlude()
	}
	return r.err == nil
}

// interlude passes over a comment, a processing instruction or, inside an element,
// a CDATA section. A document type declaration is refused: SOAP 1.1, section 3.
func (r *Reader) interlude() {
	rest := r.doc[r.pos:]
	switch {
	case !r.step():
	case strings.HasPrefix(rest, "<!--"):
		r.comment()
	case strings.HasPrefix(rest, "<?"):
		r.instruction()
	case strings.HasPrefix(rest, "<![CDATA[") && len(r.open) > 0:
		r.cdata()
	case strings.HasPrefix(rest, "<!DOCTYPE"):
		r.Failf("a document type declaration (DTD) is not allowed in SOAP")
	case strings.HasPrefix("<!--", rest) || strings.HasPrefix("<![CDATA[", rest) || strings.HasPrefix("<!DOCTYPE", rest):
		r.failf(len(r.doc), "the document ends inside markup")
	default:
		r.Failf("unexpected markup %q", clip(rest))
	}
}

// comment passes over a comment. XML forbids two hyphens inside of one.
func (r *Reader) comment() {
	begin := r.pos + len("<!--")
	length := strings.Index(r.doc[begin:], "--")
	switch {
	case length < 0 || begin+length+len("--") == len(r.doc):
		r.Failf("a comment does not end")
	case !strings.HasPrefix(r.doc[begin+length:], "-->"):
		r.failf(begin+length, "\"--\" inside a comment")
	default:
		r.checkChars(begin, begin+length)
		r.pos = r.after(begin + length + len("-->"))
	}
}

// instruction passes over a processing instruction. The reader obeys none, but one that is broken makes the document
// broken.
func (r *Reader) instruction() {
	begin := r.pos
	length := strings.Index(r.doc[begin:], "?>")
	if length < 0 {
		r.Failf("a processing instruction does not end")
		return
	}
	target := r.qname(begin + len("<?"))
	switch {
	case r.err != nil:
	case strings.EqualFold(target, "xml"):
		r.failf(begin, "an XML declaration is allowed only at the start of the document")
	case r.pos < begin+length && !isSpace(r.doc[r.pos]):
		r.Failf("unexpected %q in a processing instruction", r.doc[r.pos])
	default:
		r.checkChars(begin, begin+length)
		r.pos = r.after(begin + length + len("?>"))
	}
}

// cdata passes over a CDATA section and returns its content.
func (r *Reader) cdata() string {
	begin := r.pos + len("<![CDATA[")
	length := strings.Index(r.doc[begin:], "]]>")
	if length < 0 {
		r.Failf("a CDATA section does not end")
		return ""
	}
	r.checkChars(begin, begin+length)
	r.pos = r.after(begin + length + len("]]>"))
	return r.doc[begin : begin+length]
}

// after returns the position to go on from, which is the end of the document after an error.
func (r *Reader) after(i int) int {
	if r.err != nil {
		return len(r.doc)
	}
	return i
}

// checkChars checks that the document holds only legal characters from begin to end.
func (r *Reader) checkChars(begin, end int) {
	for i, c := range r.doc[begin:end] {
		if !IsChar(c) {
			r.failf(begin+i, "the character U+%04X is not allowed in XML 1.0", c)
			return
		}
	}
}

// declaration reads the XML declaration, if there is one, and checks that it announces what the reader can read (XML
// 1.0, production [23]). Only UTF-8 is read: it is what SOAP 1.1 services send, and other encodings would need a
// conversion of the whole document.
func (r *Reader) declaration() {
	const head = "<?xml"
	if r.err != nil || !strings.HasPrefix(r.doc[r.pos:], head) ||
		len(r.doc) > r.pos+len(head) && !isSpace(r.doc[r.pos+len(head)]) {
		return
	}
	length := strings.Index(r.doc[r.pos:], "?>")
	if length < 0 {
		r.Failf("the XML declaration does not end")
		return
	}
	at, text := r.pos, r.doc[r.pos+len(head):r.pos+length]
	version, text := pseudoAttribute(text, "version")
	encoding, text := pseudoAttribute(text, "encoding")
	standalone, text := pseudoAttribute(text, "standalone")
	switch {
	case version != "1.0":
		r.failf(at, "XML version %q, expected 1.0", clip(version))
	case encoding != "" && !isUTF8(encoding):
		r.failf(at, "the encoding %q is not supported, expected UTF-8", clip(encoding))
	case standalone != "" && standalone != "yes" && standalone != "no" || strings.Trim(text, " \t\r\n") != "":
		r.failf(at, "the XML declaration is not well-formed")
	default:
		r.pos += length + len("?>")
	}
}

// isUTF8 reports whether text in the named encoding can be read as UTF-8.
func isUTF8(encoding string) bool {
	return strings.EqualFold(encoding, "utf-8") || strings.EqualFold(encoding, "utf8") ||
		strings.EqualFold(encoding, "us-ascii")
}

// pseudoAttribute cuts ` name="value"` off the front of s if it is there. The declaration looks like a tag but has
// rules of its own, such as a fixed order.
func pseudoAttribute(s, name string) (value, rest string) {
	t := strings.TrimLeft(s, " \t\r\n")
	if len(t) == len(s) || !strings.HasPrefix(t, name) {
		return "", s
	}
	t = strings.TrimLeft(t[len(name):], " \t\r\n")
	if t == "" || t[0] != '=' {
		return "", s
	}
	t = strings.TrimLeft(t[1:], " \t\r\n")
	if t == "" || t[0] != '"' && t[0] != '\'' {
		return "", s
	}
	if end := strings.IndexByte(t[1:], t[0]); end >= 0 {
		return t[1 : end+1], t[end+2:]
	}
	return "", s
}
