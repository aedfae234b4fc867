package cli

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"unicode"

	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
)

// The variables that hold settings. The key has no flag: other users of a machine see
// the arguments of its processes, and shells keep a history of them.
const (
	varEndpoint  = "MKTOWS_ENDPOINT"
	varUserID    = "MKTOWS_USER_ID"
	varSecretKey = "MKTOWS_SECRET_KEY" //nolint:gosec // the name of a variable
	varPartnerID = "MKTOWS_PARTNER_ID"
)

const settingsHelp = `Commands that call the service read their settings from the environment; a flag goes
before its variable.

  MKTOWS_ENDPOINT         --endpoint   address, such as
                                       https://ACCOUNT.mktoapi.com/soap/mktows/2_7
  MKTOWS_USER_ID          --user-id    user id (also called access key)
  MKTOWS_SECRET_KEY                    secret key (also called encryption key), or
  MKTOWS_SECRET_KEY_FILE               a file that holds it: a line end after it does not
                                       count, and nobody else should be able to read it
  MKTOWS_PARTNER_ID                    key of a technology partner; hardly anyone has one,
                                       and it needs an endpoint that ends in 3_1

You find them under Admin > Integration > Web Services in Marketo. "mktows serve" prints
those of the mock server.

Adobe removed the service, at ACCOUNT.mktoapi.com, on 31 July 2026. The endpoint is that of a
gateway or a server of your own, or of "mktows serve".

The endpoint's last element is the version of the API. Its address must begin with
https, unless it is on this machine; --insecure-http lifts that.

MKTOWS_SYNC_TO is where "mktows sync" copies to: see "mktows sync --help".

HTTPS_PROXY, HTTP_PROXY and NO_PROXY are followed. The secure-access commands have
settings of their own: see "mktows secure-access --help".

No command ever prints a secret. What "sign" prints and "call --dry-run --show-signature"
shows is a signature: whoever has it can use the API in your name until it expires.`

// userFlags say who calls.
type userFlags struct{ userID string }

func (f *userFlags) bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.userID, "user-id", "", "user `ID` (default: $"+varUserID+")")
}

// connectionFlags say who calls, where and how.
type connectionFlags struct {
	userFlags
	endpoint     string
	insecureHTTP bool
	verbose      bool
}

func (f *connectionFlags) bind(fs *pflag.FlagSet) {
	f.userFlags.bind(fs)
	fs.StringVar(&f.endpoint, "endpoint", "", "`URL` of the SOAP endpoint (default: $"+varEndpoint+")")
	fs.Duration("timeout", 0, "give up after this `TIME`, such as 90s (default: wait)")
	fs.BoolVar(&f.insecureHTTP, "insecure-http", false, "allow an http endpoint that is not on this machine")
	fs.BoolVarP(&f.verbose, "verbose", "v", false, "tell on standard error what is going on")
}

// connection is where and as whom to call.
type connection struct {
	endpoint string
	creds    auth.Credentials
}

// credentials returns what is set, without a check, and the names of what is missing.
func (a *app) credentials(ctx context.Context, f *userFlags) (auth.Credentials, []string, error) {
	key, err := a.secret(ctx, varSecretKey)
	creds := auth.Credentials{UserID: f.userID, Key: key, PartnerID: a.getenv(varPartnerID)}
	if creds.UserID == "" {
		creds.UserID = a.getenv(varUserID)
	}
	var missing []string
	if creds.UserID == "" {
		missing = append(missing, varUserID+" (or --user-id)")
	}
	if key.IsZero() {
		missing = append(missing, varSecretKey+" (or "+varSecretKey+"_FILE)")
	}
	return creds, missing, err
}

