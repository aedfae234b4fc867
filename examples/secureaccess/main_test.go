package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/auth/secureaccess"
)

var update = flag.Bool("update", false, "write the golden file anew")

// TestServer asks as apps do, well and badly, and compares what they are told.
func TestServer(t *testing.T) {
	t.Parallel()
	server := start(t)
	var got strings.Builder
	for _, c := range []struct{ title, session, body string }{
		{"Ann's phone", "example-session", "deviceId=device-7"},
		{"Ann's phone, naming her", "example-session", "deviceId=device-7&email=Ann@example.com"},
		{"nobody logged in", "", "deviceId=device-7"},
		{"a session that has ended", "example-session-of-yesterday", "deviceId=device-7"},
		{"Ann's phone, naming Bob", "example-session", "deviceId=device-7&email=bob@example.com"},
		{"without a device id", "example-session", ""},
	} {
		fmt.Fprintf(&got, "# %s\n%s\n", c.title, ask(t, server, c.session, c.body))
	}
	const golden = "testdata/answers.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Error(diff)
	}
}

func start(t *testing.T) *httptest.Server {
	t.Helper()
	noon := time.Date(2026, time.March, 29, 12, 0, 0, 0, time.UTC)
	signer, err := secureaccess.NewSigner("example-key", auth.NewSecret("example-secret"),
		secureaccess.WithClock(func() time.Time { return noon }))
	if err != nil {
		t.Fatal(err)
	}
	handler, err := routes(signer, sessions{"example-session": "ann@example.com"})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func ask(t *testing.T, server *httptest.Server, session, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/marketo/signature", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if session != "" {
		r.AddCookie(&http.Cookie{Name: "session", Value: session})
	}
	res, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.Status + "\n" + string(answer)
}
