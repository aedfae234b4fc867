package position

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

// Position is where a stream goes on. The zero value but for Operation and Query is its beginning.
type Position struct {
	Operation string `json:"k"`            // of the SOAP API, such as getLeadChanges
	Query     string `json:"q"`            // what is asked for: see the function Query
	Since     int64  `json:"lo,omitempty"` // Unix time from which records are wanted; 0: no bound
	Until     int64  `json:"hi,omitempty"` // the last one of which they are; 0: no bound
	Subject   int64  `json:"id,omitempty"` // id of the list or the lead that the first call has found

	// Token is the nextPageToken of the page that follows; Offset is its place in a list without
	// tokens, as assets have them. Streams are in place of both where several are merged; nil: they are
	// to be begun at Since.
	Token   string   `json:"p,omitempty"`
	Offset  int64    `json:"o,omitempty"`
	Streams []Stream `json:"g,omitempty"`
	Export  *Export  `json:"x,omitempty"`

	Turn      int64 `json:"n,omitempty"` // counts pages, so that no two positions are equal
	Given     int64 `json:"c,omitempty"` // records given out so far
	Remaining int64 `json:"r,omitempty"` // records that are known to follow, a hint
	Issued    int64 `json:"t,omitempty"` // Unix time

	// End says that nothing follows. A stream that goes on tomorrow, such as that of activities, has no
	// end: it keeps its last token.
	End bool `json:"e,omitempty"`

	// Old says that the position was one of the SOAP service, and that the stream begins anew between
	// Since and Until, the dates that came with it. Records may come twice.
	Old bool `json:"-"`
}

// Stream is a place in one of the streams of the REST API that are merged into one.
type Stream struct {
	Token string `json:"p,omitempty"` // of the page that is being given out
	Skip  int    `json:"s,omitempty"` // records of that page that were given out
	// At is the Unix time of the last record given out, and Seen are the GUIDs given out of that second,
	// shortened by Digest, the last one at the end: the page may have grown meanwhile, or the service
	// may refuse its token. With Renewed the token is one that was made in place of another: what is
	// before At, and what was seen, comes once more.
	At      int64    `json:"a,omitempty"`
	Seen    []string `json:"w,omitempty"`
	Renewed bool     `json:"r,omitempty"`
	Done    bool     `json:"d,omitempty"` // nothing follows

	// Pages lead back through a stream that is given out from its end, oldest first.
	Pages []Page `json:"g,omitempty"`
}

// Page is a page that has been looked at.
type Page struct {
	Token string `json:"p"`
	Last  string `json:"l,omitempty"` // GUID of its last record, shortened by Digest
	At    int64  `json:"a,omitempty"` // Unix time of that record
}

// Export is a place in the file of a bulk extract.
type Export struct {
	ID     string `json:"i"`
	Offset int64  `json:"o,omitempty"` // in bytes
}

// Sizes of digests, in bytes: positions are sent with each page.
const (
	querySize  = 12
	digestSize = 6
)

// Query makes a short text of what a request asks for: selector, filter, fields, as the caller has
// made them alike for requests that mean the same. Leave out the size of pages and dates: clients change
// the one and drop the others.
func Query(parts ...string) string {
	h := sha256.New()
	for _, part := range parts {
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(len(part)))) // a hash does not fail
		_, _ = h.Write([]byte(part))
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:querySize])
}

// Digest shortens a GUID to what tells it from the others of a page.
func Digest(guid string) string {
	sum := sha256.Sum256([]byte(guid))
	return base64.RawURLEncoding.EncodeToString(sum[:digestSize])
}
