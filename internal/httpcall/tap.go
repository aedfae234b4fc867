package httpcall

import (
	"log/slog"
	"net/http"
)

// Tap is put, where it is set, around the transport of each client of the REST API that is made. Tests set it before there
// are clients, to look at all that is sent; programs leave it nil.
var Tap func(http.RoundTripper) http.RoundTripper

// Peek returns what the body is made of, for a Tap. It does not count as sent by that.
func (b *Body) Peek() []byte {
	text := make([]byte, b.size)
	_, _ = b.text.ReadAt(text, 0) // of memory
	return text
}

// Log is where clients log that are given no logger: nowhere. Tests set it before there are clients, to search all logs.
var Log = slog.New(slog.DiscardHandler)
