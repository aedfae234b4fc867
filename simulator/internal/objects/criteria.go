package objects

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// property is what a condition can be about.
type property struct {
	name  string
	types []string // of object
	value func(*Object) any
}

var (
	allTypes  = []string{TypeOpportunity, TypeRole, TypeProgram}
	named     = []string{TypeOpportunity, TypeProgram}
	onlyOpp   = []string{TypeOpportunity}
	onlyRole  = []string{TypeRole}
	onlyProgs = []string{TypeProgram}
)

// properties are those of the documentation (Marketo SOAP API, getMObjects). A value is
// a string, an int64 or a time.Time; for the last three it is not one of the object.
var properties = []property{
	{"Id", allTypes, func(o *Object) any { return int64(o.id) }},
	{"Created At", allTypes, func(o *Object) any { return o.created }},
	{"Updated At", allTypes, func(o *Object) any { return o.updated }},
	{"Name", named, func(o *Object) any { return o.text("Name") }},
	{"Type", named, func(o *Object) any { return o.text("Type") }},
	{"Stage", onlyOpp, func(o *Object) any { return o.text("Stage") }},
	{"CRM Id", onlyOpp, func(o *Object) any { return o.external.Value }},
	{"Role", onlyRole, func(o *Object) any { return o.text("Role") }},
	{"Workspace Name", onlyProgs, func(o *Object) any { return o.program.Workspace() }},
	{"Workspace Id", onlyProgs, func(o *Object) any { return o.program.WorkspaceID() }},
	{"Tag Type", onlyProgs, func(*Object) any { return "" }},
	{"Tag Value", onlyProgs, func(*Object) any { return "" }},
	{"Include Archive", onlyProgs, func(*Object) any { return "" }},
}

// text returns an attribute, of programs too.
func (o *Object) text(name string) string {
	switch {
	case o.program == nil:
		return o.attribute(name)
	case name == "Name":
		return o.program.Name()
	}
	return o.program.Kind()
}

// Criterion is a condition that a query makes, as a request writes it.
type Criterion struct {
	Name, Value string
	Comparison  gen.ComparisonEnum
}

// condition compares a property with a value of the property's type.
type condition struct {
	property   *property
	comparison gen.ComparisonEnum
	value      any
}

// criteria are those of a query. The zero value holds for every object.
type criteria struct {
	list             []condition
	tagType, tagText []condition // both for the same tag
	archived         bool        // archived programs as well
}

// readCriteria checks the criteria for objects of a type and sorts them: those about tags must hold for the same tag,
// and "Include Archive" is an option and no condition.
func readCriteria(kind string, list []Criterion) (criteria, error) {
	var read criteria
	for _, c := range list {
		one, err := readCondition(kind, c)
		if err != nil {
			return read, err
		}
		switch one.property.name {
		case "Include Archive":
			if read.archived, err = readArchive(c); err != nil {
				return read, err
			}
		case "Tag Type":
			read.tagType = append(read.tagType, one)
		case "Tag Value":
			read.tagText = append(read.tagText, one)
		default:
			read.list = append(read.list, one)
		}
	}
	if len(read.tagType) > 1 {
		return read, fault.New(fault.CodeBadParameter, "mObjCriteriaList has more than one Tag Type: only one is allowed")
	}
	return read, nil
}

// readCondition checks one criterion and converts its value to the type of the property.
func readCondition(kind string, c Criterion) (condition, error) {
	i := slices.IndexFunc(properties, func(p property) bool { return strings.EqualFold(p.name, c.Name) })
	switch {
	case c.Name == "":
		return condition{}, fault.New(fault.CodeParameterRequired, "mObjCriteria/attrName is missing")
	case i < 0 || !slices.Contains(properties[i].types, kind):
		return condition{}, fault.Newf(fault.CodeBadParameter, "mObjCriteria/attrName %q is not an attribute that %s can be chosen by", c.Name, kind)
	case !c.Comparison.Valid():
		return condition{}, fault.Newf(fault.CodeBadParameter, "mObjCriteria/comparison %q is not one of EQ, NE, LT, LE, GT, GE", c.Comparison)
	}
	value, err := conditionValue(&properties[i], strings.TrimSpace(c.Value))
	if err != nil {
		return condition{}, fault.Newf(fault.CodeBadParameter, "mObjCriteria/attrValue %q does not fit %s", c.Value, properties[i].name)
	}
	return condition{&properties[i], c.Comparison, value}, nil
}

// conditionValue reads a value as the property's type has it.
func conditionValue(p *property, text string) (any, error) {
	switch p.name {
	case "Id", "Workspace Id":
		return strconv.ParseInt(text, 10, 64)
	case "Created At", "Updated At":
		return servicetime.Read(text)
	}
	return text, nil
}

func readArchive(c Criterion) (bool, error) {
	wanted, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(c.Value)))
	if err != nil || c.Comparison != gen.ComparisonEnumEQ {
		return false, fault.New(fault.CodeBadParameter, "mObjCriteria: Include Archive has to be EQ true or EQ false")
	}
	return wanted, nil
}

// hold reports whether all criteria hold for an object.
func (c *criteria) hold(o *Object) bool {
	for i := range c.list {
		if !c.list[i].holds(c.list[i].property.value(o)) {
			return false
		}
	}
	if len(c.tagType) == 0 && len(c.tagText) == 0 {
		return true
	}
	return slices.ContainsFunc(o.program.Tags(), func(tag record.Attribute) bool {
		return allHold(c.tagType, tag.Name) && allHold(c.tagText, tag.Value)
	})
}

// id returns the id that the criteria ask for, if they do: then one object is looked at instead of all.
func (c *criteria) id() (int32, bool) {
	for _, one := range c.list {
		if id, ok := one.value.(int64); ok && one.property.name == "Id" && one.comparison == gen.ComparisonEnumEQ {
			return int32(max(min(id, math.MaxInt32), 0)), true //nolint:gosec // bounded; 0 is no object's
		}
	}
	return 0, false
}

func allHold(list []condition, value string) bool {
	return !slices.ContainsFunc(list, func(c condition) bool { return !c.holds(value) })
}

func (c *condition) holds(value any) bool {
	order := compareValues(value, c.value)
	switch c.comparison {
	case gen.ComparisonEnumEQ:
		return order == 0
	case gen.ComparisonEnumNE:
		return order != 0
	case gen.ComparisonEnumLT:
		return order < 0
	case gen.ComparisonEnumLE:
		return order <= 0
	case gen.ComparisonEnumGT:
		return order > 0
	}
	return order >= 0
}

// compareValues compares values of one type.
func compareValues(a, b any) int {
	switch a := a.(type) {
	case int64:
		if b, ok := b.(int64); ok {
			return cmp.Compare(a, b)
		}
	case time.Time:
		if b, ok := b.(time.Time); ok {
			return a.Compare(b)
		}
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(strings.ToLower(a), strings.ToLower(b))
		}
	}
	return 1 // unreachable: readCondition has made b of a's type
}
