// Package server serves any [gen.Port] as a SOAP 1.1 endpoint: an [http.Handler] that
// old clients of Marketo's SOAP API cannot tell from the service.
//
//	srv, err := server.New(port, server.WithUsers(map[string]auth.Secret{
//		"example_user": auth.NewSecret("example-key"),
//	}))
//	…
//	http.Handle("/soap/mktows/", srv)
//
// The endpoint is /soap/mktows/{version} under any prefix, for the versions 1_4 to 3_1.
// GET ?WSDL answers with the contract of that version, which holds the address that
// the caller used.
//
// A call passes these steps, and the first that refuses it decides the answer:
//
//  1. HTTP: method, content type, encoding, size.
//  2. The envelope: SOAP 1.1, its header, the element in its body.
//  3. Authentication: the header is there, the user known, the signature right, its
//     timestamp near the server's clock (20014, 20016).
//  4. Limits: daily quota, calls in a window, calls at once (20015, 20023, 20024).
//     A call that was let in counts, whatever becomes of it; a refused one does not.
//  5. The request: a known operation (20019), well-formed (20012), with readable
//     numbers and dates (20110).
//  6. Scripted misbehaviour, if there is any: see [Rule].
//  7. The port.
//
// Reading is generous, writing exact: any prefix, qualified children, an empty
// SOAPAction and empty optional elements are taken; answers validate against the
// version's schema. Whatever fails inside is answered with fault 20011 and told to the
// log, never to the caller. Signatures and keys appear neither in the log nor in the
// journal.
//
// The package imports gen, auth, fault, wsdl and what they share in internal. It links
// nothing of package testing: tests import mktowstest.
package server
