package output

import (
	"encoding/json"
	"io"
	"strings"
)

// WriteJSON writes a value as an indented document.
func WriteJSON(w io.Writer, v any) error {
	text, err := EncodeJSON(v, "  ")
	if err != nil {
		return err
	}
	return Printf(w, "%s\n", text)
}

// EncodeJSON returns a value as JSON that is harmless to a terminal, on one line if indent
// is empty. Of <, > and & no escapes are made: nobody puts this into a web page.
func EncodeJSON(v any, indent string) (string, error) { return encodeIndented(v, "", indent) }

// encodeIndented is encodeJSON with a prefix in front of each line but the first.
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

// optional is null in JSON where text is empty.
func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
