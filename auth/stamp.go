package auth

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Stamp is the content of one AuthenticationHeader (Marketo SOAP API, WSDL:
// AuthenticationHeaderInfo). Its signature lets anyone call the service until the
// timestamp is too old, so printing, logging and JSON show a placeholder for it.
//
// A Stamp is for passing on at once. In an unexported field of a struct, fmt would
// print the signature: fmt calls no methods there.
type Stamp struct {
	UserID    string // mktowsUserId
	Signature string // requestSignature: 40 lower-case hexadecimal digits
	Timestamp string // requestTimestamp, exactly as it was signed
	PartnerID string // partnerId; empty: none is sent
}

// String returns the stamp without its signature.
func (s Stamp) String() string {
	text := fmt.Sprintf("auth.Stamp{UserID:%q, Signature:%s, Timestamp:%q", s.UserID, Redacted, s.Timestamp)
	if s.PartnerID != "" {
		text += fmt.Sprintf(", PartnerID:%q", s.PartnerID)
	}
	return text + "}"
}

// GoString returns the stamp without its signature.
func (s Stamp) GoString() string { return s.String() }

// Format writes the stamp without its signature, whatever the verb.
func (s Stamp) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns the stamp as a group, without its signature.
func (s Stamp) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("user_id", s.UserID),
		slog.String("signature", Redacted),
		slog.String("timestamp", s.Timestamp),
	}
	if s.PartnerID != "" {
		attrs = append(attrs, slog.String("partner_id", s.PartnerID))
	}
	return slog.GroupValue(attrs...)
}

// MarshalJSON writes the stamp with a placeholder for its signature.
func (s Stamp) MarshalJSON() ([]byte, error) {
	type plain Stamp // without this method
	s.Signature = Redacted
	return json.Marshal(plain(s))
}

// HideSignature returns text with each occurrence of the signature replaced by a placeholder, in either letter case, since
// whatever echoes a request may have changed the case. An empty signature occurs nowhere.
func HideSignature(text, signature string) string {
	if signature == "" {
		return text
	}
	var out strings.Builder
	plain, signature := asciiLower(text), asciiLower(signature)
	for {
		i := strings.Index(plain, signature)
		if i < 0 {
			out.WriteString(text)
			return out.String()
		}
		out.WriteString(text[:i] + Redacted)
		text, plain = text[i+len(signature):], plain[i+len(signature):]
	}
}

// asciiLower writes the letters A to Z small, byte for byte, so that places stay where they are.
func asciiLower(text string) string {
	lower := []byte(text)
	for i, b := range lower {
		if b >= 'A' && b <= 'Z' {
			lower[i] = b + 'a' - 'A'
		}
	}
	return string(lower)
}
