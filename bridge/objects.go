package bridge

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/bridge/internal/names"
	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/position"
)

// Fields of opportunities and roles in the REST API that the SOAP API has in other places.
const (
	fieldOpportunityID = "externalOpportunityId"
	fieldCompanyID     = "externalCompanyId"
	fieldLeadID        = "leadId"
)

// mObjects are the types that describeMObject describes (Marketo SOAP API, listMObjects).
var mObjects = []string{"ActivityRecord", "LeadRecord", typeOpportunity, typeRole}

// ListMObjects names the types that describeMObject describes, always the same four. It costs nothing.
func (b *Bridge) ListMObjects(ctx context.Context, in *gen.ParamsListMObjects) (*gen.SuccessListMObjects, error) {
	return perform(ctx, b, "listMObjects", in, func(*work, *gen.ParamsListMObjects) (*gen.SuccessListMObjects, error) {
		return &gen.SuccessListMObjects{Result: &gen.ResultListMObjects{Objects: slices.Clone(mObjects)}}, nil
	})
}

// kindOf returns the kind of object that a type is, with the name that it has here.
func kindOf(name string) (kind rest.ObjectKind, known string, ok bool) {
	switch name {
	case typeOpportunity:
		return rest.Opportunities, typeOpportunity, true
	case typeRole, typeLeadRole:
		return rest.Roles, typeRole, true
	}
	return rest.ObjectKind{}, "", false
}

// soapName returns the name that a field of an opportunity or a role has in the SOAP API.
func soapName(kind, field string) string {
	switch {
	case kind == typeRole && field == fieldOpportunityID:
		return "OpportunityId"
	case kind == typeRole && field == fieldLeadID:
		return "PersonId"
	}
	return capital(field)
}

// isSystemField reports whether a field of an object is one that the SOAP API shows in another place, or
// not at all.
func isSystemField(kind, field string) bool {
	switch field {
	case "seq", "marketoGUID", "createdAt", "updatedAt", "id":
		return true
	case fieldOpportunityID, fieldCompanyID:
		return kind == typeOpportunity
	}
	return false
}

// objectType is a kind of object as the instance describes it.
type objectType struct {
	*rest.ObjectType

	kind    rest.ObjectKind
	name    string
	convert names.Converter
}

func (w *work) objectType(name string) (*objectType, error) {
	kind, known, ok := kindOf(name)
	if !ok {
		return nil, bad("type %.100q is not one of %s, %s, %s", name, typeOpportunity, typeRole, typeProgram)
	}
	described, err := w.catalog.object(w, known, kind)
	if err != nil {
		return nil, err
	}
	return &objectType{described, kind, known, w.convert}, nil
}

// field returns the field of a name in either API.
func (t *objectType) field(name string) *rest.ObjectField {
	for i := range t.Fields {
		f := &t.Fields[i]
		if strings.EqualFold(f.Name, name) || strings.EqualFold(soapName(t.name, f.Name), name) {
			return f
		}
	}
	return nil
}

// fieldNames are the fields that answers are made of.
func (t *objectType) fieldNames() []string {
	var names []string
	for _, f := range t.Fields {
		if f.Name != "seq" {
			names = append(names, f.Name)
		}
	}
	return names
}

// GetMObjects returns a page of opportunities, roles or programs, 100 at most.
//
// Lost, of opportunities and roles: the integer ids. They are found by external key, by an EQ criterion
// on a searchable field, or by association with a lead, an opportunity or a company; other criteria
// are looked at here, and a request without one of these ways is 20110. Lost, of programs: the ids of
// costs; without includeDetails the type is that of the REST API, which is none of "Marketing Program"
// and "Marketing Event", tree path and archive are missing, and archived programs come too. It costs one or
// two calls for a page; of programs one for each 200, and three for each program with its details.
func (b *Bridge) GetMObjects(ctx context.Context, in *gen.ParamsGetMObjects) (*gen.SuccessGetMObjects, error) {
	return perform(ctx, b, "getMObjects", in, (*work).getMObjects)
}

