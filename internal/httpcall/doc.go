// Package httpcall makes HTTP exchanges for the clients of the service's two APIs: it knows how far
// a request came, reads answers within bounds, keeps a call's place within the limits as long as the
// service may be busy with it, and judges what the end of an attempt means for the call.
//
// The package imports fault, internal/envelope and cenkalti/backoff.
package httpcall
