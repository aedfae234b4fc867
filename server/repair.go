package server

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const replacement = "\uFFFD"

// repair returns the document with U+FFFD in place of every character that XML 1.0
// does not allow, be it written raw or as a reference such as &#11;, and their number.
// Bytes that are not UTF-8 stay: they are a sign of another encoding, and replacing
// them would lose letters.
func repair(doc string) (string, int) {
	var b strings.Builder
	done, count := 0, 0
	replace := func(from, to int) {
		b.WriteString(doc[done:from])
		b.WriteString(replacement)
		done, count = to, count+1
	}
	for i := 0; i < len(doc); {
		size := 1
		switch c := doc[i]; {
		case c == '<' && strings.HasPrefix(doc[i:], "<![CDATA["):
			i = repairRaw(doc, i, cdataEnd(doc, i), replace) // references mean nothing here
			continue
		case c == '&':
			if n, bad := badReference(doc[i:]); bad {
				replace(i, i+n)
				size = n
			}
		case c < 0x20 || c >= utf8.RuneSelf:
			size = repairChar(doc, i, replace)
		}
		i += size
	}
	if count == 0 {
		return doc, 0
	}
	b.WriteString(doc[done:])
	return b.String(), count
}

// repairRaw replaces raw characters from i to end and returns end.
func repairRaw(doc string, i, end int, replace func(from, to int)) int {
	for i < end {
		i += repairChar(doc, i, replace)
	}
	return end
}

// repairChar replaces the character at i if need be, and returns its length.
func repairChar(doc string, i int, replace func(from, to int)) int {
	r, size := utf8.DecodeRuneInString(doc[i:])
	if !allowed(r) {
		replace(i, i+size)
	}
	return size
}

func cdataEnd(doc string, i int) int {
	if n := strings.Index(doc[i:], "]]>"); n >= 0 {
		return i + n + len("]]>")
	}
	return len(doc)
}

// badReference reports whether s begins with a reference to a character that XML 1.0
// does not allow, and its length.
func badReference(s string) (length int, bad bool) {
	end := strings.IndexByte(s[:min(len(s), 12)], ';') // &#x10FFFF; is the longest
	number, ok := strings.CutPrefix(s[:end+1], "&#")
	if !ok {
		return 0, false
	}
	number, base := strings.TrimSuffix(number, ";"), 10
	if hex, ok := strings.CutPrefix(number, "x"); ok {
		number, base = hex, 16
	}
	code, err := strconv.ParseUint(number, base, 31)
	return end + 1, err == nil && (code > utf8.MaxRune || !allowed(rune(code)))
}

// allowed reports whether XML 1.0, production [2], allows the character.
func allowed(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' ||
		0x20 <= r && r <= 0xD7FF || 0xE000 <= r && r <= 0xFFFD || 0x10000 <= r && r <= utf8.MaxRune
}
