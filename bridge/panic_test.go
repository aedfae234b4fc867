package bridge_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
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

// An interceptor that recovers from a panic makes no success of it, and of a write nobody knows the outcome.
func TestBridge_panicRecovered(t *testing.T) {
	t.Parallel()
	api := mktowstest.NewServer(t).REST()
	own := *api.Client
	own.Transport = panicking{own.Transport, "/leads.json"}
	recovering := func(next bridge.Handler) bridge.Handler {
		return func(ctx context.Context, call *bridge.Call) (err error) {
			defer func() {
				if got := recover(); got != nil {
					err = fmt.Errorf("recovered from: %v", got)
				}
			}()
			return next(ctx, call)
		}
	}
	b, err := bridge.New(api.URL, bridge.Credentials{ClientID: api.ClientID, ClientSecret: api.ClientSecret}, bridge.WithHTTPClient(&own), bridge.WithInterceptors(recovering))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := b.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefEMAIL, KeyValue: "a@example.com"}}); err == nil || errors.Is(err, fault.ErrUnknownOutcome) {
		t.Errorf("%+v, %v", out, err)
	}
	lead := &gen.LeadRecord{Email: gen.Some("a@example.com")}
	if out, err := b.SyncLead(t.Context(), &gen.ParamsSyncLead{LeadRecord: lead, ReturnLead: false}); !errors.Is(err, fault.ErrUnknownOutcome) {
		t.Errorf("%+v, %v", out, err)
	}
}
