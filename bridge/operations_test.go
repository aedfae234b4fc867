package bridge_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// ids are keys of leads of the demonstration data.
func ids(list ...string) []gen.LeadKey {
	var keys []gen.LeadKey
	for _, id := range list {
		keys = append(keys, *leadKey(gen.LeadKeyRefIDNUM, id))
	}
	return keys
}

func byKeys(kind gen.LeadKeyRef, values ...string) *gen.LeadKeySelector {
	return &gen.LeadKeySelector{KeyType: kind, KeyValues: &gen.ArrayOfString{StringItem: values}}
}

func requested(source gen.ReqCampSourceType, keys ...gen.LeadKey) *gen.ParamsRequestCampaign {
	return &gen.ParamsRequestCampaign{Source: source, CampaignId: gen.Some[int32](1201), LeadList: gen.Some(gen.ArrayOfLeadKey{LeadKey: keys})}
}

func merge(winner, loser gen.Attribute) *gen.ParamsMergeLeads {
	return &gen.ParamsMergeLeads{
		WinningLeadKeyList: &gen.ArrayOfAttribute{Attribute: []gen.Attribute{winner}},
		LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{{Attribute: []gen.Attribute{loser}}}},
	}
}

func imported(header string) *gen.ParamsImportToList {
	return &gen.ParamsImportToList{
		ProgramName: "Fair", ListName: "Guests", ImportFileHeader: header, ImportFileRows: &gen.ArrayOfString{StringItem: []string{"guest@example.com,Gast"}},
		ImportListMode: gen.ImportToListModeEnumUPSERTLEADS,
	}
}

func statusOf() *gen.ParamsGetImportToListStatus {
	return &gen.ParamsGetImportToListStatus{ProgramName: gen.Some("Fair"), ListName: gen.Some("Guests")}
}

// usual are the usual requests of each operation, the first two of them, as names and types are learnt
// by the first.
func usual() map[string][2]gen.Message {
	twice := func(in gen.Message) [2]gen.Message { return [2]gen.Message{in, in} }
	since := &gen.StreamPosition{OldestCreatedAt: gen.Some[gen.DateTime]("2015-08-01T00:00:00-05:00")}
	newLead := including(gen.ActivityTypeNewLead)
	sync := record("new@example.com", attribute("FirstName", "Neu"))
	devices := gen.ArrayOfCustomObj{CustomObj: []gen.CustomObj{device("SN-9", attribute("Model", "M9"))}}
	key := attributes(attribute("SerialNumber", "SN-1001"))
	deal := opportunity("006000000000001AAA", attrib("Stage", "Won"))
	return map[string][2]gen.Message{
		"getLead":               twice(&gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefEMAIL, "lead@example.com")}),
		"getMultipleLeads":      twice(&gen.ParamsGetMultipleLeads{LeadSelector: byKeys(gen.LeadKeyRefEMAIL, "lead@example.com")}),
		"syncLead":              twice(&gen.ParamsSyncLead{LeadRecord: &sync}),
		"syncMultipleLeads":     twice(&gen.ParamsSyncMultipleLeads{LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{sync}}}),
		"mergeLeads":            {merge(attribute("IDNUM", "318818"), attribute("IDNUM", "318819")), merge(attribute("IDNUM", "318818"), attribute("IDNUM", "318817"))},
		"getLeadActivity":       twice(&gen.ParamsGetLeadActivity{LeadKey: leadKey(gen.LeadKeyRefEMAIL, "lead@example.com"), ActivityFilter: newLead}),
		"getLeadChanges":        twice(&gen.ParamsGetLeadChanges{StartPosition: since, ActivityFilter: newLead}),
		"listOperation":         {onList(gen.ListOperationTypeADDTOLIST, ids("318815")...), onList(gen.ListOperationTypeREMOVEFROMLIST, ids("318815")...)},
		"importToList":          twice(imported("Email Address,First Name")),
		"getImportToListStatus": {imported("Email Address,First Name"), statusOf()},
		"requestCampaign":       twice(requested(gen.ReqCampSourceTypeMKTOWS, ids("318817")...)),
		"scheduleCampaign": twice(&gen.ParamsScheduleCampaign{
			ProgramName: simulator.DemoProgram, CampaignName: simulator.DemoBatchCampaign, CampaignRunAt: gen.Some(gen.NewDateTime(demoTime.Add(time.Hour))),
		}),
		"getCampaignsForSource": twice(&gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeMKTOWS}),
		"getChannels":           twice(new(gen.ParamsGetChannels)),
		"getTags":               twice(new(gen.ParamsGetTags)),
		"listMObjects":          twice(new(gen.ParamsListMObjects)),
		"describeMObject":       twice(&gen.ParamsDescribeMObject{ObjectName: "ActivityRecord"}),
		"getMObjects":           twice(&gen.ParamsGetMObjects{Type: "Opportunity", ExternalKey: deal.ExternalKey}),
		"syncMObjects":          twice(&gen.ParamsSyncMObjects{Operation: gen.SyncOperationEnumUPSERT, MObjectList: objectList(deal)}),
		"deleteMObjects":        twice(&gen.ParamsDeleteMObjects{MObjectList: objectList(deal)}),
		"getCustomObjects":      twice(&gen.ParamsGetCustomObjects{ObjTypeName: simulator.DemoCustomObject, CustomObjKeyList: key}),
		"syncCustomObjects":     twice(&gen.ParamsSyncCustomObjects{ObjTypeName: simulator.DemoCustomObject, CustomObjList: &devices, Operation: gen.Some(gen.SyncOperationEnumUPSERT)}),
		"deleteCustomObjects":   twice(&gen.ParamsDeleteCustomObjects{ObjTypeName: simulator.DemoCustomObject, CustomObjKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{key.Value}}}),
	}
}

