package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/copyport"
	"github.com/mktows/mktows-go/cmd/mktows/internal/demo"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/listen"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/limits"
)

const gatewayLong = `Answer programs that speak the SOAP API, which the vendor has switched off, by
calls of the REST API. The programs get another URL and nothing else.

FILE configures it, in YAML:

  listeners:
    - address: 127.0.0.1:8090
  admin: 127.0.0.1:8091
  tenants:
    - userID: the user id that the old program has
      key: {file: soap.key}          # the secret key that it signs with
      rest:
        endpoint: https://ACCOUNT.mktorest.com/rest
        clientID: 00000000-0000-0000-0000-000000000000
        clientSecret: {file: rest.secret}

A secret is {file: PATH} or {env: NAME}; it may stand in FILE itself only if
that has mode 0600. Paths are meant from the folder of FILE.

A history of one lead takes many calls of the REST API. A tenant with "copy:
{sqlite: leads.db}" has them answered from a copy that "mktows sync" makes;
with "fill: {since: 2026-01-01}" beside sqlite the gateway makes it.

FILE is read again on SIGHUP, and when it or a file that it names changes. One
with mistakes changes nothing; the log says what is wrong, and so does "mktows
gateway check FILE" before.

Budgets and imports are kept in a SQLite file: beside gateway.yaml in
gateway.db, or where systemd says ($STATE_DIRECTORY/gateway.db), or where
state: {file: PATH} says. Several gateways share them with state: {postgres:
{file: FILE OF THE URL}}.

The address that admin names has /healthz, which "mktows gateway health" asks,
/readyz, /status, which "mktows gateway status" prints, and /metrics for
Prometheus. With "inspector: true" it shows a browser the latest exchanges, and
the calls of the REST API behind each. With OTEL_EXPORTER_OTLP_ENDPOINT set,
traces and metrics go there too.

Without FILE there is one tenant, from the variables MKTOWS_USER_ID and
MKTOWS_SECRET_KEY of SOAP and MKTOWS_REST_ENDPOINT, MKTOWS_CLIENT_ID and
MKTOWS_CLIENT_SECRET (or …_FILE) of REST. With --demo those that are not set
are the ones of "mktows serve --rest".

Once ready it prints a line that says so, with -o json one line of JSON: where
it listens and, without FILE, the settings of its clients, but no secret from
the environment. SIGINT and SIGTERM end it, after the calls under way. Each call
is a line of the log on standard error: whose it was and how it went, not what
was in it.`

const gatewayExample = `  mktows gateway gateway.yaml
  mktows gateway check --live gateway.yaml
  mktows gateway status gateway.yaml
  mktows serve --demo --rest & mktows gateway --demo`

type gatewayFlags struct {
	addr string
	demo bool
	json bool
	form *output.Format
}

// Command makes "mktows gateway".
func Command(a *console.Console) *cobra.Command {
	f := gatewayFlags{form: output.ServerFormat()}
	cmd := &cobra.Command{
		Use:               "gateway [FILE]",
		ValidArgsFunction: settings.Files(0, "yaml", "yml"),
		Short:             "Keep SOAP programs working, over the REST API",
		Long:              gatewayLong,
		Example:           gatewayExample,
		Args:              atMostOneFile,
		RunE:              func(cmd *cobra.Command, args []string) error { return run(cmd.Context(), a, &f, args) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.addr, "addr", "127.0.0.1:8090", "without FILE, listen on this `HOST:PORT`; port 0 means any free one")
	fs.BoolVar(&f.demo, "demo", false, `use what "mktows serve --rest" serves, unless the environment says otherwise`)
	fs.BoolVar(&f.json, "log-json", false, "write the log as JSON")
	f.form.Bind(fs)
	cmd.AddCommand(checkCommand(a), compareCommand(a), healthCommand(a), schemaCommand(a), statusCommand(a))
	return cmd
}

func atMostOneFile(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return exit.Usagef("%s takes one file, got %q", cmd.CommandPath(), args)
	}
	return nil
}

