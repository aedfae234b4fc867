// Package interop holds tests against software that was written by others.
//
// Real clients of the SOAP and the REST API, unmodified, talk to what mktows serve serves:
// each runs its script in testdata/interop. libxml2 validates the envelopes of all
// operations against the schema of their version, and Prism judges requests to the REST
// API. A test whose tools are not installed is skipped and says what to install.
package interop
