package rest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"github.com/mktows/mktows-go/internal/testing/restrequests"
)

var errNoHeader = errors.New("no bearer header")

// describedAsRight returns why the description refuses a request, nil if it takes it.
func describedAsRight(router routers.Router, r *http.Request) error {
	route, names, err := router.FindRoute(r)
	if err != nil {
		return err
	}
	return openapi3filter.ValidateRequest(context.Background(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: names, Route: route, Options: &openapi3filter.Options{SkipSettingDefaults: true, AuthenticationFunc: func(context.Context, *openapi3filter.AuthenticationInput) error {
			if r.Header.Get("Authorization") == "" {
				return errNoHeader
			}
			return nil
		}},
	})
}

// The handler and the description of the API agree on what is a valid request, but for those on
// which they differ on purpose. Prism judges the same requests in internal/testing/interop.
func TestAgreement(t *testing.T) {
	t.Parallel()
	router, err := described()
	if err != nil {
		t.Skipf("requests are not compared with the description of the API: set MKTOWS_OPENAPI to its file (%v)", err)
	}
	b := demo(t)
	token := b.since(noon)
	for right, list := range map[bool][]restrequests.Request{true: restrequests.Right(token), false: restrequests.Wrong(token)} {
		for _, one := range list {
			b := demo(t)
			r := b.request(one.Method, one.URI, strings.NewReader(one.Body), one.ContentType())
			byDescription := describedAsRight(router, r)
			r.Body = io.NopCloser(bytes.NewReader([]byte(one.Body)))
			if a := b.send(r); (a.doc["success"] == true) != right || (byDescription == nil) != right {
				t.Errorf("%s %.200s %.100s: right is %v; the handler %.200s, the description %.300s", one.Method, one.URI, one.Body, right, a.body, fmt.Sprint(byDescription))
			}
		}
	}
	for _, d := range restrequests.Disputed(token) {
		b := demo(t)
		r := b.request(d.Method, d.URI, strings.NewReader(d.Body), d.ContentType())
		byDescription := describedAsRight(router, r)
		r.Body = io.NopCloser(strings.NewReader(d.Body))
		if a := b.send(r); a.doc["success"] != true || byDescription == nil {
			t.Errorf("%s %.200s %.100s: the handler %.200s, the description %v; want it taken and refused", d.Method, d.URI, d.Body, a.body, byDescription)
		}
	}
	r := b.request("GET", "/rest/v1/leads/partitions.json", nil, "")
	r.Header.Del("Authorization")
	if describedAsRight(router, r) == nil || b.send(r).codes() != "603" {
		t.Error("a call without a token is taken")
	}
}