// guestServer is one that has a list in a program, too.
func guestServer(t *testing.T, opts ...mktowstest.Option) *mktowstest.Server {
	t.Helper()
	s := demoServer(t, opts...)
	if _, err := s.Sim().AddProgram(simulator.Program{Name: "Fair"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Sim().AddList(simulator.List{Program: "Fair", Name: "Guests"}); err != nil {
		t.Fatal(err)
	}
	return s
}

// may is a role with permissions, and one more, as a client without any may do everything.
func may(permissions ...string) mktowstest.Option {
	list := []rest.Permission{rest.ReadSalesPerson}
	for _, p := range permissions {
		list = append(list, rest.Permission(p))
	}
	return mktowstest.WithREST(rest.WithClient(mktowstest.RESTClientID, auth.NewSecret(mktowstest.RESTClientSecret), list...))
}

// The table has all operations. The usual request of each costs as many calls as it says.
func TestOperations_calls(t *testing.T) {
	t.Parallel()
	requests, seen := usual(), map[string]bool{}
	for _, op := range bridge.Operations() {
		seen[op.Name] = true
		t.Run(op.Name, func(t *testing.T) {
			t.Parallel()
			s := guestServer(t)
			b := bridgeTo(t, s)
			begun := 0
			for _, in := range requests[op.Name] {
				begun = len(s.Exchanges(""))
				if _, err := perform(t.Context(), b, in); err != nil {
					t.Fatal(err)
				}
			}
			if calls := len(s.Exchanges("")) - begun; calls != op.Calls {
				t.Errorf("%d calls, the table says %d", calls, op.Calls)
			}
		})
	}
	for _, op := range gen.Operations() {
		if !seen[op.Name] {
			t.Errorf("the table has no %s", op.Name)
		}
	}
	if n := len(bridge.Operations()); n != len(gen.Operations()) {
		t.Errorf("the table has %d operations", n)
	}
}

// special are the requests that need a permission which others of the operation do not need, by operation
// and what the table calls them.
func special() map[string]gen.Message {
	since := &gen.StreamPosition{OldestCreatedAt: gen.Some[gen.DateTime]("2012-01-01T00:00:00-06:00")}
	run := including(gen.ActivityTypeSendEmail)
	email := *leadKey(gen.LeadKeyRefEMAIL, "lead@example.com")
	named := requested(gen.ReqCampSourceTypeMKTOWS, ids("318817")...)
	named.CampaignId, named.ProgramName, named.CampaignName = gen.Opt[int32]{}, gen.Some(simulator.DemoProgram), gen.Some(simulator.DemoTriggerCampaign)
	named.ProgramTokenList = gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{attrib("{{my.message}}", "x")}})
	const objects = "Opportunity and OpportunityPersonRole"
	deal := opportunity("006000000000001AAA", attrib("Stage", "Won"))
	owned := role("006000000000001AAA", 318815, "Buyer")
	owned.AssociationList.Value.MObjAssociation[1] = gen.MObjAssociation{MObjType: "Lead", ExternalKey: gen.Some(attrib("sfdcLeadId", "00Q000000000001AAA"))}
	program := gen.MObject{Type: "Program", Id: gen.Some[int32](1019), TypeAttribList: gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: []gen.TypeAttrib{
		{AttrType: "Cost", AttrList: gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{attrib("Month", "2016-01"), attrib("Amount", "7")}})},
	}})}
	return map[string]gen.Message{
		"getMultipleLeads: leads by their time of update": &gen.ParamsGetMultipleLeads{LeadSelector: &gen.LastUpdateAtSelector{
			OldestUpdatedAt: "2015-09-01T00:00:00-05:00", LatestUpdatedAt: gen.Some[gen.DateTime]("2015-09-20T00:00:00-05:00"),
		}},
		"getLeadActivity: " + forActivityNames:              &gen.ParamsGetLeadActivity{LeadKey: &email, ActivityFilter: run},
		"getLeadChanges: " + forActivityNames:               &gen.ParamsGetLeadChanges{StartPosition: since, ActivityFilter: run},
		"getLeadChanges: a list, and leads by keys":         &gen.ParamsGetLeadChanges{StartPosition: since, ActivityFilter: run, LeadSelector: byKeys(email.KeyType, email.KeyValue)},
		"getImportToListStatus: imports that are not known": statusOf(),
		"requestCampaign: a campaign that is named":         named,
		"requestCampaign: keys that are no ids":             requested(gen.ReqCampSourceTypeMKTOWS, email),
		"describeMObject: LeadRecord":                       &gen.ParamsDescribeMObject{ObjectName: "LeadRecord"},
		"describeMObject: " + objects:                       &gen.ParamsDescribeMObject{ObjectName: "Opportunity"},
		"getMObjects: " + objects:                           &gen.ParamsGetMObjects{Type: "Opportunity", ExternalKey: deal.ExternalKey},
		"getMObjects: Program":                              &gen.ParamsGetMObjects{Type: "Program", Id: program.Id},
		"getMObjects: leads by external key":                &gen.ParamsGetMObjects{Type: "OpportunityPersonRole", MObjAssociationList: gen.Some(gen.ArrayOfMObjAssociation{MObjAssociation: owned.AssociationList.Value.MObjAssociation[1:]})},
		"syncMObjects: " + objects:                          &gen.ParamsSyncMObjects{Operation: gen.SyncOperationEnumUPSERT, MObjectList: objectList(deal)},
		"syncMObjects: Program":                             &gen.ParamsSyncMObjects{Operation: gen.SyncOperationEnumUPDATE, MObjectList: objectList(program)},
		"syncMObjects: leads by external key":               &gen.ParamsSyncMObjects{Operation: gen.SyncOperationEnumUPSERT, MObjectList: objectList(owned)},
	}
}

