package soapxml

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// Text reads the open element to its end and returns its character data: entities
// resolved, line ends normalised, comments left out, white space kept. If there are
// elements inside, the whole content is returned as it stands in the document: a rich
// text value that was not escaped is neither lost nor an error.
func (r *Reader) Text() string {
	if r.err != nil || len(r.open) == 0 {
		return ""
	}
	if r.empty {
		r.empty = false
		r.close()
		return ""
	}
	doc, begin, i := r.doc, r.pos, r.pos
	for i < len(doc) && textClass[doc[i]] == plain {
		i++
	}
	if i+1 >= len(doc) || doc[i] != '<' || doc[i+1] != '/' {
		return r.textSlow(begin)
	}
	r.pos = i
	if r.endTag(); r.err != nil {
		return ""
	}
	return doc[begin:i]
}

// textSlow is Text for content with references, comments, CDATA sections or elements in it.
func (r *Reader) textSlow(begin int) string {
	var parts []string
	mixed := false
	for r.step() {
		parts = append(parts, r.text())
		rest := r.doc[r.pos:]
		switch {
		case r.err != nil:
		case strings.HasPrefix(rest, "</"):
			end := r.pos
			r.endTag()
			if mixed && r.err == nil {
				return r.doc[begin:end]
			}
			return strings.Join(parts, "")
		case strings.HasPrefix(rest, "<![CDATA["):
			parts = append(parts, r.normalize(r.cdata()))
		case strings.HasPrefix(rest, "<!") || strings.HasPrefix(rest, "<?"):
			r.interlude()
		default:
			mixed = true
			if r.start(); r.err == nil {
				r.skip()
			}
		}
	}
	return ""
}

// text reads character data up to the next '<'. Only text with a reference or a carriage return is copied.
func (r *Reader) text() string {
	doc, begin, i := r.doc, r.pos, r.pos
	escaped := false
	for ; i < len(doc) && doc[i] != '<'; i++ {
		switch class := textClass[doc[i]]; {
		case class == plain:
		case class == markup || class == cr:
			escaped = true
		case class == illegal || class == high && !isCharAt(doc, i):
			r.checkChars(i, i+min(3, len(doc)-i))
			return ""
		case class == bracket && strings.HasPrefix(doc[i:], "]]>"):
			r.failf(i, "\"]]>\" in character data")
			return ""
		}
	}
	if i == len(doc) {
		r.notClosed(i)
		return ""
	}
	r.pos = i
	if !escaped {
		return doc[begin:i]
	}
	return r.unescape(doc[begin:i], begin, false)
}

// isCharAt reports whether the rune at i, which begins with 0xEF, is none of
// U+FFFE and U+FFFF.
func isCharAt(doc string, i int) bool {
	return !strings.HasPrefix(doc[i:], "\uFFFE") && !strings.HasPrefix(doc[i:], "\uFFFF")
}

// normalize turns the line ends "\r\n" and "\r" into "\n" (XML 1.0, 2.11).
func (r *Reader) normalize(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// unescape resolves the references in raw, which begins at byte at of the document. In an attribute, each white space
// character becomes a space (XML 1.0, 3.3.3).
func (r *Reader) unescape(raw string, at int, attribute bool) string {
	if attribute {
		r.checkChars(at, at+len(raw))
		if !strings.ContainsAny(raw, "&\t\r\n") {
			return raw
		}
	}
	var b strings.Builder
	for r.err == nil {
		i := strings.IndexByte(raw, '&')
		literal := raw
		if i >= 0 {
			literal = raw[:i]
		}
		literal = r.normalize(literal)
		if attribute {
			literal = attributeSpace.Replace(literal)
		}
		if i < 0 {
			if b.Len() == 0 {
				return literal
			}
			b.WriteString(literal)
			return b.String()
		}
		b.WriteString(literal)
		end := strings.IndexByte(raw[i:], ';')
		if end < 0 {
			r.failf(at+i, "'&' begins no reference: it has to be written &amp;")
			break
		}
		b.WriteString(r.reference(raw[i+1:i+end], at+i))
		raw, at = raw[i+end+1:], at+i+end+1
	}
	return ""
}

var attributeSpace = strings.NewReplacer("\t", " ", "\n", " ")

var entities = map[string]string{"lt": "<", "gt": ">", "amp": "&", "apos": "'", "quot": `"`}

// reference resolves the reference &name; that stands at byte at.
func (r *Reader) reference(name string, at int) string {
	if !r.step() {
		return ""
	}
	if s, ok := entities[name]; ok {
		return s
	}
	number, ok := strings.CutPrefix(name, "#")
	if !ok {
		r.failf(at, "the entity &%s; is not defined", clip(name))
		return ""
	}
	base := 10
	if hex, ok := strings.CutPrefix(number, "x"); ok {
		number, base = hex, 16
	}
	code, err := strconv.ParseUint(number, base, 32)
	if err != nil || !IsChar(rune(code)) {
		r.failf(at, "the reference &%s; is to no character that XML 1.0 allows", clip(name))
		return ""
	}
	return string(rune(code))
}

// leaf is the value of a simple type that was read last. It is kept for Wrong: a caller may find only afterwards that
// the value is not one of an enumeration.
type leaf struct {
	text string // without the white space around it
	at   int
}

// leaf reads the open element to its end as a value of a simple type.
func (r *Reader) leaf() string {
	at := r.pos
	r.last = leaf{text: trimSpace(r.Text()), at: at}
	return r.last.text
}

// trimSpace removes white space as XML defines it.
func trimSpace(s string) string {
	for len(s) > 0 && isSpace(s[0]) {
		s = s[1:]
	}
	for len(s) > 0 && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// Wrong records that the value that was read last is not what was expected.
func (r *Reader) Wrong(expected string) {
	r.refuse(r.last.at, "", "%q is not %s", clip(r.last.text), expected)
}

// Token reads a string without the white space around it, as for an enumeration.
func (r *Reader) Token() string { return r.leaf() }

// Int reads a whole number of the given size; ok is false when there is none.
func (r *Reader) Int(bits int) (n int64, ok bool) {
	text := r.leaf()
	if text == "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, bits)
	if err != nil {
		r.Wrong("a whole number of " + strconv.Itoa(bits) + " bits")
		return 0, false
	}
	return n, true
}

// Bool reads true, false, 1 or 0, in any letter case as clients send "True"; ok is
// false when there is none.
func (r *Reader) Bool() (value, ok bool) {
	text := r.leaf()
	switch {
	case text == "":
		return false, false
	case text == "1" || strings.EqualFold(text, "true"):
		return true, true
	case text == "0" || strings.EqualFold(text, "false"):
		return false, true
	}
	r.Wrong("true or false")
	return false, false
}

// DateTime reads an xs:dateTime and returns it as written; ok is false when there
// is none.
func (r *Reader) DateTime() (value string, ok bool) {
	text := r.leaf()
	if text == "" {
		return "", false
	}
	if _, err := ParseDateTime(text); err != nil {
		r.Wrong(dateTimeForm)
		return "", false
	}
	return text, true
}

// Base64 reads an xs:base64Binary; ok is false when there is none.
func (r *Reader) Base64() (data []byte, ok bool) {
	text := r.leaf()
	if text == "" {
		return nil, false
	}
	data, err := base64.StdEncoding.DecodeString(strings.Map(dropSpace, text))
	if err != nil {
		r.Wrong("base64")
		return nil, false
	}
	return data, true
}

// dropSpace is for strings.Map: line breaks are common inside of base64.
func dropSpace(c rune) rune {
	if c < 0x80 && isSpace(byte(c)) {
		return -1
	}
	return c
}
