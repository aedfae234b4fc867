package output

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Format is the flag -o, whose value is one of a few words. It implements pflag.Value, so that a wrong word is
// refused while flags are parsed, before the command does anything.
type Format struct {
	Value   string
	Allowed []string
}

// NewFormat returns a flag that allows these words. The first one is the default.
func NewFormat(allowed ...string) *Format { return &Format{allowed[0], allowed} }

// Bind adds the flag.
func (f *Format) Bind(fs *pflag.FlagSet) {
	fs.VarP(f, "output", "o", "`FORM` of the output: "+f.List())
}

// List joins the allowed words for a sentence: "table, json or csv".
func (f *Format) List() string {
	last := len(f.Allowed) - 1
	return strings.Join(f.Allowed[:last], ", ") + " or " + f.Allowed[last]
}

// FormatType is the name of the flag's type in pflag. Package settings recognises the flag's errors by it.
const FormatType = "format"

// String implements pflag.Value.
func (f *Format) String() string { return f.Value }

// Type implements pflag.Value.
func (f *Format) Type() string { return FormatType }

// Set implements pflag.Value.
func (f *Format) Set(s string) error {
	if !slices.Contains(f.Allowed, s) {
		return fmt.Errorf("%q is none of %s", s, f.List())
	}
	f.Value = s
	return nil
}
