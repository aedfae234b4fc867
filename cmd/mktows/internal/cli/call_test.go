package cli

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/mktowstest"
)

const (
	readRequest  = `<m:paramsGetLead><leadKey><keyType>IDNUM</keyType><keyValue>1</keyValue></leadKey></m:paramsGetLead>`
	askRequest   = `<m:paramsListOperation><listOperation>ISMEMBEROFLIST</listOperation><listKey><keyType>MKTOLISTNAME</keyType><keyValue>a</keyValue></listKey><listMemberList/></m:paramsListOperation>`
	writeRequest = `<m:paramsRequestCampaign><source>MKTOWS</source><leadList/></m:paramsRequestCampaign>`
)

func request(inside string) string { return wrap("<s:Body>" + inside + "</s:Body>") }

// TestCall_request looks at what arrives.
func TestCall_request(t *testing.T) {
	t.Parallel()
	var got http.Header
	var doc string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got, doc = r.Header, string(text)
		_, _ = io.WriteString(w, request(`<m:successListMObjects><result/></m:successListMObjects>`))
	}))
	t.Cleanup(server.Close)

	r := run(t, settingsFor(server.URL+"/2_7"), request("<m:paramsListMObjects/>"), "call")
	if r.code != 0 || r.stderr != "" {
		t.Fatalf("exit code %d: %s", r.code, r.stderr)
	}
	if want := request(`<m:successListMObjects><result/></m:successListMObjects>`) + "\n"; r.stdout != want {
		t.Errorf("printed %q, want %q", r.stdout, want)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/xml; charset=utf-8", "Soapaction": `"http://www.marketo.com/mktows/listMObjects"`, "Accept": "text/xml",
	} {
		if got.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, got.Get(name), want)
		}
	}
	if !strings.HasPrefix(got.Get("User-Agent"), "mktows/") {
		t.Errorf("User-Agent is %q", got.Get("User-Agent"))
	}
	if !strings.Contains(doc, "<mktowsUserId>"+testUser+"</mktowsUserId>") || strings.Contains(doc, auth.Redacted) {
		t.Errorf("sent %s", doc)
	}
}

// TestCall_answers has servers that are none of ours.
func TestCall_answers(t *testing.T) {
	t.Parallel()
	redirect := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere/2_7;jsessionid=secret?token=secret", status)
		}
	}
	text := func(status int, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, text)
		}
	}
	tests := []struct {
		name    string
		handler http.HandlerFunc
		request string
		code    int
		stderr  string
	}{
		{"a redirect is not followed", redirect(http.StatusTemporaryRedirect), readRequest, exit.Service, "redirects are not followed"},
		{"and where it leads is told", redirect(http.StatusTemporaryRedirect), readRequest, exit.Service, `/elsewhere/2_7", and that was not followed: HTTP 307`},
		{"a request that timed out on the way", text(408, "too slow"), writeRequest, exit.Unknown, "may or may not have carried out requestCampaign"},
		{"a question that timed out on the way", text(408, "too slow"), readRequest, exit.Service, "HTTP 408"},
		{"one whose caller was thought gone", text(499, ""), writeRequest, exit.Unknown, "may or may not have carried out requestCampaign"},
		{"one that was refused on the way", text(403, "no"), writeRequest, exit.Service, "HTTP 403"},
		{"a write whose answer tells nothing", text(200, request("<m:successRequestCampaign/>")), writeRequest, exit.Unknown, "the required element is missing"},
		{"a question whose answer tells nothing", text(200, request("<m:successGetLead/>")), readRequest, exit.Service, "the required element is missing"},
		{"nor one that makes a GET of it", redirect(http.StatusFound), writeRequest, exit.Service, "redirects are not followed"},
		{"nothing", text(200, ""), readRequest, exit.Service, "instead of a SOAP envelope"},
		{"nothing for a write", text(200, ""), writeRequest, exit.Unknown, "may or may not have carried out requestCampaign"},
		{"nothing for a question among the writes", text(200, ""), askRequest, exit.Service, "instead of a SOAP envelope"},
		{"another answer", text(200, request("<m:successGetTags/>")), readRequest, exit.Service, "expected successGetLead"},
		{"success with an error status", text(500, request(`<m:successGetLead><result><count>0</count></result></m:successGetLead>`)), readRequest, exit.Service, "HTTP 500"},
		{"a fault without a code", text(500, request(`<s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault>`)), writeRequest, exit.Unknown, "SOAP fault without a service code"},
		{"a fault without a code that blames the request", text(500, request(`<s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></s:Fault>`)), writeRequest, exit.Service, "SOAP fault without a service code"},
		{"a refusal without a code", text(400, request(`<s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></s:Fault>`)), writeRequest, exit.Service, "SOAP fault without a service code"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(test.handler)
			t.Cleanup(server.Close)
			r := run(t, settingsFor(server.URL+"/2_7"), request(test.request), "call")
			if r.code != test.code || !strings.Contains(r.stderr, test.stderr) {
				t.Errorf("exit code %d, want %d; %q is to be in %s", r.code, test.code, test.stderr, r.stderr)
			}
			if strings.Contains(r.stderr, "secret") {
				t.Errorf("what may be a session is told: %s", r.stderr)
			}
		})
	}
}

// TestCall_large: an answer that never ends does.
func TestCall_large(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("64 MiB")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 1<<20)
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}))
	t.Cleanup(server.Close)
	r := run(t, settingsFor(server.URL+"/2_7"), request(readRequest), "call")
	if r.code != exit.Service || !strings.Contains(r.stderr, "more than 67108864 bytes") || r.stdout != "" {
		t.Errorf("exit code %d: %s", r.code, r.stderr)
	}
}

// endless is an input without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestCall_endless: an input that never ends does.
func TestCall_endless(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("64 MiB")
	}
	var stderr strings.Builder
	code := Run(t.Context(), []string{"call"}, settingsFor("http://localhost/2_7").getenv, endless{}, io.Discard, &stderr)
	if code != exit.Invalid || stderr.String() != "mktows: standard input has more than 67108864 bytes\n" {
		t.Errorf("exit code %d: %s", code, &stderr)
	}
}

// TestInterrupted: a signal ends a command in the middle; of a write it says what matters
// more.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, request string
		args          []string
		code          int
		stderr        string
	}{
		{"activity", "", []string{"activity", "318815"}, exit.Interrupted, "mktows: interrupted\n"},
		{"reading call", readRequest, []string{"call"}, exit.Interrupted, "mktows: interrupted\n"},
		{"writing call", writeRequest, []string{"call"}, exit.Unknown, "look before repeating it"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			ctx, cancel := context.WithCancel(t.Context())
			s.Inject(mktowstest.Rule{Status: 500, Match: func(mktowstest.Exchange) bool {
				cancel() // while the caller waits
				<-ctx.Done()
				return false
			}})
			s.Inject(mktowstest.Rule{Drop: mktowstest.DropBeforeWork}) // whoever still listens
			r := runContext(ctx, t, settingsFor(s.URL()), request(test.request), test.args...)
			if r.code != test.code || !strings.Contains(r.stderr, test.stderr) || strings.Count(r.stderr, "\n") != 1 {
				t.Errorf("exit code %d, want %d: %s", r.code, test.code, r.stderr)
			}
		})
	}
}

// wrap makes an envelope with the prefix s for SOAP and m for the service.
func wrap(inside string) string {
	return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:m="http://www.marketo.com/mktows/">` + inside + `</s:Envelope>`
}
