package simulator

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/internal/work"
)

// maxObjects is the greatest page of getMObjects and getCustomObjects, and the most
// that syncMObjects and syncCustomObjects take.
const maxObjects = 100

// GetMObjects returns a page of opportunities, roles or programs, by id (Marketo SOAP
// API, getMObjects; WSDL: ParamsGetMObjects). A page has up to 100 objects; hasMore
// tells whether others follow.
//
// Criteria hold all at once. Their names are those of the documentation, each with the
// types that have it, without regard to letter case: Id, Created At and Updated At with
// all, Name with opportunities and programs, Type likewise, Stage and CRM Id (the value
// of the external key) with opportunities, Role with roles, Tag Type, Tag Value, Workspace
// Name, Workspace Id and Include Archive with programs. Texts are compared without
// regard to letter case; a Tag Type and a Tag Value have to hold for one and the same
// tag. Archived programs come only if Include Archive is true, or by their id.
//
// An association with a Lead finds its roles, and the opportunities in which it has one;
// one with a Company finds opportunities and their roles; one with an Opportunity finds
// itself and its roles. The external key of an association is the name and the value of a
// field of the associated object: of a lead any of its fields, Id, Email and
// ForeignSysPersonId among them.
//
// Programs have their tags, tokens and costs only if includeDetails is true; other
// objects always have all attributes. A position belongs to the request it was given
// for; objects that are added or deleted meanwhile neither shift nor repeat others. A page
// looks at 5,000 objects at most: where few of very many match it may be short, or empty,
// although hasMore is true.
//
// Faults: 20109 without a type, and for an association that names nothing; 20110 for a
// type that is none of the three, for id together with externalKey, for a name, a
// comparison or a value of a criterion and for an association that the type does not
// have; 20122 and 20123 for the stream position.
func (s *Simulator) GetMObjects(ctx context.Context, in *gen.ParamsGetMObjects) (*gen.SuccessGetMObjects, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsGetMObjects)
	}
	defer s.view()()
	query, err := s.readQuery(in)
	if err != nil {
		return nil, err
	}
	at, err := readStreamPosition(in.StreamPosition.Or(""), queryFingerprint(in))
	if err != nil {
		return nil, err
	}
	return &gen.SuccessGetMObjects{Result: s.objectAnswer(in, at, s.objectPage(query, at))}, nil
}

// queryFingerprint is the same for all ways to write a request: programs read requests
// into values of their own, where nil and absent are one.
func queryFingerprint(in *gen.ParamsGetMObjects) uint64 {
	var list []gen.MObjAssociation
	for _, a := range in.MObjAssociationList.Value.MObjAssociation {
		list = append(list, plain(a))
	}
	one := plain(gen.MObjAssociation{Id: in.Id, ExternalKey: in.ExternalKey})
	criteria := append([]gen.MObjCriteria(nil), in.MObjCriteriaList.Value.MObjCriteria...)
	return fingerprint("getMObjects", in.Type, one, criteria, list)
}

// objectQuery is what a request asks for.
type objectQuery struct {
	set   *objectSet
	rows  *ordered.Set // the objects to look at, by id
	holds func(*object) bool
}

// readQuery returns what a request asks for.
func (s *Simulator) readQuery(in *gen.ParamsGetMObjects) (objectQuery, error) {
	set := s.objects.set(in.Type)
	switch {
	case in.Type == "":
		return objectQuery{}, fault.New(fault.CodeParameterRequired, "type is missing")
	case set == nil:
		return objectQuery{}, fault.Newf(fault.CodeBadParameter, "type %q is not one of %s, %s, %s", in.Type, typeOpportunity, typeRole, typeProgram)
	}
	single, one, err := namedObject(set, in.Id, in.ExternalKey)
	if err != nil {
		return objectQuery{}, err
	}
	criteria, err := readCriteria(in.Type, in.MObjCriteriaList.Value.MObjCriteria)
	if err != nil {
		return objectQuery{}, err
	}
	associated, err := s.readAssociations(in.Type, in.MObjAssociationList.Value.MObjAssociation)
	if err != nil {
		return objectQuery{}, err
	}
	rows := associated.fewest(&set.order)
	if one {
		rows = onlyObject(single)
	} else if id, ok := criteria.id(); ok {
		rows = onlyObject(set.byID[id])
	}
	return objectQuery{set, rows, func(o *object) bool {
		shown := one || o.program == nil || !o.program.archived || criteria.archived
		return shown && criteria.hold(o) && associated.hold(o)
	}}, nil
}

// onlyObject returns the rows of a query that can find no other object; nil: none at all.
func onlyObject(o *object) *ordered.Set {
	rows := new(ordered.Set)
	if o != nil {
		rows.Insert(ordered.Entry{At: int64(o.id)})
	}
	return rows
}

