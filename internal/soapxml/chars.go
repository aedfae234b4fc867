package soapxml

import "unicode/utf8"

// What a byte of character data means to the reader and the writer.
const (
	plain   = iota // stands for itself
	markup         // '<' or '&'
	bracket        // ']' may begin "]]>", which text must not hold
	cr             // line ends are normalised (XML 1.0, 2.11)
	high           // first byte of a rune that may be illegal: U+FFFE and U+FFFF begin with 0xEF
	illegal        // no XML 1.0 document can hold it
)

// textClass classifies the bytes of character data, nameByte those of names.
var textClass, nameByte = func() (text [256]uint8, name [256]bool) {
	for c := range 0x20 {
		text[c] = illegal
	}
	text['\t'], text['\n'], text['\r'] = plain, plain, cr
	text['<'], text['&'], text[']'], text[0xEF] = markup, markup, bracket, high
	for c := range 256 {
		name[c] = c >= utf8.RuneSelf || c == '-' || c == '.' || c == '_' || c == ':' ||
			'0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
	}
	return text, name
}()

// isSpace reports whether a byte is white space in XML, which is less than in Unicode.
func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// IsChar reports whether XML 1.0, production [2], allows the rune.
func IsChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		0x20 <= r && r <= 0xD7FF || 0xE000 <= r && r <= 0xFFFD || 0x10000 <= r && r <= 0x10FFFF
}

// nameStart are the ranges of XML 1.0 (Fifth Edition), production [4], beyond ASCII.
var nameStart = [...][2]rune{
	{0xC0, 0xD6}, {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D}, {0x37F, 0x1FFF}, {0x200C, 0x200D}, {0x2070, 0x218F},
	{0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
}

// isName reports whether s is a Name of XML. Its ASCII bytes are known to be bytes of names, so only the first and
// those beyond ASCII are looked at.
func isName(s string) bool {
	for i, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if i == 0 && (r == '-' || r == '.' || '0' <= r && r <= '9') {
				return false
			}
		case r == 0xB7 || 0x300 <= r && r <= 0x36F || 0x203F <= r && r <= 0x2040:
			if i == 0 {
				return false
			}
		case !inRanges(r):
			return false
		}
	}
	return s != ""
}

// inRanges reports whether a rune beyond ASCII may begin a name.
func inRanges(r rune) bool {
	for _, span := range nameStart {
		if span[0] <= r && r <= span[1] {
			return true
		}
	}
	return false
}
