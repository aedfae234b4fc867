package operations

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"strings"

	"github.com/mktows/mktows-go/gen"
)

// Cursor is a place in the stream of a paged operation, given by [Page.Next]. The
// zero Cursor is the start. A cursor can be saved as text and used by another
// process; it belongs to one operation and one query, and any other refuses it. It belongs to
// one instance and user too, where the port says whose it is; see [Marked].
// Cursors are plain values: those of one place, given by the same port, are ==.
//
// The text is opaque, of letters, digits, '-', '_' and '.', and may be thousands of
// characters long. It is checksummed, not signed: it holds the service's position,
// a hash of the query and the port's mark, but neither credentials nor the key.
type Cursor struct {
	op    string // the wire operation; empty in the zero Cursor only
	query uint64 // what newFingerprint makes of the query
	mark  string // of the port; empty: it has none, or the text is older than marks
	// pos is the whole position of the service: which of its elements were absent,
	// nil or present is kept. Operations with a simple position keep it in Offset.
	pos gen.StreamPosition
	// last: the page that gave it announced no more records. Only there may the service
	// answer that the stream is at its end (20123).
	last bool
}

// newCursor returns the cursor at a position of an answer; the zero Cursor if the
// answer had none. It copies the strings: those of an answer share the memory of the
// whole page, and a cursor is kept for long.
func newCursor(op string, query uint64, pos *gen.StreamPosition) Cursor {
	if pos == nil || isNowhere(pos) {
		return Cursor{}
	}
	return Cursor{op: op, query: query, pos: gen.StreamPosition{
		LatestCreatedAt:   clone(pos.LatestCreatedAt),
		OldestCreatedAt:   clone(pos.OldestCreatedAt),
		ActivityCreatedAt: clone(pos.ActivityCreatedAt),
		Offset:            clone(pos.Offset),
	}}
}

// isNowhere reports whether a position would be taken as a first call.
func isNowhere(p *gen.StreamPosition) bool {
	return p.LatestCreatedAt.Or("") == "" && p.OldestCreatedAt.Or("") == "" &&
		p.ActivityCreatedAt.Or("") == "" && p.Offset.Or("") == ""
}

func clone[T ~string](o gen.Opt[T]) gen.Opt[T] {
	v, ok := o.Get()
	if !ok {
		return gen.Opt[T]{State: o.State}
	}
	return gen.Some(T(strings.Clone(string(v))))
}

// IsZero reports whether c is the start of a stream.
func (c Cursor) IsZero() bool { return c == Cursor{} }

// Equal reports whether both are the same place of the same stream, as == does.
func (c Cursor) Equal(d Cursor) bool { return c == d }

// Marked is what a port may implement to say whose positions it gives: the cursors of one
// instance and user are refused by another, which may have an other record at the same place.
// Ports without it, and cursors saved before there were marks, are not told apart.
type Marked interface {
	// CursorMark returns a short text that ports of the same instance and user share and those of
	// others do not. It stands in every cursor, so it must not tell who they are.
	CursorMark() string
}

func markOf(port gen.Port) string {
	if m, ok := port.(Marked); ok {
		return m.CursorMark()
	}
	return ""
}

// check refuses a cursor that another operation, another query or a port of another mark gave;
// field names the argument.
func (c Cursor) check(field, op string, query uint64, mark string) error {
	foreign := c.mark != "" && mark != "" && c.mark != mark
	switch {
	case c.IsZero() || c.op == op && c.query == query && !foreign:
		return nil
	case foreign:
		return &ArgumentError{field, fmt.Errorf(
			"%w: it was given by another instance, or for another user; use the endpoint and user that it came from, or start over", ErrCursor)}
	case c.op != op:
		return &ArgumentError{field, fmt.Errorf("%w: it was given by %s, and this call is %s", ErrCursor, c.op, op)}
	}
	return &ArgumentError{field, fmt.Errorf(
		"%w: it was given for another query, as for another lead or other types; repeat that query or start over", ErrCursor)}
}

// fingerprint hashes what a query asks for. Each part is preceded by its length, so
// that moving a boundary makes another query.
func fingerprint(parts ...string) uint64 {
	b := make([]byte, 0, 256)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint64(b, uint64(len(p)))
		b = append(b, p...)
	}
	h := fnv.New64a()
	_, _ = h.Write(b) // never fails
	return h.Sum64()
}

// What texts begin with; a change of what follows gets another number. Cursors without a mark keep
// the first form, which all versions of this package read.
const (
	cursorPlain  = "c1."
	cursorMarked = "c2."
)

// lastMark ends the text of a cursor whose page announced no more records.
const lastMark = 1

