package bridge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// shownDifferences are the requests that show the differences of the table, by operation and what differs.
func shownDifferences() map[string]shown {
	all := make(map[string]shown)
	for _, list := range []map[string]shown{leadDifferences(), writeDifferences(), activityDifferences(), listDifferences(), campaignDifferences(), objectDifferences(), objectWriteDifferences()} {
		for name, r := range list {
			all[name] = r
		}
	}
	return all
}

// toState puts something into the simulator.
func toState(do func(s *simulator.Simulator) error) func(*testing.T, *mktowstest.Server, gen.Port) {
	return func(t *testing.T, s *mktowstest.Server, _ gen.Port) {
		t.Helper()
		if err := do(s.Sim()); err != nil {
			t.Fatal(err)
		}
	}
}

// injected has the server act by a rule.
func injected(r mktowstest.Rule) func(*testing.T, *mktowstest.Server, gen.Port) {
	return func(_ *testing.T, s *mktowstest.Server, _ gen.Port) { s.Inject(r) }
}

// seeded adds leads.
func seeded(leads ...simulator.Lead) func(*testing.T, *mktowstest.Server, gen.Port) {
	return func(_ *testing.T, s *mktowstest.Server, _ gen.Port) { s.Seed(leads...) }
}

// leadOf shows something of a lead of the server.
func leadOf(id int64, show func(simulator.Lead) string) func(*testing.T, *mktowstest.Server, gen.Port) string {
	return func(t *testing.T, s *mktowstest.Server, _ gen.Port) string {
		t.Helper()
		for _, l := range s.Sim().Snapshot().Leads {
			if l.ID == id {
				return show(l)
			}
		}
		return "no lead"
	}
}

func quirks(q rest.Quirks) []mktowstest.Option {
	return []mktowstest.Option{mktowstest.WithREST(rest.WithQuirks(q))}
}

const (
	theOwner        = "a lead key of the type LEADOWNEREMAIL"
	theCount        = "remainingCount"
	theForeignID    = "ForeignSysPersonId in answers"
	theFalseBoolean = "a boolean field that nobody has set"
	theCompany      = "fields of the lead's company, where the service refuses them"
)

var (
	ownerKey   = *leadKey(gen.LeadKeyRefLEADOWNEREMAIL, "owner@example.com")
	foreignKey = gen.LeadRecord{ForeignSysPersonId: gen.Some("F-1"), ForeignSysType: gen.Some(gen.ForeignSysTypeCUSTOM)}
)

