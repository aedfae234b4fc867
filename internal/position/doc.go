// Package position makes the stream positions that the bridge gives out, and those of copies of histories, and reads
// them back.
//
//	codec, err := position.New(position.Bridge, "000-aaa-000.mktorest.com", secret, formerSecret)
//	at, err := codec.Read(position.Request{Operation: "getLeadChanges", Query: query, Text: offset, Oldest: oldest})
//	// read a page, then
//	text, err := codec.Write(next)
//
// A position holds everything that is needed to go on, so that the bridge keeps nothing between two
// calls and every instance of it can serve the next page. It is signed: one that was changed, or that
// somebody else has made, is fault 20122; one behind the end of its stream is 20123. Keys are made of
// secrets that all instances share anyway; the first one signs and all verify, so that a secret can be
// changed without ending streams. Nothing in a position is secret, and nothing hides it: it tells ids
// and times to whoever decodes it.
//
// Positions that the SOAP service gave before it was shut down are still in the files and databases of
// programs. They say where the service was in lists that are gone. Those with which a date came are gone
// on with from that date, at the price of records that come twice; the others are 20122.
//
// The package imports auth and fault.
package position
