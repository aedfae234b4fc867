// Package wsdl holds the contract of Marketo's SOAP API (mktows) as data: one WSDL 1.1 document for each
// known version of the interface, embedded in the program.
//
// A server answers ?WSDL with the document of the version that it was asked for, with its own address in it:
//
//	version, ok := wsdl.Nearest("2_3") // "2_7"
//	doc, err := wsdl.Document(version)
//	doc, err = wsdl.WithAddress(doc, "https://soap.example.com/soap/mktows/2_3")
//
// The package imports the standard library only, and nothing of this module.
package wsdl
