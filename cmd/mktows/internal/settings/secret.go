package settings

import (
	"context"
	"os"
	"runtime"
	"strings"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/records"
)

// maxSecretFile is the largest file of a secret in bytes. A secret has a few dozen; a larger file is the wrong one.
const maxSecretFile = 4 << 10

// ReadSecret reads a secret from the environment variable name, or from the file that the variable name_FILE names,
// as containers mount secrets. It returns the zero Secret if neither is set, and an error if both are, because one of
// them is probably outdated and nobody can tell which.
func ReadSecret(ctx context.Context, a *console.Console, name string) (auth.Secret, error) {
	value, path := a.Getenv(name), a.Getenv(name+"_FILE")
	switch {
	case value != "" && path != "":
		return auth.Secret{}, exit.Settingsf("both %s and %s_FILE are set: unset one of them", name, name)
	case path != "":
		return secretFile(ctx, a, a.Origin(name+"_FILE"), path)
	case value != "":
		return auth.NewSecret(value), nil
	}
	return auth.Secret{}, nil
}

// SourceOf returns the name of the variable that a secret came from, or the place in a profile, for messages.
func SourceOf(a *console.Console, name string) string {
	if a.Getenv(name) == "" {
		return a.Origin(name + "_FILE")
	}
	return name
}

// secretFile reads a file with a secret in it. One line break at its end is removed, since editors and echo add one;
// other white space is kept, because a secret may contain it.
func secretFile(ctx context.Context, a *console.Console, variable, path string) (auth.Secret, error) {
	c, err := records.ReadAll(ctx, nil, path, maxSecretFile)
	if err != nil {
		return auth.Secret{}, err
	}
	WarnOpenToOthers(a, c.Info, path)
	switch {
	case c.Err != nil:
		return auth.Secret{}, exit.Settingsf("%s: %w", variable, c.Problem(path, maxSecretFile))
	case len(c.Text) > maxSecretFile:
		return auth.Secret{}, exit.Settingsf("%s: %s has more than %d bytes: it should hold the secret alone", variable, path, maxSecretFile)
	}
	line := strings.TrimSuffix(strings.TrimSuffix(string(c.Text), "\n"), "\r") // editors end it so
	if line == "" {
		return auth.Secret{}, exit.Settingsf("%s: %s is empty: write the secret into it", variable, path)
	}
	return auth.NewSecret(line), nil
}

// WarnOpenToOthers warns if other users of the machine can read the file at path. It looks at regular files only: the
// permissions of a pipe, such as the one of a shell's <(…), do not say who can read it, and neither do the
// permissions that Go makes up on Windows.
func WarnOpenToOthers(a *console.Console, info os.FileInfo, path string) {
	if info == nil || !info.Mode().IsRegular() || runtime.GOOS == "windows" {
		return
	}
	if info.Mode().Perm()&0o077 != 0 {
		a.Warnf("%s, which holds a secret, can be read by other users: chmod 600 %s", path, output.ShellQuote(path))
	}
}