// leadDifferences are those of reading leads.
func leadDifferences() map[string]shown {
	crowd := make([]simulator.Lead, 1001)
	for i := range crowd {
		crowd[i].Email = "crowd@example.com"
	}
	known := simulator.Lead{ID: 400000, Email: "known@example.com", ForeignIDs: []simulator.ForeignID{{System: gen.ForeignSysTypeCUSTOM, ID: "F-1"}}}
	visitor := simulator.Lead{ID: 400000, Email: "visitor@example.com", Activities: []simulator.Activity{
		{Type: gen.ActivityTypeNewLead, Time: "2015-06-01T00:00:00-05:00"}, {Type: gen.ActivityTypeVisitWebpage, AssetName: "Pricing", Time: "2015-09-15T00:00:00-05:00"},
	}}
	one := func(kind gen.LeadKeyRef, value string) gen.Message {
		return &gen.ParamsGetLead{LeadKey: leadKey(kind, value)}
	}
	many := func(kind gen.LeadKeyRef, values ...string) gen.Message {
		return &gen.ParamsGetMultipleLeads{LeadSelector: byKeys(kind, values...)}
	}
	const lead, foreign, unsubscribed = "Result LeadRecordList LeadRecord ", "ForeignSysPersonId", "LeadAttributeList Attribute AttrName=Unsubscribed AttrValue"
	return map[string]shown{
		"getLead: " + theOwner:                    {in: one(ownerKey.KeyType, ownerKey.KeyValue), show: "Result Count", soap: "2", rest: "fault 20102"},
		"getLead: a cookie that is none":          {in: one(gen.LeadKeyRefCOOKIE, "none"), soap: "fault 20103", rest: "fault 20102"},
		"getLead: a key of more than 1,000 leads": {in: one(gen.LeadKeyRefEMAIL, "crowd@example.com"), before: seeded(crowd...), show: "Result Count", soap: "1001", rest: "fault 20110"},
		"getLead: " + theForeignID:                {in: one(gen.LeadKeyRefIDNUM, "400000"), before: seeded(known), show: lead + foreign, soap: "F-1", rest: "-"},
		"getLead: " + theFalseBoolean:             {in: one(gen.LeadKeyRefIDNUM, "318815"), show: lead + unsubscribed, soap: "", rest: "false"},

		"getMultipleLeads: " + theOwner:        {in: many(ownerKey.KeyType, ownerKey.KeyValue), show: "Result ReturnCount", soap: "2", rest: "fault 20102"},
		"getMultipleLeads: " + theForeignID:    {in: many(gen.LeadKeyRefIDNUM, "400000"), before: seeded(known), show: lead + foreign, soap: "F-1", rest: "-"},
		"getMultipleLeads: " + theFalseBoolean: {in: many(gen.LeadKeyRefIDNUM, "318815"), show: lead + unsubscribed, soap: "", rest: "false"},
		"getMultipleLeads: " + theCount: {
			in: &gen.ParamsGetMultipleLeads{LeadSelector: byKeys(gen.LeadKeyRefIDNUM, "318815", "318816", "318817"), BatchSize: gen.Some[int32](1)}, show: "Result RemainingCount",
			soap: "2", rest: "1",
		},
		"getMultipleLeads: leads by their time of update": {
			in: &gen.ParamsGetMultipleLeads{LeadSelector: &gen.LastUpdateAtSelector{
				OldestUpdatedAt: "2015-09-01T00:00:00-05:00", LatestUpdatedAt: gen.Some[gen.DateTime]("2015-09-30T00:00:00-05:00"),
			}},
			before: seeded(visitor), show: lead + "Id",
			soap: "318815 318816 318817 318818 318820 400000", rest: "318815 318816 318817 318818 318820",
		},
	}
}

