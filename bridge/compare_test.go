package bridge_test

import (
	gocmp "cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
)

// comparison is a request whose answers over both APIs are compared, from the same state.
type comparison struct {
	name  string
	in    gen.Message
	allow []cmp.Option // what may differ, which the method of the operation tells
	fault fault.Code   // that the REST API says in place of an answer; 0: the same as the SOAP API
}

// Options for what differs on purpose.
var (
	// A position is made by the one who is to take it.
	noPositions = cmp.FilterPath(func(p cmp.Path) bool {
		name := p.Last().String()
		return name == ".NewStreamPosition" || name == ".NewStartPosition"
	}, cmp.Ignore())
	// remainingCount is 1 where more follows.
	asFlag = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".RemainingCount" },
		cmp.Comparer(func(a, b int32) bool { return (a > 0) == (b > 0) }))
	// Times are the same moments.
	moments = cmp.Comparer(func(a, b gen.DateTime) bool {
		t, err1 := a.Time()
		u, err2 := b.Time()
		return a == b || err1 == nil && err2 == nil && t.Equal(u)
	})
)

// shownAttributes are attributes without what one of the APIs alone shows: a boolean that nobody has
// set reads false, an attribute without a value is left out, and a New Lead has no Source Info.
var shownAttributes = cmp.Transformer("shown", func(list gen.Opt[gen.ArrayOfAttribute]) []gen.Attribute {
	shown := append([]gen.Attribute{}, list.Value.Attribute...)
	for i := range shown {
		shown[i].AttrValue = booleans(shown[i].AttrType.Or(""), shown[i].AttrValue)
	}
	return slices.DeleteFunc(shown, func(a gen.Attribute) bool {
		return a.AttrValue == "" || a.AttrName == "Source Info" || a.AttrType.Or("") == "boolean" && a.AttrValue == "false" || slices.Contains(primaryNames, a.AttrName)
	})
})

// booleans returns a value in the form that the REST API has for booleans, of which programs write
// others.
func booleans(kind, value string) string {
	if kind == "boolean" {
		return gocmp.Or(map[string]string{"1": "true", "0": "false"}[value], value)
	}
	return value
}

// shownDetails are the parts of details without what the REST API does not have: ids of costs.
var shownDetails = cmp.Transformer("details", func(list gen.Opt[gen.ArrayOfAttrib]) []gen.Attrib {
	shown := slices.DeleteFunc(append([]gen.Attrib{}, list.Value.Attrib...), func(a gen.Attrib) bool { return a.Name == "Id" })
	for i := range shown {
		switch a := &shown[i]; {
		case a.Name == "Type" && a.Value == "Event":
			a.Value = "Marketing Event" // as the folder's type has it, and the published samples
		}
	}
	return shown
})

// primaryNames are primary attributes of types whose records in the simulator have no such attribute
// over SOAP: the REST API shows the name of the asset as one.
var primaryNames = []string{"Milestone"}

func leadKey(kind gen.LeadKeyRef, value string) *gen.LeadKey {
	return &gen.LeadKey{KeyType: kind, KeyValue: value}
}

func including(types ...gen.ActivityType) gen.Opt[gen.ActivityTypeFilter] {
	return gen.Some(gen.ActivityTypeFilter{IncludeTypes: gen.Some(gen.ArrayOfActivityType{ActivityType: types})})
}

func textList(list ...string) gen.Opt[gen.ArrayOfString] {
	return gen.Some(gen.ArrayOfString{StringItem: list})
}

// twoAddresses are one value, and those of two leads to who takes it for a list.
const twoAddresses = "lead@example.com,sales@example.com"

const cookie = "id:000-AAA-000&token:_mch-example.com-1441400760000-10001"

