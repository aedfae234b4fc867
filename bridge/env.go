package bridge

import (
	"fmt"

	"github.com/mktows/mktows-go/internal/environ"
)

// The variables that FromEnv reads; the command line mktows reads the same.
const (
	EnvEndpoint         = "MKTOWS_REST_ENDPOINT" // such as https://ACCOUNT.mktorest.com/rest
	EnvClientID         = "MKTOWS_CLIENT_ID"
	EnvClientSecret     = "MKTOWS_CLIENT_SECRET"      //nolint:gosec // the name of a variable
	EnvClientSecretFile = "MKTOWS_CLIENT_SECRET_FILE" //nolint:gosec // the name of a variable
)

// FromEnv is [New] with endpoint and credentials from the environment, which is read with getenv, in programs
// os.Getenv. The client secret is in [EnvClientSecret] or in the file that [EnvClientSecretFile] names, where a line
// end after it does not count. The error names each variable that is missing or wrong, and never shows the secret.
func FromEnv(getenv func(string) string, opts ...Option) (*Bridge, error) {
	v := environ.Vars{Getenv: getenv}
	endpoint := v.Need(EnvEndpoint)
	creds := Credentials{ClientID: v.Need(EnvClientID), ClientSecret: v.Secret(EnvClientSecret, EnvClientSecretFile, "client secret")}
	if err := v.Err(); err != nil {
		return nil, fmt.Errorf("bridge: %w", err)
	}
	return New(endpoint, creds, opts...)
}
