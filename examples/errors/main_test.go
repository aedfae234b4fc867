package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/mktowstest"
)

func TestAdvice(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		lead string
		rule mktowstest.Rule // none if zero
		want string
	}{
		{"success", "318815", mktowstest.Rule{}, "all is well"},
		{"no such lead", "999", mktowstest.Rule{}, "there is no such lead: skip it"},
		{"no key", "nobody", mktowstest.Rule{}, "the request is wrong: counting: lead key: \"nobody\" is neither a number nor an address; write TYPE:value, where TYPE is one of IDNUM, COOKIE, EMAIL, LEADOWNEREMAIL, SFDCACCOUNTID, SFDCCONTACTID, SFDCLEADID, SFDCLEADOWNERID, SFDCOPPTYID"},
		{"access denied", "318815", mktowstest.Rule{Code: fault.CodeAccessDenied}, "check the key of example_user"},
		{"daily quota", "318815", mktowstest.Rule{Code: fault.CodeRequestLimitExceeded}, "come back at 00:00 CST"},
		{"service failed", "318815", mktowstest.Rule{Code: fault.CodeServiceInternal}, "code 20011: try again later, and look before repeating a write"},
		{"a proxy", "318815", mktowstest.Rule{Status: 502}, "HTTP 502 from something that is not Marketo"},
		{"no answer", "318815", mktowstest.Rule{Drop: mktowstest.DropBeforeWork}, "no connection, or no readable answer"},
		{"too slow", "318815", mktowstest.Rule{Delay: time.Hour}, "we stopped it ourselves"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // so that waiting takes no time
				s := mktowstest.NewServer(t, mktowstest.WithDemo())
				if test.rule.Validate() == nil {
					s.Inject(test.rule)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				if got := advice(count(ctx, s.Client(), test.lead)); got != test.want {
					t.Errorf("%q, want %q", got, test.want)
				}
			})
		})
	}
}

func TestAdvice_wrongKey(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo())
	c, err := client.New(s.URL(), auth.Credentials{UserID: "example_user", Key: auth.NewSecret("another-example-key")})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseIdleConnections()
	if got := advice(count(t.Context(), c, "318815")); got != "check the key of example_user" {
		t.Errorf("%q", got)
	}
}

// A program that has moved to the REST API gives the same advice, and names no client id.
func TestAdvice_bridge(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo())
	b := s.Bridge()
	if got := advice(count(t.Context(), b, "999")); got != "there is no such lead: skip it" {
		t.Errorf("%q", got)
	}
	s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/leads.json", Code: 603})
	if got := advice(count(t.Context(), b, "318815")); got != "check the key of the custom service" {
		t.Errorf("%q", got)
	}
}

// TestAdvice_wrapped has those that a single call of a mock cannot bring about.
func TestAdvice_wrapped(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	expired := fault.Classify(fault.New(fault.CodeRequestExpired, ""), fault.Known{ServerTime: noon, RequestTime: noon.Add(-2 * time.Hour)})
	unknown := &fault.UnknownOutcomeError{Op: "syncLead", Err: errors.New("connection lost")}
	for want, err := range map[string]error{
		"set the clock: it is wrong by 2h0m0s":                          expired,
		"the write may have been carried out: look before repeating it": unknown,
	} {
		wrapped := fmt.Errorf("b: %w", errors.Join(errors.New("a"), &fault.OpError{Op: "syncLead", Err: err}))
		if got := advice(wrapped); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
