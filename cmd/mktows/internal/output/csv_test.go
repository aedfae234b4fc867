package output

import (
	"strings"
	"testing"
)

// TestWriteCSV: values are written as they are, in quotes where RFC 4180 asks for them.
func TestWriteCSV(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	writeCSV(&b, "a", "", "b,c", "d\"e", "f\rg", "h\ni", " j ")
	if want := "a,,\"b,c\",\"d\"\"e\",\"f\rg\",\"h\ni\", j \r\n"; b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
}
