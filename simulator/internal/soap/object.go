package soap

import (
	"context"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/objects"
	"github.com/mktows/mktows-go/simulator/internal/programs"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// maxObjects is the greatest page of getMObjects and getCustomObjects, and the most
// that syncMObjects and syncCustomObjects take.
const maxObjects = 100

// GetMObjects returns a page of opportunities, roles or programs.
func (s Service) GetMObjects(ctx context.Context, in *gen.ParamsGetMObjects) (*gen.SuccessGetMObjects, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsGetMObjects)
	}
	defer s.View()()
	query := readQuery(in)
	chosen, err := s.Objects.Select(query)
	if err != nil {
		return nil, err
	}
	at, err := readStreamPosition(in.StreamPosition.Or(""), fingerprint("getMObjects", query))
	if err != nil {
		return nil, err
	}
	return &gen.SuccessGetMObjects{Result: s.objectAnswer(in, at, s.objectPage(chosen, at))}, nil
}

// readQuery returns what a request asks for. Requests that mean the same give the same query, however they write a
// missing element: clients read a request into their own types, where absent and nil are one, and write it again with
// the position of the next page. The fingerprint of the query must not change by that.
func readQuery(in *gen.ParamsGetMObjects) objects.Query {
	q := objects.Query{Type: in.Type, One: reference("", in.Id, in.ExternalKey)}
	for _, c := range in.MObjCriteriaList.Value.MObjCriteria {
		q.Criteria = append(q.Criteria, objects.Criterion{Name: c.AttrName, Value: c.AttrValue, Comparison: c.Comparison})
	}
	for _, a := range in.MObjAssociationList.Value.MObjAssociation {
		q.Associations = append(q.Associations, reference(a.MObjType, a.Id, a.ExternalKey))
	}
	return q
}

// reference returns what a type, an id and an external key name. Parts that are nil name
// nothing.
func reference(kind string, id gen.Opt[int32], key gen.Opt[gen.Attrib]) objects.Reference {
	r := objects.Reference{Type: kind}
	if n, ok := id.Get(); ok {
		r.ID, r.HasID = n, true
	}
	if k, ok := externalKey(key); ok {
		r.Key = record.Attribute(k)
	}
	return r
}

// externalKey returns the external key of an object or an association. One that has
// neither name nor value, as some programs write a missing one, is none.
func externalKey(key gen.Opt[gen.Attrib]) (gen.Attrib, bool) {
	return key.Value, key.State == gen.Present && key.Value != gen.Attrib{}
}

// objectPage returns the objects of a page. If the instance is set to give shorter pages than asked for, as the
// service may, then the page ends at its last object that is left, or where it began if none is; either way more
// remain.
func (s Service) objectPage(chosen objects.Selection, at streamPosition) objects.Page {
	page := chosen.Page(at.after, s.PageSize(0, maxObjects))
	if n := s.Shorten(len(page.Objects), true); n < len(page.Objects) {
		page.Objects, page.More, page.Reached = page.Objects[:n], true, at.after
		if n > 0 {
			page.Reached = int64(page.Objects[n-1].ID())
		}
	}
	return page
}

func (s Service) objectAnswer(in *gen.ParamsGetMObjects, at streamPosition, page objects.Page) *gen.ResultGetMObjects {
	list := make([]gen.MObject, len(page.Objects))
	for i, o := range page.Objects {
		list[i] = s.mObject(in.Type, o, in.IncludeDetails.Or(false))
	}
	answer := &gen.ResultGetMObjects{
		ReturnCount:       int32(len(list)), //nolint:gosec // at most maxObjects
		HasMore:           page.More,
		NewStreamPosition: at.next(page.Reached, page.More).String(),
	}
	if len(list) > 0 {
		answer.MObjectList = gen.Some(gen.ArrayOfMObject{MObject: list})
	}
	return answer
}

