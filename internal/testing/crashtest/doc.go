// Package crashtest holds the tests that kill a synchronisation and look whether the copy
// is right all the same.
//
// The process of the test is the service: the simulator behind HTTP, with faults, late
// records, missing and repeated ids, asked over SOAP or over the REST API. The synchronisation is another process, the test's own binary
// started again, which is killed at random moments and started anew. In the end the copy has
// to hold what the service holds, no more and no less.
//
// go test runs a short form. make crash runs the long one, with the limits of the service.
package crashtest
