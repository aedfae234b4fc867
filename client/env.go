package client

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/mktows/mktows-go/auth"
)

// The variables that FromEnv reads; the command line mktows reads the same.
const (
	EnvEndpoint      = "MKTOWS_ENDPOINT"        // such as https://ACCOUNT.mktoapi.com/soap/mktows/2_7
	EnvUserID        = "MKTOWS_USER_ID"         // also called access key
	EnvSecretKey     = "MKTOWS_SECRET_KEY"      //nolint:gosec // the name of a variable; the key is also called encryption key
	EnvSecretKeyFile = "MKTOWS_SECRET_KEY_FILE" //nolint:gosec // the name of a variable
	EnvPartnerID     = "MKTOWS_PARTNER_ID"      // hardly anyone has one
)

// maxSecretFile is how long a file with a secret may be, in bytes.
const maxSecretFile = 4096

// FromEnv is [New] with endpoint and credentials from the environment, which is read with
// getenv, in programs os.Getenv. The secret key is in [EnvSecretKey] or in the file that [EnvSecretKeyFile] names, where
// a line end after it does not count. The error names each variable that is missing or wrong, and never shows the key.
func FromEnv(getenv func(string) string, opts ...Option) (*Client, error) {
	var missing []string
	need := func(name string) string {
		value := getenv(name)
		if value == "" {
			missing = append(missing, name)
		}
		return value
	}
	endpoint, user := need(EnvEndpoint), need(EnvUserID)
	key, err := secretFromEnv(getenv)
	if err != nil {
		return nil, err
	}
	if key.IsZero() {
		missing = append(missing, EnvSecretKey+" (or "+EnvSecretKeyFile+")")
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("client: not set: %s", strings.Join(missing, ", "))
	}
	return New(endpoint, auth.Credentials{UserID: user, Key: key, PartnerID: getenv(EnvPartnerID)}, opts...)
}

// secretFromEnv returns the zero Secret where none is set.
func secretFromEnv(getenv func(string) string) (auth.Secret, error) {
	value, path := getenv(EnvSecretKey), getenv(EnvSecretKeyFile)
	switch {
	case value != "" && path != "":
		return auth.Secret{}, fmt.Errorf("client: both %s and %s are set: unset one of them", EnvSecretKey, EnvSecretKeyFile)
	case path == "":
		return auth.NewSecret(value), nil
	}
	line, err := readSecretFile(path)
	if err != nil {
		return auth.Secret{}, fmt.Errorf("client: %s: %w", EnvSecretKeyFile, err)
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
		return "", fmt.Errorf("%s has more than %d bytes: it should hold the secret key alone", path, maxSecretFile)
	case line == "":
		return "", errors.New(path + " is empty: write the secret key into it")
	}
	return line, nil
}