// writeDifferences are those of writing leads.
func writeDifferences() map[string]shown {
	one := func(r gen.LeadRecord) *gen.ParamsSyncLead { return &gen.ParamsSyncLead{LeadRecord: &r} }
	many := func(list ...gen.LeadRecord) gen.Message {
		return &gen.ParamsSyncMultipleLeads{LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: list}}
	}
	industry := func(l simulator.Lead) string { return l.Fields["Industry"] }
	visitor := one(gen.LeadRecord{LeadAttributeList: attributes(attribute("Title", "x"))})
	visitor.MarketoCookie = gen.Some("id:000-AAA-000&token:_mch-example.com-1441400760000-99999")
	inSales := merge(attribute("IDNUM", "318818"), attribute("IDNUM", "318819"))
	inSales.MergeInSales = gen.Some(true)
	moved := record("lead@example.com", attribute("Email", "moved@example.com"))
	const otherAddress = "an attribute Email with another address than the element, which the lead is found by"
	const status, statuses = "Result SyncStatus Status", "Result SyncStatusList SyncStatus Status"
	return map[string]shown{
		"syncLead: a ForeignSysPersonId":                                     {in: one(foreignKey), show: status, soap: "CREATED", rest: "fault 20110"},
		"syncLead: the header MktowsContext":                                 {in: one(record("lead@example.com")), workspace: "Europe", opts: []mktowstest.Option{mktowstest.WithSimulator(simulator.WithWorkspaces("Default", "Europe"))}, show: status, soap: "UPDATED", rest: "fault 20110"},
		"syncLead: " + theCompany:                                            {in: one(recordOf(318815, attribute("Industry", "Pumps"))), opts: quirks(rest.Quirks{CompanyFields: true}), after: leadOf(318815, industry), soap: "Pumps", rest: ""},
		"syncLead: the cookie of a visitor whom no lead is known for, alone": {in: visitor, show: status, soap: "CREATED", rest: "fault 20103"},
		"syncLead: an address that finds its lead in other letters":          {in: one(record("LEAD@example.com")), after: leadOf(318815, func(l simulator.Lead) string { return l.Email }), soap: "lead@example.com", rest: "LEAD@example.com"},
		"syncMultipleLeads: " + theCompany:                                   {in: many(recordOf(318815, attribute("Industry", "Pumps"))), opts: quirks(rest.Quirks{CompanyFields: true}), after: leadOf(318815, industry), soap: "Pumps", rest: ""},
		"syncMultipleLeads: a record with a ForeignSysPersonId":              {in: many(foreignKey), show: statuses, soap: "CREATED", rest: "FAILED"},
		"syncMultipleLeads: the order of records with different kinds of keys": {
			in:    many(record("lead@example.com", attribute("Title", "First")), recordOf(318815, attribute("Title", "Second")), record("lead@example.com", attribute("Title", "Third"))),
			after: leadOf(318815, func(l simulator.Lead) string { return l.Fields["Title"] }),
			soap:  "Third", rest: "Second",
		},
		"syncLead: " + otherAddress:          {in: one(moved), show: status, soap: "UPDATED", rest: "fault 20110"},
		"syncMultipleLeads: " + otherAddress: {in: many(moved), show: statuses, soap: "UPDATED", rest: "FAILED"},
		"mergeLeads: " + theOwner:            {in: merge(attribute("IDNUM", "318818"), attribute(string(ownerKey.KeyType), ownerKey.KeyValue)), show: "Result MergeStatus Status", soap: "MERGED", rest: "fault 20102"},
	}
}