// connection returns the settings for calling; the endpoint may be missing if optional.
func (a *app) connection(ctx context.Context, f *connectionFlags, endpointOptional bool) (connection, error) {
	creds, missing, err := a.credentials(ctx, &f.userFlags)
	if err != nil {
		return connection{}, err
	}
	c := connection{endpoint: f.endpoint, creds: creds}
	if c.endpoint == "" {
		c.endpoint = a.getenv(varEndpoint)
	}
	if c.endpoint == "" && !endpointOptional {
		missing = append([]string{varEndpoint + " (or --endpoint)"}, missing...)
	}
	if err := notSet(missing); err != nil {
		return c, err
	}
	a.host = instanceOf(c.endpoint)
	return c, checkEndpoint(c.endpoint, sourceOfFlag(f.endpoint, "--endpoint", varEndpoint))
}

// checkEndpoint finds what nobody sees in a pasted address; the rest is for package client to say.
func checkEndpoint(endpoint, source string) error {
	switch {
	case strings.TrimSpace(endpoint) != endpoint:
		return settingsf("%s: the endpoint starts or ends with white space or a line break: remove it", source)
	case strings.ContainsFunc(endpoint, unicode.IsSpace):
		return settingsf("%s: the endpoint has white space in it: remove it", source)
	}
	return nil
}

// tellRemoved says once that the service was removed, where a call of one of its hosts came to nothing but a
// fault. The hosts are the two forms that endpoints had (Marketo SOAP API, endpoint).
func (a *app) tellRemoved(err error) {
	host, _, _ := strings.Cut(a.host, ":")
	if a.removed || !failedOnTheWay(err) || !strings.HasSuffix(host, ".mktoapi.com") && !strings.HasSuffix(host, ".marketo.com") {
		return
	}
	a.removed = true
	a.complain("Adobe removed the SOAP service on 31 July 2026, and " + host + " with it: programs need the REST API now, and credentials for that; " +
		"for a gateway or a server of your own that speaks SOAP, give its address with --endpoint or " + varEndpoint)
}

// failedOnTheWay reports whether a call was made, and something else than the service's own word ended it.
func failedOnTheWay(err error) bool {
	var call *fault.OpError
	var clock serviceError
	made := errors.As(err, &call) && call.Attempts > 0 || errors.As(err, &clock)
	return made && !fault.FromServer(err) && !errors.Is(err, context.Canceled)
}

// sourceOfFlag returns what a setting came by: its flag goes before its variable.
func sourceOfFlag(value, flag, variable string) string {
	if value != "" {
		return flag
	}
	return variable
}

func notSet(missing []string) error {
	if len(missing) == 0 {
		return nil
	}
	return settingsf("not set: %s\ntake them from Marketo's Admin > Integration > Web Services, or from what %q prints; see %q",
		strings.Join(missing, ", "), "mktows serve", "mktows help settings")
}

// checkCredentials names the variables or flags in which something is wrong.
func (a *app) checkCredentials(creds auth.Credentials, f *userFlags) error {
	if err := creds.Validate(); err != nil {
		return asSettings(named(err, map[string]string{
			"user id": sourceOfFlag(f.userID, "--user-id", varUserID), "secret key": a.sourceOf(varSecretKey), "partner id": varPartnerID,
		}))
	}
	return nil
}

// client returns a client for a connection. It finds all that is wrong with it.
func (a *app) client(c connection, f *connectionFlags, more ...client.Option) (*client.Client, error) {
	if err := a.checkCredentials(c.creds, &f.userFlags); err != nil {
		return nil, err
	}
	options := []client.Option{
		client.WithProxy(http.ProxyFromEnvironment),
		client.WithUserAgent(userAgent()),
		client.WithLogger(a.clientLogger(f.verbose)),
	}
	if f.insecureHTTP {
		options = append(options, client.WithInsecureHTTP())
	}
	made, err := client.New(c.endpoint, c.creds, append(options, more...)...)
	if err != nil {
		err = errors.New(strings.ReplaceAll(err.Error(), "WithInsecureHTTP", "--insecure-http"))
		return nil, asSettings(named(err, map[string]string{"endpoint": sourceOfFlag(f.endpoint, "--endpoint", varEndpoint)}))
	}
	return made, nil
}

// logger returns a logger to standard error, or to nowhere.
func (a *app) logger(verbose bool) *slog.Logger {
	if !verbose {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(a.stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
