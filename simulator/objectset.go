package simulator

import (
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/work"
)

// objectSet is the objects of one type. The zero value is empty.
type objectSet struct {
	byID   map[int32]*object
	order  ordered.Set // at is the id
	byKey  map[Attribute][]*object
	linked map[link]*ordered.Set // the objects that have a link, by id
	values *ordered.ValueIndex   // of attributes; the row is the id
	lastID int32                 // highest id ever given: that of a deleted object is not given again
}

// link is what objects are found by apart from id and key: what they are associated with.
type link struct {
	kind    string // of the other object
	number  int64  // a role's lead or opportunity
	company gen.MObjAssociation
}

// links are those of an object.
func (o *object) links() []link {
	switch {
	case o.program != nil:
		return nil
	case o.opportunity != 0:
		return []link{{kind: typeLead, number: int64(o.lead)}, {kind: typeOpportunity, number: int64(o.opportunity)}}
	case o.company.MObjType != "":
		return []link{{kind: typeCompany, company: o.company}}
	}
	return nil
}

// find returns the object of an id, or nil.
func (t *objectSet) find(id int32) *object {
	work.Looked(1)
	return t.byID[id]
}

// findKey returns the object of an external key, or nil. The service does not keep
// such keys unique: the latest object counts.
func (t *objectSet) findKey(key gen.Attrib) *object {
	found := t.byKey[Attribute(key)]
	if len(found) == 0 {
		return nil
	}
	return found[len(found)-1]
}

// withAttribute returns the latest object that has a value in an attribute, or nil.
func (t *objectSet) withAttribute(a gen.Attrib) *object {
	if t.values == nil {
		return nil
	}
	e, ok := t.values.Rows(a.Name, a.Value, func(yield func(int64, string)) {
		for o := range t.all() {
			yield(int64(o.id), o.attribute(a.Name))
		}
	}).Last()
	if !ok {
		return nil
	}
	return t.find(int32(e.At)) //nolint:gosec // an id
}

// all yields the objects by id.
func (t *objectSet) all() iter.Seq[*object] {
	return func(yield func(*object) bool) {
		for row := t.order.Run(ordered.Everything); row.Left > 0; row.Next() {
			if !yield(t.find(int32(row.First().At))) { //nolint:gosec // an id
				return
			}
		}
	}
}

// check returns an error if an object cannot get the id it asks for; 0 asks for any.
func (t *objectSet) check(kind string, id int64) error {
	if id == 0 {
		id = int64(t.lastID) + 1
	}
	if id < 1 || id > math.MaxInt32 {
		return fmt.Errorf("simulator: %s id %d is outside 1 to %d, the range of the schema", kind, id, math.MaxInt32)
	}
	if t.find(int32(id)) != nil {
		return fmt.Errorf("simulator: there is a %s %d already: give another id, or none", kind, id)
	}
	return nil
}

// reason is what an error says, for answers: whose error it is does not matter there.
func reason(err error) error { return errors.New(strings.TrimPrefix(err.Error(), "simulator: ")) }

// add enters an object whose id check has passed.
func (t *objectSet) add(o *object) *object {
	if t.byID == nil {
		t.byID, t.byKey, t.linked = make(map[int32]*object), make(map[Attribute][]*object), make(map[link]*ordered.Set)
		t.values = ordered.NewValueIndex()
	}
	if o.id == 0 {
		o.id = t.lastID + 1
	}
	t.lastID = max(t.lastID, o.id)
	t.byID[o.id] = o
	t.order.Insert(ordered.Entry{At: int64(o.id)})
	if o.external != (Attribute{}) {
		t.addKey(o)
	}
	t.index(o)
	return o
}

// index enters the links and the values of an object.
func (t *objectSet) index(o *object) {
	for _, l := range o.links() {
		if t.linked[l] == nil {
			t.linked[l] = new(ordered.Set)
		}
		t.linked[l].Insert(ordered.Entry{At: int64(o.id)})
	}
	t.values.Fields(func(field string) { t.values.Add(field, o.attribute(field), int64(o.id)) })
}

// unindex is the reverse of index.
func (t *objectSet) unindex(o *object) {
	for _, l := range o.links() {
		if t.linked[l].Remove(ordered.Entry{At: int64(o.id)}); t.linked[l].Len() == 0 {
			delete(t.linked, l)
		}
	}
	t.values.Fields(func(field string) { t.values.Drop(field, o.attribute(field), int64(o.id)) })
}

// change lets a function change attributes and associations of an object.
func (t *objectSet) change(o *object, write func() (changed bool)) (changed bool) {
	t.unindex(o)
	defer t.index(o)
	return write()
}

func (t *objectSet) addKey(o *object) { t.byKey[o.external] = append(t.byKey[o.external], o) }

// rename gives an object another external key and reports whether it had not got it.
func (t *objectSet) rename(o *object, key Attribute) bool {
	if key == (Attribute{}) || key == o.external {
		return false
	}
	t.dropKey(o)
	o.external = key
	t.addKey(o)
	return true
}

func (t *objectSet) dropKey(o *object) {
	left := slices.DeleteFunc(t.byKey[o.external], func(other *object) bool { return other == o })
	if t.byKey[o.external] = left; len(left) == 0 {
		delete(t.byKey, o.external)
	}
}

// remove takes an object out.
func (t *objectSet) remove(o *object) {
	t.unindex(o)
	t.order.Remove(ordered.Entry{At: int64(o.id)})
	delete(t.byID, o.id)
	if o.external != (Attribute{}) {
		t.dropKey(o)
	}
}

// having returns the objects with a link, in the order of their ids.
func (t *objectSet) having(l link) []*object {
	var list []*object
	for row := t.linked[l].Run(ordered.Everything); row.Left > 0; row.Next() {
		list = append(list, t.find(int32(row.First().At))) //nolint:gosec // an id
	}
	return list
}
