package soapxml

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Writer appends XML to a buffer. Like the Reader it keeps the first error, so that generated code need not check.
// The root element of a payload, and no other, is written with the prefix "ns1" for the service's namespace: the
// schema is unqualified, so its other elements are in no namespace, and a default namespace would put them into one.
//
// The prefix xsi is declared only if something uses it. Whether that is so is known at the end, so the place for the
// declaration is remembered and it is inserted then.
type Writer struct {
	buf     []byte
	err     error
	path    []step
	xsiAt   int // where the declaration of the prefix xsi goes, if it is needed
	needXSI bool
	version int
}

// step is an open element; index is its place in a list, from 0, or -1.
type step struct {
	name  string
	index int
}

// FieldError tells which field of a message cannot be written, and why.
type FieldError struct {
	Path string // such as paramsSyncLead.leadRecord.leadAttributeList.attribute[2].attrValue
	Err  error
}

func (e *FieldError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *FieldError) Unwrap() error { return e.Err }

// NewWriter returns a writer that appends to buf. The version tells the codec which
// elements exist; the writer only carries it.
func NewWriter(buf []byte, version int) *Writer {
	return &Writer{buf: buf, version: version, xsiAt: -1}
}

// Version returns the version that was given to NewWriter.
func (w *Writer) Version() int { return w.version }

// Raw appends text as it is.
func (w *Writer) Raw(text string) { w.buf = append(w.buf, text...) }

// DeclareHere marks the present place, inside a start tag, as the one where the
// prefix xsi is to be declared in case something uses it.
func (w *Writer) DeclareHere() { w.xsiAt = len(w.buf) }

// Finish returns the buffer, or the first error, a *FieldError.
func (w *Writer) Finish() ([]byte, error) {
	if w.err != nil {
		return nil, w.err
	}
	if w.needXSI {
		w.buf = slices.Insert(w.buf, w.xsiAt, []byte(` xmlns:xsi="`+xsiNamespace+`"`)...)
		w.needXSI = false
	}
	return w.buf, nil
}

// Failf records an error for a field of the open element, unless there is one.
func (w *Writer) Failf(field, format string, args ...any) {
	if w.err == nil {
		w.err = &FieldError{Path: w.fieldPath(field), Err: fmt.Errorf(format, args...)}
	}
}

// fieldPath returns the path of a field of the open element, with the indices of lists.
func (w *Writer) fieldPath(field string) string {
	var b strings.Builder
	for _, s := range w.path {
		b.WriteString(s.name)
		if s.index >= 0 {
			fmt.Fprintf(&b, "[%d]", s.index)
		}
		b.WriteByte('.')
	}
	return strings.TrimSuffix(b.String()+field, ".")
}

// Root opens the root element of a payload, or closes it.
func (w *Writer) Root(name string) {
	w.path = append(w.path, step{name, -1})
	w.buf = append(append(w.buf, "<ns1:"...), name...)
	if w.xsiAt < 0 {
		w.buf = append(w.buf, ` xmlns:ns1="`+Namespace+`"`...)
		w.DeclareHere()
	}
	w.buf = append(w.buf, '>')
}

// EndRoot closes the root element of a payload.
func (w *Writer) EndRoot() {
	w.buf = append(append(append(w.buf, "</ns1:"...), w.pop()...), '>')
}

// Open opens an element.
func (w *Writer) Open(name string) {
	w.path = append(w.path, step{name, -1})
	w.tag(name)
}

// Item opens the i-th of a list of equal elements.
func (w *Writer) Item(name string, i int) {
	w.path = append(w.path, step{name, i})
	w.tag(name)
}

// OpenType opens an element with xsi:type, a QName in the service's namespace.
func (w *Writer) OpenType(name, typeName string) {
	w.needXSI = true
	w.path = append(w.path, step{name, -1})
	w.buf = append(append(w.buf, '<'), name...)
	w.buf = append(append(append(w.buf, ` xsi:type="ns1:`...), typeName...), `">`...)
}

