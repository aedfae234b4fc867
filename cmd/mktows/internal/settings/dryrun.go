package settings

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/operations"
)

// WriteFlags are the flags of commands that change data: those of a call, and --dry-run.
type WriteFlags struct {
	RemoteFlags
	DryRun bool
}

// Bind adds the flags.
func (f *WriteFlags) Bind(fs *pflag.FlagSet) {
	f.RemoteFlags.Bind(fs)
	fs.BoolVar(&f.DryRun, "dry-run", false, "print what would be sent, as SOAP envelopes, send nothing")
}

// ErrNotSent is the error of every call through the port of a dry run. It takes the answer's place, since there is
// none; WithWriteAPI turns it into success at the end.
var ErrNotSent = errors.New("not sent because of --dry-run")

// dryRunError marks an error in printing an envelope. The operations wrap what a port returns as the failure of a
// call, but no call was made; the mark lets WithWriteAPI find the real error inside of it.
type dryRunError struct{ error }

func (e dryRunError) Unwrap() error { return e.error }

// WithWriteAPI is WithAPI for commands that know --dry-run. With it, do gets operations whose port prints each
// request in place of sending it, so a dry run goes through the same checks and the same encoder as a real one.
func WithWriteAPI(ctx context.Context, a *console.Console, f *WriteFlags, do func(context.Context, *operations.API) error) error {
	if !f.DryRun {
		return WithAPI(ctx, a, &f.RemoteFlags, do)
	}
	port, err := dryRunPort(ctx, a, f)
	if err != nil {
		return err
	}
	err = do(ctx, operations.New(port))
	var broken dryRunError
	switch {
	case errors.Is(err, ErrNotSent):
		return nil
	case errors.As(err, &broken):
		return broken.error
	}
	return err
}

// dryRunPort returns a port that prints requests as the client would send them, except for the signature: whoever has
// a valid signature can use the API in the user's name until it expires, and terminals and logs are no place for it.
func dryRunPort(ctx context.Context, a *console.Console, f *WriteFlags) (gen.Port, error) {
	conn, err := dryRunConnection(ctx, a, f)
	if err != nil {
		return nil, err
	}
	to := conn.Endpoint
	if to == "" {
		to = "an endpoint that is not set"
	}
	version := endpointVersion(conn.Endpoint)
	return gen.PortFunc(func(ctx context.Context, op *gen.Operation, in, _ gen.Message) error {
		text, err := envelope.AppendRequest(nil, version, unsignedHeader(ctx, conn), in)
		if err != nil {
			return &fault.OpError{Op: op.Name, Err: err}
		}
		how := "POST to " + to + `, SOAPAction "` + op.SOAPAction + `"`
		if conn.REST {
			how = op.Name + ", by calls of the REST API at " + to + "; this is its content as SOAP has it"
		}
		a.Complain("not sent: " + how)
		if err := output.WriteEnvelope(a.Stdout, string(text)); err != nil {
			return dryRunError{err}
		}
		return ErrNotSent
	}), nil
}

// dryRunConnection checks the settings by the rules of package client, so that a dry run finds the same mistakes as a
// real run. What is not set is not checked: a dry run needs no endpoint and no credentials.
func dryRunConnection(ctx context.Context, a *console.Console, f *WriteFlags) (Connection, error) {
	conn, _, err := f.Connect(ctx, a, true)
	if err != nil || f.Demo {
		return conn, err
	}
	switch {
	case conn.Endpoint != "":
		_, err = NewPort(a, conn, &f.ConnectionFlags, &PortOptions{})
	case conn.REST:
		err = checkClient(a, conn.Creds)
	default:
		err = CheckCredentials(a, conn.Creds, &f.UserFlags)
	}
	return conn, err
}

// endpointVersion returns the version of the API that requests to endpoint are encoded in: the last element of its
// path, as package client reads it.
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

// unsignedHeader returns the SOAP header of a request with a fresh timestamp and, in place of the signature, the mark
// for what was removed. For the REST API nothing is signed.
func unsignedHeader(ctx context.Context, conn Connection) envelope.Header {
	var header envelope.Header
	if !conn.REST {
		header.Authentication = &gen.AuthenticationHeaderInfo{
			MktowsUserId: conn.Creds.UserID, RequestSignature: auth.Redacted,
			RequestTimestamp: auth.FormatTimestamp(time.Now().UTC()),
		}
		if conn.Creds.PartnerID != "" {
			header.Authentication.PartnerId = gen.Some(conn.Creds.PartnerID)
		}
	}
	if h, ok := gen.MktowsContext(ctx); ok {
		header.Context = &h
	}
	return header
}
