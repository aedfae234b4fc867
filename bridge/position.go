package bridge

import (
	"encoding/json"

	"github.com/mktows/mktows-go/bridge/internal/position"
)

// question shortens what two calls of one reading have in common. Of structs exported fields count.
func question(parts ...any) string {
	text, err := json.Marshal(parts)
	if err != nil {
		panic(err) // a part that is no plain data
	}
	return position.Query(string(text))
}

// open reads a position of the operation that has no dates beside it.
func (w *work) open(text, query string) (position.Position, error) {
	return w.positions.Read(position.Request{Operation: w.operation, Query: query, Text: text})
}

// seal writes the position after a page, which is the end of the stream if nothing follows.
func (w *work) seal(at position.Position, more bool) (string, error) {
	at.Turn++
	at.Old = false
	if !more {
		at = position.Position{Operation: at.Operation, Query: at.Query, Turn: at.Turn, End: true}
	}
	return w.positions.Write(at)
}
