package simulator

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
)

// property is what a criterion can be about.
type property struct {
	name  string
	types []string // of object
	value func(*object) any
}

var (
	allTypes  = []string{typeOpportunity, typeRole, typeProgram}
	named     = []string{typeOpportunity, typeProgram}
	onlyOpp   = []string{typeOpportunity}
	onlyRole  = []string{typeRole}
	onlyProgs = []string{typeProgram}
)

// properties are those of the documentation (Marketo SOAP API, getMObjects). A value is
// a string, an int64 or a time.Time; for the last three it is not one of the object.
var properties = []property{
	{"Id", allTypes, func(o *object) any { return int64(o.id) }},
	{"Created At", allTypes, func(o *object) any { return o.created }},
	{"Updated At", allTypes, func(o *object) any { return o.updated }},
	{"Name", named, func(o *object) any { return o.text("Name") }},
	{"Type", named, func(o *object) any { return o.text("Type") }},
	{"Stage", onlyOpp, func(o *object) any { return o.text("Stage") }},
	{"CRM Id", onlyOpp, func(o *object) any { return o.external.Value }},
	{"Role", onlyRole, func(o *object) any { return o.text("Role") }},
	{"Workspace Name", onlyProgs, func(o *object) any { return o.program.workspace }},
	{"Workspace Id", onlyProgs, func(o *object) any { return o.program.workspaceID }},
	{"Tag Type", onlyProgs, func(*object) any { return "" }},
	{"Tag Value", onlyProgs, func(*object) any { return "" }},
	{"Include Archive", onlyProgs, func(*object) any { return "" }},
}

// text returns an attribute, of programs too.
func (o *object) text(name string) string {
	switch {
	case o.program == nil:
		return o.attribute(name)
	case name == "Name":
		return o.program.name
	}
	return o.program.kind
}

// criterion compares a property with a value of the property's type.
type criterion struct {
	property   *property
	comparison gen.ComparisonEnum
	value      any
}

// criteria are those of a query. The zero value holds for every object.
type criteria struct {
	list             []criterion
	tagType, tagText []criterion // both for the same tag
	archived         bool        // archived programs as well
}

// readCriteria checks criteria for objects of a type.
func readCriteria(kind string, list []gen.MObjCriteria) (criteria, error) {
	var read criteria
	for _, c := range list {
		one, err := readCriterion(kind, c)
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

func readCriterion(kind string, c gen.MObjCriteria) (criterion, error) {
	i := slices.IndexFunc(properties, func(p property) bool { return strings.EqualFold(p.name, c.AttrName) })
	switch {
	case c.AttrName == "":
		return criterion{}, fault.New(fault.CodeParameterRequired, "mObjCriteria/attrName is missing")
	case i < 0 || !slices.Contains(properties[i].types, kind):
		return criterion{}, fault.Newf(fault.CodeBadParameter, "mObjCriteria/attrName %q is not an attribute that %s can be chosen by", c.AttrName, kind)
	case !c.Comparison.Valid():
		return criterion{}, fault.Newf(fault.CodeBadParameter, "mObjCriteria/comparison %q is not one of EQ, NE, LT, LE, GT, GE", c.Comparison)
	}
	value, err := criterionValue(&properties[i], strings.TrimSpace(c.AttrValue))
	if err != nil {
		return criterion{}, fault.Newf(fault.CodeBadParameter, "mObjCriteria/attrValue %q does not fit %s", c.AttrValue, properties[i].name)
	}
	return criterion{&properties[i], c.Comparison, value}, nil
}

// criterionValue reads a value as the property's type has it.
func criterionValue(p *property, text string) (any, error) {
	switch p.name {
	case "Id", "Workspace Id":
		return strconv.ParseInt(text, 10, 64)
	case "Created At", "Updated At":
		return servicetime.Read(text)
	}
	return text, nil
}

func readArchive(c gen.MObjCriteria) (bool, error) {
	wanted, err := strconv.ParseBool(strings.ToLower(strings.TrimSpace(c.AttrValue)))
	if err != nil || c.Comparison != gen.ComparisonEnumEQ {
		return false, fault.New(fault.CodeBadParameter, "mObjCriteria: Include Archive has to be EQ true or EQ false")
	}
	return wanted, nil
}

// hold reports whether all criteria hold for an object.
func (c *criteria) hold(o *object) bool {
	for i := range c.list {
		if !c.list[i].holds(c.list[i].property.value(o)) {
			return false
		}
	}
	if len(c.tagType) == 0 && len(c.tagText) == 0 {
		return true
	}
	return slices.ContainsFunc(o.program.tags, func(tag Attribute) bool {
		return allHold(c.tagType, tag.Name) && allHold(c.tagText, tag.Value)
	})
}

// id returns the id that the criteria ask for, if they do.
func (c *criteria) id() (int32, bool) {
	for _, one := range c.list {
		if id, ok := one.value.(int64); ok && one.property.name == "Id" && one.comparison == gen.ComparisonEnumEQ {
			return int32(max(min(id, math.MaxInt32), 0)), true //nolint:gosec // bounded; 0 is no object's
		}
	}
	return 0, false
}

func allHold(list []criterion, value string) bool {
	return !slices.ContainsFunc(list, func(c criterion) bool { return !c.holds(value) })
}

func (c *criterion) holds(value any) bool {
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
	return 1 // unreachable: readCriterion has made b of a's type
}
