package settings

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"unicode"

	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/limits"
)

// The variables that hold settings. The key has no flag: other users of a machine see
// the arguments of its processes, and shells keep a history of them.
const (
	VarEndpoint  = client.EnvEndpoint
	VarUserID    = client.EnvUserID
	VarSecretKey = client.EnvSecretKey
	VarPartnerID = client.EnvPartnerID
)

// Help is the help topic "settings".
const Help = `Commands that call the service read their settings from the environment, those of the
REST API or those of the SOAP API.

The REST API, which commands call if MKTOWS_REST_ENDPOINT is set or --rest is given:

  MKTOWS_REST_ENDPOINT        address, such as https://ACCOUNT.mktorest.com/rest
  MKTOWS_CLIENT_ID            client id of a custom service
  MKTOWS_CLIENT_SECRET        its client secret, or
  MKTOWS_CLIENT_SECRET_FILE   a file that holds it
  MKTOWS_REST_NAMES           a file of names of fields and activities, if there is one: see
                              "mktows names --help"

You find the endpoint under Admin > Integration > Web Services in Marketo, id and secret under
LaunchPoint. "mktows serve --rest" prints those of the mock server.

The SOAP API; a flag takes precedence over its variable:

  MKTOWS_ENDPOINT         --endpoint   address, such as
                                       https://ACCOUNT.mktoapi.com/soap/mktows/2_7
  MKTOWS_USER_ID          --user-id    user id (also called access key)
  MKTOWS_SECRET_KEY                    secret key (also called encryption key), or
  MKTOWS_SECRET_KEY_FILE               a file that holds it
  MKTOWS_PARTNER_ID                    key of a technology partner; hardly anyone has one,
                                       and it needs an endpoint that ends in 3_1

Adobe removed the SOAP service, at ACCOUNT.mktoapi.com, on 31 July 2026. The endpoint is that of a
gateway or a server of your own, or of "mktows serve", which prints its settings. The endpoint's
last element is the version of the API.

If the endpoints of both are set, the REST API is called and a line says so; --rest leaves that
line out, --endpoint and --user-id choose SOAP. "call" and "sign" are for SOAP whatever is set,
since the REST API takes neither envelopes nor their signatures.

The line end after a secret in a file does not count, and nobody else should be able to read
the file. An address must begin with https, unless it is on this machine; --insecure-http lifts
that.

MKTOWS_SYNC_TO is where "mktows sync" copies to: see "mktows sync --help".

For several instances there are profiles, which stand for what is not set: see
"mktows help profiles". "mktows profile show" tells which settings hold and where each comes from.

HTTPS_PROXY, HTTP_PROXY and NO_PROXY are respected. The secure-access commands have
settings of their own: see "mktows secure-access --help".

No command ever prints a secret. What "sign" prints and "call --dry-run --show-signature"
shows is a signature: whoever has it can use the API in your name until it expires.`

// UserFlags say who calls. They stand alone for commands such as "sign", which need credentials but call nobody.
type UserFlags struct{ userID string }

// Bind adds the flag --user-id.
func (f *UserFlags) Bind(fs *pflag.FlagSet) {
	fs.StringVar(&f.userID, "user-id", "", "user `ID` (default: $"+VarUserID+")")
	BindProfile(fs)
}

// ConnectionFlags say where to call, as whom, and how to treat the connection.
type ConnectionFlags struct {
	UserFlags
	// SOAPOnly is set, before Bind, for commands that the REST API has nothing for.
	SOAPOnly bool
	// RESTOnly is set, before Bind, for commands that the SOAP API has nothing for.
	RESTOnly     bool
	rest         bool
	endpoint     string
	insecureHTTP bool
	Verbose      bool
}

