package console

import (
	"runtime/debug"
	"strings"
)

// Version returns the version of the module that the program was built from.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// UserAgent is the version in the form of a product token (RFC 9110, 10.1.5).
func UserAgent() string { return "mktows/" + strings.Trim(Version(), "()") }