// objectQuery is what a request asks for.
type objectQuery struct {
	kind     string
	key      string // value of the external key
	hasKey   bool
	criteria []criterion
	with     []gen.MObjAssociation
	details  bool
	at       position.Position
}

func (w *work) getMObjects(in *gen.ParamsGetMObjects) (*gen.SuccessGetMObjects, error) {
	q, err := w.readQuery(in)
	if err != nil {
		return nil, err
	}
	var list []gen.MObject
	var more bool
	if q.kind == typeProgram {
		list, more, err = w.programs(q, in)
	} else {
		list, more, err = w.opportunities(q)
	}
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Type = in.Type
	}
	text, err := w.seal(q.at, more)
	if err != nil {
		return nil, err
	}
	out := &gen.ResultGetMObjects{ReturnCount: int32(len(list)), HasMore: more, NewStreamPosition: text} //nolint:gosec // at most a page
	if len(list) > 0 {
		out.MObjectList = gen.Some(gen.ArrayOfMObject{MObject: list})
	}
	return &gen.SuccessGetMObjects{Result: out}, nil
}

// readQuery reads a request and its position.
func (w *work) readQuery(in *gen.ParamsGetMObjects) (*objectQuery, error) {
	q := &objectQuery{kind: in.Type, with: in.MObjAssociationList.Value.MObjAssociation, details: in.IncludeDetails.Or(false)}
	if _, known, ok := kindOf(in.Type); ok {
		q.kind = known
	}
	key, hasKey := externalKey(in.ExternalKey)
	q.key, q.hasKey = key.Value, hasKey
	var err error
	switch {
	case in.Type == "":
		return nil, missing("type is missing")
	case criteriaNames[q.kind] == nil:
		return nil, bad("type %.100q is not one of %s, %s, %s", in.Type, typeOpportunity, typeRole, typeProgram)
	case in.Id.State == gen.Present && hasKey:
		return nil, bad("id and externalKey exclude each other")
	}
	if q.criteria, err = w.readCriteria(q.kind, in.MObjCriteriaList.Value.MObjCriteria); err != nil {
		return nil, err
	}
	if q.at, err = w.open(in.StreamPosition.Or(""), question(q.kind, in.Id.Or(0), key, in.MObjCriteriaList.Value, q.with)); err != nil {
		return nil, err
	}
	if q.kind != typeProgram && (in.Id.State == gen.Present || len(named(q.criteria, "Id")) > 0) {
		return nil, noIDs(q.kind)
	}
	return q, nil
}

// externalKey returns the external key of an object or an association. One that has neither name nor
// value, as some programs write a missing one, is none.
func externalKey(key gen.Opt[gen.Attrib]) (gen.Attrib, bool) {
	return key.Value, key.State == gen.Present && key.Value != gen.Attrib{}
}

// way is how objects are found: those with one of some values in a field.
type way struct {
	field  string
	values []string
}

// opportunities reads a page of opportunities or roles.
func (w *work) opportunities(q *objectQuery) (list []gen.MObject, more bool, err error) {
	t, err := w.objectType(q.kind)
	if err != nil {
		return nil, false, err
	}
	how, err := w.wayTo(t, q)
	how.values = findable(how.field, how.values)
	if err != nil || len(how.values) == 0 {
		return nil, false, err
	}
	// A part of the values at a time, so that a position is a place among them and a token.
	until := w.timeForPage()
	for {
		part := how.values[min(int(q.at.Offset), len(how.values)):]
		part = part[:min(len(part), rest.MaxPage)]
		if len(part) == 0 {
			return list, false, nil
		}
		a, err := w.rest.ObjectsByFilter(w, t.kind, rest.ObjectFilter{
			Field: how.field, Values: part, Fields: t.fieldNames(), Page: rest.Page{Size: maxObjects, Token: q.at.Token},
		})
		if err != nil {
			return nil, false, err
		}
		if q.at.Token = a.Next; !a.More {
			q.at.Token, q.at.Offset = "", q.at.Offset+int64(len(part))
		}
		for _, r := range askedFor(a.Records, how.field, part) {
			if t.chosen(r, q) {
				o, err := w.mObject(t, r)
				if err != nil {
					return nil, false, err
				}
				list = append(list, o)
			}
		}
		if more = int(q.at.Offset) < len(how.values); len(list) > 0 || !more || w.over(until) {
			return list, more, nil
		}
	}
}

