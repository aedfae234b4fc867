// Package bridge is the [gen.Port] over Marketo's REST API: the same typed calls as over the SOAP
// API, which the vendor has switched off.
//
//	port, err := bridge.New("https://ACCOUNT.mktorest.com/rest", bridge.Credentials{
//		ClientID:     "…",
//		ClientSecret: auth.NewSecret("…"),
//	})
//	…
//	api := operations.New(port)
//
// Endpoint and credentials are found under Admin > Integration > Web Services and LaunchPoint. [FromEnv]
// reads them from the environment.
//
// # What differs
//
// What the REST API has is mapped field by field. What it has not is said at the method concerned:
// an answer that lacks something, or a fault that says why and what to do instead, mostly 20110.
// [Operations] has all of it in one table, with the calls and the permissions that each operation needs.
//
// # Errors
//
// Errors are those of package fault, as from any port. A fault that stands for one of the REST API
// holds what that said, with its code and the id of the request: see [fault.RESTError].
//
// # Repeating a call
//
// Reads are repeated where that helps. Writes are repeated where the service has surely not carried
// them out, or where doing them twice is doing them once; otherwise the error is a
// [fault.UnknownOutcomeError].
//
// # Limits
//
// The limits of the REST API are counted for the instance, with all other programs that use it; see
// [Limits]. Bridges of one process that call the same instance share one count.
//
// # Bulk extracts
//
// [Bridge.Extracts] reads the activities of a time from files that the service makes in minutes: the records of
// getLeadChanges, for a few calls however many they are. It is the source that package extract describes.
//
// # Watching
//
// [WithInterceptors] shows each call of the REST API with what came of it; package leadsync/telemetry makes spans and counts of
// them.
//
// # Imports
//
// The package imports gen, auth, extract, fault, internal packages and bridge/internal: not client, envelope or
// operations.
package bridge
