package secureaccess

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/auth/secureaccess"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/listen"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/records"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

// The variables that hold the pair of an app.
const (
	VarAccessKey    = "MKTOWS_ACCESS_KEY"
	VarAccessSecret = "MKTOWS_ACCESS_SECRET" //nolint:gosec // the name of a variable
)

const secureAccessLong = `Sign for a mobile app in Secure Access Mode, or serve the endpoint that signs.

Both need the app's access key and access secret from Marketo's Admin > Mobile Apps & Devices:

  MKTOWS_ACCESS_KEY           access key
  MKTOWS_ACCESS_SECRET        access secret, or
  MKTOWS_ACCESS_SECRET_FILE   a file that holds it

In their place --secrets FILE has both, on a line, and two lines while the secret is being
changed: the new one says when it starts to sign, the old one until when it is accepted.

  example-access-key example-new-secret from=2026-12-01T09:00:00Z
  example-access-key example-old-secret until=2026-12-02T09:00:00Z`

const secureAccessSignLong = `Print the signature of an e-mail address on a device, in 64 hexadecimal digits.

It is HMAC-SHA256 over the address followed by the device id, keyed with "MKTO", the
access secret and the timestamp at which the signature expires. With -o json the output
has what the SDK needs: accessKey, signature, timestamp and email.`

const secureAccessServeLong = `Serve the endpoint from which an app fetches its signature.

A request is a POST with deviceId, as JSON or as a form, and with the header
"Authorization: Bearer TOKEN". The file of --tokens says whose token that is: it has lines
of the form "token email", empty lines and lines that begin with #. The answer is JSON:
accessKey, signature, timestamp and email.

This is for trying things out and for use behind a proxy that speaks https; for a server
of your own there is the Go package auth/secureaccess. Tokens would travel in the clear,
so it listens on this machine only, unless --allow-remote is given.

The file of --secrets is read again when it changes, and on SIGHUP; one with mistakes
changes nothing. Standard error tells of both, and when a time in it has come. Signatures
that the old secret makes end with it. Write the file anew beside it and rename it.

GET /openapi.json describes the endpoint.`

const secureAccessOpenAPILong = `Print an OpenAPI document that describes the endpoint: what a request holds, and all answers.

It is what "secure-access serve" answers to GET /openapi.json. With --path it is about an
endpoint that has another path in a server of your own.`

// Command makes "mktows secure-access" and what it groups.
func Command(a *console.Console) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "secure-access",
		Short: "Sign for mobile apps in Secure Access Mode",
		Long:  secureAccessLong,
		Args:  cobra.ArbitraryArgs,
		RunE:  settings.ShowHelp,

		DisableFlagsInUseLine: true,
	}
	cmd.AddCommand(secureAccessSignCommand(a), secureAccessServeCommand(a), secureAccessOpenAPICommand(a))
	return cmd
}

type accessSignFlags struct {
	email, device, secrets string
	timestamp              int64
	format                 *output.Format
}