// reads are requests that change nothing.
func reads() []comparison {
	begin := &gen.StreamPosition{OldestCreatedAt: gen.Some[gen.DateTime]("2015-08-01T00:00:00-05:00")}
	window := &gen.LastUpdateAtSelector{OldestUpdatedAt: "2015-09-01T00:00:00-05:00", LatestUpdatedAt: gen.Some[gen.DateTime]("2015-09-20T00:00:00-05:00")}
	byName := &gen.StaticListSelector{StaticListName: gen.Some(simulator.DemoList)}
	list := []comparison{
		{name: "unknown lead", in: &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefEMAIL, "nobody@example.com")}},
		{name: "leads by keys", in: &gen.ParamsGetMultipleLeads{LeadSelector: &gen.LeadKeySelector{
			KeyType: gen.LeadKeyRefEMAIL, KeyValues: &gen.ArrayOfString{StringItem: []string{"lead@example.com", "nobody@example.com", "shared@example.com"}},
		}}},
		{name: "leads by list", in: &gen.ParamsGetMultipleLeads{LeadSelector: byName, IncludeAttributes: textList("LeadScore", "Email")}},
		{name: "leads of an unknown list", in: &gen.ParamsGetMultipleLeads{LeadSelector: &gen.StaticListSelector{StaticListName: gen.Some("None")}}},
		{name: "unknown field", in: &gen.ParamsGetMultipleLeads{LeadSelector: byName, IncludeAttributes: textList("Colour")}},
		{name: "lead by two addresses as one", in: &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefEMAIL, twoAddresses)}},
		{name: "lead by two ids as one", in: &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefIDNUM, "318815,318816")}},
		{name: "lead by a CRM id and more", in: &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefSFDCLEADID, "00Q000000000001AAA,x")}},
		{name: "lead by an id with blanks", in: &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefIDNUM, " 318815\n")}},
		{name: "lead by a comma", in: &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefEMAIL, ",")}},
		{name: "lead by more parameters", in: &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefEMAIL, "lead@example.com&_method=DELETE")}},
		{name: "lead by an unknown owner", in: &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefSFDCLEADOWNERID, "none")}},
		{name: "leads by two addresses as one", in: &gen.ParamsGetMultipleLeads{LeadSelector: byKeys(gen.LeadKeyRefEMAIL, twoAddresses, "shared@example.com"), IncludeAttributes: textList("Title")}},
		{name: "history of two addresses as one", in: &gen.ParamsGetLeadActivity{LeadKey: leadKey(gen.LeadKeyRefEMAIL, twoAddresses)}},
		{name: "changes of the list 0", in: &gen.ParamsGetLeadChanges{StartPosition: begin, LeadSelector: &gen.StaticListSelector{StaticListId: gen.Some[int32](0)}}},
		{name: "leads of the list 0", in: &gen.ParamsGetMultipleLeads{LeadSelector: &gen.StaticListSelector{StaticListId: gen.Some[int32](0)}}},
		{name: "history", in: &gen.ParamsGetLeadActivity{LeadKey: leadKey(gen.LeadKeyRefIDNUM, "318815")}},
		{name: "part of a history", in: &gen.ParamsGetLeadActivity{
			LeadKey: leadKey(gen.LeadKeyRefEMAIL, "lead@example.com"), ActivityFilter: including(gen.ActivityTypeVisitWebpage, gen.ActivityTypeNewLead),
			BatchSize: gen.Some[int32](3),
		}},
		{name: "long history", in: &gen.ParamsGetLeadActivity{LeadKey: leadKey(gen.LeadKeyRefIDNUM, "318820")}},
		{name: "history within times", in: &gen.ParamsGetLeadActivity{LeadKey: leadKey(gen.LeadKeyRefIDNUM, "318820"), StartPosition: gen.Some(gen.StreamPosition{
			OldestCreatedAt: gen.Some[gen.DateTime]("2014-01-01T00:00:00-06:00"), LatestCreatedAt: gen.Some[gen.DateTime]("2014-02-01T00:00:00-06:00"),
		})}},
		{name: "changes", in: &gen.ParamsGetLeadChanges{StartPosition: begin, ActivityFilter: including(gen.ActivityTypeNewLead, gen.ActivityTypeChangeDataValue, gen.ActivityTypeVisitWebpage)}},
		{name: "changes of all types", in: &gen.ParamsGetLeadChanges{StartPosition: begin, BatchSize: gen.Some[int32](20)}},
		{name: "changes by name", in: &gen.ParamsGetLeadChanges{StartPosition: begin, ActivityNameFilter: textList("New Lead")}},
		{name: "changes of a list", in: &gen.ParamsGetLeadChanges{StartPosition: begin, LeadSelector: byName, BatchSize: gen.Some[int32](30)}},
		{name: "changes of a time", in: &gen.ParamsGetLeadChanges{StartPosition: begin, LeadSelector: window, BatchSize: gen.Some[int32](30)}},
		{name: "members", in: &gen.ParamsListOperation{
			ListOperation: gen.ListOperationTypeISMEMBEROFLIST, ListKey: &gen.ListKey{KeyType: gen.ListKeyTypeMKTOLISTNAME, KeyValue: simulator.DemoList},
			ListMemberList: &gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{*leadKey(gen.LeadKeyRefIDNUM, "318815"), *leadKey(gen.LeadKeyRefEMAIL, "sales@example.com"), *leadKey(gen.LeadKeyRefIDNUM, "99")}},
		}},
		{name: "campaigns", in: &gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeMKTOWS}},
		{name: "campaigns for sales", in: &gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeSALES}, fault: fault.CodeBadParameter},
		{name: "channels", in: &gen.ParamsGetChannels{}},
		{name: "tags", in: &gen.ParamsGetTags{}},
		{name: "types", in: &gen.ParamsListMObjects{}},
		{name: "program", in: &gen.ParamsGetMObjects{Type: "Program", Id: gen.Some[int32](1019), IncludeDetails: gen.Some(true)}},
		{name: "unknown program", in: &gen.ParamsGetMObjects{Type: "Program", Id: gen.Some[int32](7)}},
		{name: "opportunity by id", in: &gen.ParamsGetMObjects{Type: "Opportunity", Id: gen.Some[int32](77)}, fault: fault.CodeBadParameter},
		{name: "custom objects by nothing", in: &gen.ParamsGetCustomObjects{
			ObjTypeName: "device", CustomObjKeyList: attributes(attribute("SerialNumber", "")), IncludeAttributes: new(gen.ArrayOfString),
		}},
		{name: "custom objects", in: &gen.ParamsGetCustomObjects{
			ObjTypeName: "device", CustomObjKeyList: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: "SerialNumber", AttrValue: "SN-1001"}}}), IncludeAttributes: new(gen.ArrayOfString),
		}},
	}
	for _, key := range []*gen.LeadKey{
		leadKey(gen.LeadKeyRefIDNUM, "318815"), leadKey(gen.LeadKeyRefEMAIL, "SHARED@example.com"), leadKey(gen.LeadKeyRefCOOKIE, cookie),
		leadKey(gen.LeadKeyRefSFDCLEADID, "00Q000000000001AAA"), leadKey(gen.LeadKeyRefSFDCCONTACTID, "003000000000001AAA"),
		leadKey(gen.LeadKeyRefSFDCACCOUNTID, "001000000000001AAA"), leadKey(gen.LeadKeyRefSFDCLEADOWNERID, "005000000000001AAA"),
		leadKey(gen.LeadKeyRefSFDCOPPTYID, "006000000000001AAA"),
	} {
		list = append(list, comparison{name: "lead by " + string(key.KeyType), in: &gen.ParamsGetLead{LeadKey: key}})
	}
	owner := leadKey(gen.LeadKeyRefLEADOWNEREMAIL, "owner@example.com")
	return append(list, comparison{name: "lead by owner", in: &gen.ParamsGetLead{LeadKey: owner}, fault: fault.CodeLeadKeyBad})
}

