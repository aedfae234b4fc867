package simulator_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// clockAt returns the clock of a moment.
func clockAt(t time.Time) simulator.Option {
	return simulator.WithClock(func() time.Time { return t })
}

var stateNoon = time.Date(2016, 2, 1, 12, 0, 0, 0, time.FixedZone("", -6*3600))

// eventful returns a simulator where each kind of thing was written, some of it in an
// order that ids do not tell.
func eventful(t *testing.T) *simulator.Simulator {
	t.Helper()
	s := simulator.New(clockAt(stateNoon), simulator.WithWorkspaces("Europe"), simulator.WithSeed(1))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.AddField(simulator.LeadField{Name: "Taste", Type: simulator.TypeString}))
	must(s.AddField(simulator.LeadField{Name: "Colour", Type: simulator.TypeString}))
	must(s.LoadDemo())
	must(s.AddObjectField("Opportunity", simulator.Field{Name: "Region"}))
	_, err := s.AddLead(simulator.Lead{
		ID: 7, Email: "Shared@Example.com", Workspace: "europe", Fields: map[string]string{"Colour": "réd <&>"},
		Keys:       leadKeys("COOKIE", "id:1&token:2", "COOKIE", "id:1&token:1", "SFDCOPPTYID", "B", "SFDCOPPTYID", "A"),
		ForeignIDs: []simulator.ForeignID{{System: "SFDC", ID: "x"}, {System: "CUSTOM", ID: "y"}},
		Activities: []simulator.Activity{
			{ID: 5, Time: simulator.At(time.Date(2016, 1, 1, 0, 0, 0, 0, time.FixedZone("", 0))), Type: "Add to Nurture"},
			{Time: simulator.At(time.Date(2016, 1, 1, 0, 0, 0, 0, time.FixedZone("", 5*3600+1800))), Type: "NewLead"},
		},
	})
	must(err)
	_, err = s.AddList(simulator.List{Program: simulator.DemoProgram, Name: "Guests", Members: []int64{7}})
	must(err)
	for _, key := range []string{"first", "second"} {
		_, err = s.AddOpportunity(simulator.Opportunity{ExternalKey: &simulator.Attribute{Name: "CrmId", Value: "same"}, Attributes: []simulator.Attribute{{Name: "Region", Value: key}}})
		must(err)
	}
	must(s.AddCustomObject(simulator.DemoCustomObject, []simulator.Attribute{{Name: "SerialNumber", Value: "SN-1003"}}, nil))
	write(t, s)
	return s
}

