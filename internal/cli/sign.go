package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/gen"
)

const signLong = `Print the fields of an AuthenticationHeader, signed for this moment or another one.

The signature is HMAC-SHA1, keyed with the secret key, over the timestamp followed by the
user id, in lower-case hexadecimal digits. It fits any request until the timestamp is too
old for the service: treat it as a password until then.`

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

func (a *app) signCommand() *cobra.Command {
	var user userFlags
	var at string
	format := newFormat("text", "json", "xml")
	cmd := &cobra.Command{
		Use:     "sign",
		Short:   "Print a signed AuthenticationHeader",
		Long:    signLong,
		Example: signExample,
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			stamp, err := a.stampAt(cmd.Context(), &user, at)
			if err != nil {
				return err
			}
			return a.writeStamp(stamp, format.value)
		},
	}
	user.bind(cmd.Flags())
	cmd.Flags().StringVar(&at, "at", "", "sign for this `TIME`, such as 2017-03-09T17:40:00-08:00 (default: now, in UTC)")
	format.bind(cmd.Flags())
	return cmd
}

// stampAt signs for the moment that at names, in its offset, or for now.
func (a *app) stampAt(ctx context.Context, user *userFlags, at string) (auth.Stamp, error) {
	moment := time.Now().UTC()
	if at != "" {
		var err error
		if moment, err = auth.ParseTimestamp(at); err != nil {
			return auth.Stamp{}, usagef("--at: %q is not like 2017-03-09T17:40:00-08:00", at)
		}
	}
	signer, err := a.signer(ctx, user, auth.WithLocation(moment.Location()))
	if err != nil {
		return auth.Stamp{}, err
	}
	return signer.StampAt(moment), nil
}

func (a *app) signer(ctx context.Context, user *userFlags, options ...auth.Option) (*auth.Signer, error) {
	creds, missing, err := a.credentials(ctx, user)
	if err != nil {
		return nil, err
	}
	if err := notSet(missing); err != nil {
		return nil, err
	}
	if err := a.checkCredentials(creds, user); err != nil {
		return nil, err
	}
	return auth.NewSigner(creds, options...)
}

func (a *app) writeStamp(s auth.Stamp, format string) error {
	switch format {
	case "json":
		return writeJSON(a.stdout, signedHeader{s.UserID, s.Signature, s.Timestamp, s.PartnerID})
	case "xml":
		return a.writeStampXML(s)
	}
	if err := printf(a.stdout, "mktowsUserId      %s\nrequestSignature  %s\nrequestTimestamp  %s\n",
		visible(s.UserID), s.Signature, s.Timestamp); err != nil || s.PartnerID == "" {
		return err
	}
	return printf(a.stdout, "partnerId         %s\n", s.PartnerID)
}

// writeStampXML writes the header entry for pasting into an envelope's Header.
func (a *app) writeStampXML(s auth.Stamp) error {
	header := &gen.AuthenticationHeaderInfo{
		MktowsUserId: s.UserID, RequestSignature: s.Signature, RequestTimestamp: s.Timestamp,
	}
	if s.PartnerID != "" {
		header.PartnerId = gen.Some(s.PartnerID)
	}
	text, err := gen.Marshal(header, gen.V3_1) // which has a place for a partner id
	if err != nil {
		return settingsf("%s: %w", varUserID, err)
	}
	return printf(a.stdout, "%s\n", text)
}
