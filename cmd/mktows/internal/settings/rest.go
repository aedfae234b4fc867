package settings

import (
	"context"
	"errors"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
)

// The variables that hold the settings of the REST API. Package bridge has the same names; it is not imported, so that
// the light command behind "make run" does not link it.
const (
	VarRESTEndpoint = "MKTOWS_REST_ENDPOINT"
	VarClientID     = "MKTOWS_CLIENT_ID"
	VarClientSecret = "MKTOWS_CLIENT_SECRET" //nolint:gosec // the name of a variable
	VarRESTNames    = "MKTOWS_REST_NAMES"
)

// overREST decides over which API the service is called. Flags go before variables, and among those the REST API goes
// first, as the vendor's SOAP service is gone. Where no endpoint is set, the credentials that are set tell which
// endpoint to ask the user for.
func (f *ConnectionFlags) overREST(a *console.Console) bool {
	switch {
	case f.SOAPOnly, f.endpoint != "", f.userID != "":
		return false
	case f.rest, a.Getenv(VarRESTEndpoint) != "":
		return true
	}
	soap := anySet(a, VarEndpoint, VarUserID, VarSecretKey, VarSecretKey+"_FILE")
	return !soap && anySet(a, VarClientID, VarClientSecret, VarClientSecret+"_FILE")
}

func anySet(a *console.Console, names ...string) bool {
	for _, name := range names {
		if a.Getenv(name) != "" {
			return true
		}
	}
	return false
}

// checkREST refuses flags that contradict --rest.
func (f *ConnectionFlags) checkREST() error {
	if f.rest && (f.endpoint != "" || f.userID != "") {
		return exit.Usagef("--endpoint and --user-id are for SOAP, and --rest is not: leave out the one or the other")
	}
	return nil
}

// connectREST is Connect for the REST API. The client id and secret take the places of user id and key.
func connectREST(ctx context.Context, a *console.Console, f *ConnectionFlags, endpointOptional bool) (Connection, error) {
	secret, err := ReadSecret(ctx, a, VarClientSecret)
	c := Connection{REST: true, Endpoint: a.Getenv(VarRESTEndpoint), Creds: auth.Credentials{UserID: a.Getenv(VarClientID), Key: secret}}
	if !f.RESTOnly { // what makes the file needs none
		c.Names = a.Getenv(VarRESTNames)
	}
	if err != nil {
		return c, err
	}
	var missing []string
	if c.Endpoint == "" && !endpointOptional {
		missing = append(missing, VarRESTEndpoint)
	}
	if c.Creds.UserID == "" {
		missing = append(missing, VarClientID)
	}
	if secret.IsZero() {
		missing = append(missing, VarClientSecret+" (or "+VarClientSecret+"_FILE)")
	}
	if len(missing) > 0 {
		return c, notSet(a, missing, `take them from Marketo's Admin > Integration, Web Services and LaunchPoint, or from what "mktows serve --rest" prints`)
	}
	a.Host, a.Setting = InstanceOf(c.Endpoint), a.Origin(VarRESTEndpoint)
	tellChosen(a, f)
	return c, checkEndpoint(c.Endpoint, a.Origin(VarRESTEndpoint))
}

// tellChosen tells the user once that the REST API is called, if the settings of both APIs are there and no flag has
// chosen: the two may be of different instances.
func tellChosen(a *console.Console, f *ConnectionFlags) {
	if a.Chosen || f.rest || a.Getenv(VarEndpoint) == "" {
		return
	}
	a.Chosen = true
	a.Complain("both " + a.Origin(VarRESTEndpoint) + " and " + a.Origin(VarEndpoint) + " are set: calling the REST API at " + a.Host +
		"; give --endpoint or unset " + VarRESTEndpoint + " to call SOAP, or give --rest to leave this line out")
}

// newREST is NewPort for the REST API.
func newREST(a *console.Console, c Connection, f *ConnectionFlags, o *PortOptions) (console.Port, error) {
	if a.REST == nil {
		return nil, exit.Settingsf("this build of the program calls SOAP only: unset %s, or use the whole mktows", VarRESTEndpoint)
	}
	if err := checkClient(a, c.Creds); err != nil {
		return nil, err
	}
	return a.REST.New(&console.RESTSettings{
		Endpoint: c.Endpoint, Creds: c.Creds, InsecureHTTP: f.insecureHTTP, Names: c.Names, Unlimited: c.demo, Limits: o.Limits, Limiter: o.Limiter,
		Logger: clientLogger(a, f.Verbose), Observer: o.Observer, Origin: a.Origin,
	})
}

// checkClient checks a client id and its secret, for which the rules of the SOAP API's credentials are right too, and
// names the variables of those that are wrong.
func checkClient(a *console.Console, creds auth.Credentials) error {
	err := creds.Validate()
	if err == nil {
		return nil
	}
	return exit.AsSettings(InWords(err, func(err error) error {
		var field *auth.FieldError
		switch {
		case !errors.As(err, &field):
			return nil
		case field.Field == "user id":
			return FieldProblem(a.Origin(VarClientID), "client id", field.Problem)
		}
		return FieldProblem(SourceOf(a, VarClientSecret), "client secret", field.Problem)
	}))
}

// demoREST starts the simulator behind its REST API.
func demoREST(ctx context.Context, a *console.Console) (Connection, func(), error) {
	if a.REST == nil {
		return Connection{}, func() {}, exit.Usagef("this build of the program calls SOAP only: leave out --rest, or use the whole mktows")
	}
	endpoint, creds, stop, err := a.REST.Demo(ctx)
	if err != nil {
		return Connection{}, func() {}, err
	}
	return Connection{Endpoint: endpoint, Creds: creds, REST: true, demo: true}, stop, nil
}
