package simulator

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/work"
)

const (
	maxRecords = math.MaxUint32
	chunkBits  = 12 // records in a chunk: 4096
)

// record is an activity in 72 bytes and its attributes; names that repeat are numbers.
type record struct {
	id         int64
	at         int64  // Unix time
	attributes string // see packAttributes
	lead       leadNo
	kind       name // the type, as answers show it
	asset      name
	campaign   name
	count      uint16 // of attributes
	offset     int16  // of the time, in minutes east of UTC
}

// store holds all activities. It only grows, chunk by chunk, so that adding a record
// moves no others. The zero value is empty.
type store struct {
	chunks [][]record
	n      uint32
	byID   map[int64]ordered.Ref
	lastID int64 // highest id so far
	free   int64 // up to here no id is free; counts once the highest of all is given
	names  names
}

func (st *store) get(r ordered.Ref) *record {
	work.Looked(1)
	return &st.chunks[r>>chunkBits][r&(1<<chunkBits-1)]
}

// reserve keeps the ids that activities ask for from being given to others of them.
func (st *store) reserve(activities []Activity) {
	if st.byID == nil {
		st.byID = make(map[int64]ordered.Ref)
	}
	for i := range activities {
		if id := activities[i].ID; id != 0 {
			st.lastID = max(st.lastID, id)
			st.byID[id] = ordered.Ref(st.n)
		}
	}
}

// nextID returns the id after the highest, or, if that is the last there is, the lowest
// that is free.
func (st *store) nextID() int64 {
	if st.lastID < math.MaxInt64 {
		st.lastID++
		return st.lastID
	}
	for taken := true; taken; {
		st.free++
		_, taken = st.byID[st.free]
	}
	return st.free
}

// add stores an activity at a time whose zone is the one to show.
func (st *store) add(a *Activity, at time.Time, no leadNo) (ordered.Ref, *record) {
	id := a.ID
	if id == 0 {
		id = st.nextID()
	}
	_, offset := at.Zone()
	chunk := st.chunk()
	*chunk = append(*chunk, record{
		id: id, at: at.Unix(), offset: int16(offset / 60), //nolint:gosec // at most 24 hours
		lead: no, kind: st.names.number(typeName(a.Type)),
		asset: st.names.number(a.AssetName), campaign: st.names.number(a.Campaign),
		attributes: st.packAttributes(a.Attributes), count: uint16(len(a.Attributes)), //nolint:gosec // see packAttributes
	})
	r := ordered.Ref(st.n)
	st.n++
	if st.byID == nil {
		st.byID = make(map[int64]ordered.Ref)
	}
	st.byID[id] = r
	return r, st.get(r)
}

// chunk returns the chunk that has room for one more record. Only the first grows, so
// that a simulator with a few records stays small.
func (st *store) chunk() *[]record {
	const size = 1 << chunkBits
	last := len(st.chunks) - 1
	if last < 0 || len(st.chunks[last]) == size {
		var next []record
		if last >= 0 {
			next = make([]record, 0, size)
		}
		st.chunks = append(st.chunks, next)
		last++
	}
	return &st.chunks[last]
}

// packAttributes returns attributes as one string: for each the number of its name,
// the length of its value and the value. A page is cut out of these strings without a
// copy, and a million records are a million objects instead of ten.
func (st *store) packAttributes(attributes []Attribute) string {
	var packed []byte
	for _, a := range attributes {
		packed = binary.AppendUvarint(packed, uint64(st.names.number(a.Name)))
		packed = binary.AppendUvarint(packed, uint64(len(a.Value)))
		packed = append(packed, a.Value...)
	}
	return string(packed)
}

// nextAttribute cuts the first attribute off a packed string.
func nextAttribute(packed string) (number name, value, rest string) {
	n, packed := cutUvarint(packed)
	length, packed := cutUvarint(packed)
	return name(n), packed[:length], packed[length:] //nolint:gosec // numbers are written as uint32
}

func cutUvarint(s string) (n uint64, rest string) {
	for i := range len(s) {
		n |= uint64(s[i]&0x7F) << (7 * i)
		if s[i] < 0x80 {
			return n, s[i+1:]
		}
	}
	return n, ""
}

// name is the number of a text that many records share.
type name uint32

// names numbers texts. The zero value is empty; texts are never forgotten.
type names struct {
	texts   []string
	numbers map[string]name
}

// number returns the number of a text, a new one if need be.
func (n *names) number(text string) name {
	if found, ok := n.numbers[text]; ok {
		return found
	}
	if n.numbers == nil {
		n.numbers = make(map[string]name)
	}
	added := name(len(n.texts)) //nolint:gosec // there are fewer names than records and attributes
	n.texts = append(n.texts, text)
	n.numbers[text] = added
	return added
}

// known returns the number of a text if it has one.
func (n *names) known(text string) (name, bool) {
	found, ok := n.numbers[text]
	return found, ok
}

func (n *names) text(number name) string { return n.texts[number] }