// wayTo returns how the objects of a request are found, the most special way first.
func (w *work) wayTo(t *objectType, q *objectQuery) (way, error) {
	if q.hasKey {
		return way{fieldOpportunityID, []string{q.key}}, nil
	}
	for _, a := range q.with {
		how, err := w.wayBy(t, a)
		if err != nil || how.field != "" {
			return how, err
		}
	}
	if value, ok := equals(q.criteria, "CRM Id"); ok {
		return way{fieldOpportunityID, []string{value}}, nil
	}
	for _, c := range q.criteria {
		f := t.field(c.name)
		if f != nil && c.how == gen.ComparisonEnumEQ && searchable(t.ObjectType, f.Name) {
			return way{f.Name, []string{c.text}}, nil
		}
	}
	return way{}, bad("the REST API finds %s objects by %s alone: give externalKey, an EQ criterion on one of these, or an association", t.name, searchableNames(t.ObjectType))
}

// wayBy returns how the objects of an association are found.
func (w *work) wayBy(t *objectType, a gen.MObjAssociation) (way, error) {
	key, hasKey := externalKey(a.ExternalKey)
	switch a.MObjType {
	case typeLead:
		leads, err := w.associatedLeads(a)
		if err != nil || t.name == typeRole {
			return way{fieldLeadID, leads}, err
		}
		return w.opportunitiesOf(leads)
	case typeOpportunity:
		if !hasKey {
			return way{}, noIDs(typeOpportunity)
		}
		return way{fieldOpportunityID, []string{key.Value}}, nil
	case typeCompany:
		if !hasKey || !searchable(t.ObjectType, fieldCompanyID) {
			return way{}, bad("mObjAssociation: the REST API does not find %s objects by their company", t.name)
		}
		return way{fieldCompanyID, []string{key.Value}}, nil
	}
	return way{}, bad("mObjAssociation/mObjType %.100q is not one of %s, %s, %s", a.MObjType, typeLead, typeOpportunity, typeCompany)
}

// associatedLeads returns the ids of the leads of an association, as texts. Its external key is the
// name of a field of leads and the value that the lead has in it.
func (w *work) associatedLeads(a gen.MObjAssociation) ([]string, error) {
	if id, ok := a.Id.Get(); ok {
		return []string{strconv.Itoa(int(id))}, nil
	}
	key, ok := externalKey(a.ExternalKey)
	if !ok {
		return nil, missing("mObjAssociation has neither id nor externalKey")
	}
	fields, err := w.leadFields([]string{key.Name})
	if err != nil {
		return nil, err
	}
	name := key.Name
	if f, known := fields.BySOAP(name); known {
		name = f.REST
	}
	records, err := w.leadsWith(name, []string{key.Value}, []string{"id"})
	switch {
	case said(err, 1006, 1011):
		return nil, bad("mObjAssociation/externalKey: the REST API does not find leads by the field %.100q: give the id of the lead", key.Name)
	case err != nil:
		return nil, err
	}
	var ids []string
	for _, r := range records {
		ids = append(ids, r.Get("id").Text)
	}
	return ids, nil
}

// opportunitiesOf returns the opportunities that leads have a role in.
func (w *work) opportunitiesOf(leads []string) (way, error) {
	how := way{field: fieldOpportunityID}
	if len(leads) == 0 {
		return how, nil
	}
	f := rest.ObjectFilter{Field: fieldLeadID, Values: leads, Fields: []string{fieldOpportunityID}}
	for more := true; more; {
		a, err := w.rest.ObjectsByFilter(w, rest.Roles, f)
		if err != nil {
			return how, err
		}
		for _, r := range a.Records { // ids have no commas
			how.values = append(how.values, r.Get(fieldOpportunityID).Text)
		}
		f.Token, more = a.Next, a.More
	}
	slices.Sort(how.values)
	how.values = slices.Compact(how.values)
	return how, nil
}