// perform makes a call of whatever operation the request is of.
func perform(ctx context.Context, port gen.Port, in gen.Message) (gen.Message, error) {
	return gen.OperationByInput(in.ElementName()).Call(ctx, port, in)
}

func codeOf(err error) fault.Code {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f.Code
	}
	return 0
}

// demoTime is a moment after all of the demonstration data.
var demoTime = time.Date(2016, time.January, 10, 18, 0, 0, 0, time.UTC)

func demoServer(t *testing.T, opts ...mktowstest.Option) *mktowstest.Server {
	t.Helper()
	s := mktowstest.NewServer(t, append(opts, mktowstest.WithDemo(), mktowstest.WithoutLimits())...)
	s.Clock().Advance(demoTime.Sub(s.Clock().Now()))
	// The history of the demonstration data names campaigns that are not there any more, which have no
	// name in the REST API.
	for _, c := range []simulator.Campaign{
		{Program: "Scoring", Name: "Visited"}, {Program: "Scoring", Name: "Opened or clicked"}, {Program: "Newsletter", Name: "Send"}, {Program: "Welcome", Name: "Send welcome e-mail"},
	} {
		_, errProgram := s.Sim().AddProgram(simulator.Program{Name: c.Program})
		if _, err := s.Sim().AddCampaign(c); err != nil {
			t.Fatal(err, errProgram) // a program may be there already
		}
	}
	return s
}