// write calls each operation that writes.
func write(t *testing.T, s *simulator.Simulator) {
	t.Helper()
	call := func(op string, in gen.Message) {
		t.Helper()
		if _, err := gen.OperationByName(op).Call(t.Context(), s, in); err != nil {
			t.Fatalf("%s: %v", op, err)
		}
	}
	key := func(kind gen.LeadKeyRef, value string) gen.LeadKey {
		return gen.LeadKey{KeyType: kind, KeyValue: value}
	}
	attribute := func(name, value string) gen.Attribute { return gen.Attribute{AttrName: name, AttrValue: value} }
	call("syncLead", &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Email: gen.Some("new@example.com"), LeadAttributeList: gen.Some(gen.ArrayOfAttribute{
		Attribute: []gen.Attribute{attribute("Colour", "blue")},
	})}})
	call("mergeLeads", &gen.ParamsMergeLeads{
		WinningLeadKeyList: &gen.ArrayOfAttribute{Attribute: []gen.Attribute{attribute("IDNUM", "318818")}},
		LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{{Attribute: []gen.Attribute{attribute("IDNUM", "318819")}}}},
	})
	call("requestCampaign", &gen.ParamsRequestCampaign{
		Source: gen.ReqCampSourceTypeMKTOWS, CampaignId: gen.Some[int32](1201),
		LeadList: gen.Some(gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{key(gen.LeadKeyRefIDNUM, "7")}}),
	})
	call("scheduleCampaign", &gen.ParamsScheduleCampaign{
		ProgramName: simulator.DemoProgram, CampaignName: simulator.DemoBatchCampaign, CloneToProgramName: gen.Some("Spring Webinar"),
	})
	call("importToList", &gen.ParamsImportToList{
		ProgramName: simulator.DemoProgram, ListName: "Guests", ImportListMode: gen.ImportToListModeEnumUPSERTLEADS, ClearList: true,
		CampaignName: gen.Some(simulator.DemoTriggerCampaign), ImportFileHeader: "Email Address,Colour,{{my.message}}",
		ImportFileRows: &gen.ArrayOfString{StringItem: []string{"guest@example.com,green,Hello", "bad"}},
	})
	call("deleteMObjects", &gen.ParamsDeleteMObjects{MObjectList: &gen.ArrayOfMObject{MObject: []gen.MObject{{Type: "Opportunity", Id: gen.Some[int32](77)}}}})
	call("deleteCustomObjects", &gen.ParamsDeleteCustomObjects{ObjTypeName: simulator.DemoCustomObject, CustomObjKeyLists: &gen.ArrayOfKeyList{
		KeyList: []gen.ArrayOfAttribute{{Attribute: []gen.Attribute{attribute("SerialNumber", "SN-1001")}}, {Attribute: []gen.Attribute{attribute("SerialNumber", "SN-1003")}}},
	}})
	call("syncMObjects", &gen.ParamsSyncMObjects{Operation: gen.SyncOperationEnumUPDATE, MObjectList: &gen.ArrayOfMObject{MObject: []gen.MObject{{
		Type: "Program", Id: gen.Some[int32](1019), TypeAttribList: gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: []gen.TypeAttrib{{
			AttrType: "Cost", AttrList: gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{{Name: "Month", Value: "2016-03"}, {Name: "Amount", Value: "5"}}}),
		}}}),
	}}}})
}

// reload returns a simulator that was loaded with the JSON form of another one's state.
func reload(t *testing.T, s *simulator.Simulator, opts ...simulator.Option) *simulator.Simulator {
	t.Helper()
	text, err := json.Marshal(s.Snapshot())
	if err != nil {
		t.Fatal(err)
	}
	var st simulator.State
	if err := json.Unmarshal(text, &st); err != nil {
		t.Fatal(err)
	}
	again := simulator.New(append([]simulator.Option{simulator.WithWorkspaces("Europe"), clockAt(stateNoon)}, opts...)...)
	if err := again.Load(st); err != nil {
		t.Fatal(err)
	}
	return again
}

func TestSnapshot_roundTrip(t *testing.T) {
	t.Parallel()
	demo := simulator.New(clockAt(stateNoon))
	if err := demo.LoadDemo(); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*simulator.Simulator{"empty": simulator.New(), "demo": demo, "eventful": eventful(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := s.Snapshot()
			again := reload(t, s)
			if name != "eventful" {
				want.Workspaces = append(want.Workspaces, "Europe")
			}
			if diff := cmp.Diff(want, again.Snapshot()); diff != "" {
				t.Errorf("a snapshot that was loaded gives another one (-want +got):\n%s", diff)
			}
		})
	}
}

