package output

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// Format is the flag -o: one of a few words.
type Format struct {
	Value   string
	Allowed []string
}

// NewFormat returns a flag that allows these words; the first is its default.
func NewFormat(allowed ...string) *Format { return &Format{allowed[0], allowed} }

// Bind adds the flag.
func (f *Format) Bind(fs *pflag.FlagSet) {
	fs.VarP(f, "output", "o", "`FORM` of the output: "+f.List())
}

// List names the words that are allowed, for a sentence.
func (f *Format) List() string {
	last := len(f.Allowed) - 1
	return strings.Join(f.Allowed[:last], ", ") + " or " + f.Allowed[last]
}

// FormatType is what pflag knows the flag's type by.
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