// activityDifferences are those of reading activities.
func activityDifferences() map[string]shown {
	newLead := including(gen.ActivityTypeNewLead)
	since := func(at gen.DateTime) *gen.StreamPosition { return &gen.StreamPosition{OldestCreatedAt: gen.Some(at)} }
	history := func(key *gen.LeadKey) *gen.ParamsGetLeadActivity {
		return &gen.ParamsGetLeadActivity{LeadKey: key, ActivityFilter: newLead}
	}
	changes := func(selector gen.LeadSelector) *gen.ParamsGetLeadChanges {
		return &gen.ParamsGetLeadChanges{StartPosition: since("2015-08-01T00:00:00-05:00"), ActivityFilter: newLead, LeadSelector: selector}
	}
	demo := leadKey(gen.LeadKeyRefIDNUM, "318815")
	nurtured := seeded(simulator.Lead{ID: 400000, Email: "nurtured@example.com", Activities: []simulator.Activity{
		{Type: gen.ActivityTypeNewLead, Time: "2015-12-30T00:00:00-06:00"}, {Type: "Execute Campaign", AssetName: "Welcome", Time: "2015-12-31T00:00:00-06:00"},
	}})
	empty := seeded(simulator.Lead{ID: 400000, Email: "empty@example.com", Activities: []simulator.Activity{
		{Type: gen.ActivityTypeNewLead, Time: "2015-12-30T00:00:00-06:00", Attributes: []simulator.Attribute{{Name: "Created Date"}, {Name: "Source Type", Value: "Import"}}},
	}})
	odd := seeded(simulator.Lead{ID: 400000, Email: "odd@example.com", Activities: []simulator.Activity{
		{Type: gen.ActivityTypeNewLead, AssetName: "Odd", Campaign: "Gone.Deleted since", Time: "2015-12-30T00:00:00-06:00", Attributes: []simulator.Attribute{{Name: "Source Info", Value: "x"}}},
	}})
	oddHistory, oddChanges := history(leadKey(gen.LeadKeyRefIDNUM, "400000")), changes(byKeys(gen.LeadKeyRefIDNUM, "400000"))
	const deletedCampaign, otherAttributes, noAsset = "the campaign of an activity, where it was deleted", "the attributes of an activity", "the asset of an activity whose type has no primary attribute"
	const emptyAttribute, ofAttributes = "an attribute of an activity that has no value", "ActivityAttributes Attribute AttrName"
	fewChanges := changes(nil)
	fewChanges.BatchSize = gen.Some[int32](1)
	old := &gen.ParamsGetLeadActivity{LeadKey: leadKey(gen.LeadKeyRefIDNUM, fmt.Sprint(simulator.DemoHistoryLeadID)), ActivityFilter: newLead}
	sent, reader := including(gen.ActivityTypeSendEmail), []mktowstest.Option{may("Read-Only Lead", "Read-Only Activity")}
	const campaign = "the campaign of an activity, without the permission Read-Only Campaign"
	const page, types, list = "LeadActivityList ", "LeadActivityList ActivityRecordList ActivityRecord ", "Result LeadChangeRecordList LeadChangeRecord "
	const missingID, otherTypes = "the id of an activity", "activities of types that the SOAP API did not know"
	emptyPage := injected(body("GET /rest/v1/activities.json", `{"requestId":"1#1","success":true,"nextPageToken":"T","moreResult":true}`))
	return map[string]shown{
		"getLeadActivity: " + theOwner:        {in: history(&ownerKey), show: page + "ReturnCount", soap: "1", rest: "fault 20102"},
		"getLeadActivity: " + theCount:        {in: &gen.ParamsGetLeadActivity{LeadKey: demo, BatchSize: gen.Some[int32](3)}, show: page + "RemainingCount", soap: "11", rest: "1"},
		"getLeadActivity: " + missingID:       {in: history(demo), opts: quirks(rest.Quirks{MissingIDs: 1}), show: types + "Id", soap: "12025714", rest: "-"},
		"getLeadActivity: " + deletedCampaign: {in: oddHistory, before: odd, show: types + "Campaign", soap: "Gone.Deleted since", rest: ""},
		"getLeadChanges: " + deletedCampaign:  {in: oddChanges, before: odd, show: list + "Campaign", soap: "Gone.Deleted since", rest: "-"},
		"getLeadActivity: " + otherAttributes: {in: oddHistory, before: odd, show: types + ofAttributes, soap: "Source Info Lead ID", rest: "Lead ID"},
		"getLeadChanges: " + otherAttributes:  {in: oddChanges, before: odd, show: list + ofAttributes, soap: "Source Info Lead ID", rest: "Lead ID"},
		"getLeadActivity: " + noAsset:         {in: oddHistory, before: odd, show: types + "MktgAssetName", soap: "Odd", rest: ""},
		"getLeadChanges: " + noAsset:          {in: oddChanges, before: odd, show: list + "MktgAssetName", soap: "Odd", rest: ""},
		"getLeadActivity: " + emptyAttribute:  {in: history(leadKey(gen.LeadKeyRefIDNUM, "400000")), before: empty, show: types + ofAttributes, soap: "Created Date Source Type Lead ID", rest: "Source Type Lead ID"},
		"getLeadChanges: " + emptyAttribute:   {in: changes(byKeys(gen.LeadKeyRefIDNUM, "400000")), before: empty, show: list + ofAttributes, soap: "Created Date Source Type Lead ID", rest: "Source Type Lead ID"},
		"getLeadActivity: " + otherTypes:      {in: &gen.ParamsGetLeadActivity{LeadKey: leadKey(gen.LeadKeyRefIDNUM, "400000")}, before: nurtured, show: types + "ActivityType", soap: "Execute Campaign New Lead", rest: "New Lead"},
		"getLeadActivity: activities older than 25 months, of some types older than 90 days": {in: old, bridge: []bridge.Option{bridge.WithRetention(25 * 31 * 24 * time.Hour)}, show: page + "ReturnCount", soap: "1", rest: "0"},
		"getLeadActivity: " + campaign:                            {in: &gen.ParamsGetLeadActivity{LeadKey: demo, ActivityFilter: sent}, opts: reader, show: types + "Campaign", soap: "Welcome.Send welcome e-mail", rest: "1206"},
		"getLeadChanges: " + campaign:                             {in: &gen.ParamsGetLeadChanges{StartPosition: since("2015-08-01T00:00:00-05:00"), ActivityFilter: sent, LeadSelector: byKeys(demo.KeyType, demo.KeyValue)}, opts: reader, show: list + "Campaign", soap: "Welcome.Send welcome e-mail", rest: "1206"},
		"getLeadActivity: a page while the log is walked through": {in: history(demo), bridge: []bridge.Option{bridge.WithPageTime(1)}, before: emptyPage, show: page + "ReturnCount", soap: "1", rest: "0"},

		"getLeadChanges: " + theOwner:   {in: changes(byKeys(ownerKey.KeyType, ownerKey.KeyValue)), show: "Result ReturnCount", soap: "2", rest: "fault 20102"},
		"getLeadChanges: " + theCount:   {in: fewChanges, show: "Result RemainingCount", soap: "4", rest: "1"},
		"getLeadChanges: " + missingID:  {in: changes(byKeys(demo.KeyType, demo.KeyValue)), opts: quirks(rest.Quirks{MissingIDs: 1}), show: list + "Id", soap: "12025714", rest: "-"},
		"getLeadChanges: " + otherTypes: {in: &gen.ParamsGetLeadChanges{StartPosition: since("2015-12-29T00:00:00-06:00"), LeadSelector: byKeys(gen.LeadKeyRefIDNUM, "400000")}, before: nurtured, show: list + "ActivityType", soap: "New Lead Execute Campaign", rest: "New Lead"},
		"getLeadChanges: the changes of a list of 10,000 leads or more": {
			in: changes(&gen.StaticListSelector{StaticListName: gen.Some("Crowd")}), show: "Result ReturnCount",
			before: toState(func(s *simulator.Simulator) error {
				leads, list := make([]simulator.Lead, 10_000), simulator.List{Name: "Crowd"}
				for i := range leads {
					leads[i].ID = int64(500_000 + i)
					list.Members = append(list.Members, leads[i].ID)
				}
				if err := s.AddLeads(leads...); err != nil {
					return err
				}
				_, err := s.AddList(list)
				return err
			}),
			soap: "0", rest: "fault 20110",
		},
	}
}

