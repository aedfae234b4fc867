package interop

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/internal/testing/restrequests"
	"github.com/mktows/mktows-go/internal/testing/wiretest"
)

// full is for what takes minutes to install.
var full = flag.Bool("interop.full", false, "have Prism judge the requests of the REST API too")

// Prism, which reads the description of the API, and the simulator agree on what is a valid
// request, but for those on which they differ on purpose. What the simulator says of the same
// requests is tested beside it.
func TestRESTRequestsByPrism(t *testing.T) {
	t.Parallel()
	base := prism(t)
	const token = "token"
	right, wrong := restrequests.Right(token), restrequests.Wrong(token)
	for valid, list := range map[bool][]restrequests.Request{true: right, false: wrong} {
		for _, r := range list {
			if refusal := judge(t, base, r); (refusal == "") != valid {
				t.Errorf("%s %.200s %.100s: right is %v; Prism: %.400q", r.Method, r.URI, r.Body, valid, refusal)
			}
		}
	}
	for _, d := range restrequests.Disputed(token) {
		if refusal := judge(t, base, d.Request); refusal == "" {
			t.Errorf("%s %.200s %.100s: Prism takes it, although %s", d.Method, d.URI, d.Body, d.Why)
		}
	}
	t.Logf("judged by Prism: %d right requests, %d wrong ones, %d on which it differs on purpose", len(right), len(wrong), len(restrequests.Disputed(token)))
}

// Prism takes one request of each shape that the bridge has sent in tests: those that package wiretest has kept.
func TestBridgeRequestsByPrism(t *testing.T) {
	t.Parallel()
	folder := os.Getenv(wiretest.VarRequests)
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("no requests are at hand: run make test, and then make requests (%v, %s=%q)", err, wiretest.VarRequests, folder)
	}
	base := prism(t)
	for _, name := range files {
		text, err := os.ReadFile(name)
		var r restrequests.Request
		if err != nil || json.Unmarshal(text, &r) != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if refusal := judge(t, base, r); refusal != "" {
			t.Errorf("%s %.300s (%s) %.500s: Prism: %.600s", r.Method, r.URI, r.Kind, r.Body, refusal)
		}
	}
	t.Logf("judged by Prism: %d requests of the bridge, each of a shape of its own", len(files))
}

// prism starts Prism with the description of the API, and returns its address. It skips the test
// where one of the two is missing.
func prism(t *testing.T) string {
	t.Helper()
	document, err := filepath.Abs(restrequests.DocumentPath("../../.."))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(document); err != nil {
		t.Skipf("the description of the API is not at hand: set MKTOWS_OPENAPI to its file (%v)", err)
	}
	if !*full {
		t.Skip("Prism takes minutes to install: run make interop")
	}
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("not installed: apt-get install nodejs npm (%v)", err)
		}
	}
	script, err := filepath.Abs("../../../testdata/interop/prism/run.sh")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", script, document)
	cmd.Dir = t.TempDir()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	base, said := listening(stdout)
	if base == "" {
		err := cmd.Wait()
		if exit := new(exec.ExitError); errors.As(err, &exit) && exit.ExitCode() == exitSkipped {
			t.Skip("Prism and its packages cannot be had from npm")
		}
		t.Fatalf("Prism ended with: %v\n%s", err, said)
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(io.Discard, stdout)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-drained
		_ = cmd.Wait() // killed
	})
	return base
}

var address = regexp.MustCompile(`listening on (http://[0-9.:]+)`)

// listening reads the address that Prism listens on, "" if it ends before.
func listening(out io.Reader) (base, said string) {
	for lines := bufio.NewScanner(out); lines.Scan(); said += lines.Text() + "\n" {
		if found := address.FindStringSubmatch(lines.Text()); found != nil {
			return found[1], said
		}
	}
	return "", said
}

// judge returns why Prism refuses a request, "" if it takes it.
func judge(t *testing.T, base string, r restrequests.Request) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), r.Method, base+r.URI, strings.NewReader(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer token")
	if kind := r.ContentType(); kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close() //nolint:errcheck // only read
	if answer.StatusCode < 400 {
		return ""
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.Status + ": " + string(body)
}
