// Package rest puts Marketo's REST API over a simulator: what a call of the SOAP API writes, a
// call of the REST API reads, and the other way round.
//
//	sim := simulator.New()
//	handler, err := rest.New(sim, rest.WithClient("client-id", auth.NewSecret("client-secret")))
//
// A [Handler] answers the operations of [Operations] and Identity at the paths that the service
// has, below /rest, /bulk and /identity. Everything but Identity wants the header
// "Authorization: Bearer" with a token of Identity.
//
// It refuses what the service refuses: too many calls in 20 seconds, at once or in a day, URIs
// and bodies that are too long, values that do not fit. Failures have HTTP status 200 and a code
// in the answer, as those of the service have. What else can go wrong is scripted by the rules
// of package endpoint, which serve both APIs: a [endpoint.Rule] names an operation by its method and
// path, as in "POST /rest/v1/leads.json".
//
// Where a comment says "Marketo REST API" and a page, the rule is documented there. Where the
// documentation is silent the package decides, and says so at the declaration concerned.
//
// The package imports simulator, for its state, and endpoint and limits.
package rest
