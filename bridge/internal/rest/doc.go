// Package rest calls Marketo's REST API over HTTP.
//
// Every call is a Read or a Write. They are different types, made of paths of different types, so
// that a read cannot be made on a path of a write: on some paths a read that the service takes for
// a write writes what was to be looked up. Where one path has both, a long read goes as a POST with
// _method=GET; one function writes that parameter, knows no other value of it, and looks once more
// before the wire.
//
// One function builds the HTTP request of a call, one reads the envelope that everything but files
// comes in, and one makes an error of what went wrong: what the service says becomes a fault of
// package fault, which holds the code of the REST API and the id of the request. Reads are repeated
// where that helps, writes where the service has surely not carried them out.
//
// Each area of the API has a file with its calls and their records: leads, lists, activities,
// campaigns, objects, assets, imports, exports. The file of an export is the one answer that is not held: it is put into a
// file of this machine, whole, compared with what its job says, and then read row by row.
//
// Where a comment says "Marketo REST API" and a page, the rule is documented there.
//
// The package imports auth, fault, internal/httpcall and internal/limit; golang.org/x/oauth2 for
// Identity, cenkalti/backoff, and go-json-experiment/json, which is the encoding/json/v2 of a later Go.
package rest