// listDifferences are those of lists and imports.
func listDifferences() map[string]shown {
	sales := onList(gen.ListOperationTypeADDTOLIST, ids("318815")...)
	sales.ListKey = &gen.ListKey{KeyType: gen.ListKeyTypeSFDCLEADOWNERID, KeyValue: "005000000000001AAA"}
	strict := onList(gen.ListOperationTypeADDTOLIST, ids("318816", "318817")...)
	strict.Strict = gen.Some(true)
	tokens, campaign, clear := imported("Email Address,{{my.message}}"), imported("Email Address,First Name"), imported("Email Address,First Name")
	tokens.CampaignName, campaign.CampaignName, clear.ClearList = gen.Some("Greet"), gen.Some("None"), true
	many := imported("Email Address,First Name")
	for i := range 300 {
		many.ImportFileRows.StringItem = append(many.ImportFileRows.StringItem, fmt.Sprintf("guest%d@example.com,Gast", i))
	}
	members := func(name string) func(*testing.T, *mktowstest.Server, gen.Port) string {
		return func(_ *testing.T, s *mktowstest.Server, _ gen.Port) string {
			lists := s.Sim().Snapshot().Lists
			return fmt.Sprint(lists[slices.IndexFunc(lists, func(l simulator.List) bool { return l.Name == name })].Members)
		}
	}
	const status = "Result ImportStatus"
	return map[string]shown{
		"listOperation: " + theOwner: {in: onList(gen.ListOperationTypeADDTOLIST, ownerKey), show: "Result Success", soap: "true", rest: "fault 20102"},
		"listOperation: a list of sales users (MKTOSALESUSERID, SFDCLEADOWNERID)": {in: sales, show: "Result Success", soap: "fault 20111", rest: "fault 20110"},
		"listOperation: strict": {
			in: strict, before: injected(mktowstest.Rule{Operation: "POST /rest/v1/lists/{listId}/leads.json", Code: 1004, Records: []int{0}}), show: "Result StatusList LeadStatus Status",
			soap: "true true", rest: "false true",
		},
		"importToList: columns for tokens of a program": {in: tokens, before: toState(func(s *simulator.Simulator) error {
			_, err := s.AddCampaign(simulator.Campaign{Program: "Fair", Name: "Greet"})
			return err
		}), show: status, soap: "PROCESSING", rest: "fault 20110"},
		"importToList: a campaign without such columns": {in: campaign, show: status, soap: "fault 20113", rest: "COMPLETE"},
		"importToList: clearList": {
			in: clear, after: members("Guests"),
			before: func(t *testing.T, s *mktowstest.Server, other gen.Port) {
				t.Helper()
				if _, err := perform(t.Context(), other, imported("Email Address,First Name")); err != nil {
					t.Fatal(err)
				}
				s.Clock().Advance(time.Hour)
				s.Inject(mktowstest.Rule{Operation: "POST /rest/v1/leads.json", Code: 1003})
			},
			soap: "[318821]", rest: "[]",
		},
		"getImportToListStatus: an import that another program or process has started": {
			in: statusOf(), show: "Result Status", before: func(t *testing.T, _ *mktowstest.Server, other gen.Port) {
				t.Helper()
				if _, err := perform(t.Context(), other, imported("Email Address,First Name")); err != nil {
					t.Fatal(err)
				}
			},
			soap: "PROCESSING", rest: "fault 20110",
		},
		"getImportToListStatus: estimatedTime, and rowsIgnored of more than 300 rows": {first: many, in: statusOf(), show: "Result EstimatedTime,RowsIgnored", soap: "5 301", rest: "- 0"},
	}
}

