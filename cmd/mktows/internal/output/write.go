package output

import (
	"errors"
	"fmt"
	"io"
)

// Printf writes to w what a command has to say.
func Printf(w io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintf(w, format, args...)
	return outputError(err)
}

// WriteError is an error in writing the output.
type WriteError struct{ error }

func (e WriteError) Error() string { return "the output cannot be written: " + e.error.Error() }

func (e WriteError) Unwrap() error { return e.error }

// outputError says of an error in writing that it was one.
func outputError(err error) error {
	var known WriteError
	if err == nil || errors.As(err, &known) {
		return err
	}
	return WriteError{err}
}
