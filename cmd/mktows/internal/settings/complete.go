package settings

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/operations"
)

// valuesAnnotation is the annotation of a flag that holds the words which shells complete its value to.
const valuesAnnotation = "mktows_values"

// Values lets shells complete the value of a flag to these words. A word may have a tab and a description after it.
// Other values stay allowed: the flag itself checks them.
func Values(fs *pflag.FlagSet, flag string, words ...string) {
	_ = fs.SetAnnotation(flag, valuesAnnotation, words) // the flag is there: it was added a line before
}

// FileValue lets shells complete the value of a flag to files with one of these endings, or to any file if there is
// none.
func FileValue(fs *pflag.FlagSet, flag string, endings ...string) {
	_ = fs.SetAnnotation(flag, cobra.BashCompFilenameExt, endings) // as above
}

// TypeValues lets shells complete the value of a flag to types of activities.
func TypeValues(fs *pflag.FlagSet, flag string) {
	var words []string
	for _, t := range operations.ActivityTypes() {
		words = append(words, cobra.CompletionWithDesc(string(t), t.Name()))
	}
	Values(fs, flag, words...)
}

// Files completes the argument of a command that has this index to files with one of these endings.
func Files(index int, endings ...string) cobra.CompletionFunc {
	return func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
		if len(args) != index {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return fileCompletion(endings)
	}
}

func fileCompletion(endings []string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(endings) == 0 {
		return nil, cobra.ShellCompDirectiveDefault
	}
	return endings, cobra.ShellCompDirectiveFilterFileExt
}

// Complete prepares a command and those below it for the questions of shells. Cobra keeps what is registered for as
// long as the process lives, so it is called only where a shell asks.
func Complete(a *console.Console, cmd *cobra.Command) {
	cmd.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp) // most values are no files
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		complete := flagCompletion(f)
		if f.Name == "profile" {
			complete = profileCompletion(a)
		}
		if complete != nil {
			_ = cmd.RegisterFlagCompletionFunc(f.Name, complete) // it fails for a flag that is not there
		}
	})
	for _, sub := range cmd.Commands() {
		Complete(a, sub)
	}
}

// flagCompletion returns what completes the value of a flag; nil if nothing does.
func flagCompletion(f *pflag.Flag) cobra.CompletionFunc {
	words := f.Annotations[valuesAnnotation]
	if format, ok := f.Value.(*output.Format); ok {
		words = format.Allowed
	}
	_, isFile := f.Annotations[cobra.BashCompFilenameExt]
	switch {
	case len(words) > 0 && f.Value.Type() == "stringSlice":
		return listCompletion(words)
	case len(words) > 0:
		return cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)
	case isFile: // cobra itself looks at endings
		return func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return fileCompletion(nil)
		}
	}
	return nil
}

// listCompletion completes the last element of a list with commas, to words that are not in the list yet. No space
// follows, since a further element may.
func listCompletion(words []string) cobra.CompletionFunc {
	return func(_ *cobra.Command, _ []string, text string) ([]cobra.Completion, cobra.ShellCompDirective) {
		begun := text[:strings.LastIndex(text, ",")+1]
		given := strings.Split(begun, ",")
		var found []cobra.Completion
		for _, word := range words {
			name, _, _ := strings.Cut(word, "\t")
			if !slices.Contains(given, name) && strings.HasPrefix(name, text[len(begun):]) {
				found = append(found, begun+word)
			}
		}
		return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// Words returns the values of an enumeration as words to be completed.
func Words[T ~string](values []T) []string {
	words := make([]string, len(values))
	for i, v := range values {
		words[i] = string(v)
	}
	return words
}
