package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/envelope"
)

const callLong = `Send a ready-made SOAP envelope with a fresh AuthenticationHeader and print the answer.

The envelope comes from FILE, or from standard input if FILE is - or missing. Its
AuthenticationHeader is replaced, or one is added; everything else stays as it is. A
partnerId in it stays too, unless MKTOWS_PARTNER_ID is set. The SOAPAction follows from the
element in the body.

The envelope is sent once. The answer is printed as it came, also if it is a fault; the
exit code tells the fault's class.

With --dry-run nothing is sent: what would be is printed, with a placeholder for the
signature, because whoever has the signature can use the API in your name until it
expires. --show-signature prints it nonetheless, for sending the envelope by other means;
then no endpoint needs to be set.`

const callExample = `  mktows call request.xml
  mktows call --dry-run < request.xml
  mktows call --dry-run --show-signature request.xml | curl -H 'Content-Type: text/xml' -d @- …`

const (
	// maxEnvelope bounds what is read from FILE, in bytes.
	maxEnvelope = 64 << 20
)

type callFlags struct {
	connectionFlags
	dryRun, showSignature bool
}

func (a *app) callCommand() *cobra.Command {
	var f callFlags
	cmd := &cobra.Command{
		Use:     "call [FILE]",
		Short:   "Send a ready-made envelope, freshly signed",
		Long:    callLong,
		Example: callExample,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) > 1:
				return usagef("one FILE at most, got %d", len(args))
			case f.showSignature && !f.dryRun:
				return usagef("--show-signature is for --dry-run")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.call(cmd.Context(), &f, append(args, "-")[0])
		},
	}
	f.bind(cmd.Flags())
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "print what would be sent, send nothing")
	cmd.Flags().BoolVar(&f.showSignature, "show-signature", false, "with --dry-run: print the signature too")
	return cmd
}

func (a *app) call(ctx context.Context, f *callFlags, path string) error {
	conn, err := a.connection(ctx, &f.connectionFlags, f.dryRun)
	if err != nil {
		return err
	}
	if err := a.checkConnection(conn, f); err != nil {
		return err
	}
	doc, err := a.readEnvelope(ctx, path)
	if err != nil {
		return err
	}
	signer, err := auth.NewSigner(conn.creds)
	if err != nil {
		return err // checked before
	}
	if f.dryRun {
		return a.dryRun(doc, conn, signer.Stamp(), f.showSignature)
	}
	return a.send(ctx, doc, conn, signer, f)
}

// checkConnection holds the settings to the rules of package client.
func (a *app) checkConnection(c connection, f *callFlags) error {
	if c.endpoint == "" {
		return a.checkCredentials(c.creds, &f.userFlags)
	}
	_, err := a.client(c, &f.connectionFlags)
	return err
}

func (a *app) readEnvelope(ctx context.Context, path string) (*document, error) {
	c, err := readFileOrStdin(ctx, a.stdin, path, maxEnvelope)
	if err != nil {
		return nil, err
	}
	if err := c.problem(path, maxEnvelope); err != nil {
		return nil, err
	}
	doc, err := readDocument(ctx, c.text)
	if err != nil {
		return nil, inputf("%s cannot be sent: %w", inputName(path), err)
	}
	return doc, nil
}

func (a *app) dryRun(doc *document, c connection, stamp auth.Stamp, show bool) error {
	if !show {
		stamp.Signature = auth.Redacted
	}
	doc.stamp(stamp)
	text, err := doc.bytes()
	if err != nil {
		return err
	}
	to := "an endpoint that is not set"
	if c.endpoint != "" {
		to = c.endpoint
	}
	a.complain("not sent: POST to " + to + `, SOAPAction "` + doc.operation.SOAPAction + `"`)
	return writeEnvelope(a.stdout, text)
}

func (a *app) send(ctx context.Context, doc *document, c connection, signer *auth.Signer, f *callFlags) error {
	stamp := signer.Stamp()
	doc.stamp(stamp)
	text, err := doc.bytes()
	if err != nil {
		return err
	}
	safety := safetyOf(ctx, doc, text)
	r, err := newPoster(c.endpoint, a.logger(f.verbose)).post(ctx, doc.operation, safety, text)
	if err != nil {
		return err
	}
	isSOAP, refused := r.read(ctx, doc.operation, safety, stamp)
	if isSOAP {
		if err := writeEnvelope(a.stdout, r.body); err != nil && refused == nil {
			return err
		}
	}
	return refused
}

// safetyOf goes by the whole request where it can be read: some are safer than their
// operation.
func safetyOf(ctx context.Context, doc *document, text []byte) fault.Safety {
	in := doc.operation.NewInput()
	q, err := envelope.OpenRequest(ctx, string(text))
	if err != nil || q.Read(in) != nil {
		return safety(doc.operation)
	}
	return client.SpecOf(doc.operation, in).Safety
}

// writeEnvelope writes an envelope as it is, ended by a line end; on a terminal, what
// the terminal would act on becomes a character reference.
func writeEnvelope(w io.Writer, text []byte) error {
	out := string(text)
	if isTerminal(w) {
		out = harmlessXML(out)
	}
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out += "\n"
	}
	_, err := io.WriteString(w, out)
	return outputError(err)
}
