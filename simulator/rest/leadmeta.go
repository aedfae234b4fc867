package rest

import (
	"fmt"
	"slices"

	"github.com/mktows/mktows-go/simulator/internal/leads"
)

// apiName is the name of a field in one of the APIs.
type apiName struct {
	Name     string `json:"name"`
	ReadOnly bool   `json:"readOnly"`
}

// describedField is a field in Describe Lead.
type describedField struct {
	ID          int64    `json:"id"`
	DisplayName string   `json:"displayName"`
	DataType    string   `json:"dataType"`
	Length      int      `json:"length,omitempty"`
	REST        *apiName `json:"rest,omitempty"`
	SOAP        *apiName `json:"soap,omitempty"`
}

// lengths are those of values, by data type (Marketo REST API, field types); 0: none is shown.
var lengths = map[string]int{"string": 255, "email": 255, "phone": 255, "url": 255, "text": 2000}

// firstSystemID is the id from which those of the service's own fields begin.
const firstSystemID = 900

// allLeadFields returns all fields, by id. The lock is held.
func (h *handler) allLeadFields() []leadField {
	var list []leadField
	for _, f := range h.Leads.ByID() {
		one, _ := h.field(leads.RESTName(f))
		list = append(list, one)
	}
	var names []string
	for name := range systemFields {
		names = append(names, name)
	}
	slices.Sort(names)
	for i, name := range names {
		f := systemFields[name]
		f.ID, f.Label = firstSystemID+int64(i), name
		list = append(list, f)
	}
	return list
}

// describeLeads is Describe Lead: the fields with their names in both APIs (Marketo REST API,
// leads). A field that only one API has lacks the name in the other.
func (c *call) describeLeads() (*envelope, error) {
	defer c.View()()
	var list []describedField
	for _, f := range c.allLeadFields() {
		one := describedField{
			ID: f.ID, DisplayName: f.Label, DataType: f.kind, Length: lengths[f.kind], REST: &apiName{leads.RESTName(f.LeadField), f.system},
		}
		if !f.RESTOnly && !f.system && !c.settings.Quirks.NoSOAPNames {
			one.SOAP = &apiName{Name: f.Name}
		}
		list = append(list, one)
	}
	return ok(list)
}

// objectField is a field in the description of an object.
type objectField struct {
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
	DataType    string `json:"dataType"`
	Length      int    `json:"length,omitempty"`
	Updateable  bool   `json:"updateable"`
	CRMManaged  bool   `json:"crmManaged"`
}

// describeLeads2 describes the fields by their names in the REST API, and says by which leads
// are found (Marketo REST API, leads).
func (c *call) describeLeads2() (*envelope, error) {
	defer c.View()()
	var fields []objectField
	for _, f := range c.allLeadFields() {
		fields = append(fields, objectField{
			Name: leads.RESTName(f.LeadField), DisplayName: f.Label, DataType: f.kind, Length: lengths[f.kind], Updateable: !f.system,
		})
	}
	return one(map[string]any{"name": "API Lead", "searchableFields": c.searchableFields(), "fields": fields})
}

// schemaField is a field in the schema of leads.
type schemaField struct {
	DisplayName string `json:"displayName"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	DataType    string `json:"dataType"`
	Length      int    `json:"length,omitempty"`
	Hidden      bool   `json:"isHidden"`
	HTMLEncoded bool   `json:"isHtmlEncodingInEmail"`
	Sensitive   bool   `json:"isSensitive"`
	Custom      bool   `json:"isCustom"`
	APICreated  bool   `json:"isApiCreated"`
}

func schemaOf(f leadField) schemaField {
	return schemaField{
		DisplayName: f.Label, Name: leads.RESTName(f.LeadField), Description: f.Description, DataType: f.kind, Length: lengths[f.kind],
		Hidden: f.Hidden, HTMLEncoded: !f.RawHTML, Sensitive: f.Sensitive, Custom: !f.system && !leads.IsStandard(f.LeadField),
	}
}

// leadSchema returns a page of the fields of leads (Marketo REST API, leads: schema).
func (c *call) leadSchema() (*envelope, error) {
	at, size := c.place("leadSchema"), c.batch()
	defer c.View()()
	var list []schemaField
	for _, f := range c.allLeadFields() {
		list = append(list, schemaOf(f))
	}
	return listPage(c, list, at, size)
}

// listPage is the answer with a page of a list that is at hand as a whole.
func listPage[T any](c *call, list []T, at place, size int) (*envelope, error) {
	from := int(min(max(at.at, 0), int64(len(list))))
	n := c.Shorten(min(size, len(list)-from), false)
	at.at = int64(from + n)
	answer := &envelope{Result: append([]T{}, list[from:from+n]...)}
	c.page(answer, at, from+n < len(list))
	return answer, nil
}

// schemaName returns the field that the path names. The lock is held.
func (c *call) schemaName() (leadField, *problem) {
	name := c.path["fieldApiName"]
	for _, f := range c.allLeadFields() {
		if leads.RESTName(f.LeadField) == name {
			return f, nil
		}
	}
	return leadField{}, refuse(codeNoField, "Field '%.100s' not found", name)
}

// leadSchemaField returns one field of leads.
func (c *call) leadSchemaField() (*envelope, error) {
	defer c.View()()
	f, err := c.schemaName()
	if err != nil {
		return nil, err
	}
	return one(schemaOf(f))
}

// fieldUpdate is what a call changes of a field; nil: nothing.
type fieldUpdate struct {
	Input []struct {
		DisplayName *string `json:"displayName"`
		Description *string `json:"description"`
		Hidden      *bool   `json:"isHidden"`
		HTMLEncoded *bool   `json:"isHtmlEncodingInEmail"`
		Sensitive   *bool   `json:"isSensitive"`
	} `json:"input"`
}

// updateLeadField changes what is shown of a field (Marketo REST API, leads: schema).
func (c *call) updateLeadField() (*envelope, error) {
	var in fieldUpdate
	if err := c.json(&in); err != nil {
		return nil, err
	}
	if len(in.Input) != 1 {
		return nil, refuse(codeInvalid, "input has %d fields, not one", len(in.Input))
	}
	defer c.Change()()
	f, refused := c.schemaName()
	if refused != nil {
		return nil, refused
	}
	next := f.LeadField
	assign(&next.Label, in.Input[0].DisplayName)
	assign(&next.Description, in.Input[0].Description)
	assign(&next.Hidden, in.Input[0].Hidden)
	assign(&next.Sensitive, in.Input[0].Sensitive)
	if encoded := in.Input[0].HTMLEncoded; encoded != nil {
		next.RawHTML = !*encoded
	}
	if err := c.Leads.Describe(next); err != nil {
		return nil, refuse(codeInvalid, "%v", err)
	}
	return one(map[string]any{"name": leads.RESTName(next), "status": "updated"})
}

func assign[T any](to *T, value *T) {
	if value != nil {
		*to = *value
	}
}

// partitions returns the partitions of leads: one for each workspace (Marketo REST API, lead
// partitions).
func (c *call) partitions() (*envelope, error) {
	list := make([]any, len(c.Workspaces))
	for i, name := range c.Workspaces {
		list[i] = map[string]any{"id": i + 1, "name": name, "description": fmt.Sprintf("Partition of the workspace %s", name)}
	}
	return ok(list)
}
