package leads

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// dataTypes are those that a field may have.
var dataTypes = []record.DataType{
	record.TypeString, record.TypeText, record.TypeEmail, record.TypePhone, record.TypeURL, record.TypeInteger,
	record.TypeFloat, record.TypeCurrency, record.TypeBoolean, record.TypeDate, record.TypeDateTime,
}

// Fields that a record shows as elements of their own.
const (
	FieldID          = "Id"
	FieldEmail       = "Email"
	FieldForeignID   = "ForeignSysPersonId"
	FieldForeignType = "ForeignSysType"
)

// defaultFields are those that every simulator has. Names and labels of FirstName,
// LastName, Company, LeadScore, AnonymousIP, InferredCompany, InferredCountry, Website,
// Urgency, Priority and the two relative ones are of the published samples.
var defaultFields = []record.LeadField{
	{Name: "Address", Label: "Address", Type: record.TypeText},
	{Name: "AnnualRevenue", Label: "Annual Revenue", Type: record.TypeCurrency},
	{Name: "AnonymousIP", Label: "Anonymous IP", Type: record.TypeString},
	{Name: "City", Label: "City", Type: record.TypeString},
	{Name: "Company", Label: "Company Name", Type: record.TypeString},
	{Name: "Country", Label: "Country", Type: record.TypeString},
	{Name: "DateofBirth", Label: "Date of Birth", Type: record.TypeDate},
	{Name: "Department", Label: "Department", Type: record.TypeString},
	{Name: "DoNotCall", Label: "Do Not Call", Type: record.TypeBoolean},
	{Name: "DoNotCallReason", Label: "Do Not Call Reason", Type: record.TypeText},
	{Name: FieldEmail, Label: "Email Address", Type: record.TypeEmail},
	{Name: "EmailInvalid", Label: "Email Invalid", Type: record.TypeBoolean},
	{Name: "EmailInvalidCause", Label: "Email Invalid Cause", Type: record.TypeString},
	{Name: "Fax", Label: "Fax Number", Type: record.TypePhone},
	{Name: "FirstName", Label: "First Name", Type: record.TypeString},
	{Name: "Industry", Label: "Industry", Type: record.TypeString},
	{Name: "InferredCity", Label: "Inferred City", Type: record.TypeString},
	{Name: "InferredCompany", Label: "Inferred Company", Type: record.TypeString},
	{Name: "InferredCountry", Label: "Inferred Country", Type: record.TypeString},
	{Name: "LastName", Label: "Last Name", Type: record.TypeString},
	{Name: "LeadRole", Label: "Role", Type: record.TypeString},
	{Name: "LeadScore", Label: "Lead Score", Type: record.TypeInteger},
	{Name: "LeadSource", Label: "Lead Source", Type: record.TypeString},
	{Name: "LeadStatus", Label: "Lead Status", Type: record.TypeString},
	{Name: "MainPhone", Label: "Main Phone", Type: record.TypePhone},
	{Name: "MiddleName", Label: "Middle Name", Type: record.TypeString},
	{Name: "MobilePhone", Label: "Mobile Phone Number", Type: record.TypePhone},
	{Name: "NumberOfEmployees", Label: "Num Employees", Type: record.TypeInteger},
	{Name: "Phone", Label: "Phone Number", Type: record.TypePhone},
	{Name: "PostalCode", Label: "Postal Code", Type: record.TypeString},
	{Name: "Priority", Label: "Priority", Type: record.TypeInteger},
	{Name: "Rating", Label: "Rating", Type: record.TypeString},
	{Name: "RelativeScore", Label: "Relative Score", Type: record.TypeInteger},
	{Name: "RelativeUrgency", Label: "Relative Urgency", Type: record.TypeInteger},
	{Name: "Salutation", Label: "Salutation", Type: record.TypeString},
	{Name: "State", Label: "State", Type: record.TypeString},
	{Name: "Title", Label: "Job Title", Type: record.TypeString},
	{Name: "Unsubscribed", Label: "Unsubscribed", Type: record.TypeBoolean},
	{Name: "UnsubscribedReason", Label: "Unsubscribed Reason", Type: record.TypeText},
	{Name: "Urgency", Label: "Urgency", Type: record.TypeFloat},
	{Name: "Website", Label: "Website", Type: record.TypeURL},
}

// RecordElements are the elements of a leadRecord, which answers do not show as attributes.
var RecordElements = []string{FieldID, FieldEmail, FieldForeignID, FieldForeignType}

