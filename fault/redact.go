package fault

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// redacted stands for a secret wherever one would be shown.
const redacted = "[redacted]"

// contextSize is how much is looked at around a piece of a message, so that a secret
// which begins before the piece is known as one.
const contextSize = 1024

// secretNames are how names end whose values are secret: the SOAP header's
// requestSignature, and what REST and proxies call such things.
var secretNames = []string{"signature", "secret", "password", "access_token", "accesstoken", "authorization"}

// What may follow a secret's name, in lower case; the group is the secret.
var (
	// The content of an element, to the end where the message is cut.
	elementForm = regexp.MustCompile(`(?s)^[\w.:-]*(?:\s[^>]*)?>(.*?)(?:</|$)`)
	valueForms  = []*regexp.Regexp{
		// A quoted value: attribute or JSON.
		regexp.MustCompile(`^[\w.-]*\\?["']?\s*[:=]\s*\\?("[^"]*"?|'[^']*'?)`),
		// A plain value: form, or XML inside a page.
		regexp.MustCompile(`^[\w.-]*\s*(?:=|&gt;|&#62;|\\u003e)\s*([^"'<>&\s]+)`),
		// A header line. What is short is prose, as in "requestSignature: missing".
		regexp.MustCompile(`^[\w.-]*:[ \t]*([^"'<>&\s]{16,}|(?:basic|bearer)[ \t]+\S+)`),
	}
)

// digestSize is the length of the shortest digest in hexadecimal, MD5: a run of so
// many digits is taken for a secret, whatever its name.
const digestSize = 32

// mask overwrites every secret in text with NUL bytes, so that places in it stay
// where they are. The text must hold no other NUL.
func mask(text []byte) {
	plain := asciiLower(text) // stays as it is, for all forms to look at
	for _, name := range secretNames {
		for at := 0; ; {
			i := bytes.Index(plain[at:], []byte(name))
			if i < 0 {
				break
			}
			start := at + i
			at = start + len(name)
			maskValue(text[at:], plain[at:], isTag(plain[:start]))
		}
	}
	maskDigests(text, plain)
}

// maskValue masks what belongs to the name that ends where the texts begin.
func maskValue(text, plain []byte, tag bool) {
	forms := valueForms
	if tag {
		forms = append([]*regexp.Regexp{elementForm}, valueForms...)
	}
	for _, form := range forms {
		if m := form.FindSubmatchIndex(plain); m != nil {
			clear(text[m[2]:m[3]])
		}
	}
}

// isTag reports whether before ends with a start tag's bracket and the beginning of
// its name.
func isTag(before []byte) bool {
	name := bytes.TrimRightFunc(before, func(r rune) bool {
		return r == ':' || r == '_' || r == '-' || r == '.' || unicode.IsLetter(r) || unicode.IsDigit(r)
	})
	return bytes.HasSuffix(name, []byte("<"))
}

func maskDigests(text, plain []byte) {
	run := 0
	for i, c := range plain {
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'f' {
			run++
		} else {
			run = 0
		}
		if run >= digestSize {
			clear(text[i+1-run : i+1])
		}
	}
}

// asciiLower returns a copy in lower case, byte for byte of the same length.
func asciiLower(text []byte) []byte {
	lower := bytes.Clone(text)
	for i, c := range lower {
		if c >= 'A' && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	return lower
}

// unmask puts the placeholder where mask has overwritten a secret.
func unmask(text []byte) string {
	var out strings.Builder
	for i, b := range text {
		switch {
		case b != 0:
			out.WriteByte(b)
		case i == 0 || text[i-1] != 0:
			out.WriteString(redacted)
		}
	}
	return out.String()
}

// excerpt returns at most size bytes of body around the offset at, on one line,
// printable and without secrets. It returns nothing of a body that is not text.
func excerpt(body []byte, at int64, size int) string {
	middle := int(min(max(at, 0), int64(len(body))))
	from := max(0, min(middle-size/2, len(body)-size))
	to := min(len(body), from+size)
	first, last := max(0, from-contextSize), min(len(body), to+contextSize)
	region := bytes.Clone(body[first:last])
	if bytes.IndexByte(region, 0) >= 0 {
		return "" // binary, or UTF-16, in which the forms would find nothing
	}
	mask(region)
	return cut(printable(unmask(region[from-first:to-first])), size)
}

// oneLine returns text on one line, printable, without secrets, and with at most size
// bytes and a mark where it was cut.
func oneLine(text string, size int) string {
	line := excerpt([]byte(strings.ReplaceAll(text, "\x00", " ")), 0, size)
	if len(text) > size {
		line += "…"
	}
	return line
}

// printable returns text with each run of white space, control characters and others
// that cannot be seen as one space: they could forge lines of a log, or control a
// terminal.
func printable(text string) string {
	seen := func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}
	return strings.Join(strings.Fields(strings.Map(seen, strings.ToValidUTF8(text, "?"))), " ")
}

// cut returns at most size bytes of text, whole characters only.
func cut(text string, size int) string {
	if len(text) <= size {
		return text
	}
	for size > 0 && !utf8.RuneStart(text[size]) {
		size--
	}
	return text[:size]
}
