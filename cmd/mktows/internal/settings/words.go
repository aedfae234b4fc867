package settings

import (
	"errors"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
)

// InWords tells an error, or each of those that it joins, in the words of the command line. Words returns nil for what
// it knows no better words for.
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

// FieldProblem tells what is wrong with a field that comes by a variable or flag.
func FieldProblem(source, field, problem string) error {
	text := "the " + field + " " + problem
	if source != "" {
		text = source + ": " + text
	}
	return errors.New(text)
}

// credentialWords names the variables or flags that the fields of credentials come by.
func credentialWords(sources map[string]string) func(error) error {
	return func(err error) error {
		var field *auth.FieldError
		if !errors.As(err, &field) {
			return nil
		}
		return FieldProblem(sources[field.Field], field.Field, field.Problem)
	}
}

// endpointWords names what the endpoint comes by, and the flag that goes with an option.
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
		return errors.New(text)
	}
}