// mObject returns an object as answers show it. What an object does not have is absent rather than nil, in contrast
// to leads. Programs show their tags, tokens and costs only if details are asked for.
func (s Service) mObject(kind string, o *objects.Object, details bool) gen.MObject {
	shown := gen.MObject{
		Type: kind, Id: gen.Some(o.ID()),
		CreatedAt: objectTime(o.Created()), UpdatedAt: objectTime(o.Updated()),
	}
	if o.ExternalKey() != (record.Attribute{}) {
		shown.ExternalKey = gen.Some(gen.Attrib(o.ExternalKey()))
	}
	switch kind {
	case objects.TypeProgram:
		program := s.Programs.Named(o.Program().Name())
		shown.AttribList = attribs(program.Attributes())
		if details {
			shown.TypeAttribList = programDetails(program)
		}
	case objects.TypeRole:
		s.showRole(&shown, o)
	default:
		shown.AttribList = attribs(o.Attributes())
		if company := o.Company(); company != (objects.Reference{}) {
			shown.AssociationList = associations(shownReference(company))
		}
	}
	return shown
}

// showRole shows the opportunity and the lead of a role both as attributes and as associations, since a role can be
// written in either way.
func (s Service) showRole(shown *gen.MObject, o *objects.Object) {
	l := s.Leads.Lead(o.Lead())
	shown.AttribList = attribs(append([]record.Attribute{
		{Name: objects.AttrOpportunityID, Value: strconv.Itoa(int(o.Opportunity()))}, {Name: objects.AttrPersonID, Value: l.Text()},
	}, o.Attributes()...))
	shown.AssociationList = associations(
		gen.MObjAssociation{MObjType: objects.TypeOpportunity, Id: gen.Some(o.Opportunity())},
		gen.MObjAssociation{MObjType: objects.TypeLead, Id: gen.Some(int32(l.ID()))}, //nolint:gosec // ids are 31 bits
	)
}

func objectTime(t time.Time) gen.Opt[gen.DateTime] {
	return gen.Some(gen.NewDateTime(servicetime.Shown(t)))
}

func associations(list ...gen.MObjAssociation) gen.Opt[gen.ArrayOfMObjAssociation] {
	return gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: list})
}

// shownReference returns a reference as answers show it.
func shownReference(r objects.Reference) gen.MObjAssociation {
	a := gen.MObjAssociation{MObjType: r.Type}
	if r.HasID {
		a.Id = gen.Some(r.ID)
	}
	if r.Key != (record.Attribute{}) {
		a.ExternalKey = gen.Some(gen.Attrib(r.Key))
	}
	return a
}

// programDetails returns tags, tokens and costs as answers show them, absent if there are none.
func programDetails(p *programs.Program) gen.Opt[gen.ArrayOfTypeAttrib] {
	var list []gen.TypeAttrib
	add := func(kind string, attributes ...record.Attribute) {
		list = append(list, gen.TypeAttrib{AttrType: kind, AttrList: attribs(attributes)})
	}
	for _, tag := range p.Tags() {
		add(programs.DetailTag, record.Attribute{Name: "Type", Value: tag.Name}, record.Attribute{Name: "Value", Value: tag.Value})
	}
	for _, token := range p.Tokens() {
		add(programs.DetailToken, record.Attribute{Name: "Name", Value: token.Name}, record.Attribute{Name: "Value", Value: token.Value})
	}
	for _, cost := range p.Costs() {
		add(programs.DetailCost, record.Attribute{Name: "Id", Value: strconv.FormatInt(cost.ID, 10)}, record.Attribute{Name: "Month", Value: cost.Month + "-01"},
			record.Attribute{Name: "Amount", Value: strconv.FormatInt(cost.Amount, 10)}, record.Attribute{Name: "Note", Value: cost.Note})
	}
	if len(list) == 0 {
		return gen.Opt[gen.ArrayOfTypeAttrib]{}
	}
	return gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: list})
}
