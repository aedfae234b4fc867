package leads

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/work"
	"github.com/mktows/mktows-go/simulator/record"
)

// link gives a lead a key; an empty value is ignored. Values are copied, because those of a request share the memory
// of the whole document.
func (t *Table) link(no No, kind gen.LeadKeyRef, value string) {
	l := t.Lead(no)
	if key := (record.LeadKey{Type: kind, Value: strings.Clone(value)}); value != "" && !slices.Contains(l.keys, key) {
		l.keys = append(l.keys, key)
		t.index(no, kind, value)
	}
}

// index enters a lead under a key. Several leads may have the same key; they are kept in the order in which they were
// added, as the last one is the one that counts.
func (t *Table) index(no No, kind gen.LeadKeyRef, value string) {
	key := indexKey(kind, strings.Clone(value))
	if i, found := slices.BinarySearch(t.byKey[key], no); !found {
		t.byKey[key] = slices.Insert(t.byKey[key], i, no)
	}
}

// unlink takes a key from a lead.
func (t *Table) unlink(no No, key record.LeadKey) {
	l := t.Lead(no)
	l.keys = slices.DeleteFunc(l.keys, func(k record.LeadKey) bool { return k == key })
	t.drop(no, key.Type, key.Value)
}

func (t *Table) drop(no No, kind gen.LeadKeyRef, value string) {
	key := indexKey(kind, strings.Clone(value)) // writing to a map keeps the key, too
	left := slices.DeleteFunc(t.byKey[key], func(other No) bool { return other == no })
	if len(left) == 0 {
		delete(t.byKey, key)
		return
	}
	t.byKey[key] = left
}

// setValue writes a field of a lead, other than Email, and returns the value before.
func (t *Table) setValue(no No, field, value string) (before string) {
	before = t.Lead(no).values.set(field, value)
	t.values.Change(field, before, value, int64(no))
	return before
}

// WithValue returns the lead that has a value in a field, of several the one added last.
// Apart from attributes, Id, Email and ForeignSysPersonId are fields.
func (t *Table) WithValue(field, value string) (No, bool) {
	switch field {
	case FieldID:
		return lastOf(t.Matching(gen.LeadKeyRefIDNUM, value))
	case FieldEmail:
		return lastOf(t.Matching(gen.LeadKeyRefEMAIL, value))
	case FieldForeignID:
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
	return No(e.At), ok //nolint:gosec // a number of a lead
}

func lastOf(found []No) (No, bool) {
	if len(found) == 0 {
		return 0, false
	}
	return found[len(found)-1], true
}

// withForeign returns the lead that a foreign id of any system belongs to.
func (t *Table) withForeign(id string) (No, bool) {
	for _, system := range gen.ForeignSysTypeCUSTOM.Values() {
		if no, ok := t.byForeign[record.ForeignID{System: system, ID: id}]; ok {
			return no, true
		}
	}
	return 0, false
}

// setSince notes when a lead was added without activities.
func (t *Table) setSince(no No, at int64) {
	t.Lead(no).since = at
	t.added.Insert(ordered.Entry{At: at, Ref: ordered.Ref(no)})
	t.touch(no, at)
}

// setEmail gives a lead another address, or none.
func (t *Table) setEmail(no No, email string) {
	l := t.Lead(no)
	if l.email != "" {
		t.drop(no, gen.LeadKeyRefEMAIL, l.email)
	}
	if l.email = strings.Clone(email); email != "" {
		t.index(no, gen.LeadKeyRefEMAIL, email)
	}
}

// setForeign gives a lead a foreign id, and takes it from the lead that had it. It
// becomes the one that answers show.
func (t *Table) setForeign(no No, f record.ForeignID) {
	is := func(other record.ForeignID) bool { return other == f }
	if had, ok := t.byForeign[f]; ok {
		t.Lead(had).foreign = slices.DeleteFunc(t.Lead(had).foreign, is)
	}
	f = record.ForeignID{System: gen.ForeignSysType(strings.Clone(string(f.System))), ID: strings.Clone(f.ID)}
	t.Lead(no).foreign = append(t.Lead(no).foreign, f)
	t.byForeign[f] = no
}

// touch notes an update of a lead. One that lies before the latest changes nothing but
// the version.
func (t *Table) touch(no No, at int64) {
	t.version++
	l := t.Lead(no)
	if l.touched && at <= l.updated {
		return
	}
	if l.touched {
		t.updates.Remove(ordered.Entry{At: l.updated, Ref: ordered.Ref(no)})
	}
	l.updated, l.touched = at, true
	t.updates.Insert(ordered.Entry{At: at, Ref: ordered.Ref(no)})
}

// forget removes a lead with all of its keys from all indexes. Its row stays, empty, since activities and positions
// refer to leads by their numbers.
func (t *Table) forget(no No) {
	l := t.Lead(no)
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
		t.values.Drop(v.Name, v.Value, int64(no))
	}
	t.values.Drop(fieldWorkspace, l.workspace, int64(no))
	delete(t.byID, l.id)
	t.version++
	t.gone++
	t.all[no] = &Row{id: l.id, text: l.text}
}

// inherit gives a lead a key of another one. Of most types a lead has only one key, and keeps its own.
func (t *Table) inherit(no No, key record.LeadKey) {
	several := key.Type == gen.LeadKeyRefCOOKIE || key.Type == gen.LeadKeyRefSFDCOPPTYID
	has := slices.ContainsFunc(t.all[no].keys, func(k record.LeadKey) bool { return k.Type == key.Type })
	if several || !has {
		t.link(no, key.Type, key.Value)
	}
}

// LastInAll returns the last lead that is in all of the lists. They are sorted, so it goes through the shortest one
// and looks the rest up.
func LastInAll(lists [][]No) (No, bool) {
	shortest := slices.MinFunc(lists, func(a, b []No) int { return cmp.Compare(len(a), len(b)) })
	for _, no := range slices.Backward(shortest) {
		work.Looked(1)
		missing := func(list []No) bool { _, has := slices.BinarySearch(list, no); return !has }
		if !slices.ContainsFunc(lists, missing) {
			return no, true
		}
	}
	return 0, false
}
