package output

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// WriteEnvelope writes an envelope byte for byte, with a line break at its end. Only on a terminal are the characters
// that it would act on replaced by character references: what goes into a file or a pipe must stay what the service
// sent.
func WriteEnvelope(w io.Writer, out string) error {
	if isTerminal(w) {
		out = harmlessXML(out)
	}
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out += "\n"
	}
	_, err := io.WriteString(w, out)
	return outputError(err)
}

// ShellQuote returns text as one word of a POSIX shell, quoted only if necessary.
func ShellQuote(text string) string {
	special := func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune("_-./:@%+=,", r)
	}
	if text != "" && !strings.ContainsFunc(text, special) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// Visible returns text in which everything that a terminal would act on, or that nobody would see, is shown as an
// escape in Go's notation, such as \n, \x1b or \u202e. The data comes from strangers who fill in forms, and a
// terminal that obeys them can be made to hide or to forge lines of the output.
func Visible(text string) string {
	if !strings.ContainsFunc(text, isHidden) {
		return text
	}
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD"):
			b.WriteString(`\x` + strconv.FormatUint(uint64(text[i]), 16))
		case r != ' ' && unicode.Is(unicode.Zs, r):
			b.WriteByte(' ')
		case isHidden(r):
			quoted := strconv.QuoteRune(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// isHidden reports whether Visible has to replace r. U+FFFD is among them, as it is what range gives for a byte that
// is not UTF-8.
func isHidden(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }

// WordList joins words with commas.
func WordList[T ~string](words []T) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	return strings.Join(texts, ", ")
}

// isTerminal reports whether w is a device that shows text to people. Every character device counts, /dev/null
// included, where it does no harm.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// harmlessXML replaces control characters, and marks that change the direction of text, by character references. For
// an XML reader it is the same document, if it was well-formed.
func harmlessXML(text string) string {
	return escapeHidden(text, func(r rune) string { return fmt.Sprintf("&#x%X;", r) })
}

// harmlessJSON does the same with JSON's \u escapes. Encoding/json escapes only the control characters up to U+001F.
func harmlessJSON(text string) string {
	return escapeHidden(text, func(r rune) string { return fmt.Sprintf(`\u%04x`, r) })
}

// escapeHidden replaces the characters that a terminal acts on. Line breaks and tabs stay, since they are the layout.
func escapeHidden(text string, escape func(rune) string) string {
	isBad := func(r rune) bool {
		return unicode.IsControl(r) && r != '\t' && r != '\n' && r != '\r' || unicode.Is(unicode.Bidi_Control, r)
	}
	if !strings.ContainsFunc(text, isBad) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if isBad(r) {
			b.WriteString(escape(r))
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Clip cuts text to a width in columns of a terminal. If something is cut off, an … takes the last column.
func Clip(text string, width int) string {
	if TextWidth(text) <= width {
		return text
	}
	used := 0
	for i, r := range text {
		if used += runeWidth(r); used > width-1 {
			return text[:i] + "…"
		}
	}
	return text
}

// Wrap breaks text between words into lines that are at most width columns wide, except where a word is wider. A width of 0 breaks nothing.
func Wrap(text string, width int) []string {
	if width == 0 || TextWidth(text) <= width {
		return []string{text}
	}
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case TextWidth(line)+1+TextWidth(word) <= width:
			line += " " + word
		default:
			lines, line = append(lines, line), word
		}
	}
	return append(lines, line)
}

// Fit cuts text like Clip, but leaves it whole if width is 0.
func Fit(text string, width int) string {
	if width == 0 {
		return text
	}
	return Clip(text, width)
}

// TextWidth returns how many columns of a terminal a text takes. The number of characters would not do: ideographs
// take two columns and combining marks none.
func TextWidth(text string) int {
	n := 0
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

// runeWidth returns the width of one character. The check for the first blocks, Latin and its relatives, is a
// shortcut.
func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me): // they sit on the character before
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth: // Unicode, UAX #11; most emoji are among them
		return 2
	}
	return 1
}
