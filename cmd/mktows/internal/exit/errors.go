package exit

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mktows/mktows-go/operations"
)

// UsageError is a mistake in the command line.
type UsageError struct {
	error
	Help string // the command that helps; empty: that of the command with --help
}

func (e UsageError) Unwrap() error { return e.error }

// AsUsage makes a mistake in the command line of an error.
func AsUsage(err error) error { return UsageError{error: err} }

// AsUsageSee is AsUsage where another command than that with --help helps.
func AsUsageSee(err error, help string) error { return UsageError{err, help} }

// AsSettings makes a mistake in the settings of an error.
func AsSettings(err error) error { return SettingsError{err} }

// AsInput makes of an error one of a document that cannot be sent.
func AsInput(err error) error { return inputError{err} }

// SettingsError is a mistake in what the environment or a flag sets, or its absence.
type SettingsError struct{ error }

func (e SettingsError) Unwrap() error { return e.error }

// inputError is a document that cannot be sent.
type inputError struct{ error }

func (e inputError) Unwrap() error { return e.error }

// ServiceError says that the service could not be asked for its time, which is no call.
type ServiceError struct{ error }

func (e ServiceError) Unwrap() error { return e.error }

// ExitCode returns Service.
func (ServiceError) ExitCode() int { return Service }

// AsService makes a failure of the service of an error that no call has met.
func AsService(err error) error { return ServiceError{err} }

// Reason takes the name of the Go argument off an error.
func Reason(err error) error {
	var argument *operations.ArgumentError
	if errors.As(err, &argument) {
		return argument.Err
	}
	return err
}

// FieldName is the name of a field whose argument the reader knows already: Attributes[0].Name.
func FieldName(path []operations.Step) string {
	names := make([]string, len(path))
	for i, step := range path {
		names[i] = step.String()
	}
	return strings.Join(names, ".")
}

// Usagef makes a mistake in the command line; a format with %w wraps.
func Usagef(format string, args ...any) error {
	return AsUsage(fmt.Errorf(format, args...))
}

// Settingsf makes a mistake in the settings.
func Settingsf(format string, args ...any) error {
	return AsSettings(fmt.Errorf(format, args...))
}

// Inputf makes an error of an input that cannot be sent, or that the service did not take.
func Inputf(format string, args ...any) error {
	return AsInput(fmt.Errorf(format, args...))
}
