package bridge_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
)

// panicking is a transport with a mistake.
type panicking struct {
	http.RoundTripper

	on string // a part of the path
}

func (p panicking) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.Contains(r.URL.Path, p.on) {
		panic("in the transport")
	}
	return p.RoundTripper.RoundTrip(r)
}

// A panic in a transport that the caller gave is the caller's, who may recover from it, whatever the request was for: in a
// goroutine of the bridge it would end the process.
func TestBridge_panic(t *testing.T) {
	t.Parallel()
	for _, on := range []string{"/identity/", "/describe", "/leads.json"} {
		api := mktowstest.NewServer(t).REST()
		own := *api.Client
		own.Transport = panicking{own.Transport, on}
		b, err := bridge.New(api.URL, bridge.Credentials{ClientID: api.ClientID, ClientSecret: api.ClientSecret}, bridge.WithHTTPClient(&own))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // nothing is left in a state in which the next call would hang
			func() {
				defer func() {
					if got := recover(); got != "in the transport" {
						t.Errorf("%s: %v", on, got)
					}
				}()
				_, err := b.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefEMAIL, KeyValue: "a@example.com"}})
				t.Errorf("%s: %v", on, err)
			}()
		}
	}
}
