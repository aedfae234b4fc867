// Package httpcall makes HTTP exchanges for the clients of the service's two APIs: it knows how far
// a request came, reads answers within bounds, and keeps a call's place within the limits as long as
// the service may be busy with it.
//
// The package imports fault and internal/envelope.
package httpcall
