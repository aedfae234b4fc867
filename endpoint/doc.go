// Package endpoint has what the endpoints of both of Marketo's APIs share, that of the SOAP API in package server and that of the REST
// API in package simulator/rest: a [Rule] makes them misbehave on purpose, and an [Exchange] is what their journals tell of a call.
//
//	rules := new(endpoint.Rules)
//	rules.Add(endpoint.Rule{Operation: "syncLead", Code: fault.CodeInternal, Times: 2})
//
// The names are those of package server too, so that programs with an endpoint of the SOAP API need not import this one.
//
// The package imports gen and fault.
package endpoint

// SOAPMount is the path of the SOAP API before its version, as the service has it.
const SOAPMount = "/soap/mktows/"
