package inspector_test

import (
	"flag"
	"testing"
	"time"

	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/browsertest"
	"github.com/mktows/mktows-go/server"
)

var readme = flag.String("readme", "", "write the picture of the README to this file (make screenshots)")

// morning is what programs of both APIs may send within some seconds, oldest first.
func morning() []server.Exchange {
	soap := func(operation string, took time.Duration, f *fault.Fault) server.Exchange {
		e := server.Exchange{Version: gen.V2_7, UserID: "example_user", Operation: operation, Status: 200, Duration: took, Fault: f, RawRequest: []byte("<a/>"), RawResponse: []byte("<a/>")}
		if f != nil {
			e.Status = 500
		}
		return e
	}
	rest := func(operation, path string, took time.Duration) server.Exchange {
		return server.Exchange{UserID: "example_user", Operation: operation, Path: path, Status: 200, Duration: took, RawRequest: []byte("GET " + path), RawResponse: []byte("{}")}
	}
	old := soap("getLead", 640*time.Microsecond, nil)
	old.Passed = []string{"leadRecord/email"}
	refused := soap("syncLead", 210*time.Microsecond, fault.New(fault.CodeAuthenticationFailed, "Authentication failed"))
	refused.UserID = ""
	busy := soap("syncMultipleLeads", 1380*time.Microsecond, fault.New(fault.CodeServiceInternal, "Internal Error"))
	busy.Scripted = true
	limited := rest("POST /rest/v1/leads.json", "/rest/v1/leads.json", 480*time.Microsecond)
	limited.Fault, limited.Scripted = &fault.Fault{Code: 606, Message: "Max rate limit '100' exceeded within '20' secs"}, true
	broken := soap("requestCampaign", 2210*time.Microsecond, nil)
	broken.Scripted, broken.Drop = true, endpoint.DropHalfAnswer
	return []server.Exchange{
		rest("POST /identity/oauth/token", "/identity/oauth/token", 760*time.Microsecond), old, refused, soap("getLeadActivity", 3120*time.Microsecond, nil),
		rest("GET /rest/v1/activities.json", "/rest/v1/activities.json", 250*time.Microsecond), busy, soap("syncMultipleLeads", 4870*time.Microsecond, nil), limited,
		rest("POST /rest/v1/leads.json", "/rest/v1/leads.json", 1900*time.Microsecond), broken,
	}
}

// TestReadme draws the picture of the README: the latest exchanges.
func TestReadme(t *testing.T) {
	if *readme == "" {
		t.Skip("skipped: it writes a file; make screenshots calls it")
	}
	b := setup(t)
	for i, e := range morning() {
		e.Time = began.Add(time.Duration(i) * 1370 * time.Millisecond)
		b.Journal.Add(e)
	}
	v := open(t, b, browsertest.View{Width: 1120, Height: 900, Scheme: "light", Scripts: true})
	v.until(`document.querySelector("#live").textContent === "New exchanges are shown as they come."`)
	var height int
	v.Eval(`document.querySelector("#exchanges").getBoundingClientRect().bottom + 20 | 0`, &height)
	v.Screenshot(*readme, 1120, height)
}
