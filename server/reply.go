package server

import (
	"compress/gzip"
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/internal/envelope"
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

// sent is the part of the body that the caller gets.
func (p reply) sent() []byte {
	switch p.drop {
	case DropBeforeWork, DropAfterWork:
		return nil
	case DropHalfAnswer:
		return p.body[:len(p.body)/2]
	}
	return p.body
}

// send writes the reply. Dropping the connection is a panic that package http asks for.
func (s *Server) send(w http.ResponseWriter, r *http.Request, p reply) {
	if p.drop == DropBeforeWork || p.drop == DropAfterWork {
		panic(http.ErrAbortHandler)
	}
	body := p.sent()
	maps.Copy(w.Header(), p.header)
	if p.drop == NoDrop && !p.raw && len(body) >= gzipFrom {
		w.Header().Add("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Values("Accept-Encoding")) {
			body = s.zip(body)
			w.Header().Set("Content-Encoding", "gzip")
			p.body = body
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(p.body)))
	w.WriteHeader(p.status)
	_, _ = w.Write(body) // a caller that is gone is told nothing
	if p.drop == DropHalfAnswer {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
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

// zip compresses a body.
func (s *Server) zip(body []byte) []byte {
	z, ok := s.zippers.Get().(*gzip.Writer)
	if !ok {
		// A page of XML shrinks to a tenth even so, in a third of the time.
		z, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed)
	}
	defer s.zippers.Put(z)
	var out sink
	z.Reset(&out)
	_, _ = z.Write(body) // a sink takes everything
	_ = z.Close()
	return out
}

// sink is a writer that never fails.
type sink []byte

func (s *sink) Write(p []byte) (int, error) {
	*s = append(*s, p...)
	return len(p), nil
}

// acceptsGzip reads Accept-Encoding (RFC 9110, section 12.5.3).
func acceptsGzip(headers []string) bool {
	accepted := false
	for _, part := range strings.Split(strings.Join(headers, ","), ",") {
		coding, params, _ := strings.Cut(part, ";")
		name := strings.ToLower(strings.TrimSpace(coding))
		if name != "gzip" && name != "x-gzip" && name != "*" {
			continue
		}
		weight, given := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q=")
		q, err := strconv.ParseFloat(weight, 64)
		wanted := !given || err == nil && q > 0
		if name != "*" {
			return wanted
		}
		accepted = wanted
	}
	return accepted
}
