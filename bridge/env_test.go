package bridge_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/operations"
)

func TestFromEnv(t *testing.T) {
	t.Parallel()
	const secret = mktowstest.RESTClientSecret
	s := mktowstest.NewServer(t, mktowstest.WithDemo())
	file := func(content string) string {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	fromFile := func(path string) map[string]string {
		return map[string]string{bridge.EnvClientSecret: "", bridge.EnvClientSecretFile: path}
	}
	for name, tt := range map[string]struct {
		change map[string]string // of what is set
		wants  []string          // parts of the error; none: the bridge gets a lead
	}{
		"secret":               {},
		"file":                 {change: fromFile(file(secret + "\n"))},
		"file of Windows":      {change: fromFile(file(secret + "\r\n"))},
		"with /rest":           {change: map[string]string{bridge.EnvEndpoint: s.RESTURL() + "/rest"}},
		"nothing":              {change: map[string]string{bridge.EnvEndpoint: "", bridge.EnvClientID: "", bridge.EnvClientSecret: ""}, wants: []string{bridge.EnvEndpoint, bridge.EnvClientID, bridge.EnvClientSecret, bridge.EnvClientSecretFile}},
		"no id":                {change: map[string]string{bridge.EnvClientID: ""}, wants: []string{"not set: " + bridge.EnvClientID}},
		"both":                 {change: map[string]string{bridge.EnvClientSecretFile: file(secret)}, wants: []string{"both", "unset one"}},
		"an empty file":        {change: fromFile(file("\n")), wants: []string{bridge.EnvClientSecretFile, "is empty"}},
		"a long file":          {change: fromFile(file(strings.Repeat(secret, 1000))), wants: []string{bridge.EnvClientSecretFile, "4096"}},
		"no file":              {change: fromFile(filepath.Join(t.TempDir(), "nowhere")), wants: []string{bridge.EnvClientSecretFile, "nowhere"}},
		"a folder":             {change: fromFile(t.TempDir()), wants: []string{bridge.EnvClientSecretFile}},
		"that of SOAP":         {change: map[string]string{bridge.EnvEndpoint: "https://example.com/soap/mktows/2_7"}, wants: []string{"SOAP"}},
		"a line end in secret": {change: map[string]string{bridge.EnvClientSecret: secret + "\n"}, wants: []string{"client secret"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{
				bridge.EnvEndpoint: s.RESTURL(), bridge.EnvClientID: mktowstest.RESTClientID, bridge.EnvClientSecret: secret,
			}
			for name, value := range tt.change {
				env[name] = value
			}
			b, err := bridge.FromEnv(func(name string) string { return env[name] })
			if err == nil {
				defer b.CloseIdleConnections()
				_, err = operations.New(b).Leads.Get(t.Context(), operations.LeadID(318815))
			}
			if err != nil && len(tt.wants) == 0 {
				t.Error(err)
			}
			for _, want := range tt.wants {
				if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
					t.Errorf("error %v; want %q in it", err, want)
				}
			}
		})
	}
}
