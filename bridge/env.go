package bridge

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mktows/mktows-go/auth"
)

// The variables that [FromEnv] reads; the command line mktows reads the same.
const (
	EnvEndpoint         = "MKTOWS_REST_ENDPOINT"      // such as https://ACCOUNT.mktorest.com/rest
	EnvClientID         = "MKTOWS_CLIENT_ID"          // of a custom service
	EnvClientSecret     = "MKTOWS_CLIENT_SECRET"      //nolint:gosec // the name of a variable
	EnvClientSecretFile = "MKTOWS_CLIENT_SECRET_FILE" //nolint:gosec // the name of a variable
)

// maxSecretFile is how long a file with a secret may be, in bytes.
const maxSecretFile = 4096

// FromEnv is [New] with endpoint and credentials from the environment, which is read with getenv, in
// programs os.Getenv. The client secret is in [EnvClientSecret] or in the file that
// [EnvClientSecretFile] names, where a line end after it does not count. The error names each variable
// that is missing or wrong, and never shows the secret.
func FromEnv(getenv func(string) string, opts ...Option) (*Bridge, error) {
	var missing []string
	need := func(name string) string {
		value := getenv(name)
		if value == "" {
			missing = append(missing, name)
		}
		return value
	}
	endpoint, id := need(EnvEndpoint), need(EnvClientID)
	secret, err := secretFromEnv(getenv)
	if err != nil {
		return nil, err
	}
	if secret.IsZero() {
		missing = append(missing, EnvClientSecret+" (or "+EnvClientSecretFile+")")
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("bridge: not set: %s", strings.Join(missing, ", "))
	}
	return New(endpoint, Credentials{ClientID: id, ClientSecret: secret}, opts...)
}

// secretFromEnv returns the zero Secret where none is set.
func secretFromEnv(getenv func(string) string) (auth.Secret, error) {
	value, path := getenv(EnvClientSecret), getenv(EnvClientSecretFile)
	switch {
	case value != "" && path != "":
		return auth.Secret{}, fmt.Errorf("bridge: both %s and %s are set: unset one of them", EnvClientSecret, EnvClientSecretFile)
	case path == "":
		return auth.NewSecret(value), nil
	}
	line, err := readSecretFile(path)
	if err != nil {
		return auth.Secret{}, fmt.Errorf("bridge: %s: %w", EnvClientSecretFile, err)
	}
	return auth.NewSecret(line), nil
}

func readSecretFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSecretFile+1))
	if err != nil {
		return "", err
	}
	line := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r") // editors end it so
	switch {
	case len(text) > maxSecretFile:
		return "", fmt.Errorf("%s has more than %d bytes: it should hold the client secret alone", path, maxSecretFile)
	case line == "":
		return "", errors.New(path + " is empty: write the client secret into it")
	}
	return line, nil
}
