package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// format is the flag -o: one of a few words.
type format struct {
	value   string
	allowed []string
}

// newFormat returns a flag that allows these words; the first is its default.
func newFormat(allowed ...string) *format { return &format{allowed[0], allowed} }

func (f *format) bind(fs *pflag.FlagSet) {
	fs.VarP(f, "output", "o", "`FORM` of the output: "+f.list())
}

func (f *format) list() string {
	last := len(f.allowed) - 1
	return strings.Join(f.allowed[:last], ", ") + " or " + f.allowed[last]
}

// String implements pflag.Value.
func (f *format) String() string { return f.value }

// Type implements pflag.Value.
func (f *format) Type() string { return "format" }

// Set implements pflag.Value.
func (f *format) Set(s string) error {
	if !slices.Contains(f.allowed, s) {
		return fmt.Errorf("use %s", f.list())
	}
	f.value = s
	return nil
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("%s takes no arguments, got %q", cmd.CommandPath(), args[0])
	}
	return nil
}
