package server

import (
	"maps"
	"net/http"

	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/httpsend"
)

// gzipFrom is the size from which an answer is worth compressing: what fits into one
// packet is not.
const gzipFrom = 1400

// reply is what goes back to the caller.
type reply struct {
	status int
	header http.Header
	body   []byte
	raw    bool // not to be compressed
	pooled bool // the body was made in a buffer of the server
	drop   Drop
}

// envelopeReply returns a reply with an envelope.
func envelopeReply(status int, doc []byte) reply {
	return reply{status: status, body: doc, header: http.Header{"Content-Type": {envelope.ContentType}}}
}

func textReply(status int, header http.Header, text string) reply {
	h := http.Header{"Content-Type": {"text/plain; charset=utf-8"}}
	maps.Copy(h, header)
	return reply{status: status, body: []byte(text + "\n"), header: h}
}

// parts are what the caller gets of an answer that a rule does away with.
var parts = map[Drop]httpsend.Part{DropBeforeWork: httpsend.Nothing, DropAfterWork: httpsend.Nothing, DropHalfAnswer: httpsend.Half}

// answer is the reply as it is sent.
func (p reply) answer() *httpsend.Answer {
	return &httpsend.Answer{Status: p.status, Header: p.header, Body: p.body, Raw: p.raw, Part: parts[p.drop]}
}

// maxKept bounds the buffers that are kept: one large answer must not hold its memory
// for ever.
const maxKept = 1 << 20

// buffer returns an empty buffer to write an answer to.
func (s *Server) buffer() []byte {
	if b, ok := s.buffers.Get().(*[]byte); ok {
		return (*b)[:0]
	}
	return nil
}

// keepBuffer takes back what an answer was written to, once it is sent. The journal has
// a copy.
func (s *Server) keepBuffer(b []byte) {
	if cap(b) <= maxKept {
		s.buffers.Put(&b)
	}
}
