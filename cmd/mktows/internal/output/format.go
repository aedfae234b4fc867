package output

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// The forms of output. All commands call them so.
const (
	Table     = "table" // for reading
	JSON      = "json"  // one document
	JSONLines = "jsonl" // a JSON object to a line
	CSV       = "csv"
	Text      = "text"  // a value as it is
	XML       = "xml"   // as it stands in an envelope
	Shell     = "shell" // commands that set a client up
)

// Format is the flag -o, whose value is one of a few words. It implements pflag.Value, so that a wrong word is
// refused while flags are parsed, before the command does anything.
type Format struct {
	Value   string
	Allowed []string
	result  string // what the command prints, where that is no list
}

// ListFormat returns the flag of a command that prints a list, which has all forms that a list can have.
func ListFormat() *Format { return newFormat("", Table, JSON, JSONLines, CSV) }

// DocumentFormat returns the flag of a command that prints one document.
func DocumentFormat() *Format { return newFormat("one document", Table, JSON) }

// EventFormat returns the flag of a command that tells what happens while it happens.
func EventFormat() *Format { return newFormat("one event after the other", Table, JSONLines) }

// ValueFormat returns the flag of a command that prints a value, with the forms that this value has beside text and
// JSON.
func ValueFormat(more ...string) *Format {
	return newFormat("one value", append([]string{Text, JSON}, more...)...)
}

// ServerFormat returns the flag of a server, which prints how clients reach it.
func ServerFormat() *Format { return newFormat("where the server is", Shell, JSON) }

// newFormat returns a flag that allows these words. The first one is the default.
func newFormat(result string, allowed ...string) *Format {
	return &Format{allowed[0], allowed, result}
}

// Bind adds the flag.
func (f *Format) Bind(fs *pflag.FlagSet) {
	fs.VarP(f, "output", "o", "`FORM` of the output: "+f.List())
}

// List joins the allowed words for a sentence: "table, json or csv".
func (f *Format) List() string { return Either(f.Allowed) }

// Either joins words for a sentence: "table, json or csv".
func Either(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// FormatType is the name of the flag's type in pflag. Package settings recognises the flag's errors by it.
const FormatType = "format"

// String implements pflag.Value.
func (f *Format) String() string { return f.Value }

// Type implements pflag.Value.
func (f *Format) Type() string { return FormatType }

// Set implements pflag.Value.
func (f *Format) Set(s string) error {
	switch {
	case slices.Contains(f.Allowed, s):
		f.Value = s
		return nil
	case f.result != "" && slices.Contains([]string{Table, JSON, JSONLines, CSV}, s):
		return fmt.Errorf("this command prints %s, which has no form %s: use %s", f.result, s, f.List())
	}
	return fmt.Errorf("%q is none of %s", s, f.List())
}