// chosen reports whether all criteria and associations of a request hold for a record. The first
// association is how it was found.
func (t *objectType) chosen(r rest.Record, q *objectQuery) bool {
	for i := range q.criteria {
		if c := &q.criteria[i]; !c.holds(t.property(r, c)) {
			return false
		}
	}
	for _, a := range q.with {
		key, hasKey := externalKey(a.ExternalKey)
		switch id, hasID := a.Id.Get(); {
		case a.MObjType == typeLead && hasID && t.name == typeRole && r.Get(fieldLeadID).Text != strconv.Itoa(int(id)),
			a.MObjType == typeOpportunity && hasKey && !strings.EqualFold(r.Get(fieldOpportunityID).Text, key.Value),
			a.MObjType == typeCompany && hasKey && !strings.EqualFold(r.Get(fieldCompanyID).Text, key.Value):
			return false
		}
	}
	return true
}

// property returns the value that a criterion is about.
func (t *objectType) property(r rest.Record, c *criterion) any {
	switch c.name {
	case "Created At", "Updated At":
		field := map[string]string{"Created At": "createdAt", "Updated At": "updatedAt"}[c.name]
		at, err := t.convert.ParseTime(r.Get(field).Text)
		if err != nil {
			return ""
		}
		return at
	case "CRM Id":
		return r.Get(fieldOpportunityID).Text
	}
	if f := t.field(c.name); f != nil {
		return r.Get(f.Name).Text
	}
	return ""
}

// mObject returns an opportunity or a role as the SOAP API shows it: without an id, as the REST API has
// none, and with the key that it has.
func (w *work) mObject(t *objectType, r rest.Record) (gen.MObject, error) {
	shown := gen.MObject{
		Type: t.name, ExternalKey: gen.Some(gen.Attrib{Name: fieldOpportunityID, Value: clean(r.Get(fieldOpportunityID).Text)}),
		CreatedAt: w.someDateTime(r.Get("createdAt").Text), UpdatedAt: w.someDateTime(r.Get("updatedAt").Text),
	}
	var list []gen.Attrib
	for _, v := range r {
		f := t.field(v.Name)
		if f == nil || v.Text == "" || isSystemField(t.name, v.Name) {
			continue
		}
		list = append(list, gen.Attrib{Name: clean(soapName(t.name, v.Name)), Value: w.soapText(v.Value, f.DataType)})
	}
	if len(list) > 0 {
		shown.AttribList = gen.Some(gen.ArrayOfAttrib{Attrib: list})
	}
	associations, err := associationsOf(t, r)
	if len(associations) > 0 {
		shown.AssociationList = gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: associations})
	}
	if t.name == typeRole { // it has no key of its own
		shown.ExternalKey = gen.Opt[gen.Attrib]{}
	}
	return shown, err
}

// associationsOf returns what an object belongs to.
func associationsOf(t *objectType, r rest.Record) ([]gen.MObjAssociation, error) {
	external := func(kind, field string) gen.MObjAssociation {
		return gen.MObjAssociation{MObjType: kind, ExternalKey: gen.Some(gen.Attrib{Name: field, Value: clean(r.Get(field).Text)})}
	}
	switch {
	case t.name == typeRole:
		id, err := r.ID(fieldLeadID)
		if err != nil {
			return nil, fault.NewContentError(err)
		}
		lead, err := int32Of("the id of lead", id)
		return []gen.MObjAssociation{external(typeOpportunity, fieldOpportunityID), {MObjType: typeLead, Id: gen.Some(lead)}}, err
	case r.Get(fieldCompanyID).Text != "":
		return []gen.MObjAssociation{external(typeCompany, fieldCompanyID)}, nil
	}
	return nil, nil
}