// Bind adds the flags.
func (f *ConnectionFlags) Bind(fs *pflag.FlagSet) {
	if !f.RESTOnly {
		f.UserFlags.Bind(fs)
		fs.StringVar(&f.endpoint, "endpoint", "", "`URL` of the SOAP endpoint (default: $"+VarEndpoint+")")
	}
	BindProfile(fs)
	fs.Duration("timeout", 0, "give up after this `TIME`, such as 90s (default: wait)")
	fs.BoolVar(&f.insecureHTTP, "insecure-http", false, "allow an http endpoint that is not on this machine")
	switch {
	case f.RESTOnly:
		f.rest = true
		fs.Bool("rest", true, "as for other commands")
		_ = fs.MarkHidden("rest") // it is there
	case !f.SOAPOnly:
		fs.BoolVar(&f.rest, "rest", false, "call the REST API (default: if $"+VarRESTEndpoint+" is set)")
	}
	fs.BoolVarP(&f.Verbose, "verbose", "v", false, "tell on standard error what is going on")
}

// Connection is the result of reading the settings: the endpoint and the credentials for it. Those of the REST API are
// the client id and the client secret of a custom service.
type Connection struct {
	Endpoint string
	Creds    auth.Credentials
	REST     bool
	Names    string // file of names of fields and activities, over REST; empty: none

	demo bool // the endpoint is that of the built-in simulator
}

// ReadCredentials returns the credentials that are set, unchecked, and the names of the variables that are missing.
// Callers differ in what they do about missing ones: some fail, a dry run goes on without, and the mock server has
// defaults.
func ReadCredentials(ctx context.Context, a *console.Console, f *UserFlags) (auth.Credentials, []string, error) {
	key, err := ReadSecret(ctx, a, VarSecretKey)
	creds := auth.Credentials{UserID: f.userID, Key: key, PartnerID: a.Getenv(VarPartnerID)}
	if creds.UserID == "" {
		creds.UserID = a.Getenv(VarUserID)
	}
	var missing []string
	if creds.UserID == "" {
		missing = append(missing, VarUserID+" (or --user-id)")
	}
	if key.IsZero() {
		missing = append(missing, VarSecretKey+" (or "+VarSecretKey+"_FILE)")
	}
	return creds, missing, err
}

// Connect returns the settings for calling the service. All missing settings are reported in one error, so that a new
// user does not find out about them one at a time. It also notes the host in a, for advice after an error.
func Connect(ctx context.Context, a *console.Console, f *ConnectionFlags, endpointOptional bool) (Connection, error) {
	if err := f.checkREST(); err != nil {
		return Connection{}, err
	}
	if f.overREST(a) {
		return connectREST(ctx, a, f, endpointOptional)
	}
	creds, missing, err := ReadCredentials(ctx, a, &f.UserFlags)
	if err != nil {
		return Connection{}, err
	}
	c := Connection{Endpoint: f.endpoint, Creds: creds}
	if c.Endpoint == "" {
		c.Endpoint = a.Getenv(VarEndpoint)
	}
	if c.Endpoint == "" && !endpointOptional {
		missing = append([]string{VarEndpoint + " (or --endpoint)"}, missing...)
	}
	if err := NotSet(a, missing, f.SOAPOnly); err != nil {
		return c, err
	}
	a.Host, a.Setting = InstanceOf(c.Endpoint), "--endpoint or "+a.Origin(VarEndpoint)
	return c, checkEndpoint(c.Endpoint, SourceOfFlag(a, f.endpoint, "--endpoint", VarEndpoint))
}

// checkEndpoint refuses white space in the endpoint. It gets there when an address is pasted, and nobody sees it in a
// message that merely repeats the address. All other mistakes are for package client to find.
func checkEndpoint(endpoint, source string) error {
	switch {
	case strings.TrimSpace(endpoint) != endpoint:
		return exit.Settingsf("%s: the endpoint starts or ends with white space or a line break: remove it", source)
	case strings.ContainsFunc(endpoint, unicode.IsSpace):
		return exit.Settingsf("%s: the endpoint has white space in it: remove it", source)
	}
	return nil
}

