package wiretest

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/internal/testing/restrequests"
)

// request is one to the REST API, as clients make them.
func request(method, address, kind, body string) *http.Request {
	r := httptest.NewRequest(method, "https://example.com"+address, nil)
	r.Body = nil
	r.Header.Set("Authorization", "Bearer token")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
		httpcall.NewBody([]byte(body)).AddTo(r)
	}
	return r
}

// needDescription skips a test where there is nothing to compare requests with.
func needDescription(t *testing.T) {
	t.Helper()
	if _, err := Described(); err != nil {
		t.Skipf("requests are not checked: %v", err)
	}
}

const jsonType = "application/json"

// sender answers nothing, after it has read all that is sent.
type sender struct{ sent []string }

var errSent = errors.New("sent")

func (s *sender) RoundTrip(r *http.Request) (*http.Response, error) {
	text := ""
	if body, ok := r.Body.(*httpcall.Body); ok {
		if body.MayHaveArrived() {
			text = "(begun) "
		}
		text += string(body.Peek())
	}
	s.sent = append(s.sent, r.Method+" "+r.URL.Path+" "+text)
	return nil, errSent
}

// What does not fit the description ends the process, which a panic does here.
func TestTap_refuses(t *testing.T) {
	t.Parallel()
	needDescription(t)
	for _, r := range []*http.Request{
		request("GET", "/rest/v1/leads.json?filterType=id", "", ""), request("GET", "/rest/v1/nothing.json", "", ""),
		request("POST", "/rest/v1/leads.json", jsonType, `{"action":"upsert","input":[{"email":"a"}]}`),
	} {
		next := new(sender)
		said := func() (said any) {
			defer func() { said = recover() }()
			_, _ = httpcall.Tap(next).RoundTrip(r)
			return nil
		}()
		if text, ok := said.(string); !ok || !strings.Contains(text, "does not fit the description") || len(next.sent) > 0 {
			t.Errorf("%s %s: %v, %v", r.Method, r.URL, said, next.sent)
		}
	}
}

// What fits goes through untouched, and one of each shape is kept, without what is secret.
func TestTap_keeps(t *testing.T) {
	t.Parallel()
	needDescription(t)
	folder := filepath.Join(t.TempDir(), "requests")
	next := new(sender)
	looking := &tap{next, folder}
	const leads, form = "/rest/v1/leads.json?_method=GET", "application/x-www-form-urlencoded"
	for _, r := range []*http.Request{
		request("GET", "/rest/v1/lead/4711.json", "", ""), request("GET", "/rest/v1/lead/4712.json", "", ""), request("GET", "/rest/v1/lead/4712.json?fields=id", "", ""),
		request("POST", leads, form, "filterType=id&filterValues=kept-1"), request("POST", leads, form, "filterType=id&filterValues=2"),
		request("POST", "/rest/v1/leads.json", jsonType, `{"input":[{"email":"kept-2"},{"email":"b"}]}`), request("POST", "/rest/v1/leads.json", jsonType, `{"input":[{"email":"c"}]}`),
		request("POST", "/rest/v1/leads.json", jsonType, `{"input":[{"id":1}]}`),
		request("POST", "/identity/oauth/token", form, "grant_type=client_credentials&client_id=ours&client_secret=ours"),
	} {
		if _, err := looking.RoundTrip(r); !errors.Is(err, errSent) {
			t.Fatal(err)
		}
	}
	if len(next.sent) != 9 || next.sent[3] != "POST /rest/v1/leads.json filterType=id&filterValues=kept-1" {
		t.Errorf("sent: %q", next.sent)
	}
	var kept []string
	files, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(filepath.Join(folder, f.Name()))
		var one restrequests.Request
		if err != nil || json.Unmarshal(text, &one) != nil {
			t.Errorf("%s: %v", text, err)
		}
		kept = append(kept, one.Method+" "+one.URI+" "+one.Body)
	}
	all := strings.Join(kept, "\n")
	if len(kept) != 6 || !strings.Contains(all, "kept-1") || !strings.Contains(all, "kept-2") || strings.Contains(all, "ours") {
		t.Errorf("kept:\n%s", all)
	}
}
