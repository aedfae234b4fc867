package store

import (
	"time"
)

// Problem is a record of the service that could not be read. It is kept as it came, so that one such record neither
// stops the stream nor is lost, and can be read after all once the program understands it.
type Problem struct {
	Stream StreamName
	// Key is made of stream and record: a record that is read again is the same problem.
	Key    string
	Run    int64 // the run and the window that met it first
	Window int64
	Found  time.Time
	Text   string // what is wrong
	GUID   string // of the record; empty: it has none
	Record string // JSON
}

// NewProblem returns the problem of a record of a stream: what is wrong, the GUID of the record, if it has one, and the record as JSON.
func NewProblem(stream StreamName, text, guid, record string) Problem {
	p := Problem{Stream: stream, Text: Storable(text), GUID: Storable(guid), Record: Storable(record)}
	p.Key = sum(appendText([]byte(stream), p.Record)).String()
	return p
}