// run runs the gateway. It opens all addresses before it prints that it is ready, because scripts wait for that line.
func run(ctx context.Context, a *console.Console, f *gatewayFlags, args []string) error {
	c, err := configuration(ctx, a, f, args)
	if err != nil {
		return err
	}
	log := logger(a, f)
	watching, shutdown, err := watched(ctx, a)
	if err != nil {
		return err
	}
	defer func() {
		if err := shutdown(context.WithoutCancel(ctx)); err != nil {
			a.Warnf("the last metrics and traces were not delivered: %v", err)
		}
	}()
	inspector, err := newInspector(c)
	if err != nil {
		return err
	}
	all := append(watching, gateway.WithLogger(log), gateway.WithGetenv(a.Getenv), gateway.WithBridgeOptions(bridgeOptions(f)...),
		gateway.WithCopies(copyport.Copies{}), inspector)
	if _, err := gateway.New(c, gateway.WithGetenv(a.Getenv), gateway.WithCopies(copyport.Copies{}), inspector); err != nil { // before a state is made
		return exit.AsSettings(err)
	}
	if err := needListeners(c); err != nil {
		return err
	}
	state, err := openState(ctx, a, c, args, log)
	switch {
	case err != nil:
		return err
	case state != nil:
		defer closeState(ctx, state, log)
		all = append(all, gateway.WithState(state))
	}
	g, err := gateway.New(c, all...)
	if err != nil {
		return exit.AsSettings(err)
	}
	defer func() {
		if err := g.Close(context.WithoutCancel(ctx)); err != nil {
			log.Warn("the state was not told that this gateway has ended, and will find out by itself", "error", err)
		}
	}()
	var admin net.Listener
	if c.Admin != "" {
		if admin, err = listenAdmin(ctx, c, log); err != nil {
			return err
		}
		defer admin.Close() //nolint:errcheck // closed already, unless something failed
	}
	open, err := listenAll(ctx, c)
	if err != nil {
		return err
	}
	if err := announce(a, f, args, c, open); err != nil {
		return err
	}
	if err := notifyReady(ctx, a.Getenv); err != nil {
		return err
	}
	return serveAll(ctx, g, c, open, admin, log)
}

// bridgeOptions returns the options that no configuration says.
func bridgeOptions(f *gatewayFlags) []bridge.Option {
	options := []bridge.Option{bridge.WithProxy(http.ProxyFromEnvironment)}
	if f.demo {
		// The demonstration data are older than what the service would still have, and nothing else uses the mock.
		options = append(options, bridge.WithRetention(0), bridge.WithLimits(limits.REST()))
	}
	return options
}

// listenAdmin opens the address for operators.
func listenAdmin(ctx context.Context, c *gateway.Config, log *slog.Logger) (net.Listener, error) {
	admin, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Admin)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Where("admin"), err)
	}
	if addr, ok := admin.Addr().(*net.TCPAddr); ok && !addr.IP.IsLoopback() {
		log.Warn("admin can be reached from other machines: whoever gets there sees user ids, instances and calls", "address", c.Admin)
	}
	return admin, nil
}

// needListeners refuses a configuration that cannot be served.
func needListeners(c *gateway.Config) error {
	if len(c.Listeners) == 0 {
		return exit.Settingsf("%s: there are none: give at least one address", c.Where("listeners"))
	}
	return nil
}

// listenAll opens the listeners of a configuration, all or none.
func listenAll(ctx context.Context, c *gateway.Config) (open []net.Listener, err error) {
	for i := range c.Listeners {
		ln, err := c.Listen(ctx, &c.Listeners[i])
		if err != nil {
			for _, ln := range open {
				_ = ln.Close()
			}
			return nil, fmt.Errorf("%s: %w", c.Where(fmt.Sprintf("listeners[%d].address", i)), err)
		}
		open = append(open, ln)
	}
	return open, nil
}