// What is read over the REST API is what is read over the SOAP API.
func TestReads_asOverSOAP(t *testing.T) {
	t.Parallel()
	s := demoServer(t)
	soap, bridge := s.Client(), bridgeTo(t, s)
	for _, c := range reads() {
		t.Run(c.name, func(t *testing.T) { compare(t, c, soap, bridge) })
	}
}

func compare(t *testing.T, c comparison, soap, bridge gen.Port) {
	t.Helper()
	want, errWant := perform(t.Context(), soap, c.in)
	got, err := perform(t.Context(), bridge, c.in)
	if c.fault != 0 {
		if codeOf(err) != c.fault {
			t.Errorf("%v, want the fault %d", err, c.fault)
		}
		return
	}
	if codeOf(err) != codeOf(errWant) {
		t.Fatalf("%v, want %v", err, errWant)
	}
	if err != nil {
		return
	}
	if diff := cmp.Diff(want, got, append(c.allow, noPositions, asFlag, moments, shownAttributes, shownDetails)...); diff != "" {
		t.Errorf("over SOAP (-) and over REST (+):\n%s", diff)
	}
}

func attribute(name, value string) gen.Attribute {
	return gen.Attribute{AttrName: name, AttrValue: value}
}

func attributes(list ...gen.Attribute) gen.Opt[gen.ArrayOfAttribute] {
	return gen.Some(gen.ArrayOfAttribute{Attribute: list})
}

func record(email string, list ...gen.Attribute) gen.LeadRecord {
	return gen.LeadRecord{Email: gen.Some(email), LeadAttributeList: attributes(list...)}
}

func recordOf(id int32, list ...gen.Attribute) gen.LeadRecord {
	return gen.LeadRecord{Id: gen.Some(id), LeadAttributeList: attributes(list...)}
}

func onList(op gen.ListOperationType, keys ...gen.LeadKey) *gen.ParamsListOperation {
	return &gen.ParamsListOperation{
		ListOperation: op, ListKey: &gen.ListKey{KeyType: gen.ListKeyTypeMKTOLISTNAME, KeyValue: simulator.DemoList}, ListMemberList: &gen.ArrayOfLeadKey{LeadKey: keys},
	}
}

func device(number string, list ...gen.Attribute) gen.CustomObj {
	return gen.CustomObj{CustomObjKeyList: attributes(attribute("SerialNumber", number)), CustomObjAttributeList: attributes(list...)}
}

// noTexts: each API has its own words for why a record was not taken.
var noTexts = cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Error" },
	cmp.Comparer(func(a, b gen.Opt[string]) bool { return (a.Or("") == "") == (b.Or("") == "") }))

