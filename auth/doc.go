// Package auth signs requests to Marketo's SOAP API and verifies such
// signatures, with secrets that cannot be printed by accident.
//
// Every call carries an AuthenticationHeader: a user id, a timestamp and the
// HMAC-SHA1 of both, keyed with the secret key. A signature is good for a short
// while and for any body sent with it, so a [Signer] makes a new [Stamp] for
// each attempt:
//
//	signer, err := auth.NewSigner(auth.Credentials{
//		UserID: "example_user",
//		Key:    auth.NewSecret(key),
//	})
//	...
//	stamp := signer.Stamp() // immediately before sending
//
// A server calls [Verify]. The rule of the signature is the one of "Marketo SOAP
// API, authentication signature".
//
// The package imports the standard library only, reads no environment and keeps
// no state outside a Signer.
package auth
