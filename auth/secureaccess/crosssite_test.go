package secureaccess_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/auth/secureaccess"
)

// A page of another site cannot make the browser of a user who is logged in here fetch a
// signature: what the browser sends unasked, with the user's cookie, is refused.
func TestHandler_crossSite(t *testing.T) {
	t.Parallel()
	byCookie := func(r *http.Request) (string, error) {
		if c, err := r.Cookie("session"); err != nil || c.Value != "of-ann" {
			return "", secureaccess.ErrUnauthenticated
		}
		return ann, nil
	}
	const trusted = "https://www.example.org"
	h, err := secureaccess.NewHandler(newSigner(t, exampleSecret), byCookie, secureaccess.WithTrustedOrigins(trusted),
		secureaccess.WithEmailLimit(noLimit), secureaccess.WithAddressLimit(noLimit))
	if err != nil {
		t.Fatal(err)
	}
	form, json := "deviceId=device-7", `{"deviceId":"device-7"}`
	for _, c := range []struct {
		name, kind, body string
		site, origin     string
		status           int
	}{
		{"an app", formType, form, "", "", 200},
		{"another site", formType, form, "cross-site", "https://evil.example.net", 403},
		{"another site that tells no origin", formType, form, "cross-site", "", 403},
		{"a neighbour", formType, form, "same-site", "https://blog.example.com", 403},
		{"this site", formType, form, "same-origin", "https://api.example.com", 200},
		{"the user", formType, form, "none", "", 200},
		{"another origin, old browser", formType, form, "", "https://evil.example.net", 403},
		{"no origin that is told, old browser", formType, form, "", "null", 403},
		{"this origin, old browser", formType, form, "", "https://api.example.com", 200},
		{"a trusted site", formType, form, "cross-site", trusted, 200},
		{"charset and letter case", "Application/X-WWW-Form-Urlencoded; charset=utf-8", form, "cross-site", "https://evil.example.net", 403},
		{"JSON as text", "text/plain", json, "cross-site", "https://evil.example.net", 403},
		{"no type", "", json, "cross-site", "https://evil.example.net", 403},
		{"JSON, of which the browser has asked", jsonType, json, "cross-site", "https://app.example.net", 200},
	} {
		r := httptest.NewRequest(http.MethodPost, "https://api.example.com/signature", strings.NewReader(c.body))
		r.AddCookie(&http.Cookie{Name: "session", Value: "of-ann"})
		for name, value := range map[string]string{"Content-Type": c.kind, "Sec-Fetch-Site": c.site, "Origin": c.origin} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := serve(t, h, r)
		if w.Code != c.status || (c.status == 403) != strings.Contains(w.Body.String(), `"cross_site"`) {
			t.Errorf("%s: HTTP %d, want %d: %s", c.name, w.Code, c.status, w.Body)
		}
	}
}

func TestWithTrustedOrigins_refuses(t *testing.T) {
	t.Parallel()
	for _, origin := range []string{"", "www.example.com", "https://www.example.com/", "https://www.example.com/path"} {
		_, err := secureaccess.NewHandler(newSigner(t, exampleSecret), byToken, secureaccess.WithTrustedOrigins("https://a.example.com", origin))
		if err == nil || !strings.Contains(err.Error(), "WithTrustedOrigins") {
			t.Errorf("%q: %v", origin, err)
		}
	}
}