// String returns the text of the cursor, which is empty for the zero Cursor.
func (c Cursor) String() string {
	if c.IsZero() {
		return ""
	}
	b := appendText(nil, c.op)
	b = binary.BigEndian.AppendUint64(b, c.query)
	version := cursorPlain
	if c.mark != "" {
		version, b = cursorMarked, appendText(b, c.mark)
	}
	b = appendOpt(b, c.pos.LatestCreatedAt)
	b = appendOpt(b, c.pos.OldestCreatedAt)
	b = appendOpt(b, c.pos.ActivityCreatedAt)
	b = appendOpt(b, c.pos.Offset)
	if c.last { // texts of earlier releases do not have it
		b = append(b, lastMark)
	}
	b = binary.BigEndian.AppendUint32(b, checksum(b, version))
	return version + base64.RawURLEncoding.EncodeToString(b)
}

// checksum covers the version too, but for the first one, where it did not.
func checksum(b []byte, version string) uint32 {
	sum := crc32.ChecksumIEEE(b)
	if version == cursorPlain {
		return sum
	}
	return crc32.Update(sum, crc32.IEEETable, []byte(version))
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendOpt[T ~string](b []byte, o gen.Opt[T]) []byte {
	b = append(b, byte(o.State))
	if o.State == gen.Present {
		b = appendText(b, string(o.Value))
	}
	return b
}

// MarshalText returns the text of the cursor. It does not fail.
func (c Cursor) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads what MarshalText returned, as ParseCursor does.
func (c *Cursor) UnmarshalText(text []byte) error {
	parsed, err := ParseCursor(string(text))
	if err != nil {
		return err
	}
	*c = parsed
	return nil
}

// ParseCursor reads the text of a cursor; an empty one is the start of a stream.
// White space around it is dropped. Text that was damaged, or made by a version of
// this package that it does not know, is an *ArgumentError that matches [ErrCursor].
func ParseCursor(s string) (Cursor, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Cursor{}, nil
	}
	version := s[:min(len(s), len(cursorPlain))]
	if version != cursorPlain && version != cursorMarked {
		return Cursor{}, badCursor("the text begins with neither " + cursorPlain + " nor " + cursorMarked + " and is none, or of another version")
	}
	// One cursor has one text: this refuses all that decoding lets pass.
	c := decodeCursor(s[len(version):], version)
	if c.IsZero() || c.String() != s {
		return Cursor{}, badCursor("the text is damaged; pass it on as it was given, or start over")
	}
	return c, nil
}

func badCursor(why string) error {
	return &ArgumentError{"cursor", fmt.Errorf("%w: %s", ErrCursor, why)}
}

// decodeCursor returns the zero Cursor, or one with another text, for what is none.
func decodeCursor(body, version string) Cursor {
	b, err := base64.RawURLEncoding.DecodeString(body)
	n := len(b) - crc32.Size
	if err != nil || n < 0 || checksum(b[:n], version) != binary.BigEndian.Uint32(b[n:]) {
		return Cursor{}
	}
	r := cursorReader(b[:n])
	c := Cursor{op: r.text(), query: r.uint64()}
	if version == cursorMarked {
		c.mark = r.text()
	}
	c.pos.LatestCreatedAt = readOpt[gen.DateTime](&r)
	c.pos.OldestCreatedAt = readOpt[gen.DateTime](&r)
	c.pos.ActivityCreatedAt = readOpt[gen.DateTime](&r)
	c.pos.Offset = readOpt[string](&r)
	c.last = len(r) == 1 && r[0] == lastMark
	if c.op == "" || isNowhere(&c.pos) {
		return Cursor{}
	}
	return c
}

// cursorReader is what is left of the bytes that String appended. At their end it
// reads zeros.
type cursorReader []byte

func (r *cursorReader) take(n uint64) []byte {
	n = min(n, uint64(len(*r)))
	taken := (*r)[:n]
	*r = (*r)[n:]
	return taken
}

func (r *cursorReader) text() string {
	n, size := binary.Uvarint(*r)
	r.take(uint64(max(size, 0))) //nolint:gosec // not negative
	return string(r.take(n))
}

func (r *cursorReader) uint64() uint64 {
	if b := r.take(8); len(b) == 8 {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func readOpt[T ~string](r *cursorReader) gen.Opt[T] {
	state := r.take(1)
	switch {
	case len(state) == 0: // at the end
	case gen.State(state[0]) == gen.Present:
		return gen.Some(T(r.text()))
	case gen.State(state[0]) == gen.Nil:
		return gen.NilOf[T]()
	}
	return gen.Opt[T]{}
}
