package ordered

import (
	"cmp"
	"math"
)

// Ref is the number of a row in its table, in the order the rows were added.
type Ref uint32

// Entry is a row in an order: what orders it, and which row it is.
type Entry struct {
	At  int64 // a Unix time, or an id
	Ref Ref   // decides among rows of the same time: the later added is the newer
}

// Compare compares entries by at, then by ref.
func (e Entry) Compare(other Entry) int {
	if c := cmp.Compare(e.At, other.At); c != 0 {
		return c
	}
	return cmp.Compare(e.Ref, other.Ref)
}

// Span is the part of an order that a request is about.
type Span struct {
	Before Entry // only what is older than this
	Since  Entry // and not older than that
}

// Everything is the span of all there is.
var Everything = Span{Before: Entry{At: math.MaxInt64}, Since: Entry{At: math.MinInt64}}

// Has reports whether an entry lies in a span.
func (s Span) Has(e Entry) bool { return s.Since.Compare(e) <= 0 && e.Compare(s.Before) < 0 }

// Narrow leaves of a span what lies between two values, both included.
func (s *Span) Narrow(from, to int64) {
	if first := (Entry{At: from}); s.Since.Compare(first) < 0 {
		s.Since = first
	}
	if end := (Entry{At: to + 1}); s.Before.Compare(end) > 0 {
		s.Before = end
	}
}