// questions are requests to which a simulator and its copy have to answer alike, byte for
// byte, from the first page to the last.
func questions() []gen.Message {
	var list []gen.Message
	for _, id := range []int{7, 318815, 318816, 318817, 318818, 318819, 318820, 318821, 318822} {
		key := &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: fmt.Sprint(id)}
		list = append(list, &gen.ParamsGetLead{LeadKey: key}, &gen.ParamsGetLeadActivity{LeadKey: key})
	}
	for _, since := range []gen.DateTime{"2011-01-01T00:00:00Z", "2016-01-01T00:00:00Z"} {
		list = append(list,
			&gen.ParamsGetLeadChanges{StartPosition: &gen.StreamPosition{OldestCreatedAt: gen.Some(since)}},
			&gen.ParamsGetMultipleLeads{LastUpdatedAt: gen.Some(since)})
	}
	for _, kind := range []string{"Opportunity", "OpportunityPersonRole", "Program"} {
		list = append(list, &gen.ParamsGetMObjects{Type: kind, IncludeDetails: gen.Some(true)})
	}
	return append(list,
		&gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefEMAIL, KeyValue: "shared@example.com"}},
		&gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefCOOKIE, KeyValue: "id:1&token:1"}},
		&gen.ParamsGetMObjects{Type: "Opportunity", ExternalKey: gen.Some(gen.Attrib{Name: "CrmId", Value: "same"})},
		&gen.ParamsGetMultipleLeads{LeadSelector: &gen.StaticListSelector{StaticListName: gen.Some(simulator.DemoList)}},
		&gen.ParamsDescribeMObject{ObjectName: "Opportunity"},
		&gen.ParamsGetCustomObjects{ObjTypeName: simulator.DemoCustomObject},
		&gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeMKTOWS},
		&gen.ParamsGetImportToListStatus{ProgramName: gen.Some(simulator.DemoProgram), ListName: gen.Some("Guests")},
		&gen.ParamsGetChannels{}, &gen.ParamsGetTags{}, &gen.ParamsListMObjects{},
		// What is written next gets the same ids.
		&gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Email: gen.Some("later@example.com")}, ReturnLead: true},
		&gen.ParamsGetLeadChanges{StartPosition: &gen.StreamPosition{OldestCreatedAt: gen.Some[gen.DateTime]("2016-02-01T00:00:00Z")}},
	)
}

// answers returns what a simulator says to a request, all pages of it.
func answers(t *testing.T, s *simulator.Simulator, in gen.Message) string {
	t.Helper()
	var all strings.Builder
	for range 200 {
		op := gen.OperationByInput(in.ElementName())
		out, err := op.Call(t.Context(), s, in)
		if err != nil {
			fmt.Fprintf(&all, "%s: %v\n", op.Name, err)
			break
		}
		doc, err := gen.Marshal(out, gen.V3_1)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&all, "%s\n", doc)
		if !goOn(in, out) {
			break
		}
	}
	return all.String()
}

// goOn makes a request that of the next page, if there is one.
func goOn(in, out gen.Message) bool {
	switch out := out.(type) {
	case *gen.SuccessGetLeadActivity:
		in.(*gen.ParamsGetLeadActivity).StartPosition = gen.Some(*out.LeadActivityList.NewStartPosition)
		return out.LeadActivityList.RemainingCount > 0
	case *gen.SuccessGetLeadChanges:
		in.(*gen.ParamsGetLeadChanges).StartPosition = out.Result.NewStartPosition
		return out.Result.RemainingCount > 0
	}
	return false
}

func TestLoad_equalAnswers(t *testing.T) {
	t.Parallel()
	s := eventful(t)
	again := reload(t, s)
	first, second := questions(), questions()
	for i := range first {
		if diff := cmp.Diff(answers(t, s, first[i]), answers(t, again, second[i])); diff != "" {
			t.Errorf("%s:\n%s", gen.OperationByInput(first[i].ElementName()).Name, diff)
		}
	}
	if diff := cmp.Diff(s.CampaignRuns(), again.CampaignRuns(), cmp.Comparer(time.Time.Equal)); diff != "" {
		t.Error(diff)
	}
}

// An import that goes on ends in the copy as it does here.
func TestLoad_import(t *testing.T) {
	t.Parallel()
	s := reload(t, eventful(t), clockAt(stateNoon.Add(time.Minute)))
	status, err := s.GetImportToListStatus(t.Context(), &gen.ParamsGetImportToListStatus{ProgramName: gen.Some(simulator.DemoProgram), ListName: gen.Some("Guests")})
	if err != nil || status.Result.Status != gen.ImportToListStatusEnumCOMPLETE || status.Result.RowsImported.Value != 1 || status.Result.RowsFailed.Value != 1 {
		t.Errorf("%+v, error %v", status, err)
	}
	st := s.Snapshot()
	if len(st.ImportedTokens) != 1 || !st.Imports[0].Done {
		t.Errorf("tokens %v, imports %+v", st.ImportedTokens, st.Imports)
	}
	if diff := cmp.Diff(st, reload(t, s).Snapshot()); diff != "" {
		t.Error(diff)
	}
	if tokens := s.ImportedTokens(simulator.DemoProgram, simulator.DemoTriggerCampaign); len(tokens) != 1 || tokens[0].Tokens[0].Value != "Hello" {
		t.Errorf("tokens %v", tokens)
	}
}

