package simulator

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// Field is a field of a type of object.
type Field struct {
	Name string
	// DataType is string, integer, float, currency, percent, boolean, date or
	// dateTime. Empty: string.
	DataType string
}

// objectType is what describeMObject tells of a type.
type objectType struct {
	name, description string
	virtual           bool // composed of other objects
	fields            []Field
}

// objectTypes are in the order of listMObjects (Marketo SOAP API, listMObjects and
// syncMObjects; WSDL: ActivityRecord, LeadRecord).
var objectTypes = []objectType{
	{"ActivityRecord", "An entry in the history of a lead", true, []Field{
		{"id", "integer"},
		{"activityDateTime", "dateTime"},
		{"activityType", "string"},
		{"mktgAssetName", "string"},
		{"activityAttributes", "Array"},
		{"campaign", "string"},
		{"personName", "string"},
		{"mktPersonId", "string"},
		{"foreignSysId", "string"},
		{"orgName", "string"},
		{"foreignSysOrgId", "string"},
	}},
	{"LeadRecord", "A lead with its fields", true, []Field{
		{"Id", "integer"},
		{"Email", "string"},
		{"ForeignSysPersonId", "string"},
		{"ForeignSysType", "string"},
		{"leadAttributeList", "Array"},
	}},
	{typeOpportunity, "A sales opportunity", false, []Field{
		{"Id", "integer"},
		{"Amount", "currency"},
		{"CloseDate", "date"},
		{"Description", "string"},
		{"ExpectedRevenue", "currency"},
		{"ExternalCreatedDate", "dateTime"},
		{"Fiscal", "string"},
		{"FiscalQuarter", "string"},
		{"FiscalYear", "string"},
		{"ForecastCategoryName", "string"},
		{"IsClosed", "boolean"},
		{"IsWon", "boolean"},
		{"LastActivityDate", "date"},
		{"LeadSource", "string"},
		{"Name", "string"},
		{"NextStep", "string"},
		{"Probability", "percent"},
		{"Quantity", "float"},
		{"Stage", "string"},
		{"Type", "string"},
	}},
	{typeRole, "The part that a lead has in an opportunity", false, []Field{
		{"Id", "integer"},
		{attrOpportunityID, "integer"},
		{attrPersonID, "integer"},
		{"Role", "string"},
		{"IsPrimary", "boolean"},
		{"ExternalCreatedDate", "dateTime"},
	}},
}

// dataTypes of fields that can be added.
var dataTypes = []string{"string", "integer", "float", "currency", "percent", "boolean", "date", "dateTime"}

// objectTypesSince is when the fields of the schema were last changed.
var objectTypesSince = time.Date(2015, time.January, 1, 0, 0, 0, 0, time.FixedZone("", 0))

// AddObjectField adds a custom field to Opportunity or OpportunityPersonRole. The error
// says that there is no such type, that it has the field already, or that the data
// type is unknown.
func (s *Simulator) AddObjectField(objectName string, f Field) error {
	defer s.change()()
	if objectName != typeOpportunity && objectName != typeRole {
		return fmt.Errorf("simulator: %q cannot have custom fields: only %s and %s can", objectName, typeOpportunity, typeRole)
	}
	f, err := f.check()
	if err != nil {
		return err
	}
	if _, ok := s.field(objectName, f.Name); ok {
		return fmt.Errorf("simulator: %s has a field %q already", objectName, f.Name)
	}
	if s.objects.fields == nil {
		s.objects.fields = make(map[string][]Field)
	}
	s.objects.fields[objectName] = append(s.objects.fields[objectName], f)
	return nil
}

// check returns the field with its data type.
func (f Field) check() (Field, error) {
	if f.DataType == "" {
		f.DataType = "string"
	}
	if f.Name == "" {
		return f, fmt.Errorf("simulator: a field of type %s has no name", f.DataType)
	}
	if !slices.Contains(dataTypes, f.DataType) {
		return f, fmt.Errorf("simulator: field %q: %q is no data type: use one of %s", f.Name, f.DataType, strings.Join(dataTypes, ", "))
	}
	return f, nil
}

// field returns the field of a type of object.
func (s *Simulator) field(kind, name string) (Field, bool) {
	is := func(f Field) bool { return f.Name == name }
	for i := range objectTypes {
		if t := &objectTypes[i]; t.name == kind {
			if j := slices.IndexFunc(t.fields, is); j >= 0 {
				return t.fields[j], true
			}
		}
	}
	if j := slices.IndexFunc(s.objects.fields[kind], is); j >= 0 {
		return s.objects.fields[kind][j], true
	}
	return Field{}, false
}

