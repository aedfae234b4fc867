package client

import (
	"fmt"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/internal/environ"
)

// The variables that FromEnv reads; the command line mktows reads the same.
const (
	EnvEndpoint      = "MKTOWS_ENDPOINT"        // such as https://ACCOUNT.mktoapi.com/soap/mktows/2_7
	EnvUserID        = "MKTOWS_USER_ID"         // also called access key
	EnvSecretKey     = "MKTOWS_SECRET_KEY"      //nolint:gosec // the name of a variable; the key is also called encryption key
	EnvSecretKeyFile = "MKTOWS_SECRET_KEY_FILE" //nolint:gosec // the name of a variable
	EnvPartnerID     = "MKTOWS_PARTNER_ID"      // hardly anyone has one
)

// FromEnv is [New] with endpoint and credentials from the environment, which is read with
// getenv, in programs os.Getenv. The secret key is in [EnvSecretKey] or in the file that [EnvSecretKeyFile] names, where
// a line end after it does not count. The error names each variable that is missing or wrong, and never shows the key.
func FromEnv(getenv func(string) string, opts ...Option) (*Client, error) {
	v := environ.Vars{Getenv: getenv}
	endpoint := v.Need(EnvEndpoint)
	creds := auth.Credentials{UserID: v.Need(EnvUserID), Key: v.Secret(EnvSecretKey, EnvSecretKeyFile, "secret key"), PartnerID: getenv(EnvPartnerID)}
	if err := v.Err(); err != nil {
		return nil, fmt.Errorf("client: %w", err)
	}
	return New(endpoint, creds, opts...)
}
