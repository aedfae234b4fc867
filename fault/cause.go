package fault

import (
	"bytes"
	"errors"
	"strings"
)

// withoutSecrets returns err, or in its place an error with the same meaning to errors.Is and errors.As whose text, and
// the text of each error that it unwraps to, shows no secret.
func withoutSecrets(err error) error {
	if !tellsSecret(err) {
		return err
	}
	if _, several := err.(interface{ Unwrap() []error }); several { //nolint:errorlint // this level is what matters
		return &causes{cause{err}}
	}
	return &cause{err}
}

// tellsSecret reports whether the text of err, or that of an error inside, has something that is redacted.
func tellsSecret(err error) bool {
	if err == nil {
		return false
	}
	text := []byte(strings.ReplaceAll(err.Error(), "\x00", " "))
	if mask(text); bytes.IndexByte(text, 0) >= 0 {
		return true
	}
	for _, inner := range inside(err) {
		if tellsSecret(inner) {
			return true
		}
	}
	return false
}

// inside returns the errors that err wraps.
func inside(err error) []error {
	if several, ok := err.(interface{ Unwrap() []error }); ok { //nolint:errorlint // one level at a time
		return several.Unwrap()
	}
	if inner := errors.Unwrap(err); inner != nil {
		return []error{inner}
	}
	return nil
}

// cause is an error whose text is not to be shown as it is, or that of one inside. It is used by pointer, so that no
// format of fmt shows what it holds.
type cause struct{ err error }

// Error returns the redacted text.
func (c *cause) Error() string { return oneLine(c.err.Error(), maxText) }

// Is reports whether target is in what the error stands for.
func (c *cause) Is(target error) bool { return errors.Is(c.err, target) }

// As finds a target in what the error stands for.
func (c *cause) As(target any) bool { return errors.As(c.err, target) }

// Unwrap returns the next error, redacted in the same way.
func (c *cause) Unwrap() error { return withoutSecrets(errors.Unwrap(c.err)) }

// causes is a cause that wraps several errors.
type causes struct{ cause }

// Unwrap returns the next errors, redacted in the same way.
func (c *causes) Unwrap() []error {
	all := inside(c.err)
	redacted := make([]error, len(all))
	for i, err := range all {
		redacted[i] = withoutSecrets(err)
	}
	return redacted
}
