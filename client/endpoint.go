package client

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"strings"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// exampleEndpoint shows in errors what an endpoint looks like.
const exampleEndpoint = "https://ACCOUNT.mktoapi.com/soap/mktows/2_7"

// endpoint is where a client sends its requests.
type endpoint struct {
	url     *url.URL
	version gen.Version // from the last element of the path
}

// EndpointError says what is wrong with an endpoint. It never quotes what may hold a password.
type EndpointError struct {
	Problem string // what is wrong and what to do, such as "the endpoint is not a URL; one looks like …"
	Option  string // the option of [New] that allows it, for tests: "WithInsecureHTTP"; empty: none does
}

func (e *EndpointError) Error() string {
	if e.Option == "" {
		return "client: " + e.Problem
	}
	return "client: " + e.Problem + "; for a test server of your own there is " + e.Option
}

// parseEndpoint reads an endpoint as the service shows it under Admin > Integration >
// Web Services (Marketo SOAP API, endpoint). Slashes at the end are dropped.
func parseEndpoint(text string) (endpoint, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		// The text may hold a password; so may the reason, which quotes from it.
		return endpoint{}, &EndpointError{Problem: "the endpoint is not a URL; one looks like " + exampleEndpoint}
	case u.Scheme != "https" && u.Scheme != "http", u.Host == "", u.Hostname() == "":
		return endpoint{}, &EndpointError{Problem: "the endpoint is not a web address, which begins with https://; one looks like " + exampleEndpoint}
	case !httpcall.IsPort(u.Port()):
		return endpoint{}, &EndpointError{Problem: "the port of the endpoint is not a number from 1 to 65535"}
	case u.User != nil:
		return endpoint{}, &EndpointError{Problem: "the endpoint holds a user name or password: remove it, the credentials sign the requests"}
	case u.RawQuery != "" || u.ForceQuery:
		return endpoint{}, &EndpointError{Problem: "the endpoint ends in a query (?…): give it without, as in " + exampleEndpoint + "; ?WSDL is the address of the contract"}
	case u.Fragment != "":
		return endpoint{}, &EndpointError{Problem: "the endpoint ends in a fragment (#…): give it without, as in " + exampleEndpoint}
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = strings.TrimRight(u.RawPath, "/")
	if u.Path == "" {
		return endpoint{}, &EndpointError{Problem: "the endpoint ends after the host: its path and version are missing; one looks like " + exampleEndpoint}
	}
	version, err := gen.ParseVersion(path.Base(u.Path))
	if err != nil {
		return endpoint{}, &EndpointError{Problem: fmt.Sprintf("the endpoint has to end in a version that is known: %v; an endpoint looks like %s", err, exampleEndpoint)}
	}
	return endpoint{u, version}, nil
}

// check finds what an endpoint and the other settings do not allow together.
func (e endpoint) check(partnerID string, insecure bool) error {
	var errs []error
	if e.url.Scheme == "http" && !insecure && !httpcall.IsLoopback(e.url.Hostname()) {
		errs = append(errs, &EndpointError{"the endpoint is http on the host " + e.url.Hostname() + ": use https", "WithInsecureHTTP"})
	}
	if partnerID != "" && e.version < gen.V3_1 {
		errs = append(errs, &EndpointError{Problem: fmt.Sprintf("version %s has no place for a partner id: use an endpoint that ends in %s", e.version, gen.V3_1)})
	}
	return errors.Join(errs...)
}

// instance tells one instance of the service from others: the host and the port.
func (e endpoint) instance() string { return httpcall.Instance(e.url) }
