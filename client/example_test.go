package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/limits"
)

// The answers of the service in the examples.
const (
	campaigns = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>
<m:successGetCampaignsForSource xmlns:m="http://www.marketo.com/mktows/"><result><returnCount>1</returnCount>
<campaignRecordList><campaignRecord><id>4711</id><name>Welcome</name><description/></campaignRecord></campaignRecordList>
</result></m:successGetCampaignsForSource></e:Body></e:Envelope>`

	notFound = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>
<faultcode>SOAP-ENV:Client</faultcode><faultstring>20103 - Lead not found</faultstring>
<detail><m:serviceException xmlns:m="http://www.marketo.com/mktows/"><name>mktServiceException</name>
<message>No lead found with EMAIL = a@example.com (20103)</message><code>20103</code></m:serviceException></detail>
</e:Fault></e:Body></e:Envelope>`
)

// serve runs a service for one example, and returns its endpoint.
func serve() (endpoint string, stop func()) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		if strings.HasSuffix(r.Header.Get("SOAPAction"), `getCampaignsForSource"`) {
			_, _ = io.WriteString(w, campaigns)
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(w, notFound)
	}))
	return server.URL + "/soap/mktows/2_7", server.Close
}

func ExampleNew() {
	endpoint, stop := serve() // in production like https://ACCOUNT.mktoapi.com/soap/mktows/2_7
	defer stop()

	c, err := client.New(endpoint, auth.Credentials{
		UserID: "example_user",
		Key:    auth.NewSecret("example-key"),
	}, client.WithUserAgent("nightly-report/1.0"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseIdleConnections()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	answer, err := c.GetCampaignsForSource(ctx, &gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeMKTOWS})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, campaign := range answer.Result.CampaignRecordList.Value.CampaignRecord {
		fmt.Println(campaign.Id, campaign.Name)
	}
	// Output: 4711 Welcome
}

// All mistakes come at once.
func ExampleNew_mistakes() {
	_, err := client.New("http://mktows.example.com/soap/mktows/2_7", auth.Credentials{Key: auth.NewSecret("example-key")},
		client.WithMaxBody(0))
	fmt.Println(err)
	// Output:
	// client: the endpoint is http on the host mktows.example.com: use https; for a test server of your own there is WithInsecureHTTP
	// auth: the user id is empty: take it from Admin > Integration > Web Services
	// client: WithMaxBody: the bound is 0, must be at least 1
}

// What went wrong decides what to do.
func ExampleClient_errors() {
	endpoint, stop := serve()
	defer stop()
	c, err := client.New(endpoint, auth.Credentials{UserID: "example_user", Key: auth.NewSecret("example-key")})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseIdleConnections()

	_, err = c.GetLead(context.Background(), &gen.ParamsGetLead{
		LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefEMAIL, KeyValue: "a@example.com"},
	})
	var denied *fault.AuthenticationError
	var quota *fault.QuotaError
	switch {
	case errors.Is(err, fault.CodeLeadNotFound):
		fmt.Println("no such lead:", err)
	case errors.As(err, &denied):
		fmt.Println("check the credentials of", denied.UserID)
	case errors.As(err, &quota):
		fmt.Println("come back at", quota.ResetsAt)
	case errors.Is(err, fault.ErrUnknownOutcome):
		fmt.Println("it may have been done:", err)
	default:
		fmt.Println(err)
	}
	// Output: no such lead: getLead: 20103: No lead found with EMAIL = a@example.com; check the type and the value of the lead key
}

// An interceptor acts around every call: here it reports each.
func ExampleWithInterceptors() {
	endpoint, stop := serve()
	defer stop()

	report := func(next client.Handler) client.Handler {
		return func(ctx context.Context, call *client.Call) error {
			err := next(ctx, call)
			fmt.Printf("%s (%s): attempts %d, HTTP %d, failed %t\n",
				call.Spec.Operation, call.Spec.Safety, call.Attempt, call.HTTPStatus, err != nil)
			return err
		}
	}
	c, err := client.New(endpoint, auth.Credentials{UserID: "example_user", Key: auth.NewSecret("example-key")},
		client.WithInterceptors(report))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseIdleConnections()

	ctx := context.Background()
	_, _ = c.GetCampaignsForSource(ctx, &gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeMKTOWS})
	_, _ = c.GetLead(ctx, &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "1"}})
	// Output:
	// getCampaignsForSource (read-only): attempts 1, HTTP 200, failed false
	// getLead (read-only): attempts 1, HTTP 500, failed true
}

// Two calls at the same time and 20 in 20 seconds leave most of what the service allows to other programs.
func ExampleWithLimits() {
	endpoint, stop := serve()
	defer stop()
	credentials := auth.Credentials{UserID: "example_user", Key: auth.NewSecret("example-key")}

	c, err := client.New(endpoint, credentials, client.WithLimits(limits.Limits{Calls: 20, Concurrent: 2}))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.CloseIdleConnections()
	answer, err := c.GetCampaignsForSource(context.Background(), &gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeMKTOWS})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Result.ReturnCount)
	// Output: 1
}
