package simulator

import (
	"slices"
	"strings"

	"github.com/mktows/mktows-go/gen"
)

// fieldValue is the value of a field. An empty one clears the field.
type fieldValue struct{ name, value string }

// fieldValues are the fields of a lead that have a value, sorted by name, as answers
// show them.
type fieldValues []fieldValue

func (v fieldValues) search(name string) (int, bool) {
	return slices.BinarySearchFunc(v, name, func(f fieldValue, name string) int { return strings.Compare(f.name, name) })
}

func (v fieldValues) get(name string) string {
	if i, ok := v.search(name); ok {
		return v[i].value
	}
	return ""
}

// set writes a value and returns the one before. What is kept of a request is copied:
// its strings share the memory of the whole document.
func (v *fieldValues) set(name, value string) (before string) {
	i, ok := v.search(name)
	switch {
	case !ok && value == "":
	case !ok:
		*v = slices.Insert(*v, i, fieldValue{strings.Clone(name), strings.Clone(value)})
	case value == "":
		before = (*v)[i].value
		*v = slices.Delete(*v, i, i+1)
	default:
		before = (*v)[i].value
		(*v)[i].value = strings.Clone(value)
	}
	return before
}

// recordElements are the elements of a leadRecord, which answers do not show as attributes.
var recordElements = []string{fieldID, fieldEmail, fieldForeignID, fieldForeignType}

// leadRecord returns a lead as answers show it: of the attributes those that have a
// value and that include names, nil for all. The record's own elements are not repeated
// among the attributes.
func (s *Simulator) leadRecord(l *lead, include []string) gen.LeadRecord {
	r := gen.LeadRecord{
		Id:                 gen.Some(int32(l.id)), //nolint:gosec // ids are 31 bits
		Email:              someText(l.email),
		ForeignSysPersonId: gen.None[string](),
		ForeignSysType:     gen.None[gen.ForeignSysType](),
		LeadAttributeList:  gen.None[gen.ArrayOfAttribute](),
	}
	if n := len(l.foreign); n > 0 {
		r.ForeignSysPersonId, r.ForeignSysType = gen.Some(l.foreign[n-1].ID), gen.Some(l.foreign[n-1].System)
	}
	if list := s.leadAttributes(l, include); len(list) > 0 {
		r.LeadAttributeList = gen.Some(gen.ArrayOfAttribute{Attribute: list})
	}
	return r
}

func (s *Simulator) leadAttributes(l *lead, include []string) []gen.Attribute {
	list := make([]gen.Attribute, 0, len(l.values))
	for _, v := range l.values {
		if include == nil || slices.Contains(include, v.name) {
			kind := string(s.fields.byName[v.name].Type)
			list = append(list, gen.Attribute{AttrName: v.name, AttrType: gen.Some(kind), AttrValue: v.value})
		}
	}
	return list
}

func someText(text string) gen.Opt[string] {
	if text == "" {
		return gen.None[string]()
	}
	return gen.Some(text)
}
