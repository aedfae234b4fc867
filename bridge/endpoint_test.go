package bridge_test

import (
	"strings"
	"testing"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
)

func TestNew_endpoint(t *testing.T) {
	t.Parallel()
	for endpoint, want := range map[string]string{
		"https://000-AAA-000.mktorest.com":           "000-aaa-000.mktorest.com:443",
		"https://000-AAA-000.mktorest.com/":          "000-aaa-000.mktorest.com:443",
		"https://000-AAA-000.mktorest.com/rest":      "000-aaa-000.mktorest.com:443",
		"https://000-AAA-000.mktorest.com/rest//":    "000-aaa-000.mktorest.com:443",
		"http://127.0.0.1:8080/rest":                 "127.0.0.1:8080",
		"http://a.example.com":                       "use https",
		"https://a.example.com/identity":             "address of Identity",
		"https://a.example.com/soap/mktows/2_7":      "one of the SOAP API",
		"https://a.example.com/rest/v1":              "has the path",
		"https://u:secret@a.example.com/rest":        "user name or password",
		"https://a.example.com/rest?access_token=s3": "query",
		"ftp://a.example.com":                        "web address",
		"a.example.com/rest":                         "web address",
		"https://a.example.com:0/rest":               "port",
		"https://%zz":                                "not a URL",
		"":                                           "web address",
	} {
		b, err := bridge.New(endpoint, bridge.Credentials{ClientID: "example-client", ClientSecret: auth.NewSecret("example-secret")})
		switch {
		case err == nil && b.String() != "bridge.Bridge("+want+")":
			t.Errorf("%s: %s", endpoint, b)
		case err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3") || strings.Contains(err.Error(), "secret@")):
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}