// TellRemoved tells the user once that Adobe removed the SOAP service, if a call to one of its hosts failed without
// an answer of the service itself. The bare error, a name that cannot be resolved, would send the user looking for a
// mistake in the network.
func TellRemoved(a *console.Console, err error) {
	host, _, _ := strings.Cut(a.Host, ":")
	if a.Removed || !failedOnTheWay(err) || !httpcall.IsRemovedSOAP(host) {
		return
	}
	a.Removed = true
	a.Complain("Adobe removed the SOAP service on 31 July 2026, and " + host + " with it: programs need the REST API now, and credentials for that: set " + VarRESTEndpoint + ", " +
		VarClientID + " and " + VarClientSecret + "; for a gateway or a server of your own that speaks SOAP, give its address with --endpoint or " + VarEndpoint)
}

// Advise adds to an error that was printed what the user should look at: that the service was removed, that
// nothing listens at the endpoint, or that a permission is missing. Each piece of advice is given once per run, since a command may meet the same
// error many times.
func Advise(a *console.Console, err error) {
	TellRemoved(a, err)
	tellRefused(a, err)
	tellDenied(a, err)
}

// accessDenied is the code of the REST API for a permission that is missing. The service does not say which one it is.
const accessDenied fault.RESTCode = 603

// tellDenied tells the user once what finds out which permission is missing.
func tellDenied(a *console.Console, err error) {
	if a.Denied || !errors.Is(err, accessDenied) {
		return
	}
	a.Denied = true
	a.Complain(`"mktows doctor" finds out which permissions are missing`)
}

// tellRefused tells the user once what to check after a refused connection. It says so for calls of the service only:
// a refused connection to a database (store.ErrUnavailable) has other causes.
func tellRefused(a *console.Console, err error) {
	var dial *net.OpError
	if a.Refused || a.Setting == "" || !errors.Is(err, syscall.ECONNREFUSED) || !failedOnTheWay(err) || errors.Is(err, store.ErrUnavailable) || !errors.As(err, &dial) {
		return
	}
	a.Refused = true
	what := "check the endpoint's host and port, in " + a.Setting + `, and that its server is running, such as "mktows serve"`
	if dial.Op == "proxyconnect" { // as package http has it, around the error of dialing
		what = "this is a proxy: check HTTPS_PROXY and HTTP_PROXY"
		errors.As(dial.Err, &dial)
	}
	a.Complain(fmt.Sprintf("nothing listens at %v: %s", dial.Addr, what))
}

// failedOnTheWay reports whether err is that of a call which was really attempted and which ended without an answer
// of the service: no fault, and no interruption by the user. An attempt for which no token could be got, over REST,
// does not count as one of the call.
func failedOnTheWay(err error) bool {
	var call *fault.OpError
	var clock exit.ServiceError
	made := errors.As(err, &call) && (call.Attempts > 0 || errors.As(err, new(*net.OpError))) || errors.As(err, &clock)
	return made && !fault.FromServer(err) && !errors.Is(err, context.Canceled)
}

// Sources says where each setting of a connection came from, and shows no values.
func (f *ConnectionFlags) Sources(a *console.Console, c Connection) []string {
	from := func(what, source string) string { return what + " from " + source }
	switch {
	case c.demo:
		return []string{"those of the built-in simulator"}
	case c.REST:
		list := []string{from("endpoint", a.Origin(VarRESTEndpoint)), from("client id", a.Origin(VarClientID)), from("client secret", SourceOf(a, VarClientSecret))}
		if c.Names != "" {
			list = append(list, from("file of names", a.Origin(VarRESTNames)))
		}
		return list
	}
	list := []string{
		from("endpoint", SourceOfFlag(a, f.endpoint, "--endpoint", VarEndpoint)), from("user id", SourceOfFlag(a, f.userID, "--user-id", VarUserID)),
		from("secret key", SourceOf(a, VarSecretKey)),
	}
	if c.Creds.PartnerID != "" {
		list = append(list, from("partner id", a.Origin(VarPartnerID)))
	}
	return list
}

