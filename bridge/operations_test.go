package bridge_test

import (
	"bytes"
	"slices"
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
