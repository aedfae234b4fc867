package rest

import (
	"math"
	"strconv"
	"time"
	"unicode"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/objects"
	"github.com/mktows/mktows-go/simulator/record"
)

// opportunityOperations are those on opportunities and on the roles that leads have in them.
var opportunityOperations = []operation{
	{method: get, path: "/rest/v1/opportunities.json", takes: takesJSON, do: on((*call).readObjects, (*call).opportunityTable)},
	{method: post, path: "/rest/v1/opportunities.json", takes: takesJSON, do: on((*call).syncObjects, (*call).opportunityTable)},
	{method: post, path: "/rest/v1/opportunities/delete.json", takes: takesJSON, do: on((*call).deleteObjects, (*call).opportunityTable)},
	{method: get, path: "/rest/v1/opportunities/describe.json", do: on((*call).describeObjects, (*call).opportunityTable)},
	{method: get, path: "/rest/v1/opportunities/schema/fields.json", do: (*call).opportunitySchema},
	{method: get, path: "/rest/v1/opportunities/roles.json", takes: takesJSON, do: on((*call).readObjects, (*call).roleTable)},
	{method: post, path: "/rest/v1/opportunities/roles.json", takes: takesJSON, do: on((*call).syncObjects, (*call).roleTable)},
	{method: post, path: "/rest/v1/opportunities/roles/delete.json", takes: takesJSON, do: on((*call).deleteObjects, (*call).roleTable)},
	{method: get, path: "/rest/v1/opportunities/roles/describe.json", do: on((*call).describeObjects, (*call).roleTable)},
}

// Fields of opportunities and roles that the SOAP API has in other places.
const (
	fieldOpportunityID = "externalOpportunityId"
	fieldCompanyID     = "externalCompanyId"
	fieldLeadID        = "leadId"
	fieldGUID          = "marketoGUID"
)

// restObjectName is the name of a field in the REST API: that of the SOAP API with a small
// first letter.
func restObjectName(name string) string { return string(unicode.ToLower(rune(name[0]))) + name[1:] }

// marketoTable is opportunities or roles as a table of objects. The external key of the SOAP
// API is the externalOpportunityId of the REST API, whatever its name is there.
type marketoTable struct {
	*call

	typeName string
	set      *objects.Set
	kind     objectKind
	soap     map[string]string // names in the SOAP API by those in the REST API
}

func (c *call) newMarketoTable(typeName string, set *objects.Set, own ...record.Field) *marketoTable {
	t := &marketoTable{call: c, typeName: typeName, set: set, soap: make(map[string]string)}
	t.kind = objectKind{idField: fieldGUID, fields: own, owned: true, since: objects.TypesSince}
	for _, f := range c.Objects.FieldsOf(typeName) {
		if f.Name == "Id" || f.Name == objects.AttrOpportunityID || f.Name == objects.AttrPersonID {
			continue
		}
		name := restObjectName(f.Name)
		t.soap[name] = f.Name
		t.kind.fields = append(t.kind.fields, record.Field{Name: name, DataType: f.DataType})
	}
	return t
}

func (c *call) opportunityTable() (objectTable, *problem) {
	t := c.newMarketoTable(objects.TypeOpportunity, c.Objects.Opportunities(), record.Field{Name: fieldOpportunityID, DataType: "string"}, record.Field{Name: fieldCompanyID, DataType: "string"})
	t.kind.name, t.kind.label, t.kind.dedupe = "opportunity", "Opportunity", []string{fieldOpportunityID}
	t.kind.search, t.kind.notNull = []string{fieldOpportunityID}, "name" // Marketo REST API, opportunities
	return t, nil
}

func (c *call) roleTable() (objectTable, *problem) {
	t := c.newMarketoTable(objects.TypeRole, c.Objects.Roles(), record.Field{Name: fieldOpportunityID, DataType: "string"}, record.Field{Name: fieldLeadID, DataType: "integer"})
	t.kind.name, t.kind.label, t.kind.link, t.kind.linkTo = "opportunityRole", "Opportunity Role", fieldLeadID, "id"
	t.kind.dedupe, t.kind.search = []string{fieldOpportunityID, fieldLeadID, "role"}, []string{fieldLeadID, fieldOpportunityID}
	return t, nil
}

func (t *marketoTable) describe() objectKind { return t.kind }

// object returns the object of an id.
func (t *marketoTable) object(id int64) *objects.Object {
	if id < 1 || id > math.MaxInt32 {
		return nil
	}
	return t.set.Find(int32(id))
}

// match looks at the objects that one of the keys leads to.
func (t *marketoTable) match(keys []record.Attribute, after int64, n int) ([]int64, *problem) {
	var ids []int64
	for _, o := range t.candidates(keys) {
		values, _, _ := t.show(int64(o.ID()))
		values[fieldGUID] = t.kind.guid(int64(o.ID()))
		all := true
		for _, key := range keys {
			all = all && values[key.Name] == key.Value
		}
		if all {
			ids = append(ids, int64(o.ID()))
		}
	}
	return within(ids, after, n), nil
}