// campaignDifferences are those of campaigns, channels and tags.
func campaignDifferences() map[string]shown {
	runs := func(_ *testing.T, s *mktowstest.Server, _ gen.Port) string {
		var in []string
		for _, run := range s.Sim().Snapshot().CampaignRuns {
			at, err := run.Time.Time()
			in = append(in, fmt.Sprint("in ", at.Sub(s.Clock().Now()).Round(time.Minute), err))
		}
		return strings.Join(in, " ")
	}
	const source = "the source SALES"
	untyped := injected(body("GET /rest/asset/v1/channels.json", `{"requestId":"1#1","success":true,"result":[
		{"id":1,"name":"Webinar","applicableProgramType":"webinar","progressionStatuses":[{"name":"Attended","hidden":false,"step":30,"success":true}]}]}`))
	return map[string]shown{
		"requestCampaign: " + theOwner:                                {in: requested(gen.ReqCampSourceTypeMKTOWS, ownerKey), show: "Result Success", soap: "true", rest: "fault 20102"},
		"requestCampaign: " + source:                                  {in: requested(gen.ReqCampSourceTypeSALES, ids("318817")...), show: "Result Success", soap: "true", rest: "fault 20110"},
		"requestCampaign: a lead key that no lead has, beside others": {in: requested(gen.ReqCampSourceTypeMKTOWS, ids("318817", "99")...), show: "Result Success", soap: "fault 20103", rest: "true"},
		"scheduleCampaign: a run at once, or within five minutes": {
			in: &gen.ParamsScheduleCampaign{ProgramName: simulator.DemoProgram, CampaignName: simulator.DemoBatchCampaign}, after: runs,
			soap: "in 0s <nil>", rest: "in 5m0s <nil>",
		},
		"getCampaignsForSource: " + source:                                  {in: &gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeSALES}, show: "Result ReturnCount", soap: "1", rest: "fault 20110"},
		`getChannels: "Webinar Behavior" and "Check-in Status" of a status`: {in: new(gen.ParamsGetChannels), before: untyped, show: "Result Tags TagStatus TagValue=Webinar StatusList ProgressionStatusItem ProgressionStatus Attrib Name", soap: "Status Step Webinar Behavior Success Status Step Success Status Step Success Status Step Webinar Behavior Success", rest: "Status Step Success"},
		`getTags: a value with ", " in it`: {
			in: &gen.ParamsGetTags{TagList: gen.Some(gen.ArrayOfTag{Tag: []gen.Tag{{Type: gen.Some("Size")}}})}, show: "Result TagList Tag Values StringItem",
			before: toState(func(s *simulator.Simulator) error { return s.AddTag("Size", "small, or so", "large") }),
			soap:   "small, or so large", rest: "small or so large",
		},
		"describeMObject: the description of a type, and sourceObject, dataType, size, isName and updatedAt of its fields": {
			in: &gen.ParamsDescribeMObject{ObjectName: "LeadRecord"}, show: "Result Metadata FieldList Field Name=Email SourceObject,DataType", soap: "LeadRecord string", rest: "Lead email",
		},
		"describeMObject: the fields of LeadRecord": {
			in: &gen.ParamsDescribeMObject{ObjectName: "LeadRecord"}, show: "Result Metadata FieldList Field Name=leadAttributeList DataType", soap: "Array", rest: "",
		},
		"describeMObject: description, isDynamic and isCustom of a field": {
			in: &gen.ParamsDescribeMObject{ObjectName: "Opportunity"}, show: "Result Metadata FieldList Field Name=Colour Description,IsDynamic,IsCustom",
			before: toState(func(s *simulator.Simulator) error {
				return s.AddObjectField("Opportunity", simulator.Field{Name: "Colour"})
			}),
			soap: "Colour false true", rest: "- false false",
		},
	}
}

