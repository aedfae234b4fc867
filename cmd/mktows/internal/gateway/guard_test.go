package gateway

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/compare"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
)

type passed struct{ n int }

func (p *passed) RoundTrip(r *http.Request) (*http.Response, error) {
	p.n++
	return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody, Request: r}, nil
}

// What reads goes through; everything else is stopped and shown, without values unless they are asked for.
func TestGuard(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		method, url, kind, body string
		values                  bool
		want                    string // empty: it goes through
	}{
		{"GET", "/rest/v1/leads.json?filterValues=a@example.com", "", "", false, ""},
		{"POST", "/rest/v1/leads.json?_method=GET", "application/x-www-form-urlencoded", "filterType=email", false, ""},
		{"POST", "/identity/oauth/token", "", "", false, ""},
		{"POST", "/rest/v1/leads.json", "application/json", `{"action":"createOnly","input":[{"email":"a@example.com"},{"email":"b@example.com"}]}`, false, `POST /rest/v1/leads.json {"action":"…","input":[{"email":"…"},"…"]}`},
		{"POST", "/rest/v1/leads.json", "application/json", `{"action":"createOnly"}`, true, `POST /rest/v1/leads.json {"action":"createOnly"}`},
		{"POST", "/rest/v1/leads/7/merge.json?leadIds=8", "", "", false, "POST /rest/v1/leads/7/merge.json?leadIds"},
		{"POST", "/rest/v1/leads.json?_method=DELETE", "", "", false, "POST /rest/v1/leads.json?_method"},
		{"DELETE", "/rest/v1/lists/1/leads.json?id=7", "", "", false, "DELETE /rest/v1/lists/1/leads.json?id"},
		{"POST", "/rest/v1/customobjects/identity/delete.json", "application/json", `{"input":[]}`, false, `POST /rest/v1/customobjects/identity/delete.json {"input":[]}`},
		{"POST", "/rest/v1/customobjects/a%2Fidentity%2Foauth%2Ftoken.json", "", "", false, "POST /rest/v1/customobjects/a/identity/oauth/token.json"},
		{"POST", "/bulk/v1/leads.json?format=csv", "multipart/form-data; boundary=x", "--x", false, "POST /bulk/v1/leads.json?format (multipart/form-data)"},
	} {
		next := new(passed)
		g := &guard{next: next, values: test.values}
		r, err := http.NewRequestWithContext(t.Context(), test.method, "https://example.com"+test.url, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", test.kind)
		resp, err := g.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		said, err := io.ReadAll(resp.Body)
		if err != nil || resp.Body.Close() != nil {
			t.Error(err)
		}
		if got := strings.Join(g.take(), "\n"); got != test.want || (next.n == 0) != (test.want != "") || strings.Contains(string(said), "603") != (test.want != "") {
			t.Errorf("%s %s: %s, want %s; %d went through", test.method, test.url, got, test.want, next.n)
		}
	}
}

// A recording of another user is compared for the only tenant there is, or for none that was not named.
func TestCallers_user(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		tenants  []string
		recorded string
		want     string // empty: an error
	}{
		{[]string{"one"}, "another", "one"}, {[]string{"one"}, "", "one"}, {[]string{"one", "two"}, "two", "two"}, {[]string{"one", "two"}, "another", ""},
	} {
		got, err := (&callers{users: test.tenants}).tenant(test.recorded)
		if got != test.want || (err == nil) != (test.want != "") || err != nil && !strings.Contains(err.Error(), "--user") {
			t.Errorf("%q, %q: %q, %v", test.tenants, test.recorded, got, err)
		}
	}
}

// The error that a comparison ends with shows values only if they are asked for. Its exit code is the same.
func TestCompareReport_failed(t *testing.T) {
	t.Parallel()
	for _, values := range []bool{false, true} {
		said := fault.New(fault.CodeAccessDenied, "lead@example.com")
		r := newCompareReport(&console.Console{Stdout: io.Discard}, &compareFlags{values: values, format: output.DocumentFormat()}, nil)
		if err := r.add(&compare.Result{Name: "1", Operation: "getLead", Outcome: compare.Failed, Why: "told", Err: said}); err != nil {
			t.Fatal(err)
		}
		if err := r.end(); exit.CodeOf(err) != exit.CodeOf(said) || strings.Contains(err.Error(), "lead@example.com") != values || !values && err.Error() != "getLead 1: told" {
			t.Error(err)
		}
	}
}
