package endpoint

import (
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// Exchange is a call and what became of it. Fields that are not known, because the
// call did not get that far, are zero. It holds no signature: the raw forms have a
// placeholder. The messages are those of the call: do not change them.
type Exchange struct {
	Time      time.Time     // when the call came, by the server's clock
	Duration  time.Duration // until its answer was ready
	Version   gen.Version   // the contract, by the endpoint's path
	UserID    string        // only of a user who was let in
	Address   string        // of the caller, with server.WithPerAddress, an IPv6 one as its network of 64 bits; empty: not known
	Unproven  int           // how many calls without a right signature the address has sent in this minute, if this is one: see server.PerAddress
	Operation string        // name in the WSDL, or method and path of the REST API, with {names} in place of ids
	Path      string        // of a call of the REST API, as it came, without query

	// Passed are the elements of the request that the schema lacks, and text where it has
	// none: leadRecord/email, Header/Security, leadRecord/text(). They were passed over. At
	// most 20 are named, and then "…".
	Passed []string

	// Calls are the calls of another API that were made to answer this one, as they ended, if who answers notes them: see
	// server.NoteCall.
	Calls []Call

	Request  gen.Message // as the port gets it
	Context  *gen.MktowsContextHeaderInfo
	Response gen.Message  // as the port gave it, sent or not
	Fault    *fault.Fault // the fault that was the answer, or the first error of the REST API
	Err      error        // what fault 20011 does not tell the caller, a refusal without an envelope, or server.ErrCutOff

	// Refused is why a caller of the SOAP API was not let in, for those who look at the endpoint: it tells more than the
	// fault does, but no key and no signature. Signed is the text whose signature was expected. Empty: he was, or no
	// header could be read.
	Refused, Signed string

	Status   int  // of HTTP; 0: the connection was closed without an answer
	Drop     Drop // what a rule did to the answer
	Scripted bool // a rule has acted
	Repaired int  // characters that server.WithRepair has replaced

	RawRequest  []byte // the envelope as it came, decompressed and in UTF-8; of the REST API the first line and the body
	RawResponse []byte // the body of the answer, before compression; of a half answer the half that was sent
}

// Call is a call of another API, with all its repetitions.
type Call struct {
	Method, Path string        // without query, and with {names} in place of ids
	Status       int           // of HTTP, of the last attempt; 0: there was no answer
	Code         int           // what the answer says is wrong; 0: nothing
	Attempts     int           // how often it was sent
	Waited       time.Duration // for its turn within limits
	Duration     time.Duration // of all attempts and waits
}
