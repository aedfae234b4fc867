package server

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
)

// Of every request all texts are trimmed but those that are data.
func TestTrimRequest(t *testing.T) {
	t.Parallel()
	for _, op := range gen.Operations() {
		for _, sel := range []gen.LeadSelector{new(gen.LeadKeySelector), new(gen.StaticListSelector), nil} {
			in := op.NewInput()
			padAll(reflect.ValueOf(in).Elem(), sel)
			trimRequest(in)
			var got []string
			padded(reflect.ValueOf(in).Elem(), op.Name, &got)
			slices.Sort(got)
			if diff := cmp.Diff(untrimmed[op.Name], slices.Compact(got)); diff != "" {
				t.Errorf("%s:\n%s", op.Name, diff)
			}
		}
		trimRequest(op.NewInput()) // nothing is there
	}
}

// untrimmed are the texts that stay as they are sent, by operation.
var untrimmed = map[string][]string{
	"getLeadChanges":      {"getLeadChanges.ActivityNameFilter.StringItem"},
	"getMObjects":         {"getMObjects.MObjCriteriaList.MObjCriteria.AttrValue"},
	"importToList":        {"importToList.ImportFileHeader", "importToList.ImportFileRows.StringItem"},
	"requestCampaign":     {"requestCampaign.ProgramTokenList.Attrib.Name", "requestCampaign.ProgramTokenList.Attrib.Value"},
	"scheduleCampaign":    {"scheduleCampaign.ProgramTokenList.Attrib.Name", "scheduleCampaign.ProgramTokenList.Attrib.Value"},
	"syncLead":            {"syncLead.LeadRecord.LeadAttributeList.Attribute.AttrType", "syncLead.LeadRecord.LeadAttributeList.Attribute.AttrValue"},
	"syncMultipleLeads":   {"syncMultipleLeads.LeadRecordList.LeadRecord.LeadAttributeList.Attribute.AttrType", "syncMultipleLeads.LeadRecordList.LeadRecord.LeadAttributeList.Attribute.AttrValue"},
	"mergeLeads":          {"mergeLeads.LosingLeadKeyLists.KeyList.Attribute.AttrType", "mergeLeads.WinningLeadKeyList.Attribute.AttrType"},
	"getCustomObjects":    {"getCustomObjects.CustomObjKeyList.Attribute.AttrType", "getCustomObjects.CustomObjKeyList.Attribute.AttrValue"},
	"deleteCustomObjects": {"deleteCustomObjects.CustomObjKeyLists.KeyList.Attribute.AttrType", "deleteCustomObjects.CustomObjKeyLists.KeyList.Attribute.AttrValue"},
	"syncCustomObjects": {
		"syncCustomObjects.CustomObjList.CustomObj.CustomObjAttributeList.Attribute.AttrType",
		"syncCustomObjects.CustomObjList.CustomObj.CustomObjAttributeList.Attribute.AttrValue",
		"syncCustomObjects.CustomObjList.CustomObj.CustomObjKeyList.Attribute.AttrType",
		"syncCustomObjects.CustomObjList.CustomObj.CustomObjKeyList.Attribute.AttrValue",
	},
	"syncMObjects":   objectData("syncMObjects"),
	"deleteMObjects": objectData("deleteMObjects"),
}

func objectData(op string) []string {
	list := []string{
		"AttribList.Attrib.Value", "TypeAttribList.TypeAttrib.AttrList.Attrib.Name", "TypeAttribList.TypeAttrib.AttrList.Attrib.Value",
		"TypeAttribList.TypeAttrib.AttrType",
	}
	for i := range list {
		list[i] = op + ".MObjectList.MObject." + list[i]
	}
	return list
}

const padding = " \n\tx y\r\n "

// padAll fills every text with white space around it, every list with one item.
func padAll(v reflect.Value, sel gen.LeadSelector) {
	switch v.Kind() {
	case reflect.String:
		if v.Type().Name() == "string" { // no enumeration, no time
			v.SetString(padding)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		padAll(v.Elem(), sel)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		padAll(v.Index(0), sel)
	case reflect.Interface:
		if sel != nil {
			padAll(reflect.ValueOf(sel).Elem(), nil)
			v.Set(reflect.ValueOf(sel))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			padAll(v.Field(i), sel)
		}
	}
}

// padded collects the paths of texts that still have white space around them.
func padded(v reflect.Value, path string, found *[]string) {
	switch v.Kind() {
	case reflect.String:
		if v.String() == padding {
			*found = append(*found, path)
		} else if s := v.String(); s != "" && s != "x y" {
			*found = append(*found, fmt.Sprintf("%s is %q", path, s))
		}
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			padded(v.Elem(), path, found)
		}
	case reflect.Slice:
		for i := range v.Len() {
			padded(v.Index(i), path, found)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			name := "." + v.Type().Field(i).Name
			if strings.HasPrefix(v.Type().Name(), "Opt[") {
				name = ""
			}
			padded(v.Field(i), path+name, found)
		}
	}
}

func TestTrimHeaders(t *testing.T) {
	t.Parallel()
	h := &gen.AuthenticationHeaderInfo{MktowsUserId: padding, RequestSignature: padding, RequestTimestamp: padding, PartnerId: gen.Some(padding)}
	c := &gen.MktowsContextHeaderInfo{TargetWorkspace: padding}
	trimHeaders(h, c)
	trimHeaders(nil, nil)
	var left []string
	padded(reflect.ValueOf(h), "h", &left)
	padded(reflect.ValueOf(c), "c", &left)
	if len(left) > 0 {
		t.Errorf("white space is left in %v", left)
	}
}