// readAttributes checks attributes against the fields of their type.
func (s *Simulator) readAttributes(kind string, list []Attribute) ([]Attribute, error) {
	for _, a := range list {
		f, ok := s.field(kind, a.Name)
		if !ok || f.Name == "Id" || f.Name == attrOpportunityID || f.Name == attrPersonID {
			return nil, fmt.Errorf("%s has no field %q that can be written", kind, a.Name)
		}
		if err := f.accepts(a.Value); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// accepts returns an error if a value does not fit the field. The empty value always
// does: it clears the field.
func (f Field) accepts(value string) error {
	if value == "" {
		return nil
	}
	var err error
	switch f.DataType {
	case "integer":
		_, err = strconv.ParseInt(value, 10, 64)
	case "float", "currency", "percent":
		var number float64
		if number, err = strconv.ParseFloat(value, 64); err == nil && (math.IsNaN(number) || math.IsInf(number, 0)) {
			err = strconv.ErrRange
		}
	case "boolean":
		_, err = strconv.ParseBool(strings.ToLower(value))
	case "date", "dateTime":
		_, err = servicetime.Read(value)
	}
	if err != nil {
		return fmt.Errorf("field %s: %q is no %s", f.Name, value, f.DataType)
	}
	return nil
}

// ListMObjects names the types that describeMObject describes, always the same four
// (Marketo SOAP API, listMObjects). It has no faults of its own.
func (s *Simulator) ListMObjects(ctx context.Context, _ *gen.ParamsListMObjects) (*gen.SuccessListMObjects, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	names := make([]string, len(objectTypes))
	for i := range objectTypes {
		names[i] = objectTypes[i].name
	}
	return &gen.SuccessListMObjects{Result: &gen.ResultListMObjects{Objects: names}}, nil
}

// DescribeMObject returns the fields of a type of object, custom ones last (Marketo
// SOAP API, describeMObject). Names are compared exactly. Faults: 20109 without a name,
// 20110 for one that listMObjects does not list.
func (s *Simulator) DescribeMObject(ctx context.Context, in *gen.ParamsDescribeMObject) (*gen.SuccessDescribeMObject, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil || in.ObjectName == "" {
		return nil, fault.New(fault.CodeParameterRequired, "objectName is missing")
	}
	i := slices.IndexFunc(objectTypes, func(t objectType) bool { return t.name == in.ObjectName })
	if i < 0 {
		return nil, fault.Newf(fault.CodeBadParameter, "objectName %q is not a type that listMObjects lists", in.ObjectName)
	}
	defer s.view()()
	return &gen.SuccessDescribeMObject{Result: &gen.ResultDescribeMObject{Metadata: s.metadata(&objectTypes[i])}}, nil
}

func (s *Simulator) metadata(t *objectType) *gen.MObjectMetadata {
	var list []gen.MObjFieldMetadata
	for _, f := range t.fields {
		list = append(list, fieldMetadata(t, f, false))
	}
	for _, f := range s.objects.fields[t.name] {
		list = append(list, fieldMetadata(t, f, true))
	}
	return &gen.MObjectMetadata{
		Name: t.name, Description: gen.Some(t.description), IsVirtual: t.virtual,
		FieldList: &gen.ArrayOfMObjFieldMetadata{Field: list}, UpdatedAt: gen.NewDateTime(objectTypesSince),
	}
}

// sizes of fields in bytes or characters; a type that is not listed has none.
var sizes = map[string]int32{"string": 255, "integer": 4, "float": 8, "currency": 8, "percent": 8, "boolean": 1}

func fieldMetadata(t *objectType, f Field, custom bool) gen.MObjFieldMetadata {
	size := gen.None[int32]()
	if n, ok := sizes[f.DataType]; ok {
		size = gen.Some(n)
	}
	isID := strings.EqualFold(f.Name, "id")
	return gen.MObjFieldMetadata{
		Name: f.Name, Description: gen.Some(f.Name), DisplayName: gen.None[string](),
		SourceObject: gen.Some(t.name), DataType: f.DataType, Size: size,
		IsReadonly: isID || t.name == "ActivityRecord", IsName: gen.Some(f.Name == "Name"), IsPrimaryKey: isID,
		IsCustom: custom, DynamicFieldRef: gen.None[string](), UpdatedAt: gen.NewDateTime(objectTypesSince),
	}
}
