package names

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/activitytype"
)

// Attribute is an attribute that activities of a type can have.
type Attribute struct {
	Name     string `json:"name"`           // in the REST API
	SOAP     string `json:"soap,omitempty"` // in the SOAP API; empty: the same
	APIName  string `json:"apiName,omitempty"`
	DataType string `json:"dataType,omitempty"`
	Gone     bool   `json:"gone,omitempty"` // see [Field.Gone]
}

// Shown is the name that the SOAP API shows.
func (a Attribute) Shown() string { return cmp.Or(a.SOAP, a.Name) }

// ActivityType is a type of activity with its names in both APIs.
type ActivityType struct {
	ID   int64  `json:"id"`
	Name string `json:"name,omitempty"` // in the REST API
	SOAP string `json:"soap,omitempty"` // in answers of the SOAP API; empty: the same
	// Enum is the value of the schema that filters of the SOAP API name it by; empty: it has none.
	Enum        gen.ActivityType `json:"enum,omitempty"`
	APIName     string           `json:"apiName,omitempty"`
	Description string           `json:"description,omitempty"`
	Primary     *Attribute       `json:"primaryAttribute,omitempty"` // nil: it has none, as New Lead
	Attributes  []Attribute      `json:"attributes,omitempty"`
	Gone        bool             `json:"gone,omitempty"` // see [Field.Gone]
}

// Shown is the name of the type that the SOAP API shows, and takes in an activityNameFilter.
func (t *ActivityType) Shown() string { return cmp.Or(t.SOAP, t.Name) }

// InSOAP reports whether the SOAP API knew the type: the REST API has more of them, and customers
// define their own. Without a filter the SOAP API answered with those that it knew (Marketo SOAP API,
// activity types).
func (t *ActivityType) InSOAP() bool {
	return t.Enum != "" || slices.ContainsFunc(activitytype.Unfiltered[:], func(name string) bool { return strings.EqualFold(name, t.Shown()) })
}

// Asset returns the mktgAssetName of an activity, which is its primaryAttributeValue. A type without
// a primary attribute has none, nor has New Lead: the REST API fills in the name of the person, where the
// SOAP API shows an empty element (sample getLeadActivity.newLead).
func (t *ActivityType) Asset(primaryValue string) string {
	if !t.hasPrimary() {
		return ""
	}
	return primaryValue
}

func (t *ActivityType) hasPrimary() bool {
	return t.Primary != nil && t.Enum != gen.ActivityTypeNewLead
}

// PrimaryAttribute returns the attribute that the SOAP API shows before all others: the primary one,
// with the id of the asset if it is an integer, else with its name. It is false where there is none.
func (t *ActivityType) PrimaryAttribute(valueID int64, value string) (name, text string, ok bool) {
	if !t.hasPrimary() {
		return "", "", false
	}
	if kindOf(t.Primary.DataType) == kindInteger {
		return t.Primary.Shown(), strconv.FormatInt(valueID, 10), valueID != 0
	}
	return t.Primary.Shown(), value, value != ""
}

// IsPrimary reports whether an attribute repeats the primary one, so that it is not shown again.
func (t *ActivityType) IsPrimary(name string) bool { return t.hasPrimary() && t.Primary.Name == name }

// Attribute returns the attribute of a name in the REST API. One that the type does not define is
// shown as it came.
func (t *ActivityType) Attribute(name string) Attribute {
	for _, a := range t.Attributes {
		if a.Name == name {
			return a
		}
	}
	return Attribute{Name: name}
}

// ActivityTypes are the types of activity of one subscription. They do not change and are safe for
// concurrent use. Make them with [NewActivityTypes]; the zero value has none.
type ActivityTypes struct {
	list []ActivityType // by id
	id   map[int64]int  // places in list
	name map[string]int // by name in small letters
	enum map[gen.ActivityType]int
}

// NewActivityTypes makes the types of a subscription of what Activity Types tells and of those that a
// file has, if any. The SOAP names that the file has are taken, and its values of the schema where a name
// tells none any more; all else is as described.
func NewActivityTypes(described, own []ActivityType) *ActivityTypes {
	mine := make(map[int64]*ActivityType, len(own))
	for i := range own {
		mine[own[i].ID] = &own[i]
	}
	list, seen := make([]ActivityType, 0, len(described)), make(map[int64]bool, len(described))
	for i := range described {
		t := &described[i]
		if t.Gone || t.ID <= 0 || seen[t.ID] {
			continue // it is not there, or nothing tells which type it is
		}
		seen[t.ID] = true
		list = append(list, t.with(mine[t.ID]))
	}
	return indexTypes(list)
}

