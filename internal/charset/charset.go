// Package charset brings documents into UTF-8.
package charset

import (
	"encoding/binary"
	"regexp"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/mktows/mktows-go/fault"
)

// The byte order marks of documents.
const (
	markUTF8    = "\xEF\xBB\xBF"
	markUTF16BE = "\xFE\xFF"
	markUTF16LE = "\xFF\xFE"
)

var (
	utf16BE = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	utf16LE = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
)

// encodings are those that documents may be in, by their names in lower case; nil is UTF-8,
// of which US-ASCII is a part. UTF-16 without a byte order mark is big-endian (RFC 2781, 4.3), unless its first
// character says otherwise.
var encodings = map[string]encoding.Encoding{
	"utf-8": nil, "utf8": nil, "us-ascii": nil, "ascii": nil,
	"utf-16": utf16BE, "utf-16be": utf16BE, "utf-16le": utf16LE,
	"iso-8859-1": charmap.ISO8859_1, "iso_8859-1": charmap.ISO8859_1, "latin1": charmap.ISO8859_1,
	"iso-8859-15": charmap.ISO8859_15, "iso_8859-15": charmap.ISO8859_15, "latin-9": charmap.ISO8859_15,
	"windows-1252": charmap.Windows1252, "cp1252": charmap.Windows1252,
}

// Check checks the name that a Content-Type or an XML declaration gives, empty for none.
func Check(name string) error {
	if _, known := encodings[strings.ToLower(name)]; known || name == "" {
		return nil
	}
	return fault.Newf(fault.CodeRequestNotUnderstood,
		"the encoding %.40q is not supported: send UTF-8; UTF-16, ISO-8859-1, ISO-8859-15 and windows-1252 are read too", name)
}

// ToUTF8 returns a document in UTF-8. A byte order mark decides which encoding it is in, else the charset of the Content-Type, which [Check] has
// passed, else the XML declaration or the first bytes (RFC 7303, 3; XML 1.0, appendix F).
// What is not in the encoding that it is said to be in is left to the reader, which says what is wrong.
func ToUTF8(doc, charset string) (string, error) {
	enc, rest := encodingOf(doc, strings.ToLower(charset))
	if enc == nil {
		if charset == "" && !strings.HasPrefix(doc, markUTF8) {
			if err := Check(declared(doc)); err != nil {
				return "", err
			}
		}
		return withUTF8Declared(doc, charset), nil
	}
	if (enc == utf16BE || enc == utf16LE) && !isWellFormedUTF16(rest, enc == utf16BE) {
		return "", fault.New(fault.CodeRequestNotUnderstood, "the document is in UTF-16 and is cut off or has half a character")
	}
	text, err := enc.NewDecoder().String(rest)
	if err != nil {
		return "", fault.Newf(fault.CodeRequestNotUnderstood, "the document cannot be read in the encoding that it is in: %v", err)
	}
	return withUTF8Declared(text, "utf-8"), nil
}

// encodingOf returns the encoding of a document, nil for UTF-8, and the document without the
// byte order mark of another one.
func encodingOf(doc, charset string) (encoding.Encoding, string) {
	switch {
	case strings.HasPrefix(doc, markUTF8):
		return nil, doc
	case strings.HasPrefix(doc, markUTF16BE):
		return utf16BE, doc[len(markUTF16BE):]
	case strings.HasPrefix(doc, markUTF16LE):
		return utf16LE, doc[len(markUTF16LE):]
	case (charset == "" || charset == "utf-16") && beginsWide(doc, 1):
		return utf16LE, doc
	case charset != "":
		return encodings[charset], doc
	case beginsWide(doc, 0):
		return utf16BE, doc
	}
	if enc := encodings[strings.ToLower(declared(doc))]; enc != utf16BE && enc != utf16LE { // the bytes say otherwise
		return enc, doc
	}
	return nil, doc
}

// beginsWide reports whether of the first two bytes the one at that place is zero, and the other is not: in UTF-16, the first
// character is ASCII then.
func beginsWide(doc string, zero int) bool {
	return len(doc) > 1 && doc[zero] == 0 && doc[1-zero] != 0
}

// declared returns the encoding that an XML declaration gives, or "".
func declared(doc string) string {
	if m := declaredEncoding.FindStringSubmatch(head(doc)); m != nil {
		return m[2]
	}
	return ""
}

// declaredEncoding finds the encoding in an XML declaration (XML 1.0, production [80]).
var declaredEncoding = regexp.MustCompile(`^(\x{FEFF}?<\?xml\s[^>]*?\sencoding\s*=\s*["'])([A-Za-z0-9._-]+)`)

// head is where a declaration has to stand.
func head(doc string) string { return doc[:min(len(doc), 200)] }

// withUTF8Declared returns a document in UTF-8 that says so: what its declaration said was
// overruled, or is true no more.
func withUTF8Declared(doc, charset string) string {
	m := declaredEncoding.FindStringSubmatchIndex(head(doc))
	if m == nil || charset == "" && !strings.HasPrefix(doc, markUTF8) {
		return doc
	}
	return doc[:m[4]] + "UTF-8" + doc[m[5]:]
}

// isWellFormedUTF16 reports whether a text is made of whole characters: a decoder would put
// U+FFFD in the place of what is lost.
func isWellFormedUTF16(text string, bigEndian bool) bool {
	order := binary.ByteOrder(binary.LittleEndian)
	if bigEndian {
		order = binary.BigEndian
	}
	high := false
	for data := []byte(text); len(data) > 0; data = data[2:] {
		if len(data) == 1 {
			return false
		}
		unit := order.Uint16(data)
		if low := unit&0xFC00 == 0xDC00; low != high {
			return false
		}
		high = unit&0xFC00 == 0xD800
	}
	return !high
}
