// Package place says where in a record something is wrong.
package place

import (
	"errors"
	"fmt"
	"strings"
)

// Error is what is wrong, and where.
type Error struct {
	Path string // in terms of the JSON form: leads[3].activities[0].type
	Err  error
}

// Error begins with the path.
func (e *Error) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }

// In puts an error in its place, which may lie in another one. It returns nil for nil.
func In(err error, path string, args ...any) error {
	if err == nil {
		return nil
	}
	if len(args) > 0 {
		path = fmt.Sprintf(path, args...)
	}
	var inner *Error
	if !errors.As(err, &inner) {
		return &Error{path, err}
	}
	if !strings.HasPrefix(inner.Path, "[") {
		path += "."
	}
	return &Error{path + inner.Path, inner.Err}
}

// Wrong returns an error with its place.
func Wrong(path, format string, args ...any) error {
	return &Error{path, fmt.Errorf(format, args...)}
}
