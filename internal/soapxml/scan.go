package soapxml

import (
	"strings"
	"unicode/utf8"
)

// child opens the next child of the open element and reports true, or reads the
// end tag of the open element, closes it and reports false. Text is skipped.
func (r *Reader) child() bool {
	if r.err != nil || len(r.open) == 0 {
		return false
	}
	if r.empty {
		r.empty = false
		r.close()
		return false
	}
	for {
		doc, i := r.doc, r.pos
		for i < len(doc) && isSpace(doc[i]) {
			i++
		}
		r.pos = i
		if i+1 >= len(doc) {
			r.notClosed(i)
			return false
		}
		switch {
		case doc[i] != '<':
			r.text()
			r.notePassed("text()")
		case doc[i+1] == '/':
			r.endTag()
			return false
		case doc[i+1] == '!' || doc[i+1] == '?':
			if strings.HasPrefix(doc[i:], "<![CDATA[") {
				r.notePassed("text()")
			}
			r.interlude()
		default:
			r.start()
			return r.err == nil
		}
		if r.err != nil {
			return false
		}
	}
}

// start reads a start tag and opens its element. The document does not end before it. A tag with a plain ASCII name
// and no attributes, which nearly all of them are, is dealt with here; all others are left to startSlow.
func (r *Reader) start() {
	doc, begin := r.doc, r.pos+1
	if doc[r.pos] != '<' {
		r.Failf("expected an element")
		return
	}
	if !r.step() {
		return
	}
	if len(r.open) == maxDepth {
		r.Failf("elements are nested more than %d deep", maxDepth)
		return
	}
	i := begin
	for i < len(doc) && nameByte[doc[i]] && doc[i] != ':' {
		i++
	}
	ours := len(r.open) == 0 || r.open[len(r.open)-1].ours
	r.open = append(r.open, element{name: int32(begin), local: int32(begin), end: int32(i), bindings: int32(len(r.scope.bindings)), ours: ours})
	r.isNil, r.attrs, r.pos = false, r.attrs[:0], i
	switch {
	case i == len(doc) || i == begin || i > begin+maxName || !nameStartByte(doc[begin]):
		r.startSlow()
	case doc[i] == '>':
		r.pos++
	case !r.emptyTag():
		r.startSlow()
	}
}

// emptyTag finishes the start tags <a/> and <a xsi:nil="true"/>, which make up a third
// of a page of activities, and leaves all others as they are.
func (r *Reader) emptyTag() bool {
	const isNil = ` xsi:nil="true"`
	rest := r.doc[r.pos:]
	n := 0
	if strings.HasPrefix(rest, isNil) && r.scope.hasXSI() {
		n = len(isNil)
	}
	if n < len(rest) && rest[n] == ' ' {
		n++
	}
	if !strings.HasPrefix(rest[n:], "/>") {
		return false
	}
	r.isNil, r.empty = n >= len(isNil), true
	r.pos += n + len("/>")
	return true
}