// A position that was given before is good after the state was saved and loaded.
func TestLoad_positions(t *testing.T) {
	t.Parallel()
	s := eventful(t)
	in := ask("IDNUM", "318820", batch(10))
	list := page(t, s, in)
	in.StartPosition = gen.Some(*list.NewStartPosition)
	if diff := cmp.Diff(page(t, s, in), page(t, reload(t, s), in)); diff != "" {
		t.Error(diff)
	}
}

func TestReset(t *testing.T) {
	t.Parallel()
	s := eventful(t)
	since := &gen.ParamsGetMultipleLeads{LastUpdatedAt: gen.Some[gen.DateTime]("2011-01-01T00:00:00Z")}
	if text := answers(t, s, since); !strings.Contains(text, "318815") {
		t.Fatal(text)
	}
	s.Reset()
	want := simulator.New(simulator.WithWorkspaces("Europe")).Snapshot()
	if diff := cmp.Diff(want, s.Snapshot()); diff != "" {
		t.Error(diff)
	}
	if text := answers(t, s, since); strings.Contains(text, "318815") {
		t.Errorf("a lead that is gone is found: %s", text)
	}
	if err := s.LoadDemo(); err != nil {
		t.Error(err)
	}
}

// What is gone leaves its mark: its number and its id are not given again.
func TestSnapshot_gone(t *testing.T) {
	t.Parallel()
	st := eventful(t).Snapshot()
	if devices := st.CustomObjects[0]; len(devices.Records) != 1 || devices.Records[0].Number != 2 || devices.LastNumber != 3 {
		t.Errorf("%+v", devices)
	}
	st = simulator.State{
		LastIDs: simulator.LastIDs{Lead: 10, Activity: 20, List: 2000, Program: 30, Cost: 40, Campaign: 50, Opportunity: 60, OpportunityRole: 70},
		Leads:   []simulator.Lead{{Activities: []simulator.Activity{{Type: "NewLead"}}}},
		Lists:   []simulator.List{{Name: "L"}}, Opportunities: []simulator.Opportunity{{}},
		Programs:  []simulator.Program{{Name: "P", Costs: []simulator.Cost{{Month: "2016-01"}}}},
		Campaigns: []simulator.Campaign{{Name: "C"}}, OpportunityRoles: []simulator.OpportunityRole{{OpportunityID: 61, LeadID: 11}},
	}
	s := simulator.New()
	if err := s.Load(st); err != nil {
		t.Fatal(err)
	}
	want := simulator.LastIDs{Lead: 11, Activity: 21, List: 2001, Program: 31, Cost: 41, Campaign: 51, Opportunity: 61, OpportunityRole: 71}
	if diff := cmp.Diff(want, s.Snapshot().LastIDs); diff != "" {
		t.Error(diff)
	}
}