// writes are requests that change something. Each is made of a state of its own.
func writes() []comparison {
	one := func(r gen.LeadRecord) *gen.ParamsSyncLead {
		return &gen.ParamsSyncLead{LeadRecord: &r, ReturnLead: true}
	}
	many := func(dedup bool, list ...gen.LeadRecord) *gen.ParamsSyncMultipleLeads {
		return &gen.ParamsSyncMultipleLeads{LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: list}, DedupEnabled: gen.Some(dedup)}
	}
	custom := func(op gen.SyncOperationEnum, list ...gen.CustomObj) *gen.ParamsSyncCustomObjects {
		return &gen.ParamsSyncCustomObjects{ObjTypeName: simulator.DemoCustomObject, CustomObjList: &gen.ArrayOfCustomObj{CustomObj: list}, Operation: gen.Some(op)}
	}
	nameless := opportunity("006000000000001AAA", attrib("Stage", "Won"))
	nameless.ExternalKey.Value.Name = ""
	imported := func(mode gen.ImportToListModeEnum, program, list string, rows ...string) *gen.ParamsImportToList {
		return &gen.ParamsImportToList{
			ProgramName: program, ListName: list, ImportFileHeader: "Email Address,First Name", ImportFileRows: &gen.ArrayOfString{StringItem: rows}, ImportListMode: mode,
		}
	}
	return []comparison{
		{name: "a new lead", in: one(record("new@example.com", attribute("FirstName", "Neu"), attribute("LeadScore", "7"), attribute("Unsubscribed", "1")))},
		{name: "a lead by its address", in: &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Email: gen.Some("LEAD@example.com"), LeadAttributeList: attributes(attribute("Title", "Buyer"))}}},
		{name: "the newest of an address", in: one(record("shared@example.com", attribute("FirstName", "Last")))},
		{name: "a lead by its id, with another address", in: one(gen.LeadRecord{Id: gen.Some[int32](318815), Email: gen.Some("moved@example.com")})},
		{name: "a value is cleared", in: one(recordOf(318815, attribute("Title", "")))},
		{name: "a lead by its cookie", in: &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{LeadAttributeList: attributes(attribute("Title", "Cook"))}, MarketoCookie: gen.Some(cookie)}},
		{name: "an unknown field", in: one(record("lead@example.com", attribute("Colour", "red")))},
		{name: "an unknown id", in: one(recordOf(99, attribute("Title", "Nobody"))), fault: fault.CodeLeadNotFound},
		{name: "many leads", in: many(true, record("new@example.com", attribute("FirstName", "Neu")), recordOf(318815, attribute("Title", "Buyer")), record("new@example.com", attribute("FirstName", "Twice")), recordOf(99)), allow: []cmp.Option{noTexts}},
		{name: "duplicates", in: many(false, record("lead@example.com", attribute("FirstName", "A")), record("lead@example.com", attribute("FirstName", "B")))},
		{name: "a merge", in: &gen.ParamsMergeLeads{
			WinningLeadKeyList: &gen.ArrayOfAttribute{Attribute: []gen.Attribute{attribute("IDNUM", "318818")}},
			LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{{Attribute: []gen.Attribute{attribute("EMAIL", "sales@example.com")}}, {Attribute: []gen.Attribute{attribute("IDNUM", "318819")}}}},
		}},
		{name: "a merge of two addresses as one", in: merge(attribute("EMAIL", twoAddresses), attribute("IDNUM", "318819"))},
		{name: "two addresses as one onto a list", in: onList(gen.ListOperationTypeADDTOLIST, *leadKey(gen.LeadKeyRefEMAIL, twoAddresses))},
		{name: "a campaign for two addresses as one", in: requested(gen.ReqCampSourceTypeMKTOWS, *leadKey(gen.LeadKeyRefEMAIL, twoAddresses))},
		{name: "custom objects by more than their key", in: custom(gen.SyncOperationEnumUPSERT, gen.CustomObj{CustomObjKeyList: attributes(attribute("SerialNumber", "SN-1001"), attribute("Model", "M2"))}), allow: []cmp.Option{noTexts}},
		{name: "an opportunity by half a key", in: &gen.ParamsSyncMObjects{Operation: gen.SyncOperationEnumUPSERT, MObjectList: objectList(nameless)}, allow: []cmp.Option{noTexts}},
		{name: "an opportunity is deleted by half a key", in: &gen.ParamsDeleteMObjects{MObjectList: objectList(nameless)}, allow: []cmp.Option{noTexts}},
		{name: "custom objects with two keys", in: custom(gen.SyncOperationEnumUPSERT, device("SN-1001", attribute("SerialNumber", "SN-9"))), allow: []cmp.Option{noTexts}},
		{name: "custom objects are deleted by more than their key", in: &gen.ParamsDeleteCustomObjects{
			ObjTypeName: simulator.DemoCustomObject, CustomObjKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{{Attribute: []gen.Attribute{attribute("SerialNumber", "SN-1001"), attribute("Model", "other")}}}},
		}, allow: []cmp.Option{noTexts}},
		{name: "onto a list", in: onList(gen.ListOperationTypeADDTOLIST, *leadKey(gen.LeadKeyRefEMAIL, "sales@example.com"), *leadKey(gen.LeadKeyRefIDNUM, "318815"), *leadKey(gen.LeadKeyRefIDNUM, "99"))},
		{name: "off a list", in: onList(gen.ListOperationTypeREMOVEFROMLIST, *leadKey(gen.LeadKeyRefIDNUM, "318815"), *leadKey(gen.LeadKeyRefIDNUM, "318817"))},
		{name: "a campaign by id", in: &gen.ParamsRequestCampaign{Source: gen.ReqCampSourceTypeMKTOWS, CampaignId: gen.Some[int32](1201), LeadList: gen.Some(gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{*leadKey(gen.LeadKeyRefIDNUM, "318817")}})}},
		{name: "an unknown campaign", in: &gen.ParamsRequestCampaign{Source: gen.ReqCampSourceTypeMKTOWS, CampaignId: gen.Some[int32](9), LeadList: gen.Some(gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{*leadKey(gen.LeadKeyRefIDNUM, "318817")}})}},
		{name: "a run later", in: &gen.ParamsScheduleCampaign{
			ProgramName: simulator.DemoProgram, CampaignName: simulator.DemoBatchCampaign, CampaignRunAt: gen.Some(gen.NewDateTime(demoTime.Add(time.Hour))),
			ProgramTokenList: gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{{Name: "{{my.message}}", Value: "x"}}}),
		}},
		{name: "custom objects are written", in: custom(gen.SyncOperationEnumUPSERT, device("SN-1001", attribute("Model", "M2")), device("SN-9", attribute("Model", "M9")))},
		{name: "custom objects that are there", in: custom(gen.SyncOperationEnumINSERT, device("SN-1001", attribute("Model", "M2")), device("SN-9")), allow: []cmp.Option{noTexts}},
		{name: "custom objects are deleted", in: &gen.ParamsDeleteCustomObjects{
			ObjTypeName: simulator.DemoCustomObject, CustomObjKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{{Attribute: []gen.Attribute{attribute("SerialNumber", "SN-1001")}}, {Attribute: []gen.Attribute{attribute("SerialNumber", "SN-0")}}}},
		}, allow: []cmp.Option{noTexts}},
		{name: "a cost and a tag of a program", in: &gen.ParamsSyncMObjects{Operation: gen.SyncOperationEnumUPDATE, MObjectList: &gen.ArrayOfMObject{MObject: []gen.MObject{{
			Type: "Program", Id: gen.Some[int32](1019), TypeAttribList: gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: []gen.TypeAttrib{
				{AttrType: "Cost", AttrList: gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{{Name: "Month", Value: "2016-01"}, {Name: "Amount", Value: "7"}, {Name: "Note", Value: "n"}}})},
			}}),
		}}}}},
		{name: "an import", in: imported(gen.ImportToListModeEnumUPSERTLEADS, "Fair", "Guests", "guest@example.com,Gast", "lead@example.com,Renamed"), allow: []cmp.Option{importStatus}},
		{name: "an import of members", in: imported(gen.ImportToListModeEnumLISTONLY, "Fair", "Guests", "lead@example.com,Renamed", "nobody@example.com,No"), allow: []cmp.Option{importStatus}},
		{name: "an import into an unknown list", in: imported(gen.ImportToListModeEnumLISTONLY, "Fair", "None", "lead@example.com,Renamed")},
	}
}

