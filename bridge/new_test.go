package bridge_test

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
)

var credentials = bridge.Credentials{ClientID: "client-id", ClientSecret: auth.NewSecret("client-secret")}

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
		b, err := bridge.New(endpoint, credentials)
		switch {
		case err == nil && b.String() != "bridge.Bridge("+want+")":
			t.Errorf("%s: %s", endpoint, b)
		case err != nil && !errors.As(err, new(*bridge.EndpointError)):
			t.Errorf("%s: %T", endpoint, err)
		case err != nil && (!strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3") || strings.Contains(err.Error(), "secret@")):
			t.Errorf("%s: %v", endpoint, err)
		}
	}
}

func TestNew_mistakes(t *testing.T) {
	t.Parallel()
	_, err := bridge.New("http://a.example.com", bridge.Credentials{ClientID: "id ", ClientSecret: auth.NewSecret("two\nlines")},
		bridge.WithLimits(bridge.Limits{Calls: 101, Concurrent: 11, Per: time.Second, Reserve: -1}), bridge.WithRetry(bridge.RetryPolicy{MaxAttempts: -1}),
		bridge.WithOwnerEmailField(""), bridge.WithTempFolder(""), bridge.WithExtractVolume(0))
	for _, want := range []string{"https", "client id starts or ends", "client secret has a control", "Calls is 101", "Concurrent is 11", "Per is 1s", "Reserve: -1 is negative", "WithRetry", "WithOwnerEmailField", "WithTempFolder", "WithExtractVolume"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %v", want, err)
		}
	}
	if strings.Contains(err.Error(), "two") {
		t.Errorf("it shows the secret: %v", err)
	}
}

// The file forms of the secret are those of client.FromEnv, which is tested with all of them.
func TestFromEnv(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		change map[string]string // of what is set
		wants  []string          // parts of the error; none: there is a bridge
	}{
		"secret":           {},
		"file":             {change: map[string]string{bridge.EnvClientSecret: "", bridge.EnvClientSecretFile: file}},
		"both":             {change: map[string]string{bridge.EnvClientSecretFile: file}, wants: []string{"bridge: both", "unset one"}},
		"nothing":          {change: map[string]string{bridge.EnvEndpoint: "", bridge.EnvClientID: "", bridge.EnvClientSecret: ""}, wants: []string{"bridge: not set", bridge.EnvEndpoint, bridge.EnvClientID, bridge.EnvClientSecretFile}},
		"SOAP's":           {change: map[string]string{bridge.EnvEndpoint: "https://a.example.com/soap/mktows/2_7"}, wants: []string{"one of the SOAP API"}},
		"no file of names": {change: map[string]string{bridge.EnvNames: "nothing.json"}, wants: []string{"nothing.json"}},
		"a bad value":      {change: map[string]string{bridge.EnvClientID: " id"}, wants: []string{"client id starts or ends"}},
	} {
		env := map[string]string{bridge.EnvEndpoint: "https://a.example.com/rest", bridge.EnvClientID: "client-id", bridge.EnvClientSecret: "s3cret"}
		maps.Copy(env, test.change)
		b, err := bridge.FromEnv(func(name string) string { return env[name] })
		if len(test.wants) == 0 && (err != nil || b == nil) {
			t.Errorf("%s: %v", name, err)
		}
		for _, want := range test.wants {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s: %v; want %q in it", name, err, want)
			}
		}
	}
}
