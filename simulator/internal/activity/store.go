package activity

import (
	"encoding/binary"
	"iter"
	"math"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/internal/work"
	"github.com/mktows/mktows-go/simulator/record"
)

const (
	maxRecords = math.MaxUint32
	chunkBits  = 12 // records in a chunk: 4096
)

// LeadNo is the number of a lead, in the order leads were added.
type LeadNo uint32

// Record is an activity in 72 bytes and its attributes; names that repeat are numbers, which
// the table it is from knows.
type Record struct {
	id         int64
	at         int64  // Unix time
	attributes string // see packAttributes
	lead       LeadNo
	kind       name // the type, as answers show it
	asset      name
	campaign   name
	count      uint16 // of attributes
	offset     int16  // of the time, in minutes east of UTC
}

// ID returns the activity's id.
func (r *Record) ID() int64 { return r.id }

// Unix returns the activity's time in Unix seconds.
func (r *Record) Unix() int64 { return r.at }

// Time returns the activity's time, with the offset to show it in.
func (r *Record) Time() time.Time {
	return time.Unix(r.at, 0).In(time.FixedZone("", int(r.offset)*60))
}

// Lead returns the lead that the activity belongs to.
func (r *Record) Lead() LeadNo { return r.lead }

// Count returns how many attributes the activity has.
func (r *Record) Count() int { return int(r.count) }

// Type returns a record's type as answers show it.
func (st *store) Type(r *Record) string { return st.names.text(r.kind) }

// Asset returns the name of a record's asset, empty if there is none.
func (st *store) Asset(r *Record) string { return st.names.text(r.asset) }

// Campaign returns the name of the campaign that has caused a record, empty if none has.
func (st *store) Campaign(r *Record) string { return st.names.text(r.campaign) }

// Attributes yields names and values of a record's attributes. The texts are the table's.
func (st *store) Attributes(r *Record) iter.Seq2[string, string] {
	return func(yield func(name, value string) bool) {
		for packed := r.attributes; packed != ""; {
			number, value, rest := nextAttribute(packed)
			if !yield(st.names.text(number), value) {
				return
			}
			packed = rest
		}
	}
}

// record returns an activity as it could be added again.
func (st *store) record(r *Record) record.Activity {
	a := record.Activity{
		ID: r.id, Time: servicetime.Text(r.Time()), Type: gen.ActivityType(st.Type(r)), AssetName: st.Asset(r), Campaign: st.Campaign(r),
	}
	for name, value := range st.Attributes(r) {
		a.Attributes = append(a.Attributes, record.Attribute{Name: name, Value: value})
	}
	return a
}

// store holds all activities. It only grows, chunk by chunk, so that adding a record
// moves no others. The zero value is empty.
type store struct {
	chunks [][]Record
	n      uint32
	byID   map[int64]ordered.Ref
	lastID int64 // highest id so far
	free   int64 // up to here no id is free; counts once the highest of all is given
	names  names

	scratch []byte // of packAttributes, for the next activity
}

// get returns a record. It counts that it was looked at, for the tests that hold pages to a constant price.
func (st *store) get(r ordered.Ref) *Record {
	work.Looked(1)
	return &st.chunks[r>>chunkBits][r&(1<<chunkBits-1)]
}

// reserve keeps the ids that activities ask for from being given to others of them.
func (st *store) reserve(activities []record.Activity) {
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

// NextID gives an id that no activity has, to something that is none of the table's.
func (st *store) NextID() int64 { return st.nextID() }

// nextID returns the id after the highest one. If that was the last of all, it is the lowest that is free.
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
func (st *store) add(a *record.Activity, at time.Time, no LeadNo) (ordered.Ref, *Record) {
	id := a.ID
	if id == 0 {
		id = st.nextID()
	}
	_, offset := at.Zone()
	chunk := st.chunk()
	*chunk = append(*chunk, Record{
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
func (st *store) chunk() *[]Record {
	const size = 1 << chunkBits
	last := len(st.chunks) - 1
	if last < 0 || len(st.chunks[last]) == size {
		var next []Record
		if last >= 0 {
			next = make([]Record, 0, size)
		}
		st.chunks = append(st.chunks, next)
		last++
	}
	return &st.chunks[last]
}

// idsTellOrder reports whether each activity has a higher id than the ones added before it. Then a state need not
// store the order.
func (st *store) idsTellOrder() bool {
	before := int64(math.MinInt64)
	for r := range ordered.Ref(st.n) {
		id := st.get(r).id
		if id <= before {
			return false
		}
		before = id
	}
	return true
}

// packAttributes returns attributes as one string: for each the number of its name, the length of its value, and the
// value. Answers are cut out of these strings without copying, and a million records are a million objects for the
// garbage collector instead of ten million.
func (st *store) packAttributes(attributes []record.Attribute) string {
	packed := st.scratch[:0]
	for _, a := range attributes {
		packed = binary.AppendUvarint(packed, uint64(st.names.number(a.Name)))
		packed = binary.AppendUvarint(packed, uint64(len(a.Value)))
		packed = append(packed, a.Value...)
	}
	st.scratch = packed
	return string(packed)
}

// nextAttribute cuts the first attribute off a packed string.
func nextAttribute(packed string) (number name, value, rest string) {
	n, packed := cutUvarint(packed)
	length, packed := cutUvarint(packed)
	return name(n), packed[:length], packed[length:] //nolint:gosec // numbers are written as uint32
}

// cutUvarint reads a number as encoding/binary writes it. That package reads from bytes only, and converting would
// copy the string.
func cutUvarint(s string) (n uint64, rest string) {
	for i := range len(s) {
		n |= uint64(s[i]&0x7F) << (7 * i)
		if s[i] < 0x80 {
			return n, s[i+1:]
		}
	}
	return n, ""
}
