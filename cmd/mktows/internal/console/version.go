package console

import (
	"runtime/debug"
	"strings"
)

// Version returns the version of the module that the program was built from, or "(devel)" if the build does not say.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// UserAgent returns the value of the User-Agent header. A product token (RFC 9110, 10.1.5) has no parentheses, so
// those of "(devel)" are removed.
func UserAgent() string { return "mktows/" + strings.Trim(Version(), "()") }