// nameStartByte reports whether a byte is an ASCII letter, as which most names begin.
func nameStartByte(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// startSlow finishes a start tag that has attributes or more than a plain ASCII name. Prefixes can be resolved only
// when the whole tag was read, since a declaration may come after its use.
func (r *Reader) startSlow() {
	e := &r.open[len(r.open)-1]
	name := r.qname(int(e.name))
	prefix, local := splitName(name)
	e.end = int32(r.pos)
	e.local = e.end - int32(len(local))
	for r.err == nil && !r.tagEnd() && r.step() {
		r.attribute()
	}
	if r.err != nil {
		return
	}
	r.checkAttributes()
	if prefix == "xmlns" || prefix != "" && r.space(prefix) == "" {
		r.Failf("the prefix of %s is not declared", clip(name))
	}
	space := r.space("")
	e.ours = space == "" || space == Namespace
}

// tagEnd passes over white space and reads ">" or "/>", if it is there.
func (r *Reader) tagEnd() bool {
	spaced := r.skipSpace()
	if rest := r.doc[r.pos:]; rest == "" || rest == "/" {
		r.cutOff()
		return true
	}
	switch {
	case r.doc[r.pos] == '>':
		r.pos++
		return true
	case strings.HasPrefix(r.doc[r.pos:], "/>"):
		r.pos += 2
		r.empty = true
		return true
	case !spaced:
		r.Failf("unexpected %q in a tag", r.doc[r.pos])
	}
	return false
}

// cutOff records that the document ends before the tag does.
func (r *Reader) cutOff() { r.failf(len(r.doc), "the document ends inside a tag") }

// notClosed records that the document ends where the open element could be closed.
func (r *Reader) notClosed(at int) {
	r.failf(at, "the document ends here: %s is not closed", clip(r.name(&r.open[len(r.open)-1])))
}

// skipSpace passes over white space and reports whether there was any.
func (r *Reader) skipSpace() bool {
	i := r.pos
	for r.pos < len(r.doc) && isSpace(r.doc[r.pos]) {
		r.pos++
	}
	return r.pos > i
}

// qname reads a name that begins at i: a Name with at most one colon, inside.
func (r *Reader) qname(i int) string {
	end := i
	for end < len(r.doc) && nameByte[r.doc[end]] {
		end++
	}
	r.pos = end
	prefix, local := splitName(r.doc[i:end])
	switch {
	case end == len(r.doc): // what is there may be the beginning of a good name
		r.cutOff()
	case i == end:
		r.Failf("expected a name")
	case end-i > maxName:
		r.failf(i, "the name %s is longer than %d bytes", clip(r.doc[i:end]), maxName)
	case !isName(r.doc[i:end]) || !isName(local) || strings.Contains(local, ":") || end-i > len(local) && prefix == "":
		r.failf(i, "%q is not a name", clip(r.doc[i:end]))
	}
	return r.doc[i:end]
}

// attribute reads one attribute: a namespace declaration goes into scope at once,
// everything else is kept until the tag is done.
func (r *Reader) attribute() {
	at := r.pos
	name := r.qname(at)
	r.skipSpace()
	if r.pos < len(r.doc) && r.doc[r.pos] != '=' {
		r.Failf("attribute %s has no value", clip(name))
	}
	r.pos = min(r.pos+1, len(r.doc))
	r.skipSpace()
	value := r.quoted(name)
	if r.err != nil {
		return
	}
	prefix, local := splitName(name)
	switch {
	case prefix == "xmlns":
		r.declare(at, local, value)
	case name == "xmlns":
		r.declare(at, "", value)
	case len(r.attrs) == maxAttributes:
		r.failf(at, "a tag has more than %d attributes", maxAttributes)
	default:
		r.attrs = append(r.attrs, attribute{expandedName{local: local}, prefix, value})
	}
}

// declare brings a prefix into scope (Namespaces in XML 1.0, section 3).
func (r *Reader) declare(at int, prefix, space string) {
	hidden := r.find(prefix)
	switch {
	case hidden >= int(r.open[len(r.open)-1].bindings):
		r.failf(at, "the prefix %q is declared twice", clip(prefix))
	case prefix != "" && space == "":
		r.failf(at, "the prefix %q is bound to no namespace", clip(prefix))
	case prefix == "xmlns" || space == xmlnsNamespace || (prefix == "xml") != (space == xmlNamespace):
		r.failf(at, "the prefix %q cannot be bound to %q", clip(prefix), clip(space))
	case len(space) > maxName:
		r.failf(at, "the namespace of the prefix %q is longer than %d bytes", clip(prefix), maxName)
	case len(r.scope.bindings) == maxPrefixes:
		r.failf(at, "more than %d prefixes are in scope", maxPrefixes)
	default:
		r.scope.bind(binding{prefix, space, hidden})
	}
}

// checkAttributes checks the attributes of a tag when all its prefixes are known.
func (r *Reader) checkAttributes() {
	for i := range r.attrs {
		a := &r.attrs[i]
		if a.prefix == "" {
			continue
		}
		if a.space = r.space(a.prefix); a.space == "" {
			r.Failf("the prefix of attribute %s:%s is not declared", clip(a.prefix), clip(a.local))
			return
		}
	}
	if local, ok := r.repeated(); ok {
		r.Failf("attribute %s stands twice", clip(local))
		return
	}
	if value, ok := r.Attr(xsiNamespace, "nil"); ok {
		value = strings.Trim(value, " \t\r\n")
		r.isNil = value == "true" || value == "1"
	}
}

// quoted reads the value of an attribute and normalises it (XML 1.0, 3.3.3).
func (r *Reader) quoted(name string) string {
	if r.err != nil {
		return ""
	}
	if r.pos == len(r.doc) {
		r.cutOff()
		return ""
	}
	if r.doc[r.pos] != '"' && r.doc[r.pos] != '\'' {
		r.Failf("the value of attribute %s is not in quotes", clip(name))
		return ""
	}
	begin := r.pos + 1
	length := strings.IndexByte(r.doc[begin:], r.doc[r.pos])
	if length < 0 {
		r.Failf("the value of attribute %s does not end", clip(name))
		return ""
	}
	raw := r.doc[begin : begin+length]
	if i := strings.IndexByte(raw, '<'); i >= 0 {
		r.failf(begin+i, "'<' in the value of attribute %s", clip(name))
		return ""
	}
	value := r.unescape(raw, begin, true)
	r.pos = begin + length + 1
	return value
}

// endTag reads the end tag of the open element and closes it. The usual tag equals the name byte for byte.
func (r *Reader) endTag() {
	doc, begin := r.doc, r.pos+2
	e := &r.open[len(r.open)-1]
	name := doc[e.name:e.end]
	end := begin + len(name)
	if end < len(doc) && doc[end] == '>' && doc[begin:end] == name {
		r.pos = end + 1
		r.close()
		return
	}
	found := r.qname(begin)
	r.skipSpace()
	switch {
	case r.err != nil:
	case r.pos == len(doc):
		r.cutOff()
	case found != name:
		r.failf(begin, "the end tag </%s> does not match <%s>", clip(found), clip(name))
	case doc[r.pos] != '>':
		r.Failf("the end tag </%s> does not end", clip(name))
	default:
		r.pos++
		r.close()
	}
}

// close closes the open element, and with it ends the force of the prefixes that it declares.
func (r *Reader) close() {
	last := len(r.open) - 1
	r.scope.bindings = r.scope.bindings[:r.open[last].bindings]
	r.open = r.open[:last]
}

// clip shortens text that is quoted in an error message, at the boundary of a character.
func clip(s string) string {
	const most = 64
	if len(s) <= most {
		return s
	}
	i := most
	for !utf8.RuneStart(s[i]) {
		i--
	}
	return s[:i] + "…"
}