// objectDifferences are those of reading objects.
func objectDifferences() map[string]shown {
	const object, parts = "Result MObjectList MObject ", "TypeAttribList TypeAttrib AttrType=Cost AttrList Attrib Name"
	device := func(size int32, name, value string) gen.Message {
		return &gen.ParamsGetCustomObjects{ObjTypeName: simulator.DemoCustomObject, CustomObjKeyList: attributes(attribute(name, value)), IncludeAttributes: new(gen.ArrayOfString), BatchSize: gen.Some(size)}
	}
	deal := opportunity("006000000000001AAA")
	return map[string]shown{
		"getMObjects: an opportunity or a role by its id":                                                     {in: &gen.ParamsGetMObjects{Type: "Opportunity", Id: gen.Some[int32](77)}, show: object + "Id", soap: "77", rest: "fault 20110"},
		"getMObjects: opportunities or roles by criteria without an EQ on a searchable field, or all of them": {in: &gen.ParamsGetMObjects{Type: "Opportunity"}, show: object + "Id", soap: "77 78", rest: "fault 20110"},
		"getMObjects: the id of an opportunity or a role in an answer":                                        {in: &gen.ParamsGetMObjects{Type: "Opportunity", ExternalKey: deal.ExternalKey}, show: object + "Id", soap: "77", rest: "-"},
		"getMObjects: the ids of a program's costs":                                                           {in: &gen.ParamsGetMObjects{Type: "Program", Id: gen.Some[int32](1019), IncludeDetails: gen.Some(true)}, show: object + parts, soap: "Id Month Amount Note Id Month Amount Note", rest: "Month Amount Note Month Amount Note"},
		"getMObjects: the type of a program with includeDetails": {
			in: &gen.ParamsGetMObjects{Type: "Program", Id: gen.Some[int32](1019), IncludeDetails: gen.Some(true)}, show: object + "AttribList Attrib Name=Type Value", soap: "Event", rest: "Marketing Event",
		},
		"getMObjects: a program without includeDetails":      {in: &gen.ParamsGetMObjects{Type: "Program", Id: gen.Some[int32](1019)}, show: object + "AttribList Attrib Name", soap: "Name Type Workspace Id Workspace Name Tree Path Is Archived Start Date End Date", rest: "Name Type Workspace Name Start Date End Date"},
		"getCustomObjects: a key without a searchable field": {in: device(100, "Model", "Pump 40"), show: "Result ReturnCount", soap: "1", rest: "fault 20110"},
		"getCustomObjects: " + theCount: {in: device(1, "LeadId", "318815"), show: "Result RemainingCount", before: toState(func(s *simulator.Simulator) error {
			return s.AddCustomObject(simulator.DemoCustomObject, []simulator.Attribute{{Name: "SerialNumber", Value: "SN-3"}}, []simulator.Attribute{{Name: "LeadId", Value: "318815"}})
		}), soap: "2", rest: "1"},
	}
}