// with returns the type with what a file has of it, which may be nil. Nothing of it is shared with t.
func (t *ActivityType) with(own *ActivityType) ActivityType {
	out := *t
	out.Attributes = slices.DeleteFunc(slices.Clone(t.Attributes), func(a Attribute) bool { return a.Name == "" || a.Gone })
	out.Primary = nil
	if t.Primary != nil && t.Primary.Name != "" {
		primary := *t.Primary
		out.Primary = &primary
	}
	if own != nil {
		out.SOAP = cmp.Or(own.SOAP, out.SOAP)
		for i := range out.Attributes {
			out.Attributes[i].takeName(own.Attributes)
		}
		if out.Primary != nil {
			out.Primary.takeName(own.all())
		}
	}
	out.Enum = cmp.Or(enumOf(out.SOAP), enumOf(out.Name), out.Enum)
	if own != nil {
		out.Enum = cmp.Or(out.Enum, own.Enum)
	}
	return out
}

// is reports whether two attributes are the same one.
func (a *Attribute) is(other *Attribute) bool {
	return a.Name == other.Name || a.APIName != "" && a.APIName == other.APIName
}

// takeName takes the SOAP name that a file has for an attribute.
func (a *Attribute) takeName(own []Attribute) {
	for _, o := range own {
		if o.is(a) {
			a.SOAP = cmp.Or(o.SOAP, a.SOAP)
			return
		}
	}
}

// otherNames are names of types of the schema that no answer of the SOAP API has shown: those that the
// vendor's list of names has, or that are made of the words of the value.
var otherNames = map[string]gen.ActivityType{
	"change program data":         gen.ActivityTypeChangeFieldInProgram,
	"change field in program":     gen.ActivityTypeChangeFieldInProgram,
	"smart campaign test":         gen.ActivityTypeSmartCampaignTest,
	"smart campaign test trigger": gen.ActivityTypeSmartCampaignTestTrigger,
}

// enumOf returns the value of the schema for the name of a type.
func enumOf(name string) gen.ActivityType {
	for _, t := range activitytype.All {
		if t.Name != "" && strings.EqualFold(t.Name, name) {
			return t.Value
		}
	}
	return otherNames[strings.ToLower(name)]
}

// indexTypes sorts types and finds them. Of several with one name or value the one with the lowest
// id has it: those of the service are lower than those of customers.
func indexTypes(list []ActivityType) *ActivityTypes {
	slices.SortStableFunc(list, func(a, b ActivityType) int { return cmp.Compare(a.ID, b.ID) })
	t := &ActivityTypes{list, make(map[int64]int), make(map[string]int), make(map[gen.ActivityType]int)}
	for i := range list {
		one := &list[i]
		t.id[one.ID] = i
		if _, taken := t.enum[one.Enum]; taken {
			one.Enum = ""
		} else if one.Enum != "" {
			t.enum[one.Enum] = i
		}
		put(t.name, strings.ToLower(one.Shown()), i)
	}
	for i := range list {
		put(t.name, strings.ToLower(list[i].Name), i)
	}
	return t
}

// All returns all types, by id. The list must not be changed.
func (t *ActivityTypes) All() []ActivityType { return t.list }

// ByID returns the type of an id in the REST API.
func (t *ActivityTypes) ByID(id int64) (*ActivityType, bool) {
	i, ok := t.id[id]
	return t.at(i, ok)
}

// ByName returns the type of a name in either API, in any letter case.
func (t *ActivityTypes) ByName(name string) (*ActivityType, bool) {
	i, ok := t.name[strings.ToLower(name)]
	return t.at(i, ok)
}

// ByEnum returns the type of a value of the schema. A subscription need not have all of them: one that
// it lacks has no activities.
func (t *ActivityTypes) ByEnum(value gen.ActivityType) (*ActivityType, bool) {
	i, ok := t.enum[value]
	return t.at(i, ok)
}

// at returns the type at a place. It must not be changed.
func (t *ActivityTypes) at(i int, ok bool) (*ActivityType, bool) {
	if !ok {
		return nil, false
	}
	return &t.list[i], true
}
