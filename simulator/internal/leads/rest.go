package leads

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/mktows/mktows-go/simulator/record"
)

// restNames are the names in the REST API that are not those of the SOAP API with a small first
// letter (Marketo REST API, field types).
var restNames = map[string]string{"DateofBirth": "dateOfBirth", "AnonymousIP": "anonymousIP", "LeadRole": "leadRole"}

// Names of fields that only the REST API has.
const (
	FieldCompanyID     = "externalCompanyId"
	FieldSalesPersonID = "externalSalesPersonId"
)

// companyFields are those that belong to the company of a lead (Marketo REST API, companies).
var companyFields = []string{"Company", "Website", "MainPhone", "AnnualRevenue", "NumberOfEmployees", "Industry"}

// IsCompanyField reports whether a field belongs to the company of a lead.
func IsCompanyField(name string) bool { return slices.Contains(companyFields, name) }

// standardFields are those of every simulator, with what the REST API shows of them.
var standardFields = func() []record.LeadField {
	list := slices.Clone(defaultFields)
	for i := range list {
		f := &list[i]
		f.ID = int64(i) + 1
		if f.REST = restNames[f.Name]; f.REST == "" {
			f.REST = string(unicode.ToLower(rune(f.Name[0]))) + f.Name[1:]
		}
	}
	return append(list,
		record.LeadField{ID: 101, Name: FieldCompanyID, Label: "External Company Id", REST: FieldCompanyID, RESTOnly: true, Type: record.TypeString},
		record.LeadField{ID: 102, Name: FieldSalesPersonID, Label: "External Sales Person Id", REST: FieldSalesPersonID, RESTOnly: true, Type: record.TypeString},
	)
}()

// lastStandardID is the id after which those of custom fields begin.
const lastStandardID = 1000

// IsStandard reports whether a field is one of every simulator.
func IsStandard(f record.LeadField) bool {
	return slices.ContainsFunc(standardFields, func(s record.LeadField) bool { return s.Name == f.Name })
}

// RESTName is the name of a field in the REST API.
func RESTName(f record.LeadField) string {
	if f.REST != "" {
		return f.REST
	}
	return f.Name
}

// Stored returns the field of a name in the table, whichever API has it.
func (t *fields) Stored(name string) (record.LeadField, bool) {
	f, ok := t.byName[name]
	return f, ok
}

// ByREST returns the field of a name in the REST API.
func (t *fields) ByREST(name string) (record.LeadField, bool) {
	f, ok := t.byName[t.byREST[name]]
	return f, ok
}

// ByLabel returns the field of a label, whichever API has it.
func (t *fields) ByLabel(label string) (record.LeadField, bool) {
	f, ok := t.byLabel[strings.ToLower(label)]
	return f, ok
}

// ByID returns all fields, by id.
func (t *fields) ByID() []record.LeadField {
	list := t.Fields()
	slices.SortFunc(list, func(a, b record.LeadField) int { return int(a.ID - b.ID) })
	return list
}

// Describe changes what is shown of a field: label, description and how it is treated. The
// error says that there is no such field, or that the label is taken.
func (t *fields) Describe(f record.LeadField) error {
	before, ok := t.byName[f.Name]
	if !ok {
		return fmt.Errorf("leads have no field %q", f.Name)
	}
	next := before
	next.Label, next.Description, next.Hidden, next.Sensitive, next.RawHTML = f.Label, f.Description, f.Hidden, f.Sensitive, f.RawHTML
	if taken, ok := t.byLabel[strings.ToLower(next.Label)]; next.Label == "" || ok && taken.Name != next.Name {
		return fmt.Errorf("lead field %s: the label %q is empty or taken", next.Name, next.Label)
	}
	delete(t.byLabel, strings.ToLower(before.Label))
	t.add(next)
	return nil
}

// address is what an e-mail address looks like (Marketo REST API, leads: it is in ASCII).
var address = regexp.MustCompile(`^[!-?A-~]+@[!-?A-~]+$`)

// AcceptsREST returns an error if the REST API does not take a value for a field: beside what no API
// takes, that is an address that is none. An empty value clears the field.
func AcceptsREST(f record.LeadField, value string) error {
	if f.Type == record.TypeEmail && value != "" && !address.MatchString(value) {
		return fmt.Errorf("value %q of the field %s is no e-mail address", value, f.Name)
	}
	return Accepts(f, value)
}
