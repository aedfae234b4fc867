package client_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/client"
)

func TestFromEnv(t *testing.T) {
	t.Parallel()
	file := func(content string) string {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	const key = "example-key"
	for name, tt := range map[string]struct {
		change map[string]string // of what is set
		wants  []string          // parts of the error; none: there is a client
	}{
		"key":               {},
		"file":              {change: map[string]string{client.EnvSecretKey: "", client.EnvSecretKeyFile: file(key + "\n")}},
		"file of Windows":   {change: map[string]string{client.EnvSecretKey: "", client.EnvSecretKeyFile: file(key + "\r\n")}},
		"partner":           {change: map[string]string{client.EnvEndpoint: "https://example.com/soap/mktows/3_1", client.EnvPartnerID: "example_partner"}},
		"partner, 2_7":      {change: map[string]string{client.EnvPartnerID: "example_partner"}, wants: []string{"partner"}},
		"nothing":           {change: map[string]string{client.EnvEndpoint: "", client.EnvUserID: "", client.EnvSecretKey: ""}, wants: []string{client.EnvEndpoint, client.EnvUserID, client.EnvSecretKey, client.EnvSecretKeyFile}},
		"no user":           {change: map[string]string{client.EnvUserID: ""}, wants: []string{"not set: " + client.EnvUserID}},
		"both":              {change: map[string]string{client.EnvSecretKeyFile: file(key)}, wants: []string{"both", "unset one"}},
		"an empty file":     {change: map[string]string{client.EnvSecretKey: "", client.EnvSecretKeyFile: file("\n")}, wants: []string{client.EnvSecretKeyFile, "is empty"}},
		"a long file":       {change: map[string]string{client.EnvSecretKey: "", client.EnvSecretKeyFile: file(strings.Repeat(key, 1000))}, wants: []string{client.EnvSecretKeyFile, "4096"}},
		"no file":           {change: map[string]string{client.EnvSecretKey: "", client.EnvSecretKeyFile: filepath.Join(t.TempDir(), "nowhere")}, wants: []string{client.EnvSecretKeyFile, "nowhere"}},
		"a folder":          {change: map[string]string{client.EnvSecretKey: "", client.EnvSecretKeyFile: t.TempDir()}, wants: []string{client.EnvSecretKeyFile}},
		"no version":        {change: map[string]string{client.EnvEndpoint: "https://example.com/soap"}, wants: []string{"endpoint"}},
		"a line end in key": {change: map[string]string{client.EnvSecretKey: key + "\n"}, wants: []string{"secret key"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{
				client.EnvEndpoint: "https://example.com/soap/mktows/2_7", client.EnvUserID: "example_user", client.EnvSecretKey: key,
			}
			for name, value := range tt.change {
				env[name] = value
			}
			c, err := client.FromEnv(func(name string) string { return env[name] })
			if len(tt.wants) == 0 {
				if err != nil || c == nil {
					t.Errorf("%v, %v", c, err)
				}
				return
			}
			for _, want := range tt.wants {
				if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), key) {
					t.Errorf("error %v; want %q in it", err, want)
				}
			}
		})
	}
}