// secureAccessSignCommand makes "mktows secure-access sign".
func secureAccessSignCommand(a *console.Console) *cobra.Command {
	f := accessSignFlags{format: output.ValueFormat()}
	cmd := &cobra.Command{
		Use:     "sign --email ADDRESS --uuid ID",
		Short:   "Print a signature",
		Long:    secureAccessSignLong,
		Example: "  mktows secure-access sign --email ann@example.com --uuid device-7 -o json",
		Args: func(cmd *cobra.Command, args []string) error {
			if settings.IsBlank(f.email) || settings.IsBlank(f.device) {
				return exit.Usagef("--email and --uuid are both needed, with a value each")
			}
			if cmd.Flags().Changed("timestamp") {
				if err := checkExpiry(f.timestamp); err != nil {
					return err
				}
			}
			return settings.NoArgs(cmd, args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return secureAccessSign(cmd.Context(), a, &f) },
	}
	fs := cmd.Flags()
	fs.StringVarP(&f.email, "email", "e", "", "e-mail `ADDRESS` of the user")
	fs.StringVarP(&f.device, "uuid", "u", "", "device `ID`, as the SDK's getDeviceId returns it")
	fs.Int64VarP(&f.timestamp, "timestamp", "t", 0, "`SECONDS` of Unix time at which the signature expires (default: in a day)")
	secretsFlag(fs, &f.secrets)
	f.format.Bind(fs)
	return cmd
}

// The years that the end of a signature can be in, as seconds: what lies outside is of another unit, or a number of days.
var (
	firstExpiry = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	lastExpiry  = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
)

// checkExpiry refuses a time of expiry that cannot be meant. Timestamps in milliseconds are common on mobile systems,
// and a signature that is valid for 50,000 years would work and be a hole.
func checkExpiry(timestamp int64) error {
	if timestamp >= firstExpiry && timestamp < lastExpiry {
		return nil
	}
	problem := fmt.Sprintf("--timestamp is %d: give the seconds since 1970 at which the signature expires, in the years 2000 to 2099", timestamp)
	for _, unit := range []struct {
		name string
		per  int64
	}{{"milliseconds", 1e3}, {"microseconds", 1e6}, {"nanoseconds", 1e9}} {
		if seconds := timestamp / unit.per; seconds >= firstExpiry && seconds < lastExpiry {
			problem += fmt.Sprintf("; these look like %s: write %d", unit.name, seconds)
		}
	}
	return exit.Usagef("%s", problem)
}

// secureAccessSign signs and prints. A signature that has expired already is printed with a warning, as it may be
// wanted for comparison.
func secureAccessSign(ctx context.Context, a *console.Console, f *accessSignFlags) error {
	keys, err := accessKeys(ctx, a, f.secrets)
	if err != nil {
		return err
	}
	signer, err := keys.Signer()
	if err != nil {
		return err
	}
	var signed secureaccess.SecuritySignature
	if f.timestamp != 0 {
		signed, err = signer.SignUntil(f.email, f.device, f.timestamp)
	} else {
		signed, err = signer.Sign(f.email, f.device)
	}
	if err != nil {
		return exit.AsUsage(err)
	}
	if ended := time.Unix(signed.Timestamp, 0); ended.Before(time.Now()) {
		a.Warnf("--timestamp: the signature expired at %s", output.UtcText(ended))
	}
	if f.format.Value == output.JSON {
		return output.WriteJSON(a.Stdout, signed)
	}
	return output.Printf(a.Stdout, "%s\n", signed.Signature)
}

type accessServeFlags struct {
	addr, tokens, secrets      string
	remote, forwarded, verbose bool
	form                       *output.Format
}

// secureAccessServeCommand makes "mktows secure-access serve".
func secureAccessServeCommand(a *console.Console) *cobra.Command {
	f := accessServeFlags{form: output.ServerFormat()}
	cmd := &cobra.Command{
		Use:     "serve --tokens FILE",
		Short:   "Serve the endpoint that signs",
		Long:    secureAccessServeLong,
		Example: "  mktows secure-access serve --addr 127.0.0.1:8081 --tokens tokens.txt",
		Args: func(cmd *cobra.Command, args []string) error {
			if settings.IsBlank(f.tokens) {
				return exit.Usagef("--tokens is needed: give a file with lines of the form \"token email\"")
			}
			return settings.NoArgs(cmd, args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return secureAccessServe(cmd.Context(), a, &f) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.addr, "addr", "127.0.0.1:8081", "listen on this `HOST:PORT`; port 0 means any free one")
	fs.StringVar(&f.tokens, "tokens", "", "`FILE` of bearer tokens")
	settings.FileValue(fs, "tokens")
	secretsFlag(fs, &f.secrets)
	fs.BoolVar(&f.remote, "allow-remote", false, "listen for other machines, without https")
	fs.BoolVar(&f.forwarded, "behind-proxy", false, "count the rate limit by the last address in X-Forwarded-For")
	fs.BoolVarP(&f.verbose, "verbose", "v", false, "log requests on standard error")
	f.form.Bind(fs)
	return cmd
}

// secureAccessServe serves the endpoint until it is interrupted. It speaks plain http, so by default it does not
// listen for other machines.
func secureAccessServe(ctx context.Context, a *console.Console, f *accessServeFlags) error {
	keys, err := accessKeys(ctx, a, f.secrets)
	if err != nil {
		return err
	}
	log := a.Logger(f.verbose)
	handler, err := accessHandler(ctx, a, f, keys, log)
	if err != nil {
		return err
	}
	var remote error
	if !f.remote {
		remote = exit.Usagef("%s is open to other machines, and tokens would travel in the clear: put a proxy with https in front, or add --allow-remote", f.addr)
	}
	ln, err := listen.Listen(ctx, "addr", f.addr, remote)
	if err != nil {
		return err
	}
	if f.secrets != "" { // before the line that says it is ready, after which a SIGHUP may come
		defer follow(ctx, a, f, keys, log)()
	}
	n, url := new(listen.Announcement), listen.BaseURL(ln)
	n.Listening("secure-access serve", url, "")
	n.Comment("try: curl -H 'Authorization: Bearer TOKEN' -d deviceId=DEVICE " + url)
	if err := n.Write(a.Stdout, f.form.Value); err != nil {
		_ = ln.Close()
		return err
	}
	return listen.Serve(ctx, ln, handler, log)
}

// accessHandler returns the handler of the endpoint.
func accessHandler(ctx context.Context, a *console.Console, f *accessServeFlags, keys *secureaccess.Keyring, log *slog.Logger) (http.Handler, error) {
	signer, err := keys.Signer()
	if err != nil {
		return nil, err
	}
	users, err := openTokens(ctx, a, f.tokens)
	if err != nil {
		return nil, err
	}
	options := []secureaccess.HandlerOption{secureaccess.WithLogger(log)}
	if f.forwarded {
		options = append(options, secureaccess.WithClientAddress(secureaccess.ForwardedFor))
	}
	return secureaccess.NewHandler(signer, users.Authenticate, options...)
}

// openTokens reads the file of bearer tokens.
func openTokens(ctx context.Context, a *console.Console, path string) (*secureaccess.BearerFile, error) {
	text, err := readPrivate(ctx, a, "tokens", path)
	if err != nil {
		return nil, err
	}
	users, err := secureaccess.ReadBearerFile(path, bytes.NewReader(text))
	if err != nil {
		return nil, exit.Inputf("--tokens: %w", fileProblem(err))
	}
	return users, nil
}

// readPrivate reads the file that a flag names, and warns if other users of the machine can read it.
func readPrivate(ctx context.Context, a *console.Console, flag, path string) ([]byte, error) {
	c, err := records.ReadAll(ctx, nil, path, records.MaxInput)
	if err != nil {
		return nil, err
	}
	if err := c.Problem(path, records.MaxInput); err != nil {
		return nil, exit.Inputf("--%s: %w", flag, err)
	}
	settings.WarnOpenToOthers(a, c.Info, path)
	return c.Text, nil
}

// fileProblem rewrites an error about a file so that it begins with FILE:LINE, as for all other inputs.
func fileProblem(err error) error {
	var file *secureaccess.FileError
	switch {
	case !errors.As(err, &file):
		return err
	case file.Line == 0:
		return fmt.Errorf("%s: %w", file.Name, file.Err)
	}
	return fmt.Errorf("%s:%d: %w", file.Name, file.Line, file.Err)
}
