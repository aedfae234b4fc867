package call

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/gen"
)

const signLong = `Print the fields of an AuthenticationHeader, signed for this moment or another one.

The signature is HMAC-SHA1, keyed with the secret key, over the timestamp followed by the
user id, in lower-case hexadecimal digits. It fits any request until the timestamp is too
old for the service: treat it as a password until then.

This is for SOAP: the REST API has no such header, and its settings do not count here.`

const signExample = `  mktows sign
  mktows sign --at 2017-03-09T17:40:00-08:00 -o xml`

// signedHeader is an AuthenticationHeader as -o json prints it: unlike auth.Stamp it
// shows the signature.
type signedHeader struct {
	UserID    string `json:"mktowsUserId"`
	Signature string `json:"requestSignature"`
	Timestamp string `json:"requestTimestamp"`
	PartnerID string `json:"partnerId,omitempty"`
}

// SignCommand makes "mktows sign".
func SignCommand(a *console.Console) *cobra.Command {
	var user settings.UserFlags
	var at string
	format := output.ValueFormat(output.XML)
	cmd := &cobra.Command{
		Use:     "sign",
		Short:   "Print a signed AuthenticationHeader",
		Long:    signLong,
		Example: signExample,
		Args:    settings.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			stamp, err := stampAt(cmd.Context(), a, &user, at)
			if err != nil {
				return err
			}
			return writeStamp(a, stamp, format.Value)
		},
	}
	user.Bind(cmd.Flags())
	cmd.Flags().StringVar(&at, "at", "", "sign for this `TIME`, such as 2017-03-09T17:40:00-08:00 (default: now, in UTC)")
	format.Bind(cmd.Flags())
	return cmd
}

// stampAt signs for the time that at names, in the offset it was written with, or for now. The signature covers the
// text of the timestamp, so the offset matters to someone who compares with another implementation.
func stampAt(ctx context.Context, a *console.Console, user *settings.UserFlags, at string) (auth.Stamp, error) {
	moment := time.Now().UTC()
	if at != "" {
		var err error
		if moment, err = auth.ParseTimestamp(at); err != nil {
			return auth.Stamp{}, exit.Usagef("--at: %q is not like 2017-03-09T17:40:00-08:00", at)
		}
	}
	signer, err := newSigner(ctx, a, user, auth.WithLocation(moment.Location()))
	if err != nil {
		return auth.Stamp{}, err
	}
	return signer.StampAt(moment), nil
}

// newSigner returns a signer for the credentials of the environment. No endpoint is needed.
func newSigner(ctx context.Context, a *console.Console, user *settings.UserFlags, options ...auth.Option) (*auth.Signer, error) {
	creds, missing, err := settings.ReadCredentials(ctx, a, user)
	if err != nil {
		return nil, err
	}
	if err := settings.NotSet(a, missing, true); err != nil {
		return nil, err
	}
	if err := settings.CheckCredentials(a, creds, user); err != nil {
		return nil, err
	}
	return auth.NewSigner(creds, options...)
}

// writeStamp prints the fields of the header. Unlike everywhere else, the signature is shown: it is what the command
// is for.
func writeStamp(a *console.Console, s auth.Stamp, format string) error {
	switch format {
	case output.JSON:
		return output.WriteJSON(a.Stdout, signedHeader{s.UserID, s.Signature, s.Timestamp, s.PartnerID})
	case output.XML:
		return writeStampXML(a, s)
	}
	if err := output.Printf(a.Stdout, "mktowsUserId      %s\nrequestSignature  %s\nrequestTimestamp  %s\n",
		output.Visible(s.UserID), s.Signature, s.Timestamp); err != nil || s.PartnerID == "" {
		return err
	}
	return output.Printf(a.Stdout, "partnerId         %s\n", s.PartnerID)
}

// writeStampXML prints the header as XML, to be pasted into the Header of an envelope.
func writeStampXML(a *console.Console, s auth.Stamp) error {
	header := &gen.AuthenticationHeaderInfo{
		MktowsUserId: s.UserID, RequestSignature: s.Signature, RequestTimestamp: s.Timestamp,
	}
	if s.PartnerID != "" {
		header.PartnerId = gen.Some(s.PartnerID)
	}
	text, err := gen.Marshal(header, gen.V3_1) // which has a place for a partner id
	if err != nil {
		return exit.Settingsf("%s: %w", settings.VarUserID, err)
	}
	return output.Printf(a.Stdout, "%s\n", text)
}