// importStatus: a short import is done at once.
var importStatus = cmp.Comparer(func(_, _ gen.ImportToListStatusEnum) bool { return true })

// What is written over the REST API, and what is answered, is as over the SOAP API.
func TestWrites_asOverSOAP(t *testing.T) {
	t.Parallel()
	for _, c := range writes() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			over, beside := demoServer(t), demoServer(t)
			for _, s := range []*mktowstest.Server{over, beside} {
				if _, err := s.Sim().AddProgram(simulator.Program{Name: "Fair"}); err != nil {
					t.Fatal(err)
				}
				if _, err := s.Sim().AddList(simulator.List{Program: "Fair", Name: "Guests"}); err != nil {
					t.Fatal(err)
				}
			}
			compare(t, c, over.Client(), bridgeTo(t, beside))
			for _, s := range []*mktowstest.Server{over, beside} {
				s.Clock().Advance(time.Hour) // imports have ended
			}
			if diff := cmp.Diff(written(over), written(beside), moments); diff != "" {
				t.Errorf("written over SOAP (-) and over REST (+):\n%s", diff)
			}
		})
	}
}

// written is what calls write: not the activities and times, in which each API has its own words.
func written(s *mktowstest.Server) simulator.State {
	st := s.Sim().Snapshot()
	st.Usage, st.Imports, st.LastIDs.Activity = nil, nil, 0
	for i := range st.Leads {
		l := &st.Leads[i]
		l.Activities, l.Added, l.Updated = nil, "", ""
		l.Email = strings.ToLower(l.Email) // it takes the letters of the request that finds the lead by it
		if l.Fields["Unsubscribed"] == "1" {
			l.Fields["Unsubscribed"] = "true"
		}
	}
	for i := range st.Lists {
		st.Lists[i].Updated = ""
	}
	for i := range st.Programs {
		st.Programs[i].Updated = ""
	}
	for i := range st.CampaignRuns {
		if st.CampaignRuns[i].Source != "" { // of a request
			st.CampaignRuns[i].Time = ""
		}
	}
	for i := range st.CustomObjects {
		for j := range st.CustomObjects[i].Records {
			st.CustomObjects[i].Records[j].Updated, st.CustomObjects[i].Records[j].Created = "", ""
		}
	}
	return st
}
