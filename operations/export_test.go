package operations

// NewCursor makes cursors of any operation and position.
var NewCursor = newCursor

// Distance is how suggestions are chosen.
var Distance = distance

// Offset returns the service's mark in the position.
func (c Cursor) Offset() string { return c.pos.Offset.Value }

// WithMark returns the cursor as a port of that mark gives it.
func (c Cursor) WithMark(mark string) Cursor {
	c.mark = mark
	return c
}
