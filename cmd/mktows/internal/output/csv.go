package output

import (
	"strings"
)

// writeCSV writes a row as RFC 4180 says. The writer of encoding/csv would change line ends
// inside of values.
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