const forActivityNames = "the names of the campaigns in activities"

// Each operation needs the permissions that the table says, and no others.
func TestOperations_permissions(t *testing.T) {
	t.Parallel()
	requests, special := usual(), special()
	for _, op := range bridge.Operations() {
		var always []string
		for _, p := range op.Permissions {
			if p.For == "" {
				always = append(always, p.Name)
			}
		}
		if len(always) > 0 || len(op.Permissions) == 0 {
			needs(t, op.Name, requests[op.Name][0], always, nil)
		}
		for i, p := range op.Permissions {
			if p.For == "" {
				continue
			}
			name := op.Name + ": " + p.For
			in, shown := special[name]
			if !shown {
				t.Errorf("%s: no request shows it", name)
				continue
			}
			delete(special, name)
			var others []string
			for _, other := range slices.Delete(slices.Clone(op.Permissions), i, i+1) {
				others = append(others, other.Name)
			}
			needs(t, name, in, []string{p.Name}, others)
		}
	}
	for name := range special {
		t.Errorf("%s: the table does not have it", name)
	}
}

// needs states that a request is not refused to a role with some permissions and others, and is without any
// of the former.
func needs(t *testing.T, name string, in gen.Message, permissions, others []string) {
	t.Helper()
	denied := func(t *testing.T, permissions []string) bool {
		t.Helper()
		s := guestServer(t, may(append(permissions, others...)...))
		_, _ = perform(t.Context(), bridgeTo(t, s), in) // some operations tell it of each record
		return slices.ContainsFunc(s.Exchanges(""), func(e mktowstest.Exchange) bool { return bytes.Contains(e.RawResponse, []byte(`"code":"603"`)) })
	}
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		if denied(t, slices.Clone(permissions)) {
			t.Errorf("it is refused with %v and %v", permissions, others)
		}
		for i, left := range permissions {
			if !denied(t, slices.Delete(slices.Clone(permissions), i, i+1)) {
				t.Errorf("it is not refused without %s", left)
			}
		}
	})
}

