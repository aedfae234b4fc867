package cli

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/auth/secureaccess"
)

const (
	varAccessKey    = "MKTOWS_ACCESS_KEY"
	varAccessSecret = "MKTOWS_ACCESS_SECRET" //nolint:gosec // the name of a variable
)

const secureAccessLong = `Sign for a mobile app in Secure Access Mode, or serve the endpoint that signs.

Both need the app's access key and access secret from Marketo's Admin > Mobile Apps & Devices:

  MKTOWS_ACCESS_KEY           access key
  MKTOWS_ACCESS_SECRET        access secret, or
  MKTOWS_ACCESS_SECRET_FILE   a file that holds it`

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
so it listens on this machine only, unless --allow-remote is given.`

func (a *app) secureAccessCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "secure-access",
		Short: "Sign for mobile apps in Secure Access Mode",
		Long:  secureAccessLong,
		Args:  cobra.ArbitraryArgs,
		RunE:  showHelp,

		DisableFlagsInUseLine: true,
	}
	cmd.AddCommand(a.secureAccessSignCommand(), a.secureAccessServeCommand())
	return cmd
}

type accessSignFlags struct {
	email, device string
	timestamp     int64
	format        *format
}

func (a *app) secureAccessSignCommand() *cobra.Command {
	f := accessSignFlags{format: newFormat("text", "json")}
	cmd := &cobra.Command{
		Use:     "sign --email ADDRESS --uuid ID",
		Short:   "Print a signature",
		Long:    secureAccessSignLong,
		Example: "  mktows secure-access sign --email ann@example.com --uuid device-7 -o json",
		Args: func(cmd *cobra.Command, args []string) error {
			if isBlank(f.email) || isBlank(f.device) {
				return usagef("--email and --uuid are both needed, with a value each")
			}
			if cmd.Flags().Changed("timestamp") && f.timestamp <= 0 {
				return usagef("--timestamp is %d: give Unix seconds greater than 0", f.timestamp)
			}
			return noArgs(cmd, args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return a.secureAccessSign(cmd.Context(), &f) },
	}
	fs := cmd.Flags()
	fs.StringVarP(&f.email, "email", "e", "", "e-mail `ADDRESS` of the user")
	fs.StringVarP(&f.device, "uuid", "u", "", "device `ID`, as the SDK's getDeviceId returns it")
	fs.Int64VarP(&f.timestamp, "timestamp", "t", 0, "`SECONDS` of Unix time at which the signature expires (default: in a day)")
	f.format.bind(fs)
	return cmd
}

func (a *app) secureAccessSign(ctx context.Context, f *accessSignFlags) error {
	signer, err := a.accessSigner(ctx)
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
		return asUsage(err)
	}
	if f.format.value == "json" {
		return writeJSON(a.stdout, signed)
	}
	return printf(a.stdout, "%s\n", signed.Signature)
}

func (a *app) accessSigner(ctx context.Context) (*secureaccess.Signer, error) {
	secret, err := a.secret(ctx, varAccessSecret)
	if err != nil {
		return nil, err
	}
	key := a.getenv(varAccessKey)
	var missing []string
	if key == "" {
		missing = append(missing, varAccessKey)
	}
	if secret.IsZero() {
		missing = append(missing, varAccessSecret+" (or "+varAccessSecret+"_FILE)")
	}
	if len(missing) > 0 {
		return nil, settingsf("not set: %s\ntake them from Marketo's Admin > Mobile Apps & Devices", strings.Join(missing, ", "))
	}
	signer, err := secureaccess.NewSigner(key, secret)
	if err != nil {
		return nil, asSettings(named(err, map[string]string{"access key": varAccessKey, "access secret": a.sourceOf(varAccessSecret)}))
	}
	return signer, nil
}

type accessServeFlags struct {
	addr, tokens               string
	remote, forwarded, verbose bool
}

func (a *app) secureAccessServeCommand() *cobra.Command {
	var f accessServeFlags
	cmd := &cobra.Command{
		Use:     "serve --tokens FILE",
		Short:   "Serve the endpoint that signs",
		Long:    secureAccessServeLong,
		Example: "  mktows secure-access serve --addr 127.0.0.1:8081 --tokens tokens.txt",
		Args: func(cmd *cobra.Command, args []string) error {
			if isBlank(f.tokens) {
				return usagef("--tokens is needed: give a file with lines of the form \"token email\"")
			}
			return noArgs(cmd, args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return a.secureAccessServe(cmd.Context(), &f) },
	}
	fs := cmd.Flags()
	fs.StringVar(&f.addr, "addr", "127.0.0.1:8081", "listen on this `HOST:PORT`; port 0 means any free one")
	fs.StringVar(&f.tokens, "tokens", "", "`FILE` of bearer tokens")
	fs.BoolVar(&f.remote, "allow-remote", false, "listen for other machines, without https")
	fs.BoolVar(&f.forwarded, "behind-proxy", false, "count the rate limit by the last address in X-Forwarded-For")
	fs.BoolVarP(&f.verbose, "verbose", "v", false, "log requests on standard error")
	return cmd
}

func (a *app) secureAccessServe(ctx context.Context, f *accessServeFlags) error {
	handler, err := a.accessHandler(ctx, f)
	if err != nil {
		return err
	}
	var remote error
	if !f.remote {
		remote = usagef("%s is open to other machines, and tokens would travel in the clear: put a proxy with https in front, or add --allow-remote", f.addr)
	}
	ln, err := listen(ctx, "addr", f.addr, remote)
	if err != nil {
		return err
	}
	if err := printf(a.stdout, "# mktows secure-access serve: listening on %s\n# try: curl -H 'Authorization: Bearer TOKEN' -d deviceId=DEVICE %[1]s\n", baseURL(ln)); err != nil {
		_ = ln.Close()
		return err
	}
	return serve(ctx, ln, handler, a.logger(f.verbose))
}

func (a *app) accessHandler(ctx context.Context, f *accessServeFlags) (http.Handler, error) {
	signer, err := a.accessSigner(ctx)
	if err != nil {
		return nil, err
	}
	users, err := a.openTokens(ctx, f.tokens)
	if err != nil {
		return nil, err
	}
	options := []secureaccess.HandlerOption{secureaccess.WithLogger(a.logger(f.verbose))}
	if f.forwarded {
		options = append(options, secureaccess.WithClientAddress(secureaccess.ForwardedFor))
	}
	return secureaccess.NewHandler(signer, users.Authenticate, options...)
}

func (a *app) openTokens(ctx context.Context, path string) (*secureaccess.BearerFile, error) {
	c, err := readAll(ctx, nil, path, maxInput)
	if err != nil {
		return nil, err
	}
	if err := c.problem(path, maxInput); err != nil {
		return nil, inputf("--tokens: %w", err)
	}
	a.warnOpenToOthers(c.info, path)
	users, err := secureaccess.ReadBearerFile(path, bytes.NewReader(c.text))
	if err != nil {
		return nil, inputf("--tokens: %w", errors.New(withoutPackage(err.Error())))
	}
	return users, nil
}
