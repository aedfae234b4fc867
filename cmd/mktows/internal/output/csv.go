package output

import (
	"strings"
)

// writeCSV writes a row of CSV as RFC 4180 has it. The writer of encoding/csv would turn CRLF inside of a value into
// LF, and a value that is read, exported and synced back must not change.
func writeCSV(b *strings.Builder, values ...string) {
	for i, value := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		if strings.ContainsAny(value, "\",\r\n") {
			value = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
		}
		b.WriteString(value)
	}
	b.WriteString("\r\n")
}