// refusal is a request that the bridge refuses.
type refusal struct {
	in        gen.Message
	workspace string                     // of its header
	before    func(s *mktowstest.Server) // puts the server into the state for it
	opts      []mktowstest.Option
}

// refusals are the requests that show the faults and failures of the table, by operation and what they have.
func refusals() map[string]refusal {
	owner := *leadKey(gen.LeadKeyRefLEADOWNEREMAIL, "owner@example.com")
	none := record("lead@example.com")
	foreign := gen.LeadRecord{ForeignSysPersonId: gen.Some("F-1"), ForeignSysType: gen.Some(gen.ForeignSysTypeCUSTOM)}
	sales := onList(gen.ListOperationTypeADDTOLIST, ids("318815")...)
	sales.ListKey = &gen.ListKey{KeyType: gen.ListKeyTypeSFDCLEADOWNERID, KeyValue: "005000000000001AAA"}
	large := func(s *mktowstest.Server) {
		s.Inject(mktowstest.Rule{Operation: "GET /rest/v1/activities.json", Code: 1003, Text: "List has 10000 or more members"})
	}
	crowd := func(s *mktowstest.Server) {
		leads := make([]simulator.Lead, 1001)
		for i := range leads {
			leads[i].Email = "crowd@example.com"
		}
		s.Seed(leads...)
	}
	refusals := map[string]refusal{
		"getLead: a cookie that is none":                {in: &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefCOOKIE, "none")}},
		"getLead: a key of more than 1,000 leads":       {in: &gen.ParamsGetLead{LeadKey: leadKey(gen.LeadKeyRefEMAIL, "crowd@example.com")}, before: crowd},
		"syncLead: a ForeignSysPersonId":                {in: &gen.ParamsSyncLead{LeadRecord: &foreign}},
		"syncLead: the header MktowsContext":            {in: &gen.ParamsSyncLead{LeadRecord: &none}, workspace: "Europe"},
		"importToList: columns for tokens of a program": {in: imported("Email Address,{{my.message}}")},
		"syncLead: the cookie of a visitor whom no lead is known for, alone": {in: &gen.ParamsSyncLead{
			LeadRecord: &gen.LeadRecord{LeadAttributeList: attributes(attribute("Title", "x"))}, MarketoCookie: gen.Some("id:000-AAA-000&token:_mch-example.com-1441400760000-99999"),
		}},
		"getLeadChanges: the changes of a list of 10,000 leads or more": {in: &gen.ParamsGetLeadChanges{
			StartPosition: new(gen.StreamPosition), LeadSelector: &gen.StaticListSelector{StaticListName: gen.Some(simulator.DemoList)},
		}, before: large},
		"listOperation: a list of sales users (MKTOSALESUSERID, SFDCLEADOWNERID)":                             {in: sales},
		"getImportToListStatus: an import that another program or process has started":                        {in: statusOf()},
		"requestCampaign: the source SALES":                                                                   {in: requested(gen.ReqCampSourceTypeSALES, ids("318817")...)},
		"getCampaignsForSource: the source SALES":                                                             {in: &gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeSALES}},
		"getMObjects: an opportunity or a role by its id":                                                     {in: &gen.ParamsGetMObjects{Type: "Opportunity", Id: gen.Some[int32](77)}},
		"getMObjects: opportunities or roles by criteria without an EQ on a searchable field, or all of them": {in: &gen.ParamsGetMObjects{Type: "Opportunity"}},
		"getCustomObjects: a key without a searchable field": {in: &gen.ParamsGetCustomObjects{
			ObjTypeName: simulator.DemoCustomObject, CustomObjKeyList: attributes(attribute("Model", "M1")),
		}},
	}
	failing := func(operation, what string, in gen.Message, opts ...mktowstest.Option) {
		refusals[operation+": "+what] = refusal{in: in, opts: opts}
	}
	byID := gen.MObject{Type: "Opportunity", Id: gen.Some[int32](77)}
	cost := gen.MObject{Type: "Program", Id: gen.Some[int32](1019), TypeAttribList: gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: []gen.TypeAttrib{
		{AttrType: "Cost", AttrList: gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{attrib("Month", "2016-01"), attrib("Amount", "7.50")}})},
	}})}
	written := func(op gen.SyncOperationEnum, one gen.MObject) gen.Message {
		return &gen.ParamsSyncMObjects{Operation: op, MObjectList: objectList(one)}
	}
	moved := record("lead@example.com", attribute("Email", "moved@example.com"))
	const other = "an attribute Email with another address than the element, which the lead is found by"
	failing("syncLead", other, &gen.ParamsSyncLead{LeadRecord: &moved})
	failing("syncMultipleLeads", other, &gen.ParamsSyncMultipleLeads{LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{moved}}})
	failing("syncMultipleLeads", "a record with a ForeignSysPersonId", &gen.ParamsSyncMultipleLeads{LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{foreign}}})
	failing("syncMObjects", "the id of an opportunity or a role", written(gen.SyncOperationEnumUPDATE, byID))
	failing("syncMObjects", "a role without opportunity, lead or role", written(gen.SyncOperationEnumUPSERT, role("006000000000001AAA", 318815, "")))
	failing("syncMObjects", "opportunities of an instance whose CRM owns them", written(gen.SyncOperationEnumUPSERT, opportunity("NEW-1", attrib("Name", "Pump"))),
		mktowstest.WithREST(rest.WithQuirks(rest.Quirks{CRM: true})))
	failing("syncMObjects", "the change of a program's cost, cents, and the change of its channel", written(gen.SyncOperationEnumUPDATE, cost))
	failing("deleteMObjects", "an opportunity or a role by its id", &gen.ParamsDeleteMObjects{MObjectList: objectList(byID)})
	failing("deleteCustomObjects", "keys other than the dedupe fields", &gen.ParamsDeleteCustomObjects{
		ObjTypeName: simulator.DemoCustomObject, CustomObjKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{{Attribute: []gen.Attribute{attribute("LeadId", "318815")}}}},
	})
	for operation, in := range map[string]gen.Message{
		"getLead":          &gen.ParamsGetLead{LeadKey: &owner},
		"getMultipleLeads": &gen.ParamsGetMultipleLeads{LeadSelector: byKeys(owner.KeyType, owner.KeyValue)},
		"getLeadActivity":  &gen.ParamsGetLeadActivity{LeadKey: &owner},
		"getLeadChanges":   &gen.ParamsGetLeadChanges{StartPosition: new(gen.StreamPosition), LeadSelector: byKeys(owner.KeyType, owner.KeyValue)},
		"mergeLeads":       merge(attribute("IDNUM", "318818"), attribute(string(owner.KeyType), owner.KeyValue)),
		"listOperation":    onList(gen.ListOperationTypeADDTOLIST, owner),
		"requestCampaign":  requested(gen.ReqCampSourceTypeMKTOWS, owner),
	} {
		refusals[operation+": a lead key of the type LEADOWNEREMAIL"] = refusal{in: in}
	}
	return refusals
}

