package objects

import (
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/work"
	"github.com/mktows/mktows-go/simulator/record"
)

// Query is what a request asks for: objects of a type that an id or an external key names,
// or those for which all criteria and associations hold.
type Query struct {
	Type         string
	One          Reference // without a type
	Criteria     []Criterion
	Associations []Reference
}

// Selection are the objects that a query chooses.
type Selection struct {
	set   *Set
	rows  *ordered.Set // the objects to look at, by id
	holds func(*Object) bool
}

// Select reads a query. Faults: 20109 without a type, and for an association that names
// nothing; 20110 for a type that is none, for id together with external key, for a criterion
// and for an association that the type does not have.
func (t *Table) Select(q Query) (Selection, error) {
	set, one := t.set(q.Type), q.One != (Reference{})
	switch {
	case q.Type == "":
		return Selection{}, fault.New(fault.CodeParameterRequired, "type is missing")
	case set == nil:
		return Selection{}, fault.Newf(fault.CodeBadParameter, "type %q is not one of %s, %s, %s", q.Type, TypeOpportunity, TypeRole, TypeProgram)
	case q.One.HasID && q.One.Key != (record.Attribute{}):
		return Selection{}, fault.New(fault.CodeBadParameter, "id and externalKey exclude each other")
	}
	criteria, err := readCriteria(q.Type, q.Criteria)
	if err != nil {
		return Selection{}, err
	}
	associated, err := t.readAssociations(q.Type, q.Associations)
	if err != nil {
		return Selection{}, err
	}
	rows := associated.fewest(&set.order)
	if one {
		rows = onlyObject(set.named(q.One))
	} else if id, ok := criteria.id(); ok {
		rows = onlyObject(set.byID[id])
	}
	return Selection{set, rows, func(o *Object) bool {
		shown := one || o.program == nil || !o.program.Archived() || criteria.archived
		return shown && criteria.hold(o) && associated.hold(o)
	}}, nil
}

// named returns the object of an id or an external key, or nil.
func (t *Set) named(one Reference) *Object {
	if one.HasID {
		return t.Find(one.ID)
	}
	return t.findKey(one.Key)
}

// onlyObject returns the rows of a query that can find no other object; nil: none at all.
func onlyObject(o *Object) *ordered.Set {
	rows := new(ordered.Set)
	if o != nil {
		rows.Insert(ordered.Entry{At: int64(o.id)})
	}
	return rows
}

// Page is a page of objects.
type Page struct {
	Objects []*Object
	Reached int64 // the id of the last one that was looked at
	More    bool  // others may follow
}

// Page returns up to n of the objects that come after an id. It looks at no more than
// [work.MaxLooked] of them, so that it may be short, or empty, although others follow.
func (s Selection) Page(after int64, n int) Page {
	page := Page{Reached: after}
	row := s.rows.Run(ordered.Span{Since: ordered.Entry{At: after + 1}, Before: ordered.Everything.Before})
	for looks := 0; row.Left > 0 && !page.More; row.Next() {
		o := s.set.Find(int32(row.First().At)) //nolint:gosec // an id
		switch holds := s.holds(o); {
		case holds && len(page.Objects) == n, looks == work.MaxLooked:
			page.More = true
			continue
		case holds:
			page.Objects = append(page.Objects, o)
			page.Reached = int64(o.id)
		case len(page.Objects) < n:
			page.Reached = int64(o.id)
		}
		looks++
	}
	return page
}
