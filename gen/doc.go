// Package gen is the mktows contract in Go: the types, the enumerations, the [Port]
// interface and the XML codec. All of it is generated from the documents in wsdl/;
// value.go, message.go, read.go and slab.go hold the few lines that do not depend on them.
//
// The names are those of the WSDL. Programs rather use package operations, whose
// names are Go's; this package is for those that implement a [Port] or call one
// directly:
//
//	out, err := port.GetLeadActivity(ctx, &gen.ParamsGetLeadActivity{
//		LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "318815"},
//	})
//
// How elements become fields: a required one is a value, or a pointer where it is a
// structure (nil is refused when written); one that is optional or nillable is an
// [Opt], which tells absent, nil and present apart; a repeated one is a slice. The
// abstract LeadSelector is an interface.
//
// What an answer lacks is never read as 0, false or "": a required element that is missing,
// or a required value that is nil, is an error with its path, whatever the operation. A list
// that is nil has no records. Requests are read generously, since whoever implements a
// [Port] answers what is missing with a fault. The GUID of activities may be missing
// everywhere: up to version 2_7 there is none.
//
// Strings of a message that was read share the memory of the whole document: clone
// (strings.Clone) what is kept for long when the rest is not.
//
// The package imports internal/soapxml and the standard library.
package gen
