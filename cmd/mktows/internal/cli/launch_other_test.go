//go:build !unix

package cli

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// launcher returns none: each command of a script is a process of its own.
func launcher(*testing.T) string { return "" }

func launchCommands(testing.TB, *testscript.Env, string) {}

func serveCommands() {}
