package exit

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mktows/mktows-go/operations"
)

// UsageError is a mistake in the command line. Help is the command that is recommended to the user; if it is empty,
// it is the failed command with --help.
type UsageError struct {
	error
	Help string // the command that helps; empty: that of the command with --help
}

func (e UsageError) Unwrap() error { return e.error }

// AsUsage marks err as a mistake in the command line. The text stays.
func AsUsage(err error) error { return UsageError{error: err} }

// AsUsageSee is AsUsage for a mistake that another command explains better than --help does.
func AsUsageSee(err error, help string) error { return UsageError{err, help} }

// AsSettings marks err as a mistake in the settings.
func AsSettings(err error) error { return SettingsError{err} }

// AsInput marks err as a mistake in an input that was to be sent.
func AsInput(err error) error { return inputError{err} }

// SettingsError is a mistake in a setting, whether it came from the environment or from a flag, or its absence.
type SettingsError struct{ error }

func (e SettingsError) Unwrap() error { return e.error }

// inputError is a mistake in an input: a file that cannot be read or sent, or records that the service refused.
type inputError struct{ error }

func (e inputError) Unwrap() error { return e.error }

// ServiceError says that the service could not be asked for its time. That is done by a plain HTTP request and not by
// an operation, so there is no fault.OpError that would say so.
type ServiceError struct{ error }

func (e ServiceError) Unwrap() error { return e.error }

// ExitCode returns Service.
func (ServiceError) ExitCode() int { return Service }

// AsService marks err as a failure of the service outside of any operation.
func AsService(err error) error { return ServiceError{err} }

// noCopyError says that there is no copy at a place.
type noCopyError struct{ place string }

func (e noCopyError) Error() string {
	return "there is no copy at " + e.place + `: "mktows sync run" makes one`
}

// ExitCode returns Invalid, as for a file that is missing.
func (noCopyError) ExitCode() int { return Invalid }

// NoCopy says that there is no copy at a place, which must not hold a password.
func NoCopy(place string) error { return noCopyError{place} }

// Reason returns what is wrong, without the Go name of the argument that operations.ArgumentError puts in front.
// Users of the command line do not know that name; the caller adds the name of the flag.
func Reason(err error) error {
	var argument *operations.ArgumentError
	if errors.As(err, &argument) {
		return argument.Err
	}
	return err
}

// FieldName joins the steps of a path to a field, as in Attributes[0].Name.
func FieldName(path []operations.Step) string {
	names := make([]string, len(path))
	for i, step := range path {
		names[i] = step.String()
	}
	return strings.Join(names, ".")
}

// Usagef returns a mistake in the command line. The verb %w wraps as in fmt.Errorf; likewise below.
func Usagef(format string, args ...any) error {
	return AsUsage(fmt.Errorf(format, args...))
}

// Settingsf returns a mistake in the settings.
func Settingsf(format string, args ...any) error {
	return AsSettings(fmt.Errorf(format, args...))
}

// Inputf returns a mistake in an input.
func Inputf(format string, args ...any) error {
	return AsInput(fmt.Errorf(format, args...))
}
