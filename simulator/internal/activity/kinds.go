package activity

import (
	"cmp"
	"slices"

	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/record"
)

// firstCustomID is the id from which those of types begin that a customer has defined (Marketo
// REST API, custom activities).
const firstCustomID = 100_001

// kinds are the types of activity that an instance has, with their ids in the REST API.
type kinds struct {
	byName map[string]record.ActivityType
	byID   map[int64]string
	custom []int64 // in the order they were added
}

// newKinds returns the types that every instance has.
func newKinds() kinds {
	k := kinds{make(map[string]record.ActivityType), make(map[int64]string), nil}
	for _, t := range standardTypes {
		k.byName[t.Name], k.byID[t.ID] = t, t.Name
	}
	return k
}

// learn adds a type that nobody has defined when an activity of it is added. The SOAP API takes any name as a type,
// but the REST API needs an id for it.
func (k *kinds) learn(name string) {
	if _, known := k.byName[name]; !known {
		k.add(record.ActivityType{Name: name, Description: "custom"})
	}
}

// add adds a type, with the next free id if it has none.
func (k *kinds) add(t record.ActivityType) {
	if t.ID == 0 {
		t.ID = firstCustomID
		for k.byID[t.ID] != "" {
			t.ID++
		}
	}
	k.byName[t.Name], k.byID[t.ID] = t, t.Name
	k.custom = append(k.custom, t.ID)
}

// Define adds a type of activity. The error says that it has no name, or that name or id are
// taken.
func (t *Table) Define(kind record.ActivityType) error {
	_, taken := t.kinds.byName[kind.Name]
	switch {
	case kind.Name == "" || taken:
		return place.Wrong("name", "a type of activity needs a name that no other has, not %q", kind.Name)
	case kind.ID != 0 && (t.kinds.byID[kind.ID] != "" || kind.ID < 0):
		return place.Wrong("id", "the id %d is taken or negative", kind.ID)
	}
	t.kinds.add(kind)
	return nil
}

// Kinds returns all types, by id.
func (t *Table) Kinds() []record.ActivityType {
	var list []record.ActivityType
	for _, kind := range t.kinds.byName {
		list = append(list, kind)
	}
	slices.SortFunc(list, func(a, b record.ActivityType) int { return cmp.Compare(a.ID, b.ID) })
	return list
}

// CustomKinds returns the types that were added, in that order; nil for none.
func (t *Table) CustomKinds() []record.ActivityType {
	var list []record.ActivityType
	for _, id := range t.kinds.custom {
		list = append(list, t.kinds.byName[t.kinds.byID[id]])
	}
	return list
}

// LoadKinds fills an empty table.
func (t *Table) LoadKinds(list []record.ActivityType) error {
	for i, kind := range list {
		if err := t.Define(kind); err != nil {
			return place.In(err, "activityTypes[%d]", i)
		}
	}
	return nil
}

// Kind returns the type of a record.
func (t *Table) Kind(r *Record) record.ActivityType { return t.kinds.byName[t.Type(r)] }

// KindByID returns the type of an id.
func (t *Table) KindByID(id int64) (record.ActivityType, bool) {
	kind, ok := t.kinds.byName[t.kinds.byID[id]]
	return kind, ok
}
