package cli

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
)

// TestSecretFile has the files that a script cannot hold.
func TestSecretFile(t *testing.T) {
	t.Parallel()
	const at = "2017-03-09T17:40:00-08:00"
	tests := []struct {
		name, content, stderr string
		code                  int
	}{
		{"no line end", "example-key", "", exit.OK},
		{"a line end of Windows", "example-key\r\n", "", exit.OK},
		{"white space", "example-key \n", "starts or ends with white space", exit.Settings},
		{"a byte order mark", "\uFEFFexample-key\n", "invisible character", exit.Settings},
		{"not UTF-8", "example-key\xff", "is not UTF-8", exit.Settings},
		{"a large file", strings.Repeat("x", 4<<10+1), "has more than 4096 bytes", exit.Settings},
		{"only line ends", "\r\n", "is empty", exit.Settings},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			r := run(t, environment{settings.VarUserID: "example_user", settings.VarSecretKey + "_FILE": path}, "", "sign", "--at", at)
			if r.code != test.code || !strings.Contains(r.stderr, test.stderr) || (r.stderr != "") != (test.stderr != "") {
				t.Errorf("exit code %d, want %d: %s", r.code, test.code, r.stderr)
			}
			if test.code == exit.OK && !strings.Contains(r.stdout, "0176853b8471c6d4477206402d7d6e21826d6ebd") {
				t.Errorf("printed %s", r.stdout)
			}
		})
	}
	if r := run(t, environment{settings.VarUserID: "example_user", settings.VarSecretKey + "_FILE": t.TempDir()}, "", "sign"); r.code != exit.Invalid {
		t.Errorf("a directory: exit code %d: %s", r.code, r.stderr)
	}
}

// TestSign_now: without --at the moment is this one.
func TestSign_now(t *testing.T) {
	t.Parallel()
	before := time.Now().Truncate(time.Second)
	r := run(t, environment{settings.VarUserID: testUser, settings.VarSecretKey: testKey}, "", "sign")
	after := time.Now()
	found := regexp.MustCompile(`requestSignature  (\S+)\nrequestTimestamp  (\S+)\n`).FindStringSubmatch(r.stdout)
	if found == nil {
		t.Fatalf("exit code %d: %s%s", r.code, r.stdout, r.stderr)
	}
	at, err := auth.ParseTimestamp(found[2])
	if err != nil || at.Before(before) || at.After(after) {
		t.Errorf("signed for %s, want a moment from %s to %s: %v", at, before, after, err)
	}
	stamp := auth.Stamp{UserID: testUser, Signature: found[1], Timestamp: found[2]}
	if err := auth.Verify(stamp, auth.NewSecret(testKey), after, time.Minute); err != nil {
		t.Error(err)
	}
}

// TestInsecureHTTP: the flag, and nothing else, allows http to other machines.
func TestInsecureHTTP(t *testing.T) {
	t.Parallel()
	env := settingsFor("http://example.com/soap/mktows/2_7")
	if r := run(t, env, request(readRequest), "call", "--dry-run"); r.code != exit.Settings {
		t.Errorf("without: exit code %d: %s", r.code, r.stderr)
	}
	if r := run(t, env, request(readRequest), "call", "--dry-run", "--insecure-http"); r.code != exit.OK {
		t.Errorf("with: exit code %d: %s", r.code, r.stderr)
	}
}

// TestUserAgent: a server's log tells which program called.
func TestUserAgent(t *testing.T) {
	t.Parallel()
	agents := make(chan string, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		agents <- r.UserAgent()
		w.WriteHeader(http.StatusNotFound)
	}))
	t.Cleanup(server.Close)
	for _, args := range [][]string{{"activity", "1"}, {"call"}} {
		run(t, settingsFor(server.URL+"/2_7"), request(readRequest), args...)
		if agent := <-agents; !regexp.MustCompile(`^mktows/[\w.+-]+$`).MatchString(agent) {
			t.Errorf("%q: User-Agent %q", args, agent)
		}
	}
}
