// Package soak holds the tests that load the gateway for long, and measure what it costs.
//
// The gateway is another process, the test's own binary started again. The process of the test is the service, which is the
// simulator behind its REST API, and the programs that call.
//
// go test runs a form of a few seconds. make soak runs ten minutes at the limits, and make bench measures the cost of a call.
package soak
