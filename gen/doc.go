// Package gen is the mktows contract in Go: the types, the enumerations, the [Port]
// interface and the XML codec. All of it is generated from the documents in wsdl/;
// value.go, message.go and slab.go hold the few lines that do not depend on them.
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
// Strings of a message that was read share the memory of the whole document: clone
// (strings.Clone) what is kept for long when the rest is not.
//
// The package imports internal/soapxml and the standard library.
package gen
