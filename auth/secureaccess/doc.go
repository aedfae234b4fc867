// Package secureaccess is the customer's side of Secure Access Mode in the
// Marketo mobile SDK: it signs for a user who has logged in to an app, and serves
// the endpoint from which the app fetches that signature.
//
//	app                         your server                        Marketo
//	 |  log in                       |                                |
//	 |------------------------------>|                                |
//	 |  session or token             |                                |
//	 |<------------------------------|                                |
//	 |                               |                                |
//	 |  POST {"deviceId": …}         |                                |
//	 |------------------------------>| Authenticate: who is asking?   |
//	 |                               | Sign: email + device id        |
//	 |  accessKey, signature,        |                                |
//	 |  timestamp, email             |                                |
//	 |<------------------------------|                                |
//	 |                               |                                |
//	 |  setSecureSignature; from now on every SDK call is signed      |
//	 |--------------------------------------------------------------->|
//
// The shortest use, beside whatever the server serves already:
//
//	signer, err := secureaccess.NewSigner(accessKey, auth.NewSecret(accessSecret))
//	…
//	handler, err := secureaccess.NewHandler(signer, func(r *http.Request) (string, error) {
//		user, ok := sessions.User(r)
//		if !ok {
//			return "", secureaccess.ErrUnauthenticated
//		}
//		return user.Email, nil
//	})
//	…
//	mux.Handle("/marketo/signature", handler)
//
// # The signature
//
// It is the lower-case hexadecimal HMAC-SHA256 of the email followed by the device
// id, keyed with "MKTO", the access secret and the timestamp in decimal, everything
// in UTF-8. The timestamp is the moment at which the signature expires, in Unix
// seconds. The source is Marketo's "Advanced Security Access Mode" for the mobile SDK.
// Bytes are signed as they come: an email in another Unicode normalisation, or in
// another case, has another signature.
//
// # What a signature does not say
//
// Nothing separates the email from the device id, so the pair is ambiguous:
// ann@example.co with device "m1" and ann@example.com with device "1" share one
// signature. Two things follow. The email has to come from authentication and never
// from the request, which is how [Handler] works. And because the device id is the
// app's word, give the handler [WithDeviceIDCheck] when the form of your apps' ids is
// known: where all of them have one length, no two pairs can be confused.
//
// # In the apps
//
// The answer's accessKey, signature, timestamp and email go to the SDK unchanged.
// timestamp is a JSON number. Where the SDK takes a string it is to be made from the
// integer, with no fraction and no exponent. The platforms differ in name, type and order:
//
//	platform      call                                                          timestamp
//	Android       SecureMode: setAccessKey, setEmail, setSignature,             long
//	              setTimestamp; then setSecureSignature(secureMode)
//	iOS           MKTSecuritySignature(accessKey, signature, timestamp,         string
//	              email); then setSecureSignature
//	React Native  setSecureSignature({accessKey, signature, timeStamp, email})  called timeStamp; a number on
//	                                                                            Android, a string on iOS
//	Cordova       setSecureSignature(success, fail, accessKey, signature,       last, after email;
//	              email, timestamp)                                             a string suits both systems
//
// The first two are Marketo's documentation and headers, the others its published modules.
// The React Native module as Marketo's documentation prints it gives iOS the email in place of
// the timestamp: mend your copy. docs/secure-access.md has the lines for each platform.
// email is the address to use with the SDK: it is the authenticated one, letter for letter
// the one that was signed. When the timestamp has passed, the app asks again.
//
// # Changing the secret
//
// A [Keyring] holds the old and the new secret for as long as both are to be accepted, and a
// [Signer] from it signs with the one that is current. [Keyring.Follow] keeps it at what a file
// says, while the server runs.
//
// The package imports the standard library, golang.org/x/time/rate and package auth.
package secureaccess