// namedObject returns the object of an id or an external key, one at most; named is
// false if neither is given.
func namedObject(set *objectSet, id gen.Opt[int32], key gen.Opt[gen.Attrib]) (found *object, named bool, err error) {
	_, hasKey := externalKey(key)
	switch {
	case id.State == gen.Present && hasKey:
		return nil, false, fault.New(fault.CodeBadParameter, "id and externalKey exclude each other")
	case id.State == gen.Present:
		return set.find(id.Value), true, nil
	case hasKey:
		return set.findKey(key.Value), true, nil
	}
	return nil, false, nil
}

// objectPage is a page of objects.
type objectPage struct {
	objects []*object
	reached int64 // the id of the last one that was looked at
	more    bool  // others may follow
}

// objectPage returns the objects of a page. It looks at no more than maxLooked of them, so
// that it may be short, or empty, although others follow.
func (s *Simulator) objectPage(q objectQuery, at streamPosition) objectPage {
	limit := min(maxObjects, s.pageLimit)
	page := objectPage{reached: at.after}
	row := q.rows.Run(ordered.Span{Since: ordered.Entry{At: at.after + 1}, Before: ordered.Everything.Before})
	for looks := 0; row.Left > 0 && !page.more; row.Next() {
		o := q.set.find(int32(row.First().At)) //nolint:gosec // an id
		switch holds := q.holds(o); {
		case holds && len(page.objects) == limit, looks == work.MaxLooked:
			page.more = true
			continue
		case holds:
			page.objects = append(page.objects, o)
			page.reached = int64(o.id)
		case len(page.objects) < limit:
			page.reached = int64(o.id)
		}
		looks++
	}
	if n := s.dice.shorten(len(page.objects), true); n < len(page.objects) {
		page.objects, page.more, page.reached = page.objects[:n], true, at.after
		if n > 0 {
			page.reached = int64(page.objects[n-1].id)
		}
	}
	return page
}

func (s *Simulator) objectAnswer(in *gen.ParamsGetMObjects, at streamPosition, page objectPage) *gen.ResultGetMObjects {
	list := make([]gen.MObject, len(page.objects))
	for i, o := range page.objects {
		list[i] = s.mObject(in.Type, o, in.IncludeDetails.Or(false))
	}
	answer := &gen.ResultGetMObjects{
		ReturnCount:       int32(len(list)), //nolint:gosec // at most maxObjects
		HasMore:           page.more,
		NewStreamPosition: at.next(page.reached, page.more).String(),
	}
	if len(list) > 0 {
		answer.MObjectList = gen.Some(gen.ArrayOfMObject{MObject: list})
	}
	return answer
}

// mObject returns an object as answers show it: what it has not is absent.
func (s *Simulator) mObject(kind string, o *object, details bool) gen.MObject {
	shown := gen.MObject{
		Type: kind, Id: gen.Some(o.id),
		CreatedAt: objectTime(o.created), UpdatedAt: objectTime(o.updated),
	}
	if o.external != (Attribute{}) {
		shown.ExternalKey = gen.Some(gen.Attrib(o.external))
	}
	switch kind {
	case typeProgram:
		shown.AttribList = attribs(o.program.attributes())
		if details {
			shown.TypeAttribList = o.program.details()
		}
	case typeRole:
		s.showRole(&shown, o)
	default:
		shown.AttribList = attribs(o.attributes)
		if o.company.MObjType != "" {
			shown.AssociationList = associations(o.company)
		}
	}
	return shown
}

// showRole names opportunity and lead in both ways in which a role can be given.
func (s *Simulator) showRole(shown *gen.MObject, o *object) {
	l := s.leads.at(o.lead)
	shown.AttribList = attribs(append([]Attribute{
		{attrOpportunityID, strconv.Itoa(int(o.opportunity))}, {attrPersonID, l.text},
	}, o.attributes...))
	shown.AssociationList = associations(
		gen.MObjAssociation{MObjType: typeOpportunity, Id: gen.Some(o.opportunity)},
		gen.MObjAssociation{MObjType: typeLead, Id: gen.Some(int32(l.id))}, //nolint:gosec // ids are 31 bits
	)
}

func objectTime(t time.Time) gen.Opt[gen.DateTime] {
	return gen.Some(gen.NewDateTime(servicetime.Shown(t)))
}

func associations(list ...gen.MObjAssociation) gen.Opt[gen.ArrayOfMObjAssociation] {
	return gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: list})
}

// attribs returns attributes as answers show them, absent if there are none.
func attribs(list []Attribute) gen.Opt[gen.ArrayOfAttrib] {
	if len(list) == 0 {
		return gen.Opt[gen.ArrayOfAttrib]{}
	}
	shown := make([]gen.Attrib, len(list))
	for i, a := range list {
		shown[i] = gen.Attrib(a)
	}
	return gen.Some(gen.ArrayOfAttrib{Attrib: slices.Clip(shown)})
}
