// Package mktowstest gives tests a Marketo of their own, in the manner of
// net/http/httptest: an endpoint in memory that verifies signatures, keeps the service's
// limits, remembers what it was asked and misbehaves on demand.
//
//	func TestReport(t *testing.T) {
//		s := mktowstest.NewServer(t)
//		s.Seed(simulator.Lead{Email: "lead@example.com", Activities: []simulator.Activity{
//			{Type: "VisitWebpage", AssetName: "Pricing"},
//		}})
//		s.Inject(mktowstest.Rule{Code: fault.CodeRateLimitExceeded, Times: 1})
//		… run the code under test with s.Client() …
//		s.RequireCalls(t, "getLeadActivity", 2)
//	}
//
// A [Server] is package server over package simulator. Its client is a real one: it
// encodes, signs, repeats and waits, over connections that are pipes in memory, so that
// all of it works inside a testing/synctest bubble, where waiting takes no time.
// [Server.URL] starts a real listener for other processes.
//
// The test fails, and shows the request, when the server gets one that it cannot
// understand or that the simulator has no answer for: see [WithUnexpectedRequests]. When the test
// fails for whatever reason, the last exchanges are in its log. Signatures are shown
// nowhere.
//
// The same server answers Marketo's REST API over the same state: [Server.REST] gives its URL, the
// placeholders of a client and an http.Client in memory, and [Server.Bridge] the gen.Port over it.
//
// The limits are those of the service: more than 100 calls in 20 seconds have to wait.
// A test that makes more of them runs in a bubble, or with [WithoutLimits].
package mktowstest
