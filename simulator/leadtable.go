package simulator

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/work"
)

// lead is a lead in the simulator.
type lead struct {
	id        int64
	text      string // the id as answers show it
	email     string
	keys      []leadKey // all but the id and the address, values as given
	foreign   []ForeignID
	values    fieldValues
	workspace string
	history   history

	since   int64 // Unix time it was added without activities; 0: it had some
	updated int64 // Unix time of its latest activity, or since
	touched bool  // updated is set, and stands in leadTable.updates

	lists []*list // that it is a member of
}

// leadNo is the place of a lead in leadTable.all.
type leadNo uint32

// leadTable finds leads. The zero value is empty.
type leadTable struct {
	all       []*lead // those that were merged into others, too
	byID      map[int64]leadNo
	byKey     map[leadKey][]leadNo // in the order the leads were added
	byForeign map[ForeignID]leadNo
	values    *ordered.ValueIndex // the row is the lead's number
	updates   ordered.Set         // by time of the latest update; the ref is the lead's number
	added     ordered.Set         // by the time of adding, those that were added without activities
	version   uint64              // differs after each update
	gone      uint64              // how many were merged into others
	lastID    int64               // highest id so far
}

type leadKey struct {
	kind  gen.LeadKeyRef
	value string
}

// newLeadKey brings a key into the form that the table compares.
func newLeadKey(kind gen.LeadKeyRef, value string) leadKey {
	if kind == gen.LeadKeyRefEMAIL || kind == gen.LeadKeyRefLEADOWNEREMAIL {
		value = strings.ToLower(value)
	}
	return leadKey{kind, value}
}

// at returns the lead of a number.
func (t *leadTable) at(no leadNo) *lead {
	work.Looked(1)
	return t.all[no]
}

// check returns an error if a lead cannot get the id it asks for; 0 asks for any.
func (t *leadTable) check(id int64) error {
	if id == 0 {
		id = t.lastID + 1
	}
	if id < 1 || id > math.MaxInt32 {
		return fmt.Errorf("simulator: lead id %d is outside 1 to %d, the range of the schema", id, math.MaxInt32)
	}
	if _, taken := t.byID[id]; taken {
		return fmt.Errorf("simulator: there is a lead %d already: give another id, or none", id)
	}
	return nil
}

// add enters a lead that check has passed, without its activities.
func (t *leadTable) add(l *Lead) leadNo {
	if t.byID == nil {
		t.byID = make(map[int64]leadNo)
		t.byKey = make(map[leadKey][]leadNo)
		t.byForeign = make(map[ForeignID]leadNo)
		t.values = ordered.NewValueIndex()
	}
	id := l.ID
	if id == 0 {
		id = t.lastID + 1
	}
	no := leadNo(len(t.all)) //nolint:gosec // ids are 31 bits, so there are fewer leads
	added := &lead{id: id, text: strconv.FormatInt(id, 10)}
	t.all = append(t.all, added)
	t.byID[id] = no
	t.lastID = max(t.lastID, id)
	t.setEmail(no, l.Email)
	l.keys(func(kind gen.LeadKeyRef, value string) { t.link(no, kind, value) })
	for _, f := range l.ForeignIDs {
		t.setForeign(no, f)
	}
	for name, value := range l.Fields {
		t.setValue(no, name, value)
	}
	return no
}

// link gives a lead a key. An empty one is none.
func (t *leadTable) link(no leadNo, kind gen.LeadKeyRef, value string) {
	l := t.at(no)
	if key := (leadKey{kind, strings.Clone(value)}); value != "" && !slices.Contains(l.keys, key) {
		l.keys = append(l.keys, key)
		t.index(no, kind, value)
	}
}

func (t *leadTable) index(no leadNo, kind gen.LeadKeyRef, value string) {
	key := newLeadKey(kind, strings.Clone(value))
	if i, found := slices.BinarySearch(t.byKey[key], no); !found {
		t.byKey[key] = slices.Insert(t.byKey[key], i, no)
	}
}

// unlink takes a key from a lead.
func (t *leadTable) unlink(no leadNo, key leadKey) {
	l := t.at(no)
	l.keys = slices.DeleteFunc(l.keys, func(k leadKey) bool { return k == key })
	t.drop(no, key.kind, key.value)
}

func (t *leadTable) drop(no leadNo, kind gen.LeadKeyRef, value string) {
	key := newLeadKey(kind, strings.Clone(value)) // writing to a map keeps the key, too
	left := slices.DeleteFunc(t.byKey[key], func(other leadNo) bool { return other == no })
	if len(left) == 0 {
		delete(t.byKey, key)
		return
	}
	t.byKey[key] = left
}

// setValue writes a field of a lead, other than Email, and returns the value before.
func (t *leadTable) setValue(no leadNo, field, value string) (before string) {
	before = t.at(no).values.set(field, value)
	t.values.Change(field, before, value, int64(no))
	return before
}

// withValue returns the lead that has a value in a field, of several the one added last.
// Apart from attributes, Id, Email and ForeignSysPersonId are fields.
func (t *leadTable) withValue(field, value string) (leadNo, bool) {
	switch field {
	case fieldID:
		return lastOf(t.matching(gen.LeadKeyRefIDNUM, value))
	case fieldEmail:
		return lastOf(t.matching(gen.LeadKeyRefEMAIL, value))
	case fieldForeignID:
		return t.withForeign(value)
	}
	if t.values == nil {
		return 0, false
	}
	e, ok := t.values.Rows(field, value, func(yield func(int64, string)) {
		for no, l := range t.all {
			work.Looked(1)
			yield(int64(no), l.values.get(field))
		}
	}).Last()
	return leadNo(e.At), ok //nolint:gosec // a number of a lead
}

