// Package httpsend sends the answers of a mock: compressed where that is asked for and worth
// while, whole, in part, or not at all.
//
// The package imports the standard library only.
package httpsend

import (
	"compress/gzip"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// Part is how much of an answer is sent before the connection is closed.
type Part int

// The parts of an answer.
const (
	Whole Part = iota // all of it, and the connection stays
	Half              // the first half of the body
	Nothing
)

// Answer is what goes back to a caller.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Raw    bool // not to be compressed
	Part   Part
}

// Sent is the part of the body that the caller gets.
func (a *Answer) Sent() []byte {
	switch a.Part {
	case Half:
		return a.Body[:len(a.Body)/2]
	case Nothing:
		return nil
	}
	return a.Body
}

// Sender sends answers. Set GzipFrom before use. It is safe for concurrent use.
type Sender struct {
	GzipFrom int // the size in bytes from which a body is worth compressing

	zippers sync.Pool // of *gzip.Writer
}

// Send writes the answer. Closing the connection is a panic that package http asks for.
func (s *Sender) Send(w http.ResponseWriter, r *http.Request, a *Answer) {
	if a.Part == Nothing {
		panic(http.ErrAbortHandler)
	}
	body, whole := a.Sent(), len(a.Body)
	maps.Copy(w.Header(), a.Header)
	if a.Part == Whole && !a.Raw && len(body) >= s.GzipFrom {
		w.Header().Add("Vary", "Accept-Encoding")
		if acceptsGzip(r.Header.Values("Accept-Encoding")) {
			body = s.zip(body)
			w.Header().Set("Content-Encoding", "gzip")
			whole = len(body)
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(whole))
	w.WriteHeader(a.Status)
	_, _ = w.Write(body) // a caller that is gone is told nothing
	if a.Part == Half {
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// zip compresses a body.
func (s *Sender) zip(body []byte) []byte {
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