// objectWriteDifferences are those of writing objects.
func objectWriteDifferences() map[string]shown {
	byID := gen.MObject{Type: "Opportunity", Id: gen.Some[int32](77), AttribList: gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{attrib("Stage", "Won")}})}
	channel := programWith("Tag", attrib("Type", "Channel"), attrib("Value", "Trade Fair"))
	cost := programWith("Cost", attrib("Id", "1"), attrib("Month", "2015-10"), attrib("Amount", "7"))
	written := func(op gen.SyncOperationEnum, list ...gen.MObject) gen.Message {
		return &gen.ParamsSyncMObjects{Operation: op, MObjectList: objectList(list...)}
	}
	const objects, status = "Result MObjStatusList MObjStatus ", "Result MObjStatusList MObjStatus Status"
	devices := gen.ArrayOfCustomObj{CustomObj: []gen.CustomObj{device("SN-9")}}
	return map[string]shown{
		"syncCustomObjects: no operation":                                {in: &gen.ParamsSyncCustomObjects{ObjTypeName: simulator.DemoCustomObject, CustomObjList: &devices}, show: "Result SyncCustomObjStatusList SyncCustomObjStatus Status", soap: "fault 20109", rest: "CREATED"},
		"syncMObjects: the id of an opportunity or a role":               {in: written(gen.SyncOperationEnumUPDATE, byID, opportunity("006000000000001AAA", attrib("Stage", "Won"))), show: objects + "Id,Status", soap: "77 UPDATED 77 UNCHANGED", rest: "77 FAILED - UPDATED"},
		"syncMObjects: a role without opportunity, lead or role":         {in: written(gen.SyncOperationEnumUPSERT, role("006000000000001AAA", 318815, "")), show: status, soap: "CREATED", rest: "FAILED"},
		"syncMObjects: opportunities of an instance whose CRM owns them": {in: written(gen.SyncOperationEnumUPSERT, opportunity("NEW-1", attrib("Name", "Pump"))), opts: quirks(rest.Quirks{CRM: true}), show: status, soap: "CREATED", rest: "FAILED"},
		"syncMObjects: the change of a program's cost or channel":        {in: written(gen.SyncOperationEnumUPDATE, channel, cost), show: status, soap: "UPDATED UPDATED", rest: "FAILED FAILED"},
		"deleteMObjects: an opportunity or a role by its id":             {in: &gen.ParamsDeleteMObjects{MObjectList: objectList(gen.MObject{Type: "Opportunity", Id: gen.Some[int32](77)})}, show: status, soap: "DELETED", rest: "FAILED"},
	}
}

// programWith is the program of the demonstration data, with a detail to write.
func programWith(kind string, list ...gen.Attrib) gen.MObject {
	return gen.MObject{Type: "Program", Id: gen.Some[int32](1019), TypeAttribList: gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: []gen.TypeAttrib{
		{AttrType: kind, AttrList: gen.Some(gen.ArrayOfAttrib{Attrib: list})},
	}})}
}
