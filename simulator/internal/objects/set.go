package objects

import (
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/work"
	"github.com/mktows/mktows-go/simulator/record"
)

// Set is the objects of one type. The zero value is empty.
type Set struct {
	byID   map[int32]*Object
	order  ordered.Set // at is the id
	byKey  map[record.Attribute][]*Object
	byText map[string][]*Object  // by the value of the external key alone
	linked map[link]*ordered.Set // the objects that have a link, by id
	values *ordered.ValueIndex   // of attributes; the row is the id
	lastID int32                 // highest id ever given: that of a deleted object is not given again
}

// link is what objects are found by apart from id and key: what they are associated with.
type link struct {
	kind    string // of the other object
	number  int64  // a role's lead or opportunity
	company Reference
}

// links are those of an object.
func (o *Object) links() []link {
	switch {
	case o.program != nil:
		return nil
	case o.opportunity != 0:
		return []link{{kind: TypeLead, number: int64(o.lead)}, {kind: TypeOpportunity, number: int64(o.opportunity)}}
	case o.company != (Reference{}):
		return []link{{kind: TypeCompany, company: o.company}}
	}
	return nil
}

// Find returns the object of an id, or nil.
func (t *Set) Find(id int32) *Object {
	work.Looked(1)
	return t.byID[id]
}

// findKey returns the object of an external key, or nil. The service does not keep
// such keys unique: the latest object counts.
func (t *Set) findKey(key record.Attribute) *Object {
	found := t.byKey[key]
	if len(found) == 0 {
		return nil
	}
	return found[len(found)-1]
}

// withAttribute returns the latest object that has a value in an attribute, or nil.
func (t *Set) withAttribute(a record.Attribute) *Object {
	if t.values == nil {
		return nil
	}
	e, ok := t.values.Rows(a.Name, a.Value, func(yield func(int64, string)) {
		for o := range t.All() {
			yield(int64(o.id), o.attribute(a.Name))
		}
	}).Last()
	if !ok {
		return nil
	}
	return t.Find(int32(e.At)) //nolint:gosec // an id
}

// All yields the objects by id.
func (t *Set) All() iter.Seq[*Object] {
	return func(yield func(*Object) bool) {
		for row := t.order.Run(ordered.Everything); row.Left > 0; row.Next() {
			if !yield(t.Find(int32(row.First().At))) { //nolint:gosec // an id
				return
			}
		}
	}
}

// Check returns an error if an object cannot get the id it asks for; 0 asks for any.
func (t *Set) Check(kind string, id int64) error {
	if id == 0 {
		id = int64(t.lastID) + 1
	}
	if id < 1 || id > math.MaxInt32 {
		return fmt.Errorf("%s id %d is outside 1 to %d, the range of the schema", kind, id, math.MaxInt32)
	}
	if t.Find(int32(id)) != nil {
		return fmt.Errorf("there is a %s %d already: give another id, or none", kind, id)
	}
	return nil
}

// Add enters an object, which Check must have passed, and returns it.
func (t *Set) Add(o *Object) *Object {
	if t.byID == nil {
		t.byText = make(map[string][]*Object)
		t.byID, t.byKey, t.linked = make(map[int32]*Object), make(map[record.Attribute][]*Object), make(map[link]*ordered.Set)
		t.values = ordered.NewValueIndex()
	}
	if o.id == 0 {
		o.id = t.lastID + 1
	}
	t.lastID = max(t.lastID, o.id)
	t.byID[o.id] = o
	t.order.Insert(ordered.Entry{At: int64(o.id)})
	if o.external != (record.Attribute{}) {
		t.addKey(o)
	}
	t.index(o)
	return o
}

// index enters the links and the values of an object.
func (t *Set) index(o *Object) {
	for _, l := range o.links() {
		if t.linked[l] == nil {
			t.linked[l] = new(ordered.Set)
		}
		t.linked[l].Insert(ordered.Entry{At: int64(o.id)})
	}
	t.values.Fields(func(field string) { t.values.Add(field, o.attribute(field), int64(o.id)) })
}

// unindex is the reverse of index.
func (t *Set) unindex(o *Object) {
	for _, l := range o.links() {
		if t.linked[l].Remove(ordered.Entry{At: int64(o.id)}); t.linked[l].Len() == 0 {
			delete(t.linked, l)
		}
	}
	t.values.Fields(func(field string) { t.values.Drop(field, o.attribute(field), int64(o.id)) })
}

// change lets write change attributes and associations of an object. The object is taken out of the indexes first and
// entered again afterwards, under whatever it has then.
func (t *Set) change(o *Object, write func() (changed bool)) (changed bool) {
	t.unindex(o)
	defer t.index(o)
	return write()
}

func (t *Set) addKey(o *Object) {
	t.byKey[o.external] = append(t.byKey[o.external], o)
	t.byText[o.external.Value] = append(t.byText[o.external.Value], o)
}

// WithExternal returns the objects whose external key has a value, whatever its name.
func (t *Set) WithExternal(value string) []*Object { return t.byText[value] }

// OfLead returns the roles of a lead, by id.
func (t *Set) OfLead(no activity.LeadNo) []*Object {
	return t.having(link{kind: TypeLead, number: int64(no)})
}

// OfOpportunity returns the roles in an opportunity, by id.
func (t *Set) OfOpportunity(id int32) []*Object {
	return t.having(link{kind: TypeOpportunity, number: int64(id)})
}

// rename gives an object another external key and reports whether it had not got it.
func (t *Set) rename(o *Object, key record.Attribute) bool {
	if key == (record.Attribute{}) || key == o.external {
		return false
	}
	t.dropKey(o)
	o.external = key
	t.addKey(o)
	return true
}

func (t *Set) dropKey(o *Object) {
	left := slices.DeleteFunc(t.byKey[o.external], func(other *Object) bool { return other == o })
	if t.byKey[o.external] = left; len(left) == 0 {
		delete(t.byKey, o.external)
	}
	value := o.external.Value
	left = slices.DeleteFunc(t.byText[value], func(other *Object) bool { return other == o })
	if t.byText[value] = left; len(left) == 0 {
		delete(t.byText, value)
	}
}

// remove takes an object out.
func (t *Set) remove(o *Object) {
	t.unindex(o)
	t.order.Remove(ordered.Entry{At: int64(o.id)})
	delete(t.byID, o.id)
	if o.external != (record.Attribute{}) {
		t.dropKey(o)
	}
}

// having returns the objects with a link, in the order of their ids.
func (t *Set) having(l link) []*Object {
	var list []*Object
	for row := t.linked[l].Run(ordered.Everything); row.Left > 0; row.Next() {
		list = append(list, t.Find(int32(row.First().At))) //nolint:gosec // an id
	}
	return list
}

// LastID returns the highest id ever given.
func (t *Set) LastID() int64 { return int64(t.lastID) }

// Reserve keeps ids up to one from being given, and those that are asked for.
func (t *Set) Reserve(last int64, asked iter.Seq[int64]) {
	for id := range asked {
		if id <= math.MaxInt32 { // others are refused
			last = max(last, id)
		}
	}
	t.lastID = int32(last) //nolint:gosec // bounded
}

// inKeyOrder returns the objects by id, except that those which share an external key come in the order in which they
// got it. The latest one counts for that key, so a state must not lose the order.
func (t *Set) inKeyOrder() []*Object {
	list := slices.Collect(t.All())
	taken := make(map[record.Attribute]int)
	for i, o := range list {
		if same := t.byKey[o.external]; o.external != (record.Attribute{}) && len(same) > 1 {
			list[i] = same[taken[o.external]]
			taken[o.external]++
		}
	}
	return list
}
