package settings

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
)

// Begin is what every command does once its command line is understood. From here on an error is no longer a mistake
// in the command line. It also starts the clock of --timeout, and finds out how wide tables may be.
func Begin(a *console.Console, cmd *cobra.Command) error {
	a.Started = true
	if err := checkFlags(cmd.Flags()); err != nil {
		return err
	}
	if err := useProfile(a, cmd); err != nil {
		return err
	}
	if width := cmd.Flags().Lookup("width"); width != nil && !width.Changed {
		_ = width.Value.Set(strconv.Itoa(a.Width())) // it is a number
	}
	// All of a command counts, the wait for its input included.
	if after, err := cmd.Flags().GetDuration("timeout"); err == nil && after > 0 {
		ctx, cancel := context.WithTimeoutCause(cmd.Context(), after, fmt.Errorf("--timeout of %s is over", after))
		a.End = cancel
		cmd.SetContext(ctx)
	}
	return nil
}

// checkFlags refuses flags whose value means the same as leaving the flag out, such as --list "$LIST" in a script
// where LIST is not set. The user meant to restrict something, and the command would act on everything.
func checkFlags(fs *pflag.FlagSet) (err error) {
	fs.Visit(func(f *pflag.Flag) {
		if problem := flagProblem(f); problem != "" && err == nil {
			err = exit.Usagef("--%s is %s", f.Name, problem)
		}
	})
	return err
}

// flagProblem says what is wrong with the value of a flag that was given; "" if nothing is. It goes by the type of a
// flag, and by its name where zero is a valid number for some flags and means "not given" for others.
func flagProblem(f *pflag.Flag) string {
	value := f.Value.String()
	switch f.Value.Type() {
	case "string":
		if strings.TrimSpace(value) == "" {
			return "empty: give it a value or leave it out"
		}
	case "stringSlice":
		return blankItem(f.Value)
	case "duration":
		if after, err := time.ParseDuration(value); err == nil && after <= 0 {
			return value + ": give a time greater than 0"
		}
	case "int64":
		if _, ok := ReadID(value); f.Name == "id" && !ok {
			return value + ": give " + IdRange
		}
	case "int":
		if value == "0" && slices.Contains([]string{"limit", "page-size", "daily-quota", "width"}, f.Name) {
			return "0: give a number greater than 0 or leave it out"
		}
	}
	return ""
}

// FlagError rewrites the errors of flags whose values cannot be parsed. Pflag passes on what packages time, strconv
// and csv say, such as "strconv.ParseInt: parsing"; this says what the flag expects.
// A flag after the name of a command that there is none of is not the mistake.
func FlagError(cmd *cobra.Command, err error) error {
	if words := cmd.Flags().Args(); cmd.HasSubCommands() && len(words) > 0 {
		return UnknownCommand(cmd, words[0])
	}
	var invalid *pflag.InvalidValueError
	if !errors.As(err, &invalid) {
		return err
	}
	var rule string
	switch value := invalid.GetValue(); invalid.GetFlag().Value.Type() {
	case "duration":
		rule = "a time with its unit, such as 90s, 15m or 6h"
		if _, err := strconv.ParseUint(value, 10, 31); err == nil {
			rule = "a time with its unit: write " + value + "s for seconds, " + value + "m for minutes"
		}
	case "int", "int64":
		rule = "a whole number"
		if errors.Is(err, strconv.ErrRange) {
			rule = "a number that is expected here: it is out of range"
		}
	case "bool":
		rule = "true or false"
	case "stringSlice":
		rule = "a list with commas: put \" around a whole value, and write a \" in it twice"
	case output.FormatType:
		return exit.Usagef("-o: %w", errors.Unwrap(invalid)) // the value says it in our own words
	default:
		return err
	}
	return exit.Usagef("--%s: %q is not %s", invalid.GetFlag().Name, invalid.GetValue(), rule)
}

// blankItem says what is wrong with the value of a flag that is a list: it is empty, or has an empty element between
// two commas.
func blankItem(v pflag.Value) string {
	list, ok := v.(pflag.SliceValue)
	switch {
	case !ok:
	case len(list.GetSlice()) == 0:
		return "empty: give it a value or leave it out"
	case slices.ContainsFunc(list.GetSlice(), IsBlank):
		return fmt.Sprintf("%q, where a value is empty: leave out the comma beside it", strings.Join(list.GetSlice(), ","))
	}
	return ""
}

// IsBlank reports whether a text has nothing to be seen in it.
func IsBlank(text string) bool { return strings.TrimSpace(text) == "" }

// IdRange describes the ids of the service for messages. The contract declares them as xs:int.
const IdRange = "a number from 1 to 2147483647"

// ReadID parses an id in decimal digits. Unlike strconv.Atoi it accepts neither signs nor zero.
func ReadID(text string) (id int64, ok bool) {
	n, err := strconv.ParseUint(text, 10, 31)
	return int64(n), err == nil && n > 0 //nolint:gosec // it has 31 bits
}

// CheckLimit refuses a negative --limit. An explicit zero was refused before, by flagProblem.
func CheckLimit(limit int) error {
	if limit < 0 {
		return exit.Usagef("--limit is %d: give a number greater than 0", limit)
	}
	return nil
}
