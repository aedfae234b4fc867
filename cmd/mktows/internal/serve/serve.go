package serve

import (
	"context"
	"net"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/demo"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/listen"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

const serveLong = `Serve a mock of the SOAP API: the simulator behind the endpoint that the service has.

It checks what the service checks: signatures and their age, the limits on calls, the
form of requests. It takes the user id and key of the environment (see "mktows help
settings"), or else a public placeholder pair; with the latter it listens on this machine
only, unless --allow-remote is given.

Once ready it prints a line that says so, and the settings for clients as shell commands,
ready to be pasted into another terminal; with -o json the same as one line of JSON, with the
members "listening", "rest", "admin", "environment" and "withheld". A key from the environment is
not printed: then its name is among "withheld".
GET ?WSDL at the endpoint gives the contract; any version from 1_4 to 3_1 may be in the path.
SIGINT and SIGTERM end the server.

With --demo it has the leads 318815 to 318820 and their activities, otherwise none. State is
in memory and gone at the end.

--scenario names a JSON file with what to begin with; each part may be missing:

  {
    "state":  {"leads": [{"id": 1, "email": "lead@example.com"}]},
    "rules":  [{"operation": "syncLead", "code": 20011, "times": 1}],
    "limits": {"calls": 100, "per": "20s", "concurrent": 10, "daily": 10000},
    "clock":  {"advance": "24h"},
    "settings": {
      "pages":   {"limit": 10, "short": 0.2, "empty": 0.3},
      "quirks":  {"missingIds": 3, "crm": true},
      "exports": {"duration": "5s", "refresh": "0s"},
      "clients": [{"id": "reader", "secret": "placeholder", "permissions": ["Read-Only Lead"]}]
    }
  }

A limit that is missing or 0 is that of the service, and -1 stands for no limit.
A rule makes the server misbehave: skip, times, delay, code, text, status, header, body, drop,
and records, the places of those records of a REST call from 0 on that alone are refused with code.
drop breaks the connection: "beforeWork" without a change of the data, "afterWork" in place of
the answer, "halfAnswer" in the middle of it.
Signatures are checked against that clock too: clients have to use the same time.
short and empty are the probabilities of such pages although more follows. The other settings need
--rest: what some instances of the service do, how bulk extracts run, and who may call and do what.
A client without "permissions" may do all; one whose id is there already is changed.

With --rest Marketo's REST API is at the same address, over the same data and rules. Its client
has the user id and the key of the SOAP API as id and secret.

With --admin state, rules, settings, clock and a journal of the calls can be read and changed over
HTTP while it runs, by everybody on this machine and by nobody else. A browser shows it as pages,
the inspector: exchanges as they come, rules, clock, data. For programs GET / tells how, and
GET /openapi.json does. GET /state gives what "state" of a scenario takes, GET /scenario gives a
whole one, and GET /journal/events sends the calls as they come.`

const serveExample = `  mktows serve --demo
  mktows serve --addr 127.0.0.1:0 --demo -v
  mktows serve --scenario examples/scenario/scenario.json --admin 127.0.0.1:8081`

type serveFlags struct {
	addr, admin, scenario       string
	demo, rest, remote, verbose bool
	form                        *output.Format
}

// Command makes "mktows serve".
func Command(a *console.Console) *cobra.Command {
	f := serveFlags{form: output.ServerFormat()}
	cmd := &cobra.Command{
		Use:     "serve",
		Short:   "Serve a mock of the API",
		Long:    serveLong,
		Example: serveExample,
		Args:    settings.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), a, &f) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.addr, "addr", "127.0.0.1:8080", "listen on this `HOST:PORT`; port 0 means any free one")
	fs.BoolVar(&f.demo, "demo", false, "with demonstration data")
	fs.StringVar(&f.scenario, "scenario", "", "begin with the data, rules, limits, clock and settings of this `FILE`")
	settings.FileValue(fs, "scenario", "json")
	fs.StringVar(&f.admin, "admin", "", "administration on this loopback `HOST:PORT`; default: none")
	fs.BoolVar(&f.rest, "rest", false, "answer the REST API too")
	fs.BoolVar(&f.remote, "allow-remote", false, "with the placeholder pair, too, listen for other machines")
	fs.BoolVarP(&f.verbose, "verbose", "v", false, "log calls on standard error")
	f.form.Bind(fs)
	return cmd
}

// run starts the mock. It opens both addresses before it prints that it is ready, because scripts wait for that line
// and then connect; the printed address is the real one, also for port 0.
func run(ctx context.Context, a *console.Console, f *serveFlags) error {
	creds, fromEnv, err := mockCredentials(ctx, a)
	if err != nil {
		return err
	}
	var remote error
	if !fromEnv && !f.remote {
		remote = exit.Usagef("%s is open to other machines, and everybody knows the placeholder pair: set %s and %s, or add --allow-remote",
			f.addr, settings.VarUserID, settings.VarSecretKey)
	}
	log := a.Logger(f.verbose)
	mock, err := newServedMock(ctx, creds, f, log)
	if err != nil {
		return err
	}
	ln, err := listen.Listen(ctx, "addr", f.addr, remote)
	if err != nil {
		return err
	}
	defer ln.Close() //nolint:errcheck // closed already, unless something failed
	adminLn, err := listenAdmin(ctx, f.admin)
	if err != nil {
		return err
	}
	if adminLn != nil {
		defer adminLn.Close() //nolint:errcheck // likewise
	}
	if err := announcement(f, ln, adminLn, creds, fromEnv).Write(a.Stdout, f.form.Value); err != nil {
		return err
	}
	return mock.Serve(ctx, ln, adminLn, log)
}

// mockCredentials returns the credentials of the environment if they are set, and the public placeholder pair if
// neither of the two is. One alone is a mistake.
func mockCredentials(ctx context.Context, a *console.Console) (creds auth.Credentials, fromEnv bool, err error) {
	creds, missing, err := settings.ReadCredentials(ctx, a, &settings.UserFlags{})
	switch {
	case err != nil:
		return creds, false, err
	case len(missing) == 2:
		return demo.Credentials(), false, nil
	case len(missing) == 1:
		return creds, false, exit.Settingsf("not set: %s\nset user id and key, or neither: then the mock server has a placeholder pair",
			strings.Split(missing[0], " ")[0])
	}
	return creds, true, settings.CheckCredentials(a, creds, &settings.UserFlags{})
}

// announcement returns what is printed once the mock is ready. A key from the environment is not told.
func announcement(f *serveFlags, ln, adminLn net.Listener, creds auth.Credentials, fromEnv bool) *listen.Announcement {
	n := new(listen.Announcement)
	endpoint, withheld := listen.BaseURL(ln)+demo.EndpointPath, ""
	if fromEnv {
		withheld = "the one of this server's environment"
	}
	n.Listening("serve", endpoint, " (contract: ?WSDL)")
	n.Export(settings.VarEndpoint, endpoint)
	n.Export(settings.VarUserID, creds.UserID)
	n.Secret(settings.VarSecretKey, demo.Key, withheld)
	if f.rest {
		announceREST(n, listen.BaseURL(ln), creds, fromEnv)
	}
	if adminLn != nil {
		n.Admin(listen.BaseURL(adminLn) + "/")
		n.Comment("inspector: " + listen.BaseURL(adminLn) + "/ in a browser")
	}
	return n
}
