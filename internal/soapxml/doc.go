// Package soapxml is the run time of the codec in package gen: a strict pull
// reader and a writer for the XML of Marketo's SOAP API.
//
// The [Reader] takes well-formed XML 1.0 (Fifth Edition) in UTF-8 and refuses,
// with the byte offset and the path of the element, what SOAP 1.1 or XML forbid:
// mismatched tags, document type declarations, undefined entities, illegal
// characters, content after the root. It is generous where services and clients
// differ harmlessly: any prefix, comments, CDATA, white space, unknown elements,
// markup inside a value. Values share the memory of the document that is read.
//
// Reading costs time in proportion to the size of a document, whatever its shape, and stops
// with its context: depth, attributes of a tag, prefixes in scope and lengths of names are
// bounded, as documents are read before anybody knows who sent them.
//
// The [Writer] writes what validates and nothing else: it refuses characters that
// XML cannot carry and names the field that holds them.
//
// Both keep their first error, so that generated code reads straight on and asks
// once, at the end. The package imports nothing but the standard library.
package soapxml

// Namespaces that the reader and the writer know.
const (
	// Namespace is the target namespace of the mktows schema. Only the root element
	// of a payload is in it: elementFormDefault is unqualified.
	Namespace = "http://www.marketo.com/mktows/"
	// EnvelopeNamespace is the namespace of SOAP 1.1 envelopes.
	EnvelopeNamespace = "http://schemas.xmlsoap.org/soap/envelope/"

	xsiNamespace   = "http://www.w3.org/2001/XMLSchema-instance"
	xmlNamespace   = "http://www.w3.org/XML/1998/namespace"
	xmlnsNamespace = "http://www.w3.org/2000/xmlns/"
)
