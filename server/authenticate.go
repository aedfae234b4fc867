package server

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// newDecoy returns a key that nobody knows. Signatures of unknown users are held
// against it, so that the answer takes as long as for a known one.
func newDecoy() auth.Secret { return auth.NewSecret(rand.Text()) }

// authenticate returns the fault for a header that does not let its user in, and the
// reason for the log (Marketo SOAP API, authentication signature).
func (s *Server) authenticate(ctx context.Context, h *gen.AuthenticationHeaderInfo, now time.Time) (*fault.Fault, string) {
	if s.lookup == nil {
		return nil, ""
	}
	if h == nil {
		return fault.New(fault.CodeAuthenticationFailed, "Authentication failed: the request has no AuthenticationHeader"), "no header"
	}
	key, known := s.lookup(ctx, h.MktowsUserId)
	if !known {
		key = s.decoy
	}
	stamp := auth.Stamp{UserID: h.MktowsUserId, Signature: h.RequestSignature, Timestamp: h.RequestTimestamp}
	switch err := auth.Verify(stamp, key, now, s.window); {
	case !known:
		return fault.New(fault.CodeAuthenticationFailed, ""), "unknown user"
	case err == nil:
		return nil, ""
	case errors.Is(err, auth.ErrStale):
		return fault.Newf(fault.CodeRequestExpired, "Request Expired: requestTimestamp %s is more than %s away from the server's time, %s",
			h.RequestTimestamp, s.window, auth.FormatTimestamp(now.UTC())), "stale timestamp"
	case errors.Is(err, auth.ErrBadTimestamp):
		return fault.New(fault.CodeAuthenticationFailed, "Authentication failed: requestTimestamp is not like 2017-03-09T17:40:00-08:00"),
			err.Error()
	}
	return fault.New(fault.CodeAuthenticationFailed, ""), "wrong signature"
}
