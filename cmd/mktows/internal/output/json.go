package output

import (
	"encoding/json"
	"io"
	"strings"
)

// WriteJSON writes v as an indented JSON document with a line break at its end.
func WriteJSON(w io.Writer, v any) error {
	text, err := EncodeJSON(v, "  ")
	if err != nil {
		return err
	}
	return Printf(w, "%s\n", text)
}

// EncodeJSON returns v as JSON that does no harm on a terminal, on one line if indent is empty. The characters <, >
// and & stay as they are; encoding/json escapes them by default for use inside of web pages, which this output is
// not.
func EncodeJSON(v any, indent string) (string, error) { return encodeIndented(v, "", indent) }

// encodeIndented is EncodeJSON with a prefix before each line except the first, for a value inside of a larger
// document.
func encodeIndented(v any, prefix, indent string) (string, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent(prefix, indent)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return harmlessJSON(strings.TrimSuffix(b.String(), "\n")), nil
}

// optional returns nil for an empty text, which JSON shows as null.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
