package bridge

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/mktows/mktows-go/internal/environ"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// exampleEndpoint shows in errors what an endpoint looks like.
const exampleEndpoint = "https://ACCOUNT.mktorest.com/rest"

// EndpointError says what is wrong with an endpoint. It never quotes what may hold a password.
type EndpointError struct {
	Problem string // what is wrong and what to do, such as "the endpoint is not a URL; one looks like …"
	Option  string // the option of [New] that allows it, for tests: "WithInsecureHTTP"; empty: none does
}

func (e *EndpointError) Error() string {
	if e.Option == "" {
		return "bridge: " + e.Problem
	}
	return "bridge: " + e.Problem + "; for a test server of your own there is " + e.Option
}

// parseEndpoint reads an endpoint as the service shows it under Admin > Integration > Web Services >
// REST API, which ends in /rest, or without that: lead and asset paths lie below /rest, bulk and
// Identity beside it (Marketo REST API, base URL). It returns the URL of the host alone, an empty one
// beside an error.
func parseEndpoint(text string, insecure bool) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		// The text may hold a password; so may the reason, which quotes from it.
		return &url.URL{}, &EndpointError{Problem: "the endpoint is not a URL; one looks like " + exampleEndpoint}
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.Hostname() == "":
		return &url.URL{}, &EndpointError{Problem: "the endpoint is not a web address, which begins with https://; one looks like " + exampleEndpoint}
	case !httpcall.IsPort(u.Port()):
		return &url.URL{}, &EndpointError{Problem: "the port of the endpoint is not a number from 1 to 65535"}
	case u.User != nil:
		return &url.URL{}, &EndpointError{Problem: "the endpoint holds a user name or password: remove it"}
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return &url.URL{}, &EndpointError{Problem: "the endpoint ends in a query (?…) or a fragment (#…): give it without, as in " + exampleEndpoint}
	case u.Scheme == "http" && !insecure && !httpcall.IsLoopback(u.Hostname()):
		return &url.URL{}, &EndpointError{"the endpoint is http on the host " + u.Hostname() + ": use https", "WithInsecureHTTP"}
	}
	switch path := strings.TrimRight(u.Path, "/"); path {
	case "", "/rest":
		return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
	case "/identity":
		return &url.URL{}, &EndpointError{Problem: "this is the address of Identity: give the endpoint beside it, as in " + exampleEndpoint}
	default:
		hint := ""
		if strings.HasPrefix(path, "/soap") {
			hint = " (this is one of the SOAP API)"
		}
		return &url.URL{}, &EndpointError{Problem: fmt.Sprintf("the endpoint has the path %.100q%s: give it as in %s", path, hint, exampleEndpoint)}
	}
}

// The variables that FromEnv reads; the command line mktows reads the same.
const (
	EnvEndpoint         = "MKTOWS_REST_ENDPOINT" // such as https://ACCOUNT.mktorest.com/rest
	EnvClientID         = "MKTOWS_CLIENT_ID"
	EnvClientSecret     = "MKTOWS_CLIENT_SECRET"      //nolint:gosec // the name of a variable
	EnvClientSecretFile = "MKTOWS_CLIENT_SECRET_FILE" //nolint:gosec // the name of a variable
	EnvNames            = "MKTOWS_REST_NAMES"         // a file for WithNames
)

// FromEnv is [New] with endpoint and credentials from the environment, which is read with getenv, in programs
// os.Getenv. The client secret is in [EnvClientSecret] or in the file that [EnvClientSecretFile] names, where a line
// end after it does not count. A file of names is taken if [EnvNames] is set; see [WithNames]. The error names each
// variable that is missing or wrong, and never shows the secret.
func FromEnv(getenv func(string) string, opts ...Option) (*Bridge, error) {
	v := environ.Vars{Getenv: getenv}
	endpoint := v.Need(EnvEndpoint)
	creds := Credentials{ClientID: v.Need(EnvClientID), ClientSecret: v.Secret(EnvClientSecret, EnvClientSecretFile, "client secret")}
	if err := v.Err(); err != nil {
		return nil, fmt.Errorf("bridge: %w", err)
	}
	if path := getenv(EnvNames); path != "" {
		opts = append([]Option{WithNames(path)}, opts...)
	}
	return New(endpoint, creds, opts...)
}