// fields finds fields. Names are compared exactly, labels without regard to letter case, as
// the headings of a file.
type fields struct {
	byName    map[string]record.LeadField
	byLabel   map[string]record.LeadField
	byREST    map[string]string // the name of a field by that in the REST API
	lastField int64             // highest id of a field so far
}

func newFields() fields {
	t := fields{byName: make(map[string]record.LeadField), byLabel: make(map[string]record.LeadField), byREST: make(map[string]string)}
	for _, f := range standardFields {
		t.add(f)
	}
	t.lastField = lastStandardID
	return t
}

// add enters a field under each of its names.
func (t *fields) add(f record.LeadField) {
	t.byName[f.Name] = f
	t.byLabel[strings.ToLower(f.Label)] = f
	t.byREST[RESTName(f)] = f.Name
	t.lastField = max(t.lastField, f.ID)
}

// Field returns the field of a name that the SOAP API has.
func (t *fields) Field(name string) (record.LeadField, bool) {
	f, ok := t.byName[name]
	return f, ok && !f.RESTOnly
}

// Names reports whether a text is the name of a field or of an element of a leadRecord.
func (t *fields) Names(text string) bool {
	_, ok := t.Field(text)
	return ok || slices.Contains(RecordElements, text)
}

// Label returns the field that a heading names. Files often say Email where the label is
// Email Address.
func (t *fields) Label(heading string) (record.LeadField, bool) {
	heading = strings.ToLower(heading)
	if f, ok := t.byLabel[heading]; ok && !f.RESTOnly {
		return f, true
	}
	return t.byName[FieldEmail], heading == strings.ToLower(FieldEmail)
}

// AddField adds a custom field to all leads. The error says that the name or the label is
// missing or taken, or that there is no such data type.
func (t *fields) AddField(f record.LeadField) error {
	if f.Label == "" {
		f.Label = f.Name
	}
	if f.Type == "" {
		f.Type = record.TypeString
	}
	_, labelTaken := t.Label(f.Label)
	_, restTaken := t.byREST[RESTName(f)]
	if f.ID == 0 {
		f.ID = t.lastField + 1
	}
	switch {
	case f.Name == "":
		return fmt.Errorf("a lead field has no name: give the one that the SOAP API has")
	case labelTaken || restTaken || t.Names(f.Name):
		return fmt.Errorf("lead field %s, %q: the name or the label is taken: give another", f.Name, f.Label)
	case !slices.Contains(dataTypes, f.Type):
		return fmt.Errorf("lead field %s: there is no data type %q: use one of %v", f.Name, f.Type, dataTypes)
	}
	t.add(f)
	return nil
}

// Fields returns all fields, by name.
func (t *fields) Fields() []record.LeadField {
	list := make([]record.LeadField, 0, len(t.byName))
	for _, f := range t.byName {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b record.LeadField) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// CustomFields returns the fields that were added, and the standard ones that were changed, by
// name; nil for none.
func (t *fields) CustomFields() []record.LeadField {
	var list []record.LeadField
	for _, f := range t.Fields() {
		if !slices.Contains(standardFields, f) {
			list = append(list, f)
		}
	}
	return list
}

// LoadField adds a custom field, or changes a standard one as a state has it.
func (t *fields) LoadField(f record.LeadField) error {
	if !IsStandard(f) {
		return t.AddField(f)
	}
	return t.Describe(f)
}

// Accepts returns an error if a value does not fit a field. An empty one always does: it
// clears the field. Texts are taken as they are, whatever kind of text they are.
func Accepts(f record.LeadField, value string) error {
	if value == "" {
		return nil
	}
	var err error
	switch f.Type {
	case record.TypeInteger:
		_, err = strconv.ParseInt(value, 10, 32)
	case record.TypeFloat, record.TypeCurrency:
		err = acceptsNumber(value)
	case record.TypeBoolean:
		_, err = strconv.ParseBool(strings.ToLower(value))
	case record.TypeDate, record.TypeDateTime:
		_, err = servicetime.Read(value)
	}
	if err != nil {
		return fmt.Errorf("value %q of the field %s cannot be read as %s", value, f.Name, f.Type)
	}
	return nil
}

func acceptsNumber(value string) error {
	number, err := strconv.ParseFloat(value, 64)
	if err == nil && (math.IsNaN(number) || math.IsInf(number, 0)) {
		return strconv.ErrRange
	}
	return err
}

func isNumber(f record.LeadField) bool {
	return f.Type == record.TypeInteger || f.Type == record.TypeFloat || f.Type == record.TypeCurrency
}
