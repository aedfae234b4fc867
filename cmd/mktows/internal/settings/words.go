package settings

import (
	"errors"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
)

// InWords rewrites an error in the terms of the command line. A library reports a mistake by the Go name of a field
// or argument; its error types say which one it was, so the command line can name the flag or variable in its place
// without cutting up another package's text. Words returns nil for an error that it has no better words for. Each
// part of a joined error is rewritten on its own.
func InWords(err error, words func(error) error) error {
	if told := words(err); told != nil {
		return told
	}
	joined, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // the parts are asked for, not a cause
	if !ok {
		return err
	}
	var lines []error
	for _, part := range joined.Unwrap() {
		lines = append(lines, InWords(part, words))
	}
	return errors.Join(lines...)
}

// reworded is an error in other words. For errors.As it is what it was.
type reworded struct {
	text string
	err  error
}

func (e *reworded) Error() string { return e.text }
func (e *reworded) Unwrap() error { return e.err }

// Reworded returns an error with another text.
func Reworded(err error, text string) error { return &reworded{text, err} }

// FieldProblem returns the error for a field whose value came from source, a variable or flag; "" if that is not
// known.
func FieldProblem(source, field, problem string) error {
	text := "the " + field + " " + problem
	if source != "" {
		text = source + ": " + text
	}
	return errors.New(text)
}

// credentialWords rewrites the errors of auth.Credentials. Sources has the variable or flag of each field.
func credentialWords(sources map[string]string) func(error) error {
	return func(err error) error {
		var field *auth.FieldError
		if !errors.As(err, &field) {
			return nil
		}
		return FieldProblem(sources[field.Field], field.Field, field.Problem)
	}
}

// endpointWords rewrites an error about the endpoint, which came from source, and names the flag for the option that
// would allow it.
func endpointWords(source string) func(error) error {
	return func(err error) error {
		var endpoint *client.EndpointError
		if !errors.As(err, &endpoint) {
			return nil
		}
		text := source + ": " + endpoint.Problem
		if endpoint.Option == "WithInsecureHTTP" {
			text += "; for a test server of your own there is --insecure-http"
		}
		return Reworded(err, text)
	}
}