// SourceOfFlag returns where a setting came from, for messages: its flag if that was given, otherwise its variable or a profile.
func SourceOfFlag(a *console.Console, value, flag, variable string) string {
	if value != "" {
		return flag
	}
	return a.Origin(variable)
}

// NotSet returns the error for settings of the SOAP API that are missing, or nil if none are. A command that is for
// SOAP only says so to a user who has set up the REST API.
func NotSet(a *console.Console, missing []string, soapOnly bool) error {
	if len(missing) == 0 {
		return nil
	}
	where := `take them from whoever runs a gateway or server that speaks SOAP, or from what "mktows serve" prints`
	switch rest := a.Getenv(VarRESTEndpoint) != ""; {
	case soapOnly && rest:
		where = "this command is for SOAP, and the REST API takes neither envelopes nor their signatures: " + where
	case !soapOnly:
		where = "these are for SOAP: " + where + "\nMarketo itself has only the REST API now: set " + VarRESTEndpoint + ", " + VarClientID + " and " + VarClientSecret
	}
	return notSet(a, missing, where)
}

func notSet(a *console.Console, missing []string, where string) error {
	if a.Origins != nil {
		where = `the profile has none either, "mktows profile show" tells what it has: ` + where
	}
	return exit.Settingsf("not set: %s\n%s; see %q", strings.Join(missing, ", "), where, "mktows help settings")
}

// CheckCredentials checks credentials and names the variables or flags of those that are wrong.
func CheckCredentials(a *console.Console, creds auth.Credentials, f *UserFlags) error {
	if err := creds.Validate(); err != nil {
		return exit.AsSettings(InWords(err, credentialWords(map[string]string{
			"user id": SourceOfFlag(a, f.userID, "--user-id", VarUserID), "secret key": SourceOf(a, VarSecretKey), "partner id": a.Origin(VarPartnerID),
		})))
	}
	return nil
}

// PortOptions are what a port can be given beside its connection.
type PortOptions struct {
	Client []client.Option // over SOAP
	// Over REST: the limits that the process keeps by itself, and the limiter that takes their place, if any. Fields of
	// 0 stand for what the service advises.
	Limits  limits.Limits
	Limiter interface {
		Acquire(ctx context.Context) (release func(sent bool), err error)
	}
	Observer any // of calls over REST: see console.RESTSettings
}

// NewPort returns the port of a connection, over the API that it is of. Nothing is sent.
func NewPort(a *console.Console, c Connection, f *ConnectionFlags, o *PortOptions) (console.Port, error) {
	if c.REST {
		return newREST(a, c, f, o)
	}
	made, err := NewClient(a, c, f, o.Client...)
	if err != nil {
		return nil, err // not made, which is no nil Port
	}
	return made, nil
}

// NewClient returns a client for a connection over SOAP. Mistakes in the connection are reported with the names of the flags
// and variables they came from. The proxy settings of the environment are read here, since package client reads no
// environment.
func NewClient(a *console.Console, c Connection, f *ConnectionFlags, more ...client.Option) (*client.Client, error) {
	if err := CheckCredentials(a, c.Creds, &f.UserFlags); err != nil {
		return nil, err
	}
	options := []client.Option{
		client.WithProxy(http.ProxyFromEnvironment),
		client.WithUserAgent(console.UserAgent()),
		client.WithLogger(clientLogger(a, f.Verbose)),
	}
	if f.insecureHTTP {
		options = append(options, client.WithInsecureHTTP())
	}
	made, err := client.New(c.Endpoint, c.Creds, append(options, more...)...)
	if err != nil {
		return nil, exit.AsSettings(InWords(err, endpointWords(SourceOfFlag(a, f.endpoint, "--endpoint", VarEndpoint))))
	}
	return made, nil
}

// InstanceOf returns the host of an endpoint. It identifies a Marketo instance: limits are counted per instance,
// whichever version of the API an endpoint speaks. It is empty for what is not a URL, which NewClient refuses.
func InstanceOf(endpoint string) string {
	u, err := url.Parse(endpoint)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}
