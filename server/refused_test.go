package server_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/server"
)

// The journal tells why a signature was refused and which text should have been signed, and neither key nor signature.
func TestJournal_refused(t *testing.T) {
	t.Parallel()
	const signature = "0123456789abcdef0123456789abcdef01234567"
	const at = "2016-02-01T12:00:00-06:00"
	long := strings.Repeat("é", 600)
	for _, tt := range []struct{ name, user, time, signature, refused, signed string }{
		{"unknown user", "nobody", at, signature, "unknown user", at + "nobody"},
		{"stale", "example_user", at, auth.Sign(user, auth.NewSecret(key), at), "stale timestamp", at + "example_user"},
		{"markup", "&lt;b&gt;", at, signature, "unknown user", at + "<b>"},
		{"a signature in the wrong field", signature, "", signature, "unknown user", "[redacted]"},
		{"a long one", long, "", signature, "unknown user", long[:512]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var seen server.Exchange
			s := setup(t, nil, server.WithJournal(func(e server.Exchange) { seen = e }))
			body := `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://www.marketo.com/mktows/"><e:Header><m:AuthenticationHeader>` +
				"<mktowsUserId>" + tt.user + "</mktowsUserId><requestSignature>" + tt.signature + "</requestSignature><requestTimestamp>" + tt.time +
				"</requestTimestamp></m:AuthenticationHeader></e:Header><e:Body><m:paramsListMObjects/></e:Body></e:Envelope>"
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://127.0.0.1"+path, strings.NewReader(body))
			s.ServeHTTP(httptest.NewRecorder(), r)
			if seen.Refused != tt.refused || seen.Signed != tt.signed {
				t.Errorf("refused %q, signed %q; want %q, %q", seen.Refused, seen.Signed, tt.refused, tt.signed)
			}
			if text := seen.Refused + seen.Signed; strings.Contains(text, key) || strings.Contains(text, signature) {
				t.Errorf("a secret is in %s", text)
			}
		})
	}
}