// candidates returns the objects among which those with the keys are.
func (t *marketoTable) candidates(keys []record.Attribute) []*objects.Object {
	for _, key := range keys {
		switch {
		case key.Name == fieldGUID:
			if o := t.object(t.kind.number(key.Value)); o != nil {
				return []*objects.Object{o}
			}
			return nil
		case key.Name == fieldLeadID:
			return t.rolesOf(key.Value)
		case key.Name == fieldOpportunityID && t.typeName == objects.TypeOpportunity:
			return t.set.WithExternal(key.Value)
		}
	}
	var list []*objects.Object
	for _, o := range t.Objects.Opportunities().WithExternal(keys[0].Value) {
		list = append(list, t.set.OfOpportunity(o.ID())...)
	}
	return list
}

// rolesOf returns the roles of the lead of an id.
func (t *marketoTable) rolesOf(text string) []*objects.Object {
	id, err := strconv.ParseInt(text, 10, 64)
	no, found := t.Leads.No(id)
	if err != nil || !found {
		return nil
	}
	return t.set.OfLead(no)
}

func (t *marketoTable) show(id int64) (values map[string]string, created, updated time.Time) {
	o := t.object(id)
	values = make(map[string]string)
	for _, a := range o.Attributes() {
		values[restObjectName(a.Name)] = a.Value
	}
	if t.typeName == objects.TypeRole {
		values[fieldLeadID] = t.Leads.Lead(o.Lead()).Text()
		o = t.Objects.Opportunities().Find(o.Opportunity())
	}
	values[fieldOpportunityID] = o.ExternalKey().Value
	if company := o.Company(); t.typeName == objects.TypeOpportunity {
		values[fieldCompanyID] = company.Key.Value
	}
	o = t.object(id)
	return values, o.Created(), o.Updated()
}

func (t *marketoTable) sync(id int64, values []record.Attribute, op gen.SyncOperationEnum) (int64, bool, *problem) {
	in := &objects.Input{Type: t.typeName}
	if id != 0 {
		in.ID, in.HasID = int32(id), true //nolint:gosec // that of an object
	}
	for _, v := range values {
		if err := t.put(in, v); err != nil {
			return 0, false, err
		}
	}
	done, status, err := t.Objects.Sync(in, op)
	if err != nil {
		return 0, false, refuse(codeInvalid, "%v", err)
	}
	return int64(done.ID()), status == gen.MObjStatusEnumCREATED, nil
}

// put puts a value in its place in an input of the table.
func (t *marketoTable) put(in *objects.Input, v record.Attribute) *problem {
	switch {
	case v.Name == fieldOpportunityID && t.typeName == objects.TypeOpportunity:
		if !in.HasID {
			in.ExternalKey = v
		}
	case v.Name == fieldOpportunityID:
		found := t.Objects.Opportunities().WithExternal(v.Value)
		if len(found) == 0 {
			return refuse(codeNoObject, "Opportunity '%.100s' not found", v.Value)
		}
		in.Associations = append(in.Associations, objects.Reference{Type: objects.TypeOpportunity, ID: found[len(found)-1].ID(), HasID: true})
	case v.Name == fieldLeadID:
		id, err := strconv.ParseInt(v.Value, 10, 32)
		if _, found := t.Leads.No(id); err != nil || !found {
			return refusal(codeNoLead)
		}
		in.Associations = append(in.Associations, objects.Reference{Type: objects.TypeLead, ID: int32(id), HasID: true})
	case v.Name == fieldCompanyID:
		if v.Value != "" {
			in.Associations = append(in.Associations, objects.Reference{Type: objects.TypeCompany, Key: v})
		}
	default:
		in.Attributes = append(in.Attributes, record.Attribute{Name: t.soap[v.Name], Value: v.Value})
	}
	return nil
}

func (t *marketoTable) remove(id int64) { t.Objects.Delete(t.typeName, int32(id)) } //nolint:gosec // that of an object

// opportunitySchema returns a page of the fields of opportunities.
func (c *call) opportunitySchema() (*envelope, error) {
	at, size := c.place("opportunitySchema"), c.batch()
	defer c.View()()
	t, _ := c.opportunityTable()
	custom := make(map[string]bool)
	for _, f := range c.Objects.CustomFields(objects.TypeOpportunity) {
		custom[restObjectName(f.Name)] = true
	}
	var list []schemaField
	for _, f := range t.describe().fields {
		list = append(list, schemaField{DisplayName: f.Name, Name: f.Name, DataType: f.DataType, Length: lengths[f.DataType], HTMLEncoded: true, Custom: custom[f.Name]})
	}
	return listPage(c, list, at, size)
}
