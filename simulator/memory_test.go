package simulator

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/mktows/mktows-go/gen"
)

// What is kept of a request is copied: one string that shares the memory of a document
// keeps the whole of it.
func TestSimulator_keepsNothingOfRequests(t *testing.T) {
	t.Parallel()
	s := New(WithImportDuration(time.Hour), WithWorkspaces("West"))
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.AddLead(Lead{ID: 1, Email: "a@example.com", Keys: []LeadKey{{Type: "LEADOWNEREMAIL", Value: "o@example.com"}, {Type: "COOKIE", Value: "c1"}}, ForeignIDs: []ForeignID{{System: "SFDC", ID: "f0"}}}))
	must(s.AddLead(Lead{ID: 2, Email: "b@example.com", Keys: []LeadKey{{Type: "COOKIE", Value: "c1"}}}))
	must(s.AddLead(Lead{ID: 3, Keys: []LeadKey{{Type: "COOKIE", Value: "c1"}, {Type: "SFDCLEADID", Value: "s3"}}}))
	must(s.AddList(List{Name: "L"}))
	must(s.AddProgram(Program{ID: 1, Name: "P", Tags: []Attribute{{Name: "Region", Value: "Asia"}}}))
	must(s.AddList(List{Program: "P", Name: "L"}))
	must(s.AddCampaign(Campaign{Program: "P", Name: "T", Sources: []gen.ReqCampSourceType{"MKTOWS"}}))
	must(s.AddCampaign(Campaign{Program: "P", Name: "B", Batch: true}))
	must(nil, s.AddCustomObjectType(CustomObjectType{Name: "Seat", Keys: []Field{{Name: "No"}}, Fields: []Field{{Name: "Note"}}}))

	var document document
	for _, in := range writes() {
		document.shared(reflect.ValueOf(in))
		must(gen.OperationByInput(in.ElementName()).Call(t.Context(), s, in))
	}
	document.find(t, reflect.ValueOf(s), "simulator", make(map[unsafe.Pointer]bool))
	if !document.seen {
		t.Error("the walk has not come to the leads")
	}
}

