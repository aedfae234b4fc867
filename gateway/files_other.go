//go:build !unix

package gateway

import "math"

// mostFiles returns how many files and connections the process may have open: nothing says.
func mostFiles() int { return math.MaxInt }
