package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/testing/bench"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
)

// callTasks returns the measurement of whole calls over a loopback connection. The same server answers this module's
// client and a plain one made of net/http and encoding/xml, which is what somebody would write without this module.
func callTasks() ([]*task, func(), error) {
	const n = 100
	page := bench.Page(n)
	port := gen.PortFunc(func(_ context.Context, _ *gen.Operation, _, out gen.Message) error {
		*out.(*gen.SuccessGetLeadActivity) = *page
		return nil
	})
	endpoint, err := server.New(port, server.WithoutAuthentication(), server.WithLimits(limits.Unlimited()))
	if err != nil {
		return nil, nil, err
	}
	listening := httptest.NewServer(endpoint)
	address := listening.URL + "/soap/mktows/2_7"
	ours, err := client.New(address, auth.Credentials{UserID: "example_user", Key: auth.NewSecret("example-key")}, client.WithoutLimits())
	if err != nil {
		return nil, nil, err
	}
	doc, err := bench.Compact(page)
	if err != nil {
		return nil, nil, err
	}
	call := func() error {
		v, err := ours.GetLeadActivity(context.Background(), &gen.ParamsGetLeadActivity{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "318815"}})
		if err != nil {
			return err
		}
		return count(v, n)
	}
	rival := func() error { return plainCall(address, n) }
	return []*task{{
		name: fmt.Sprintf("call for %d", n), bytes: len(doc), records: n, allocs: allocations(call) / n,
		works: []work{{"ours", repeat(call)}, {"net/http, encoding/xml", repeat(rival)}},
	}}, listening.Close, nil
}

// plainCall makes the call as one would without this module.
func plainCall(address string, n int) error {
	request, err := envelope.AppendRequest(nil, gen.V2_7, envelope.Header{}, &gen.ParamsGetLeadActivity{
		LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "318815"},
	})
	if err != nil {
		return err
	}
	resp, err := http.Post(address, envelope.ContentType, bytes.NewReader(request))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	var v xmlEnvelope
	if err := xml.Unmarshal(body, &v); err != nil {
		return err
	}
	return count(v.Body.Answer, n)
}
