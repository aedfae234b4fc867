package output

import (
	"errors"
	"fmt"
	"io"
)

// Printf writes to w and marks an error as one of the output.
func Printf(w io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintf(w, format, args...)
	return outputError(err)
}

// WriteError is an error in writing the output, as opposed to one of the service. Both can end the same loop, and
// what the user has to do differs.
type WriteError struct{ error }

func (e WriteError) Error() string { return "the output cannot be written: " + e.error.Error() }

func (e WriteError) Unwrap() error { return e.error }

// outputError marks err as an error of the output, unless it is marked already; nil stays nil.
func outputError(err error) error {
	var known WriteError
	if err == nil || errors.As(err, &known) {
		return err
	}
	return WriteError{err}
}
