package bridge

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// Types of objects, and what they are associated with.
const (
	typeOpportunity = "Opportunity"
	typeRole        = "OpportunityPersonRole"
	typeLeadRole    = "OpportunityLeadRole" // the same, as the schema spells it
	typeProgram     = "Program"
	typeLead        = "Lead"
	typeCompany     = "Company"
)

// criteriaNames are what objects of a type can be chosen by (Marketo SOAP API, getMObjects).
var criteriaNames = map[string][]string{
	typeOpportunity: {"Id", "Created At", "Updated At", "Name", "Type", "Stage", "CRM Id"},
	typeRole:        {"Id", "Created At", "Updated At", "Role"},
	typeProgram:     {"Id", "Created At", "Updated At", "Name", "Type", "Workspace Name", "Workspace Id", "Tag Type", "Tag Value", "Include Archive"},
}

// criterion is a condition on an attribute, whose value is a string, an int64 or a time.Time.
type criterion struct {
	name  string
	how   gen.ComparisonEnum
	text  string
	value any
}

// readCriteria checks the criteria of a request.
func (w *work) readCriteria(kind string, list []gen.MObjCriteria) ([]criterion, error) {
	var read []criterion
	tagTypes := 0
	for _, c := range list {
		i := slices.IndexFunc(criteriaNames[kind], func(name string) bool { return strings.EqualFold(name, c.AttrName) })
		switch {
		case c.AttrName == "":
			return nil, missing("mObjCriteria/attrName is missing")
		case i < 0:
			return nil, bad("mObjCriteria/attrName %.100q is not an attribute that %s can be chosen by", c.AttrName, kind)
		case !c.Comparison.Valid():
			return nil, bad("mObjCriteria/comparison %.40q is not one of %v", c.Comparison, c.Comparison.Values())
		}
		one := criterion{name: criteriaNames[kind][i], how: c.Comparison, text: strings.TrimSpace(c.AttrValue)}
		var err error
		if one.value, err = w.criterionValue(one.name, one.text); err != nil {
			return nil, bad("mObjCriteria/attrValue %.100q does not fit %s", c.AttrValue, one.name)
		}
		if one.name == "Tag Type" {
			tagTypes++
		}
		read = append(read, one)
	}
	if tagTypes > 1 {
		return nil, bad("mObjCriteriaList has more than one Tag Type: only one is allowed")
	}
	return read, nil
}

// criterionValue reads a value as the attribute's type has it.
func (w *work) criterionValue(name, text string) (any, error) {
	switch name {
	case "Id", "Workspace Id":
		return strconv.ParseInt(text, 10, 64)
	case "Created At", "Updated At":
		return w.readTime(text)
	case "Include Archive":
		_, err := strconv.ParseBool(strings.ToLower(text))
		return text, err
	}
	return text, nil
}

// holds reports whether the condition is true of a value.
func (c *criterion) holds(value any) bool {
	order := compareValues(value, c.value)
	switch c.how {
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

// compareValues compares values of one type; texts without regard to letter case.
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
			return cmp.Compare(strings.ToLower(a), strings.ToLower(b))
		}
	}
	return -1
}

// allHold reports whether all criteria of a name hold for a value.
func allHold(list []criterion, name string, value any) bool {
	return !slices.ContainsFunc(list, func(c criterion) bool { return c.name == name && !c.holds(value) })
}

// named returns the criteria of a name.
func named(list []criterion, name string) []criterion {
	return slices.DeleteFunc(slices.Clone(list), func(c criterion) bool { return c.name != name })
}

// equals returns the value that a criterion of a name wants to be equal to.
func equals(list []criterion, name string) (string, bool) {
	for _, c := range named(list, name) {
		if c.how == gen.ComparisonEnumEQ {
			return c.text, true
		}
	}
	return "", false
}

// noIDs is the fault for the integer ids that only the SOAP API had.
func noIDs(kind string) error {
	return fault.Newf(fault.CodeBadParameter, "id: the REST API has no integer ids of %s objects: name them by externalKey, which is their externalOpportunityId", kind)
}