// writes are requests that write whatever can be written.
func writes() []gen.Message {
	pair := func(name, value string) gen.Opt[gen.ArrayOfAttribute] {
		return gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: name, AttrValue: value}}})
	}
	attribs := func(pairs ...string) gen.Opt[gen.ArrayOfAttrib] {
		var list gen.ArrayOfAttrib
		for i := 0; i < len(pairs); i += 2 {
			list.Attrib = append(list.Attrib, gen.Attrib{Name: pairs[i], Value: pairs[i+1]})
		}
		return gen.Some(list)
	}
	record := func() gen.LeadRecord {
		return gen.LeadRecord{
			Email: gen.Some("New@example.com"), ForeignSysType: gen.Some(gen.ForeignSysType("CUSTOM")), ForeignSysPersonId: gen.Some("f1"),
			LeadAttributeList: pair("City", "X"),
		}
	}
	created, moved, updated := record(), record(), record()
	updated.ForeignSysPersonId, updated.Id = gen.Some("f2"), gen.Some[int32](1)
	company := gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: []gen.MObjAssociation{
		{MObjType: "Company", ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: "k1"})},
	}})
	details := gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: []gen.TypeAttrib{
		{AttrType: "Tag", AttrList: attribs("Type", "Region", "Value", "Asia")},
		{AttrType: "Cost", AttrList: attribs("Month", "2013-06", "Amount", "1", "Note", "n")},
	}})
	objects := []gen.MObject{
		{Type: "Opportunity", ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: "o1"}), AttribList: attribs("Name", "Deal"), AssociationList: company},
		{Type: "OpportunityPersonRole", AttribList: attribs("OpportunityId", "1", "PersonId", "1", "Role", "Buyer")},
	}
	seat := gen.CustomObj{CustomObjKeyList: pair("No", "1"), CustomObjAttributeList: pair("Note", "x")}
	importing := func(mode gen.ImportToListModeEnum) *gen.ParamsImportToList {
		return &gen.ParamsImportToList{
			ProgramName: "P", CampaignName: gen.Some("T"), ListName: "L", ImportListMode: mode,
			ImportFileHeader: "Email Address,{{my.x}}", ImportFileRows: &gen.ArrayOfString{StringItem: []string{"z@example.com,y"}},
		}
	}
	return []gen.Message{
		&gen.ParamsSyncLead{LeadRecord: &created, MarketoCookie: gen.Some("c0")},
		&gen.ParamsSyncLead{LeadRecord: &moved, MarketoCookie: gen.Some("c2")},
		&gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Id: gen.Some[int32](2)}, MarketoCookie: gen.Some("c1")},
		&gen.ParamsSyncMultipleLeads{LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{updated}}},
		&gen.ParamsListOperation{
			ListOperation: "ADDTOLIST", ListKey: &gen.ListKey{KeyType: "MKTOLISTNAME", KeyValue: "L"},
			ListMemberList: &gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{{KeyType: "EMAIL", KeyValue: "b@example.com"}}},
		},
		&gen.ParamsRequestCampaign{
			Source: "MKTOWS", ProgramName: gen.Some("P"), CampaignName: gen.Some("T"), ProgramTokenList: attribs("{{my.x}}", "y"),
			LeadList: gen.Some(gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{{KeyType: "IDNUM", KeyValue: "1"}}}),
		},
		&gen.ParamsScheduleCampaign{ProgramName: "P", CampaignName: "B", CloneToProgramName: gen.Some("Q"), ProgramTokenList: attribs("my.x", "z")},
		importing("UPSERTLEADS"), importing("LISTONLY"),
		&gen.ParamsSyncMObjects{Operation: "UPSERT", MObjectList: &gen.ArrayOfMObject{MObject: objects}},
		&gen.ParamsSyncMObjects{Operation: "UPDATE", MObjectList: &gen.ArrayOfMObject{MObject: []gen.MObject{
			{Type: "Program", Id: gen.Some[int32](1), TypeAttribList: details},
		}}},
		&gen.ParamsSyncCustomObjects{ObjTypeName: "Seat", Operation: gen.Some(gen.SyncOperationEnum("UPSERT")), CustomObjList: &gen.ArrayOfCustomObj{CustomObj: []gen.CustomObj{seat}}},
		&gen.ParamsMergeLeads{
			WinningLeadKeyList: &gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: "EMAIL", AttrValue: "b@example.com"}}},
			LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{{Attribute: []gen.Attribute{{AttrName: "SFDCLEADID", AttrValue: "s3"}}}}},
		},
	}
}

// document is the memory of requests. A buffer of their own for all strings makes them
// known by their addresses.
type document struct {
	parts []string
	seen  bool
}

// shared makes every string of a message a part of the document.
func (d *document) shared(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			d.shared(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			d.shared(v.Field(i))
		}
	case reflect.Slice:
		for i := range v.Len() {
			d.shared(v.Index(i))
		}
	case reflect.String:
		if v.Len() > 0 {
			d.parts = append(d.parts, strings.Repeat(v.String(), 2))
			v.SetString(d.parts[len(d.parts)-1][:v.Len()])
		}
	}
}

func (d *document) has(text string) bool {
	for _, part := range d.parts {
		at := uintptr(unsafe.Pointer(unsafe.StringData(text))) - uintptr(unsafe.Pointer(unsafe.StringData(part)))
		if text != "" && at < uintptr(len(part)) {
			return true
		}
	}
	return false
}

// find reports the strings of the document below a value.
func (d *document) find(t *testing.T, v reflect.Value, path string, seen map[unsafe.Pointer]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.UnsafePointer()] {
			return
		}
		seen[v.UnsafePointer()] = true
		d.find(t, v.Elem(), path, seen)
	case reflect.Interface:
		d.find(t, v.Elem(), path, seen)
	case reflect.Struct:
		for i := range v.NumField() {
			d.find(t, v.Field(i), path+"."+v.Type().Field(i).Name, seen)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			d.find(t, v.Index(i), path+"[]", seen)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			d.find(t, key, path+"{key}", seen)
			d.find(t, v.MapIndex(key), path+"{}", seen)
		}
	case reflect.String:
		d.seen = d.seen || v.String() == "New@example.com"
		if d.has(v.String()) {
			t.Errorf("%s keeps %q of a request", path, v.String())
		}
	}
}