// What the table says is refused with a fault or a status is, and the table says all there is to say.
func TestOperations_faults(t *testing.T) {
	t.Parallel()
	requests := refusals()
	for _, op := range bridge.Operations() {
		for _, d := range op.Differences {
			name := op.Name + ": " + d.What
			if d.What == "" || d.Why == "" || (d.Fault == 0) == (d.Instead == "") {
				t.Errorf("%s: the table does not say enough, or both what is answered and a fault", name)
			}
			if d.Fault == 0 && !strings.HasPrefix(d.Instead, "status FAILED") {
				continue
			}
			r, shown := requests[name]
			if !shown {
				t.Errorf("%s: no request shows it", name)
				continue
			}
			delete(requests, name)
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := guestServer(t, r.opts...)
				if r.before != nil {
					r.before(s)
				}
				ctx := t.Context()
				if r.workspace != "" {
					ctx = gen.WithMktowsContext(ctx, gen.MktowsContextHeaderInfo{TargetWorkspace: r.workspace})
				}
				out, err := perform(ctx, bridgeTo(t, s), r.in)
				if codeOf(err) != d.Fault {
					t.Errorf("%v, want %d", err, d.Fault)
				}
				if err == nil {
					if text, err := json.Marshal(out); err != nil || !bytes.Contains(text, []byte(`"FAILED"`)) {
						t.Errorf("nothing has failed: %s (%v)", text, err)
					}
				}
			})
		}
	}
	for name := range requests {
		t.Errorf("%s: the table does not have it", name)
	}
}
