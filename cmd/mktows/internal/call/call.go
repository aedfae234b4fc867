package call

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/records"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

const callLong = `Send a ready-made SOAP envelope with a fresh AuthenticationHeader and print the answer.

The envelope comes from FILE, or from standard input if FILE is - or missing. Its
AuthenticationHeader is replaced, or one is added; everything else stays as it is. A
partnerId in it stays too, unless MKTOWS_PARTNER_ID is set. The SOAPAction follows from the
element in the body.

The envelope is sent like every other call: within the limits of the service, and once more if
another attempt can help and does no harm. The last answer is printed as it came, also if it is
a fault; the exit code tells the fault's class.

With --dry-run nothing is sent: what would be is printed, with a placeholder for the
signature, because whoever has the signature can use the API in your name until it
expires. --show-signature prints it nonetheless, for sending the envelope by other means;
then no endpoint needs to be set.

This is for SOAP: the REST API takes no envelopes, and its settings do not count here.`

const callExample = `  mktows call request.xml
  mktows call request.xml --demo
  mktows call --dry-run < request.xml
  mktows call --dry-run --show-signature request.xml | curl -H 'Content-Type: text/xml' -d @- …`

const (
	// maxEnvelope bounds what is read from FILE, in bytes.
	maxEnvelope = 64 << 20
)

type callFlags struct {
	settings.RemoteFlags
	dryRun, showSignature bool
}

// Command makes "mktows call".
func Command(a *console.Console) *cobra.Command {
	var f callFlags
	f.SOAPOnly = true
	cmd := &cobra.Command{
		Use:               "call [FILE]",
		ValidArgsFunction: settings.Files(0, "xml"),
		Short:             "Send a ready-made envelope, freshly signed",
		Long:              callLong,
		Example:           callExample,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) > 1:
				return exit.Usagef("one FILE at most, got %d", len(args))
			case f.showSignature && !f.dryRun:
				return exit.Usagef("--show-signature is for --dry-run")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return call(cmd.Context(), a, &f, append(args, "-")[0])
		},
	}
	f.Bind(cmd.Flags())
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "print what would be sent, send nothing")
	cmd.Flags().BoolVar(&f.showSignature, "show-signature", false, "with --dry-run: print the signature too")
	return cmd
}

// call reads an envelope, signs it and sends it or, in a dry run, prints it. The settings are checked before the
// envelope is read, because the envelope may be typed on standard input.
func call(ctx context.Context, a *console.Console, f *callFlags, path string) error {
	conn, stop, err := f.Connect(ctx, a, f.dryRun)
	if err != nil {
		return err
	}
	defer stop()
	if !f.Demo {
		if err := checkConnection(a, conn, f); err != nil {
			return err
		}
	}
	doc, err := readEnvelope(ctx, a, path)
	if err != nil {
		return err
	}
	if f.dryRun {
		return dryRun(a, doc, conn, f.showSignature)
	}
	return send(ctx, a, doc, conn, f)
}

// checkConnection checks the settings by the rules of package client.
func checkConnection(a *console.Console, c settings.Connection, f *callFlags) error {
	if c.Endpoint == "" {
		return settings.CheckCredentials(a, c.Creds, &f.UserFlags)
	}
	_, err := settings.NewClient(a, c, &f.ConnectionFlags)
	return err
}

// readEnvelope reads and checks the envelope in the file at path, or in standard input for "-".
func readEnvelope(ctx context.Context, a *console.Console, path string) (*document, error) {
	c, err := records.ReadFileOrStdin(ctx, a.Stdin, path, maxEnvelope)
	if err != nil {
		return nil, err
	}
	if err := c.Problem(path, maxEnvelope); err != nil {
		return nil, err
	}
	doc, err := readDocument(ctx, c.Text)
	if err != nil {
		return nil, exit.Inputf("%s cannot be sent: %w", records.Name(path), err)
	}
	return doc, nil
}

// dryRun prints the envelope that would be sent. Its signature is replaced unless show is set: whoever has it can use
// the API in the user's name until it expires.
func dryRun(a *console.Console, doc *document, c settings.Connection, show bool) error {
	signer, err := auth.NewSigner(c.Creds)
	if err != nil {
		return err // checked before
	}
	stamp := signer.Stamp()
	if !show {
		stamp.Signature = auth.Redacted
	}
	text, err := doc.stamped(stamp)
	if err != nil {
		return err
	}
	to := "an endpoint that is not set"
	if c.Endpoint != "" {
		to = c.Endpoint
	}
	a.Complain("not sent: POST to " + to + `, SOAPAction "` + doc.operation.SOAPAction + `"`)
	return output.WriteEnvelope(a.Stdout, string(text))
}

// send sends the envelope through package client, with its limits and retries, and prints the last answer as it came,
// also if it is a fault. The envelope is signed again for each attempt.
func send(ctx context.Context, a *console.Console, doc *document, c settings.Connection, f *callFlags) error {
	made, err := settings.NewClient(a, c, &f.ConnectionFlags)
	if err != nil {
		return err
	}
	defer made.CloseIdleConnections()
	answer, refused := made.Do(ctx, client.Envelope{Operation: doc.operation, Sign: doc.stamped})
	if answer != "" {
		if err := output.WriteEnvelope(a.Stdout, answer); err != nil && refused == nil {
			return err
		}
	}
	return refused
}
