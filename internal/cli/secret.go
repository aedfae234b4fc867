package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/mktows/mktows-go/auth"
)

// maxSecretFile is in bytes; a secret has a few dozen.
const maxSecretFile = 4 << 10

// secret reads a secret from the variable name or from the file that the variable
// name_FILE names. It is zero where neither is set.
func (a *app) secret(ctx context.Context, name string) (auth.Secret, error) {
	value, path := a.getenv(name), a.getenv(name+"_FILE")
	switch {
	case value != "" && path != "":
		return auth.Secret{}, settingsf("both %s and %s_FILE are set: unset one of them", name, name)
	case path != "":
		return a.secretFile(ctx, name+"_FILE", path)
	case value != "":
		return auth.NewSecret(value), nil
	}
	return auth.Secret{}, nil
}

// sourceOf returns the variable that a secret came by.
func (a *app) sourceOf(name string) string {
	if a.getenv(name) == "" {
		return name + "_FILE"
	}
	return name
}

func (a *app) secretFile(ctx context.Context, variable, path string) (auth.Secret, error) {
	c, err := readAll(ctx, nil, path, maxSecretFile)
	if err != nil {
		return auth.Secret{}, err
	}
	a.warnOpenToOthers(c.info, path)
	switch {
	case c.err != nil:
		return auth.Secret{}, settingsf("%s: %w", variable, c.problem(path, maxSecretFile))
	case len(c.text) > maxSecretFile:
		return auth.Secret{}, settingsf("%s: %s has more than %d bytes: it should hold the secret alone", variable, path, maxSecretFile)
	}
	line := strings.TrimSuffix(strings.TrimSuffix(string(c.text), "\n"), "\r") // editors end it so
	if line == "" {
		return auth.Secret{}, settingsf("%s: %s is empty: write the secret into it", variable, path)
	}
	return auth.NewSecret(line), nil
}

// warnOpenToOthers looks at regular files only: permissions of pipes, as shells make
// them for <(…), and those on Windows mean something else.
func (a *app) warnOpenToOthers(info os.FileInfo, path string) {
	if info == nil || !info.Mode().IsRegular() || runtime.GOOS == "windows" {
		return
	}
	if info.Mode().Perm()&0o077 != 0 {
		a.warnf("%s, which holds a secret, can be read by other users: chmod 600 %s", path, shellQuote(path))
	}
}

// shellQuote returns text as one word of a POSIX shell.
func shellQuote(text string) string {
	special := func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
		return !letter && !strings.ContainsRune("_-./:@%+=,", r)
	}
	if text != "" && !strings.ContainsFunc(text, special) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// named says which variables a mistake in credentials is in: package auth knows the
// fields only.
func named(err error, variables map[string]string) error {
	var lines []error
	for line := range strings.Lines(err.Error()) {
		line = withoutPackage(strings.TrimSpace(line))
		for field, variable := range variables {
			if strings.HasPrefix(line, "the "+field) {
				line = fmt.Sprintf("%s: %s", variable, line)
			}
		}
		lines = append(lines, errors.New(line))
	}
	return errors.Join(lines...)
}
