package cli

import (
	"encoding/json"
	"io"
	"strings"
)

// writeJSON writes a value as an indented document.
func writeJSON(w io.Writer, v any) error {
	text, err := encodeJSON(v, "  ")
	if err != nil {
		return err
	}
	return printf(w, "%s\n", text)
}

// encodeJSON returns a value as JSON that is harmless to a terminal, on one line if indent
// is empty. Of <, > and & no escapes are made: nobody puts this into a web page.
func encodeJSON(v any, indent string) (string, error) { return encodeIndented(v, "", indent) }

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
