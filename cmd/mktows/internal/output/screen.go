package output

import (
	"io"
	"strconv"

	"golang.org/x/term"
)

// The bounds, in columns, of what a table is fitted to. Below the first nothing could be read, and above the second
// lines become hard to follow.
const (
	narrowest = 40
	broadest  = 250
	unknown   = 80 // of a terminal that does not tell
)

// ScreenWidth returns the width in columns that tables written to w are fitted to, or 0 if nothing may be cut because w
// is no terminal. Columns is the value of the environment variable COLUMNS, which goes before what the terminal says.
func ScreenWidth(w io.Writer, columns string) int {
	device, ok := w.(interface{ Fd() uintptr }) // as *os.File has it
	if !ok || !term.IsTerminal(int(device.Fd())) {
		return 0
	}
	width, err := strconv.Atoi(columns)
	if err != nil || width <= 0 {
		width, _, err = term.GetSize(int(device.Fd()))
	}
	if err != nil || width <= 0 {
		width = unknown
	}
	return min(max(width, narrowest), broadest)
}