// serveAll serves until ctx ends or a listener fails, and then ends all of it.
func serveAll(ctx context.Context, g *gateway.Gateway, c *gateway.Config, open []net.Listener, admin net.Listener, log *slog.Logger) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	hangUps := make(chan os.Signal, 1)
	signal.Notify(hangUps, syscall.SIGHUP)
	defer signal.Stop(hangUps)
	parts := []func() error{
		func() error { g.Follow(ctx, c, hangUps); return nil },
		func() error { g.KeepCopies(ctx); return nil },
	}
	for i, ln := range open {
		parts = append(parts, func() error { return g.Serve(ctx, ln, g.Handler(&c.Listeners[i])) })
	}
	if admin != nil {
		parts = append(parts, func() error { return listen.Serve(ctx, admin, listen.EndingWith(ctx, g.AdminHandler()), log) })
	}
	ended := make(chan error, len(parts))
	for _, part := range parts {
		go func() {
			err := part()
			if err != nil {
				cancel()
			}
			ended <- err
		}()
	}
	var errs []error
	for range parts {
		errs = append(errs, <-ended)
	}
	return errors.Join(errs...)
}

func logger(a *console.Console, f *gatewayFlags) *slog.Logger {
	if f.json {
		return slog.New(slog.NewJSONHandler(a.Stderr, nil))
	}
	return slog.New(slog.NewTextHandler(a.Stderr, nil))
}

// configuration returns what the file says, or the environment.
func configuration(ctx context.Context, a *console.Console, f *gatewayFlags, args []string) (*gateway.Config, error) {
	if len(args) == 1 {
		if f.demo {
			return nil, exit.Usagef("--demo is for a gateway without a file: leave out the one or the other")
		}
		c, err := gateway.Load(args[0])
		if err != nil {
			return nil, exit.AsSettings(err)
		}
		return c, nil
	}
	return fromEnvironment(ctx, a, f)
}

// demoEndpoint is where "mktows serve --rest" listens unless it is told otherwise.
const demoEndpoint = "http://127.0.0.1:8080"

// fromEnvironment returns the configuration of one tenant.
func fromEnvironment(ctx context.Context, a *console.Console, f *gatewayFlags) (*gateway.Config, error) {
	key, err := settings.ReadSecret(ctx, a, settings.VarSecretKey)
	if err != nil {
		return nil, err
	}
	secret, err := settings.ReadSecret(ctx, a, settings.VarClientSecret)
	if err != nil {
		return nil, err
	}
	t := gateway.Tenant{
		UserID: a.Getenv(settings.VarUserID), Key: gateway.Secret{Value: key},
		REST: gateway.REST{
			Endpoint: a.Getenv(settings.VarRESTEndpoint), ClientID: a.Getenv(settings.VarClientID), ClientSecret: gateway.Secret{Value: secret},
		},
	}
	if f.demo {
		creds := demo.Credentials()
		t.UserID, t.REST.Endpoint, t.REST.ClientID = cmp.Or(t.UserID, creds.UserID), cmp.Or(t.REST.Endpoint, demoEndpoint), cmp.Or(t.REST.ClientID, creds.UserID)
		if t.Key.Value.IsZero() {
			t.Key.Value = creds.Key
		}
		if t.REST.ClientSecret.Value.IsZero() {
			t.REST.ClientSecret.Value = creds.Key
		}
	}
	var missing []string
	for name, set := range map[string]bool{
		settings.VarUserID: t.UserID != "", settings.VarSecretKey: !t.Key.Value.IsZero(), settings.VarRESTEndpoint: t.REST.Endpoint != "",
		settings.VarClientID: t.REST.ClientID != "", settings.VarClientSecret: !t.REST.ClientSecret.Value.IsZero(),
	} {
		if !set {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, notSet(missing)
	}
	return &gateway.Config{Listeners: []gateway.Listener{{Address: f.addr}}, Tenants: []gateway.Tenant{t}}, nil
}
