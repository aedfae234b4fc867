package bridge_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
)

// column returns the numbers in the first column of a table of package fault.
func column(t *testing.T, name string) (codes []fault.Code) {
	t.Helper()
	doc, err := os.ReadFile("../fault/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(doc)) {
		var code fault.Code
		if _, err := fmt.Sscanf(line, "%d\t", &code); err == nil {
			codes = append(codes, code)
		}
	}
	return codes
}

// overheard is the transport of a client, which keeps the token of the first call.
type overheard struct {
	http.RoundTripper

	token string
}

func (o *overheard) RoundTrip(r *http.Request) (*http.Response, error) {
	if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && o.token == "" {
		o.token = token
	}
	return o.RoundTripper.RoundTrip(r)
}

// errorText is the text of an error in a log, which may name leads.
var errorText = regexp.MustCompile(`(error|reason)=("(\\.|[^"\\])*"|\S+)`)

// asked has both a read and a write made, and returns what is said of their ends.
func asked(t *testing.T, port gen.Port) string {
	t.Helper()
	var said strings.Builder
	for _, in := range []gen.Message{
		&gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefEMAIL, "lead@example.com")}, &gen.ParamsSyncLead{LeadRecord: new(record("lead@example.com"))},
	} {
		_, err := perform(t.Context(), port, in)
		fmt.Fprintf(&said, "%v %+v %#v\n", err, err, err)
	}
	return said.String()
}

// shows fails the test if a log, or what is said of errors, shows one of some secrets, or the log an address outside of
// the texts of errors.
func shows(t *testing.T, name, log, said string, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if secret == "" || strings.Contains(log+said, secret) {
			t.Errorf("%s: %q is shown, or empty:\n%s%s", name, secret, log, said)
		}
	}
	if strings.Contains(errorText.ReplaceAllString(log, ""), "@example.com") {
		t.Errorf("%s: the log names a lead:\n%s", name, log)
	}
	if isCall := !strings.Contains(name, "identity"); isCall && !strings.Contains(log, "level=DEBUG") {
		t.Errorf("%s: nothing was logged", name)
	}
}

func debugLog(to *bytes.Buffer) *slog.Logger {
	return slog.New(slog.NewTextHandler(to, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// Whatever the REST API says, of a call or of a record, and whatever Identity says, nothing secret is logged or said, not even
// if the service says it.
func TestBridge_saysNothingSecretOfAnyError(t *testing.T) {
	t.Parallel()
	const tells = "the client " + mktowstest.RESTClientID + " with client_secret=" + mktowstest.RESTClientSecret + " is not known"
	for _, code := range column(t, "rest.tsv") {
		for _, rule := range []mktowstest.Rule{
			{Operation: "GET /rest/v1/leads.json", Code: code}, {Operation: "POST /rest/v1/leads.json", Code: code, Records: []int{0}},
			{Operation: "GET /rest/v1/leads.json", Code: code, Text: tells}, {Operation: "POST /rest/v1/leads.json", Code: code, Text: tells},
			{Operation: "POST /identity/oauth/token", Status: int(code), Body: []byte(`{"error":"unauthorized","error_description":"` + tells + `"}`)},
		} {
			isStatus := code < 600
			if isStatus != (rule.Status != 0) {
				continue
			}
			t.Run(fmt.Sprint(code, " ", rule.Operation), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var log bytes.Buffer
					s := mktowstest.NewServer(t)
					s.Seed(simulator.Lead{Email: "lead@example.com"})
					s.Inject(rule)
					heard := &overheard{RoundTripper: s.REST().Client.Transport}
					b := bridgeTo(t, s, bridge.WithLogger(debugLog(&log)), bridge.WithHTTPClient(&http.Client{Transport: heard}))
					said := asked(t, b)
					secrets := []string{mktowstest.RESTClientID, mktowstest.RESTClientSecret}
					if heard.token != "" {
						secrets = append(secrets, heard.token)
					}
					shows(t, rule.Operation, log.String(), said, secrets...)
				})
			})
		}
	}
}

// The same of the SOAP API.
func TestClient_saysNothingSecretOfAnyError(t *testing.T) {
	t.Parallel()
	for _, code := range column(t, "faults.tsv") {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			s := mktowstest.NewServer(t)
			s.Inject(mktowstest.Rule{Code: code})
			said := asked(t, s.Client(client.WithLogger(debugLog(&log))))
			shows(t, fmt.Sprint(code), log.String(), said, s.Credentials().Key.Reveal())
		})
	}
}
