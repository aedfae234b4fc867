package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/operations"
)

// remoteFlags are those of the commands that call typed operations.
type remoteFlags struct {
	connectionFlags
	demo bool
}

func (f *remoteFlags) bind(fs *pflag.FlagSet) {
	f.connectionFlags.bind(fs)
	fs.BoolVar(&f.demo, "demo", false, "ask the built-in simulator instead of the service")
}

func (f *connectionFlags) checkDemo(demo bool) error {
	if demo && (f.endpoint != "" || f.userID != "") {
		return usagef("--demo has an endpoint and a user of its own: leave out --endpoint and --user-id")
	}
	return nil
}

// withAPI calls do with the operations of the service.
func (a *app) withAPI(ctx context.Context, f *remoteFlags, do func(context.Context, *operations.API) error) error {
	if err := f.checkDemo(f.demo); err != nil {
		return err
	}
	port, stop, err := a.port(ctx, &f.connectionFlags, f.demo)
	if err != nil {
		return err
	}
	defer stop()
	return do(ctx, operations.New(port))
}

// port returns the client to ask, and what to do when done.
func (a *app) port(ctx context.Context, f *connectionFlags, demo bool) (gen.Port, func(), error) {
	if demo {
		return a.demoPort(ctx, f)
	}
	conn, err := a.connection(ctx, f, false)
	if err != nil {
		return nil, nil, err
	}
	made, err := a.client(conn, f)
	if err != nil {
		return nil, nil, err
	}
	return made, made.CloseIdleConnections, nil
}

func (a *app) demoPort(ctx context.Context, f *connectionFlags) (gen.Port, func(), error) {
	endpoint, stop, err := startDemo(ctx)
	if err != nil {
		return nil, nil, err
	}
	made, err := a.client(connection{endpoint, placeholders()}, f)
	if err != nil {
		stop()
		return nil, nil, err
	}
	return made, func() { made.CloseIdleConnections(); stop() }, nil
}

// writeFlags are those of the commands that change data.
type writeFlags struct {
	remoteFlags
	dryRun bool
}

func (f *writeFlags) bind(fs *pflag.FlagSet) {
	f.remoteFlags.bind(fs)
	fs.BoolVar(&f.dryRun, "dry-run", false, "print the envelopes that would be sent, send nothing")
}

// errNotSent is what the port of a dry run answers.
var errNotSent = errors.New("not sent because of --dry-run")

// dryRunError is an error in writing an envelope out, and no failure of a call.
type dryRunError struct{ error }

func (e dryRunError) Unwrap() error { return e.error }

// withWriteAPI is withAPI for commands that know --dry-run.
func (a *app) withWriteAPI(ctx context.Context, f *writeFlags, do func(context.Context, *operations.API) error) error {
	if !f.dryRun {
		return a.withAPI(ctx, &f.remoteFlags, do)
	}
	if err := f.checkDemo(f.demo); err != nil {
		return err
	}
	port, err := a.dryRunPort(ctx, f)
	if err != nil {
		return err
	}
	err = do(ctx, operations.New(port))
	var broken dryRunError
	switch {
	case errors.Is(err, errNotSent):
		return nil
	case errors.As(err, &broken):
		return broken.error
	}
	return err
}

// dryRunPort returns a port that writes requests out, as the client would send them but
// without their signature, and sends none.
func (a *app) dryRunPort(ctx context.Context, f *writeFlags) (gen.Port, error) {
	conn, err := a.dryRunConnection(ctx, f)
	if err != nil {
		return nil, err
	}
	to := conn.endpoint
	if to == "" {
		to = "an endpoint that is not set"
	}
	version := endpointVersion(conn.endpoint)
	return gen.PortFunc(func(ctx context.Context, op *gen.Operation, in, _ gen.Message) error {
		text, err := envelope.AppendRequest(nil, version, unsignedHeader(ctx, conn.creds), in)
		if err != nil {
			return &fault.OpError{Op: op.Name, Err: err}
		}
		a.complain("not sent: POST to " + to + `, SOAPAction "` + op.SOAPAction + `"`)
		if err := writeEnvelope(a.stdout, text); err != nil {
			return dryRunError{err}
		}
		return errNotSent
	}), nil
}

// dryRunConnection holds the settings to the rules of package client, where they are set.
func (a *app) dryRunConnection(ctx context.Context, f *writeFlags) (connection, error) {
	if f.demo {
		return connection{endpoint: "the built-in simulator", creds: placeholders()}, nil
	}
	conn, err := a.connection(ctx, &f.connectionFlags, true)
	if err != nil {
		return conn, err
	}
	if conn.endpoint == "" {
		return conn, a.checkCredentials(conn.creds, &f.userFlags)
	}
	_, err = a.client(conn, &f.connectionFlags)
	return conn, err
}

// endpointVersion goes by the last element of the endpoint's path, as package client does.
func endpointVersion(endpoint string) gen.Version {
	end := len(endpoint)
	for end > 0 && endpoint[end-1] == '/' {
		end--
	}
	start := end
	for start > 0 && endpoint[start-1] != '/' {
		start--
	}
	version, err := gen.ParseVersion(endpoint[start:end])
	if err != nil {
		return gen.V2_7 // no endpoint: the version that most have
	}
	return version
}

func unsignedHeader(ctx context.Context, creds auth.Credentials) envelope.Header {
	stamp := &gen.AuthenticationHeaderInfo{
		MktowsUserId: creds.UserID, RequestSignature: auth.Redacted,
		RequestTimestamp: auth.FormatTimestamp(time.Now().UTC()),
	}
	if creds.PartnerID != "" {
		stamp.PartnerId = gen.Some(creds.PartnerID)
	}
	header := envelope.Header{Authentication: stamp}
	if h, ok := gen.MktowsContext(ctx); ok {
		header.Context = &h
	}
	return header
}

// parseUntil reads the time of --until, which another flag's has to go before.
func parseUntil(text, sinceFlag string, since time.Time) (time.Time, error) {
	until, err := parseMoment("--until", text)
	if err == nil && until.Before(since) {
		return until, usagef("--until: %s is before %s", text, sinceFlag)
	}
	return until, err
}

// parseMoment reads the time of a flag.
func parseMoment(flag, text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil && !day.IsZero() { // the zero time stands for none
		return day, nil
	}
	at, err := auth.ParseTimestamp(text)
	if err != nil || at.IsZero() {
		return at, usagef("%s: %q is not like 2017-03-09T17:40:00-08:00 or 2017-03-09, which is midnight UTC", flag, text)
	}
	return at, nil
}