// Of activities of one second the later added is the newer, whatever the ids.
func TestSnapshot_order(t *testing.T) {
	t.Parallel()
	s := simulator.New(clockAt(stateNoon), simulator.WithWorkspaces("Europe"))
	for i, id := range []int64{30, 10, 20} {
		_, err := s.AddLead(simulator.Lead{ID: int64(3 - i), Activities: []simulator.Activity{{ID: id, Time: simulator.At(stateNoon), Type: "NewLead"}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	in := &gen.ParamsGetLeadChanges{StartPosition: &gen.StreamPosition{OldestCreatedAt: gen.Some[gen.DateTime]("2016-01-15T00:00:00Z")}}
	want := answers(t, s, in)
	in.StartPosition = &gen.StreamPosition{OldestCreatedAt: gen.Some[gen.DateTime]("2016-01-15T00:00:00Z")}
	if diff := cmp.Diff(want, answers(t, reload(t, s), in)); diff != "" || strings.Count(want, "<mktPersonId>") != 3 {
		t.Errorf("%s\n%s", want, diff)
	}
}

// What is missing in a state that was written by hand is given.
func TestLoad_defaults(t *testing.T) {
	t.Parallel()
	s := simulator.New(clockAt(stateNoon))
	err := s.Load(simulator.State{
		Leads: []simulator.Lead{{Email: "a@example.com"}, {ID: 5}, {Activities: []simulator.Activity{
			{Type: "NewLead"}, {ID: 3, Time: "2016-01-01T12:00:00Z", Type: "OpenEmail"},
		}}, {Updated: "2016-01-02T00:00:00Z"}},
		Lists:    []simulator.List{{Name: "L", Members: []int64{6}}},
		Programs: []simulator.Program{{Name: "P", Tags: []simulator.Attribute{{Name: "Channel", Value: "C"}, {Name: "T", Value: "V"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	st := s.Snapshot()
	now := gen.NewDateTime(stateNoon)
	want := []simulator.Lead{
		{ID: 6, Email: "a@example.com", Added: now},
		{ID: 5, Added: now},
		{ID: 7, Activities: []simulator.Activity{
			{ID: 3, Time: "2016-01-01T06:00:00-06:00", Type: "Open Email"}, {ID: 4, Time: now, Type: "New Lead"},
		}},
		{ID: 8, Updated: "2016-01-01T18:00:00-06:00"},
	}
	if diff := cmp.Diff(want, st.Leads); diff != "" {
		t.Error(diff)
	}
	if st.Lists[0].ID != 1001 || len(st.Channels) != 1 || st.Tags[0].Values[0] != "V" || st.Programs[0].TreePath != "Marketing Activities:Default:P" || st.Programs[0].Created != now {
		t.Errorf("%+v", st)
	}
}

// Whoever reads while states come and go sees one of them as a whole.
func TestLoad_concurrent(t *testing.T) {
	t.Parallel()
	s := simulator.New()
	states := []simulator.State{{}, {Leads: []simulator.Lead{{ID: 1}, {ID: 2}}}}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for i := range 100 {
				if err := s.Load(states[i%2]); err != nil {
					t.Error(err)
				}
			}
			s.Reset()
		})
		group.Go(func() {
			for range 100 {
				in := &gen.ParamsGetMultipleLeads{LastUpdatedAt: gen.Some[gen.DateTime]("2016-01-01T00:00:00Z")}
				out, err := s.GetMultipleLeads(t.Context(), in)
				if err != nil || out.Result.ReturnCount == 1 {
					t.Errorf("%+v, error %v", out, err)
				}
				if n := len(s.Snapshot().Leads); n == 1 {
					t.Error("a snapshot of half a state")
				}
			}
		})
	}
	group.Wait()
}

func TestLoad_bad(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, path, problem string }{
		{`{"workspaces":["Default","Asia"]}`, "workspaces[1]", `no workspace "Asia"`},
		{`{"fields":[{"name":"City"}]}`, "fields[0]", "taken"},
		{`{"leads":[{},{"id":-1}]}`, "leads[1].id", "outside 1 to"},
		{`{"leads":[{"id":3},{"id":3}]}`, "leads[1].id", "already"},
		{`{"leads":[{},{"id":99999999999}]}`, "leads[1].id", "outside 1 to"},
		{`{"leads":[{"workspace":"Asia"}]}`, "leads[0].workspace", "Asia"},
		{`{"leads":[{"fields":{"City":"x","LeadScore":"many"}}]}`, "leads[0].fields.LeadScore", "integer"},
		{`{"leads":[{"fields":{"Email":"x"}}]}`, "leads[0].fields.Email", "no field"},
		{`{"leads":[{"keys":[{"type":"PHONE","value":"1"}]}]}`, "leads[0].keys[0].type", "PHONE"},
		{`{"leads":[{"keys":[{"type":"EMAIL","value":"1"}]}]}`, "leads[0].keys[0].type", "id or email"},
		{`{"leads":[{"keys":[{"type":"COOKIE","value":""}]}]}`, "leads[0].keys[0].value", "empty"},
		{`{"leads":[{"keys":[{"type":"COOKIE","value":"1"},{"type":"COOKIE","value":"1"}]}]}`, "leads[0].keys[1].value", "already"},
		{`{"leads":[{"keys":[{"type":"SFDCLEADID","value":"1"},{"type":"SFDCLEADID","value":"2"}]}]}`, "leads[0].keys[1].type", "only one"},
		{`{"leads":[{"foreignIds":[{"system":"X","id":"1"}]}]}`, "leads[0].foreignIds[0].system", "one of"},
		{`{"leads":[{"foreignIds":[{"system":"SFDC","id":"1"}]},{"foreignIds":[{"system":"SFDC","id":"1"}]}]}`, "leads[1].foreignIds[0].id", "twice"},
		{`{"leads":[{"added":"yesterday"}]}`, "leads[0].added", "yesterday"},
		{`{"leads":[{},{},{},{"activities":[{"type":""}]}]}`, "leads[3].activities[0].type", "missing"},
		{`{"leads":[{"activities":[{"type":"NewLead","time":"now"}]}]}`, "leads[0].activities[0].time", "not a time"},
		{`{"leads":[{"activities":[{"type":"NewLead","id":-4}]}]}`, "leads[0].activities[0].id", "outside"},
		{`{"leads":[{"activities":[{"type":"NewLead","id":4}]},{"activities":[{"type":"NewLead","id":4}]}]}`, "leads[1].activities[0].id", "taken"},
		{`{"lists":[{"name":"L"},{"name":"L"}]}`, "lists[1].name", "already"},
		{`{"lists":[{"id":7}]}`, "lists[0].name", "no name"},
		{`{"lists":[{"id":-7,"name":"L"}]}`, "lists[0].id", "outside"},
		{`{"leads":[{}],"lists":[{"name":"L","members":[1,2]}]}`, "lists[0].members[1]", "no lead 2"},
		{`{"channels":[{"name":""}]}`, "channels[0]", "name"},
		{`{"tags":[{"type":"Channel"}]}`, "tags[0]", "AddChannel"},
		{`{"programs":[{"name":"P","id":-1}]}`, "programs[0].id", "outside"},
		{`{"programs":[{"name":"P"},{"name":"P"}]}`, "programs[1].name", "already"},
		{`{"programs":[{"name":"P","tags":[{"name":"T"}]}]}`, "programs[0].tags[0]", "value"},
		{`{"programs":[{"name":"P","tokens":[{"value":"T"}]}]}`, "programs[0].tokens", "name"},
		{`{"programs":[{"name":"P","costs":[{"month":"May","amount":1}]}]}`, "programs[0].costs[0].month", "May"},
		{`{"programs":[{"name":"P","costs":[{"id":-1,"month":"2013-06","amount":1}]}]}`, "programs[0].costs", "cost 1"},
		{`{"programs":[{"name":"P","start":"x"}]}`, "programs[0].start", "not a time"},
		{`{"campaigns":[{"name":"C","program":"P"}]}`, "campaigns[0].program", `no program "P"`},
		{`{"campaigns":[{"name":""}]}`, "campaigns[0].name", "needs a name"},
		{`{"campaigns":[{"name":"C","id":1},{"name":"D","id":1}]}`, "campaigns[1].id", "already"},
		{`{"campaigns":[{"name":"C","sources":["WEB"]}]}`, "campaigns[0].sources", "WEB"},
		{`{"campaignRuns":[{"campaignId":1,"source":"WEB"}]}`, "campaignRuns[0].source", "WEB"},
		{`{"campaignRuns":[{"campaignId":1,"time":"x"}]}`, "campaignRuns[0].time", "not a time"},
		{`{"objectFields":[{"object":"Program","name":"X"}]}`, "objectFields[0]", "Program"},
		{`{"opportunities":[{"id":-1}]}`, "opportunities[0].id", "outside"},
		{`{"opportunities":[{"externalKey":{"name":"x","value":""}}]}`, "opportunities[0].externalKey", "both"},
		{`{"opportunities":[{"company":{}}]}`, "opportunities[0].company", "either"},
		{`{"opportunities":[{"attributes":[{"name":"Colour","value":"x"}]}]}`, "opportunities[0].attributes", "Colour"},
		{`{"opportunityRoles":[{"opportunityId":1,"leadId":1}]}`, "opportunityRoles[0].opportunityId", "no opportunity 1"},
		{`{"opportunities":[{"id":1}],"opportunityRoles":[{"opportunityId":1,"leadId":1}]}`, "opportunityRoles[0].leadId", "no lead 1"},
		{`{"customObjects":[{"name":"D","keys":[]}]}`, "customObjects[0].name", "deduplication"},
		{`{"customObjects":[{"name":"D","keys":[{"name":"K"}],"records":[{"keys":{"X":"1"}}]}]}`, "customObjects[0].records[0]", `"X"`},
		{`{"customObjects":[{"name":"D","keys":[{"name":"K"}],"records":[{"number":-1,"keys":{"K":"1"}}]}]}`, "customObjects[0].records[0].number", "-1"},
		{`{"customObjects":[{"name":"D","keys":[{"name":"K"}],"lastNumber":-1}]}`, "customObjects[0].lastNumber", "-1"},
		{`{"imports":[{"listId":1,"mode":"LISTONLY"}]}`, "imports[0].listId", "no list 1"},
		{`{"lists":[{"id":1,"name":"L"}],"imports":[{"listId":1,"mode":"X"}]}`, "imports[0].mode", "one of"},
		{`{"lists":[{"id":1,"name":"L"}],"imports":[{"listId":1,"mode":"LISTONLY","columns":["Email","X"]}]}`, "imports[0].columns[1]", "no field X"},
		{`{"lists":[{"id":1,"name":"L"}],"imports":[{"listId":1,"mode":"LISTONLY","done":true,"rows":["x"]}]}`, "imports[0].rows", "no rows left"},
		{`{"lists":[{"id":1,"name":"L"}],"imports":[{"listId":1,"mode":"LISTONLY","failed":-1}]}`, "imports[0].imported", "negative"},
		{`{"opportunities":[{"id":1,"updated":"x"}]}`, "opportunities[0].updated", "not a time"},
		{`{"opportunities":[{"id":1,"created":"x"}]}`, "opportunities[0].created", "not a time"},
		{`{"leads":[{"id":1,"updated":"x"}]}`, "leads[0].updated", "not a time"},
		{`{"leads":[{"foreignIds":[{"system":"SFDC","id":""}]}]}`, "leads[0].foreignIds[0].id", "empty"},
		{`{"leads":[{"id":1}],"opportunities":[{"id":1}],"opportunityRoles":[{"id":-1,"opportunityId":1,"leadId":1}]}`, "opportunityRoles[0].id", "outside"},
		{`{"leads":[{"id":1}],"opportunities":[{"id":1}],"opportunityRoles":[{"opportunityId":1,"leadId":1,"attributes":[{"name":"X"}]}]}`, "opportunityRoles[0].attributes", "X"},
		{`{"programs":[{"name":"P"}],"campaigns":[{"name":"C","program":"P"},{"name":"C","program":"P"}]}`, "campaigns[1].name", "already"},
		{`{"lists":[{"id":1,"name":"L"}],"imports":[{"listId":1,"mode":"LISTONLY","started":"x"}]}`, "imports[0].started", "not a time"},
		{`{"lists":[{"id":1,"name":"L"}],"imports":[{"listId":1,"mode":"LISTONLY","ended":"x"}]}`, "imports[0].ended", "not a time"},
		{`{"importedTokens":[{"leadId":1,"tokens":[]}]}`, "importedTokens[0].campaign", "empty"},
		{`{"lastIds":{"lead":-1}}`, "lastIds.lead", "outside"},
	}
	s := eventful(t)
	before := s.Snapshot()
	for _, test := range tests {
		var st simulator.State
		if err := json.Unmarshal([]byte(test.text), &st); err != nil {
			t.Fatalf("%s: %v", test.text, err)
		}
		err := s.Load(st)
		var bad *simulator.StateError
		if !errors.As(err, &bad) || bad.Path != test.path || !strings.Contains(bad.Problem(), test.problem) || strings.Contains(err.Error()[1:], "simulator:") {
			t.Errorf("%s\ngives %v, want one at %s with %q", test.text, err, test.path, test.problem)
		}
	}
	if diff := cmp.Diff(before, s.Snapshot()); diff != "" {
		t.Errorf("a state that was refused has changed something:\n%s", diff)
	}
}