// Close closes the element that was opened last.
func (w *Writer) Close() { w.endTag(w.pop()) }

// pop removes the open element from the path and returns its name.
func (w *Writer) pop() string {
	last := len(w.path) - 1
	name := w.path[last].name
	w.path = w.path[:last]
	return name
}

// tag writes a start tag without attributes.
func (w *Writer) tag(name string) {
	w.buf = append(append(append(w.buf, '<'), name...), '>')
}

func (w *Writer) endTag(name string) {
	w.buf = append(append(append(w.buf, '<', '/'), name...), '>')
}

// Nil writes an element with xsi:nil="true".
func (w *Writer) Nil(name string) {
	w.needXSI = true
	w.buf = append(append(append(w.buf, '<'), name...), ` xsi:nil="true"/>`...)
}

// String writes an element with a text.
func (w *Writer) String(name, value string) {
	w.tag(name)
	w.text(name, value)
	w.endTag(name)
}

// Enum writes an element with one of the values of an enumeration.
func (w *Writer) Enum(name, value string, known bool) {
	if !known {
		w.Failf(name, "%q is not one of the values of its type", clip(value))
		return
	}
	w.String(name, value)
}

// Int writes an element with a whole number.
func (w *Writer) Int(name string, value int64) {
	w.tag(name)
	w.buf = strconv.AppendInt(w.buf, value, 10)
	w.endTag(name)
}

// Bool writes an element with true or false.
func (w *Writer) Bool(name string, value bool) {
	w.tag(name)
	w.buf = strconv.AppendBool(w.buf, value)
	w.endTag(name)
}

// DateTime writes an element with an xs:dateTime.
func (w *Writer) DateTime(name, value string) {
	if _, err := ParseDateTime(value); err != nil {
		w.Failf(name, "%q: %w", clip(value), err)
		return
	}
	w.tag(name)
	w.buf = append(w.buf, value...)
	w.endTag(name)
}

// Base64 writes an element with an xs:base64Binary.
func (w *Writer) Base64(name string, value []byte) {
	w.tag(name)
	w.buf = base64.StdEncoding.AppendEncode(w.buf, value)
	w.endTag(name)
}

// text appends s as character data. It copies what needs no escape in one piece.
func (w *Writer) text(field, s string) {
	done := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if class := textClass[c]; class == plain && c < utf8.RuneSelf && c != '>' {
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if size == 1 || !IsChar(r) {
				w.illegal(field, s, i)
				return
			}
			i += size - 1
			continue
		}
		if escape := escapes[c]; escape != "" {
			w.buf = append(append(w.buf, s[done:i]...), escape...)
			done = i + 1
		} else if textClass[c] == illegal {
			w.illegal(field, s, i)
			return
		}
	}
	w.buf = append(w.buf, s[done:]...)
}

// escapes are the characters that text cannot hold as they are. A carriage return
// would be read back as a line feed.
var escapes = [256]string{'&': "&amp;", '<': "&lt;", '>': "&gt;", '\r': "&#xD;"}

var errIllegal = errors.New("XML 1.0 cannot carry it; remove or replace it")

// illegal records that a text contains what XML cannot carry, not even as a reference, with its place in the text.
func (w *Writer) illegal(field, s string, i int) {
	r, size := utf8.DecodeRuneInString(s[i:])
	if r == utf8.RuneError && size == 1 {
		w.Failf(field, "the byte 0x%02X at offset %d is not UTF-8: %w", s[i], i, errIllegal)
		return
	}
	w.Failf(field, "the character U+%04X at byte %d: %w", r, i, errIllegal)
}

// Clean returns s with "?" in place of what XML 1.0 cannot carry.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		if !IsChar(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}

// Strip returns s without what XML 1.0 cannot carry. Bytes that are not UTF-8 become U+FFFD.
func Strip(s string) string {
	return strings.Map(func(r rune) rune {
		if !IsChar(r) {
			return -1
		}
		return r
	}, s)
}