func lastOf(found []leadNo) (leadNo, bool) {
	if len(found) == 0 {
		return 0, false
	}
	return found[len(found)-1], true
}

// withForeign returns the lead that a foreign id of any system belongs to.
func (t *leadTable) withForeign(id string) (leadNo, bool) {
	for _, system := range gen.ForeignSysTypeCUSTOM.Values() {
		if no, ok := t.byForeign[ForeignID{system, id}]; ok {
			return no, true
		}
	}
	return 0, false
}

// setSince notes when a lead was added without activities.
func (t *leadTable) setSince(no leadNo, at int64) {
	t.at(no).since = at
	t.added.Insert(ordered.Entry{At: at, Ref: ordered.Ref(no)})
	t.touch(no, at)
}

// setEmail gives a lead another address, or none.
func (t *leadTable) setEmail(no leadNo, email string) {
	l := t.at(no)
	if l.email != "" {
		t.drop(no, gen.LeadKeyRefEMAIL, l.email)
	}
	if l.email = strings.Clone(email); email != "" {
		t.index(no, gen.LeadKeyRefEMAIL, email)
	}
}

// setForeign gives a lead a foreign id, and takes it from the lead that had it. It
// becomes the one that answers show.
func (t *leadTable) setForeign(no leadNo, f ForeignID) {
	is := func(other ForeignID) bool { return other == f }
	if had, ok := t.byForeign[f]; ok {
		t.at(had).foreign = slices.DeleteFunc(t.at(had).foreign, is)
	}
	f = ForeignID{gen.ForeignSysType(strings.Clone(string(f.System))), strings.Clone(f.ID)}
	t.at(no).foreign = append(t.at(no).foreign, f)
	t.byForeign[f] = no
}

// touch notes an update of a lead. One that lies before the latest changes nothing but
// the version.
func (t *leadTable) touch(no leadNo, at int64) {
	t.version++
	l := t.at(no)
	if l.touched && at <= l.updated {
		return
	}
	if l.touched {
		t.updates.Remove(ordered.Entry{At: l.updated, Ref: ordered.Ref(no)})
	}
	l.updated, l.touched = at, true
	t.updates.Insert(ordered.Entry{At: at, Ref: ordered.Ref(no)})
}

// forget takes a lead out, with all its keys.
func (t *leadTable) forget(no leadNo) {
	l := t.at(no)
	t.setEmail(no, "")
	for _, key := range slices.Clone(l.keys) {
		t.unlink(no, key)
	}
	for _, f := range l.foreign {
		delete(t.byForeign, f)
	}
	if l.touched {
		t.updates.Remove(ordered.Entry{At: l.updated, Ref: ordered.Ref(no)})
	}
	if l.since != 0 {
		t.added.Remove(ordered.Entry{At: l.since, Ref: ordered.Ref(no)})
	}
	for _, v := range l.values {
		t.values.Drop(v.name, v.value, int64(no))
	}
	delete(t.byID, l.id)
	t.version++
	t.gone++
	t.all[no] = &lead{id: l.id, text: l.text}
}

// find returns the lead that a key means: of several the one added last. The error is
// the fault for the key (Marketo SOAP API, error codes).
func (t *leadTable) find(key *gen.LeadKey) (leadNo, error) {
	found, err := t.findAll(key)
	if err != nil {
		return 0, err
	}
	return found[len(found)-1], nil
}

// findAll returns all leads that a key means, at least one, in the order they were
// added. The list is the table's: it must not be changed.
func (t *leadTable) findAll(key *gen.LeadKey) ([]leadNo, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if found := t.matching(key.KeyType, key.KeyValue); len(found) > 0 {
		return found, nil
	}
	return nil, notFound(key)
}

// checkKey finds what is wrong with a key, whatever leads there are.
func checkKey(key *gen.LeadKey) error {
	switch {
	case key == nil:
		return fault.New(fault.CodeLeadKeyRequired, "leadKey is missing")
	case key.KeyValue == "":
		return fault.New(fault.CodeLeadKeyRequired, "leadKey/keyValue is empty")
	case !key.KeyType.Valid():
		return fault.Newf(fault.CodeLeadKeyBad, "leadKey/keyType %q is not a type of lead key", key.KeyType)
	}
	return nil
}

// matching returns the leads that have a key, nil for none.
func (t *leadTable) matching(kind gen.LeadKeyRef, value string) []leadNo {
	if kind != gen.LeadKeyRefIDNUM {
		return t.byKey[newLeadKey(kind, value)]
	}
	id, err := strconv.ParseInt(value, 10, 64)
	if no, ok := t.byID[id]; ok && err == nil {
		return []leadNo{no}
	}
	return nil
}

func notFound(key *gen.LeadKey) error {
	code, what := fault.CodeLeadNotFound, "lead"
	if isOwner(key.KeyType) {
		code, what = fault.CodeLeadOwnerNotFound, "lead owner"
	}
	return fault.Newf(code, "No %s found with %s = %s", what, key.KeyType, key.KeyValue)
}

// isOwner reports whether a type of key names the owner of leads.
func isOwner(kind gen.LeadKeyRef) bool {
	return kind == gen.LeadKeyRefLEADOWNEREMAIL || kind == gen.LeadKeyRefSFDCLEADOWNERID
}
