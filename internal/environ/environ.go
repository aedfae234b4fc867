// Package environ reads endpoints and credentials from environment variables.
package environ

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mktows/mktows-go/auth"
)

// maxSecretFile is how long a file with a secret may be, in bytes.
const maxSecretFile = 4096

// Vars reads variables and collects what is missing.
type Vars struct {
	Getenv func(string) string

	missing []string
	err     error
}

// Need reads a variable that must be set.
func (v *Vars) Need(name string) string {
	value := v.Getenv(name)
	if value == "" {
		v.missing = append(v.missing, name)
	}
	return value
}

// Secret reads a secret that must be set, in a variable or in the file that another one names, where a line end after
// it does not count. What it is called stands in errors, which never show it.
func (v *Vars) Secret(name, fileName, what string) auth.Secret {
	value, path := v.Getenv(name), v.Getenv(fileName)
	switch {
	case value != "" && path != "":
		v.err = errors.Join(v.err, fmt.Errorf("both %s and %s are set: unset one of them", name, fileName))
	case path != "":
		secret, err := ReadSecret(path, what)
		if err != nil {
			v.err = errors.Join(v.err, fmt.Errorf("%s: %w", fileName, err))
		}
		return secret
	case value == "":
		v.missing = append(v.missing, name+" (or "+fileName+")")
	}
	return auth.NewSecret(value)
}

// Err names each variable that is missing or wrong.
func (v *Vars) Err() error {
	if v.err != nil || len(v.missing) == 0 {
		return v.err
	}
	return errors.New("not set: " + strings.Join(v.missing, ", "))
}

// ReadSecret reads a secret from a file of its own, where a line end after it does not count. What it is called stands in errors,
// which never show it.
func ReadSecret(path, what string) (auth.Secret, error) {
	file, err := os.Open(path)
	if err != nil {
		return auth.Secret{}, err
	}
	defer file.Close() //nolint:errcheck // only read
	text, err := io.ReadAll(io.LimitReader(file, maxSecretFile+1))
	if err != nil {
		return auth.Secret{}, err
	}
	line := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r") // editors end it so
	switch {
	case len(text) > maxSecretFile:
		return auth.Secret{}, fmt.Errorf("%s has more than %d bytes: it should hold the %s alone", path, maxSecretFile, what)
	case line == "":
		return auth.Secret{}, fmt.Errorf("%s is empty: write the %s into it", path, what)
	}
	return auth.NewSecret(line), nil
}
