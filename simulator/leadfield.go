package simulator

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// DataType is the type of a lead's field, as attrType names it in answers.
type DataType string

// The data types of lead fields.
const (
	TypeString   DataType = "string"
	TypeText     DataType = "text"
	TypeEmail    DataType = "email"
	TypePhone    DataType = "phone"
	TypeURL      DataType = "url"
	TypeInteger  DataType = "integer"
	TypeFloat    DataType = "float"
	TypeCurrency DataType = "currency"
	TypeBoolean  DataType = "boolean"
	TypeDate     DataType = "date"
	TypeDateTime DataType = "datetime"
)

// dataTypesOfLeads are all of them.
var dataTypesOfLeads = []DataType{
	TypeString, TypeText, TypeEmail, TypePhone, TypeURL, TypeInteger, TypeFloat, TypeCurrency, TypeBoolean, TypeDate, TypeDateTime,
}

// LeadField is a field that leads have.
type LeadField struct {
	Name  string   // in the SOAP API: FirstName
	Label string   // in importToList and in Change Data Value: First Name. Empty: the name
	Type  DataType // empty: TypeString
}

// Fields that a record shows as elements of their own.
const (
	fieldID          = "Id"
	fieldEmail       = "Email"
	fieldForeignID   = "ForeignSysPersonId"
	fieldForeignType = "ForeignSysType"
)

// defaultFields are those that every simulator has. Names and labels of FirstName,
// LastName, Company, LeadScore, AnonymousIP, InferredCompany, InferredCountry, Website,
// Urgency, Priority and the two relative ones are of the published samples.
var defaultFields = []LeadField{
	{"Address", "Address", TypeText},
	{"AnnualRevenue", "Annual Revenue", TypeCurrency},
	{"AnonymousIP", "Anonymous IP", TypeString},
	{"City", "City", TypeString},
	{"Company", "Company Name", TypeString},
	{"Country", "Country", TypeString},
	{"DateofBirth", "Date of Birth", TypeDate},
	{"Department", "Department", TypeString},
	{"DoNotCall", "Do Not Call", TypeBoolean},
	{"DoNotCallReason", "Do Not Call Reason", TypeText},
	{fieldEmail, "Email Address", TypeEmail},
	{"EmailInvalid", "Email Invalid", TypeBoolean},
	{"EmailInvalidCause", "Email Invalid Cause", TypeString},
	{"Fax", "Fax Number", TypePhone},
	{"FirstName", "First Name", TypeString},
	{"Industry", "Industry", TypeString},
	{"InferredCity", "Inferred City", TypeString},
	{"InferredCompany", "Inferred Company", TypeString},
	{"InferredCountry", "Inferred Country", TypeString},
	{"LastName", "Last Name", TypeString},
	{"LeadRole", "Role", TypeString},
	{"LeadScore", "Lead Score", TypeInteger},
	{"LeadSource", "Lead Source", TypeString},
	{"LeadStatus", "Lead Status", TypeString},
	{"MainPhone", "Main Phone", TypePhone},
	{"MiddleName", "Middle Name", TypeString},
	{"MobilePhone", "Mobile Phone Number", TypePhone},
	{"NumberOfEmployees", "Num Employees", TypeInteger},
	{"Phone", "Phone Number", TypePhone},
	{"PostalCode", "Postal Code", TypeString},
	{"Priority", "Priority", TypeInteger},
	{"Rating", "Rating", TypeString},
	{"RelativeScore", "Relative Score", TypeInteger},
	{"RelativeUrgency", "Relative Urgency", TypeInteger},
	{"Salutation", "Salutation", TypeString},
	{"State", "State", TypeString},
	{"Title", "Job Title", TypeString},
	{"Unsubscribed", "Unsubscribed", TypeBoolean},
	{"UnsubscribedReason", "Unsubscribed Reason", TypeText},
	{"Urgency", "Urgency", TypeFloat},
	{"Website", "Website", TypeURL},
}

// leadFields finds fields. Names are compared exactly, labels without regard to
// letter case, as the headings of a file.
type leadFields struct {
	byName  map[string]LeadField
	byLabel map[string]LeadField
}

func newLeadFields() leadFields {
	t := leadFields{make(map[string]LeadField), make(map[string]LeadField)}
	for _, f := range defaultFields {
		t.add(f)
	}
	return t
}

func (t *leadFields) add(f LeadField) {
	t.byName[f.Name] = f
	t.byLabel[strings.ToLower(f.Label)] = f
}

// label returns the field that a heading names. Files often say Email where the
// label is Email Address.
func (t *leadFields) label(heading string) (LeadField, bool) {
	heading = strings.ToLower(heading)
	if f, ok := t.byLabel[heading]; ok {
		return f, true
	}
	return t.byName[fieldEmail], heading == strings.ToLower(fieldEmail)
}

// AddField adds a custom field to all leads. The error says that the name or the label
// is missing or taken, or that there is no such data type.
func (s *Simulator) AddField(f LeadField) error {
	if f.Label == "" {
		f.Label = f.Name
	}
	if f.Type == "" {
		f.Type = TypeString
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, taken := s.fields.byName[f.Name]
	_, labelTaken := s.fields.label(f.Label)
	switch {
	case f.Name == "":
		return fmt.Errorf("simulator: a lead field has no name: give the one that the SOAP API has")
	case taken || labelTaken || slices.Contains(recordElements, f.Name):
		return fmt.Errorf("simulator: lead field %s, %q: the name or the label is taken: give another", f.Name, f.Label)
	case !slices.Contains(dataTypesOfLeads, f.Type):
		return fmt.Errorf("simulator: lead field %s: there is no data type %q: use one of %v", f.Name, f.Type, dataTypesOfLeads)
	}
	s.fields.add(f)
	return nil
}

// Fields returns all fields of leads, by name.
func (s *Simulator) Fields() []LeadField {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list := make([]LeadField, 0, len(s.fields.byName))
	for _, f := range s.fields.byName {
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b LeadField) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// accepts returns an error if a value does not fit the field. An empty one always does:
// it clears the field. Texts are taken as they are, whatever kind of text they are.
func (f LeadField) accepts(value string) error {
	if value == "" {
		return nil
	}
	var err error
	switch f.Type {
	case TypeInteger:
		_, err = strconv.ParseInt(value, 10, 32)
	case TypeFloat, TypeCurrency:
		err = acceptsNumber(value)
	case TypeBoolean:
		_, err = strconv.ParseBool(strings.ToLower(value))
	case TypeDate, TypeDateTime:
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

func (f LeadField) isNumber() bool {
	return f.Type == TypeInteger || f.Type == TypeFloat || f.Type == TypeCurrency
}
