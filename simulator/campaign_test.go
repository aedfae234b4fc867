package simulator_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// campaignSetup returns programSetup's simulator with campaigns in the first program.
func campaignSetup(t testing.TB) *simulator.Simulator {
	t.Helper()
	sim := programSetup(t)
	for _, c := range []simulator.Campaign{
		{ID: 10, Program: "Fair", Name: "Ask", Description: "asks", Sources: []gen.ReqCampSourceType{"MKTOWS", "SALES"}},
		{Program: "Fair", Name: "Invite", Batch: true},
		{Name: "Ask", Sources: []gen.ReqCampSourceType{"SALES"}},
		{Name: "Ask", Sources: []gen.ReqCampSourceType{"SALES"}},
	} {
		if _, err := sim.AddCampaign(c); err != nil {
			t.Fatal(err)
		}
	}
	return sim
}

func TestGetCampaignsForSource_form(t *testing.T) {
	t.Parallel()
	sim := campaignSetup(t)
	get := func(in gen.ParamsGetCampaignsForSource) *gen.ResultGetCampaignsForSource {
		t.Helper()
		out, err := sim.GetCampaignsForSource(t.Context(), &in)
		if err != nil {
			t.Fatal(err)
		}
		encode(t, out)
		return out.Result
	}
	want := []gen.CampaignRecord{{Id: 12, Name: "Ask"}, {Id: 13, Name: "Ask"}, {Id: 10, Name: "Fair.Ask", Description: "asks"}}
	if diff := cmp.Diff(want, get(gen.ParamsGetCampaignsForSource{Source: "SALES"}).CampaignRecordList.Value.CampaignRecord); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]int32{"ask": 3, "fair.a": 1, "": 3} {
		if got := get(gen.ParamsGetCampaignsForSource{Source: "SALES", Name: gen.Some(name)}); got.ReturnCount != want {
			t.Errorf("%q: %d campaigns, want %d", name, got.ReturnCount, want)
		}
	}
	for name, want := range map[string]int32{"Ask": 2, "ask": 0, "Fair.Ask": 1, "": 3} {
		got := get(gen.ParamsGetCampaignsForSource{Source: "SALES", Name: gen.Some(name), ExactName: gen.Some(true)})
		if got.ReturnCount != want || want == 0 && got.CampaignRecordList.State != gen.Nil {
			t.Errorf("exactly %q: %d campaigns, want %d", name, got.ReturnCount, want)
		}
	}
	_, err := sim.GetCampaignsForSource(t.Context(), nil)
	wantFault(t, err, fault.CodeParameterRequired, "source")
	_, err = sim.GetCampaignsForSource(t.Context(), &gen.ParamsGetCampaignsForSource{Source: "mktows"})
	wantFault(t, err, fault.CodeBadParameter, "mktows")
}

func requestFor(leads ...string) *gen.ParamsRequestCampaign {
	in := &gen.ParamsRequestCampaign{Source: "MKTOWS", LeadList: gen.Some(gen.ArrayOfLeadKey{})}
	for _, id := range leads {
		in.LeadList.Value.LeadKey = append(in.LeadList.Value.LeadKey, *key("IDNUM", id))
	}
	return in
}

// The run has the program's tokens with those of the call in their place, each lead once.
func TestRequestCampaign_run(t *testing.T) {
	t.Parallel()
	sim := campaignSetup(t)
	in := requestFor("8", "7", "8")
	in.ProgramName, in.CampaignName = gen.Some("Fair"), gen.Some("Ask")
	in.ProgramTokenList = attribsOf("{{my.message}}", "Bye", "{{my.new}}", "n")
	out, err := sim.RequestCampaign(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	want := []simulator.CampaignRun{{
		CampaignID: 10, Campaign: "Fair.Ask", Source: "MKTOWS", Time: simulator.At(noon), Leads: []int64{8, 7},
		Tokens: []simulator.Attribute{{Name: "my.message", Value: "Bye"}, {Name: "my.place", Value: "<b>here</b>"}, {Name: "my.new", Value: "n"}},
	}}
	if diff := cmp.Diff(want, sim.CampaignRuns()); diff != "" {
		t.Error(diff)
	}
	record := page(t, sim, ask("IDNUM", "7", including("RequestCampaign"))).ActivityRecordList.Value.ActivityRecord[0]
	text := []string{record.ActivityType, record.MktgAssetName.Value, record.Campaign.Value}
	for _, a := range record.ActivityAttributes.Value.Attribute {
		text = append(text, a.AttrName+"="+a.AttrValue)
	}
	if diff := cmp.Diff([]string{"Request Campaign", "Fair.Ask", "", "Campaign ID=10", "Source=Web service API", "Lead ID=7"}, text); diff != "" {
		t.Error(diff)
	}
}

// A list of tokens that says it is nil is an empty one; without any list the names do not
// do.
func TestRequestCampaign_nilTokens(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		list gen.Opt[gen.ArrayOfAttrib]
		code fault.Code
	}{{attribsOf(), 0}, {gen.NilOf[gen.ArrayOfAttrib](), 0}, {gen.Opt[gen.ArrayOfAttrib]{}, fault.CodeBadParameter}} {
		in := requestFor("7")
		in.ProgramName, in.CampaignName, in.ProgramTokenList = gen.Some("Fair"), gen.Some("Ask"), test.list
		if _, err := campaignSetup(t).RequestCampaign(t.Context(), in); codeOf(err) != test.code {
			t.Errorf("%+v: %v, want %d", test.list, err, test.code)
		}
		in = requestFor("7")
		in.CampaignId, in.ProgramTokenList = gen.Some[int32](10), test.list
		if _, err := campaignSetup(t).RequestCampaign(t.Context(), in); err != nil {
			t.Errorf("by id, %+v: %v", test.list, err)
		}
	}
}

func TestRequestCampaign_faults(t *testing.T) {
	t.Parallel()
	change := func(change func(*gen.ParamsRequestCampaign)) *gen.ParamsRequestCampaign {
		in := requestFor("7")
		in.CampaignId = gen.Some[int32](10)
		change(in)
		return in
	}
	tests := []struct {
		name string
		in   *gen.ParamsRequestCampaign
		code fault.Code
	}{
		{"no request", nil, fault.CodeParameterRequired},
		{"source", change(func(in *gen.ParamsRequestCampaign) { in.Source = "WEB" }), fault.CodeBadParameter},
		{"no leads", change(func(in *gen.ParamsRequestCampaign) { in.LeadList = gen.Opt[gen.ArrayOfLeadKey]{} }), fault.CodeParameterRequired},
		{"cookie", change(func(in *gen.ParamsRequestCampaign) { in.LeadList.Value.LeadKey[0].KeyType = "COOKIE" }), fault.CodeLeadKeyBad},
		{"type of key", change(func(in *gen.ParamsRequestCampaign) { in.LeadList.Value.LeadKey[0].KeyType = "PHONE" }), fault.CodeLeadKeyBad},
		{"lead", change(func(in *gen.ParamsRequestCampaign) { in.LeadList.Value.LeadKey[0].KeyValue = "9" }), fault.CodeLeadNotFound},
		{"nothing", change(func(in *gen.ParamsRequestCampaign) { in.CampaignId = gen.Opt[int32]{} }), fault.CodeBadParameter},
		{"id and program", change(func(in *gen.ParamsRequestCampaign) { in.ProgramName = gen.Some("Fair") }), fault.CodeBadParameter},
		{"id and token", change(func(in *gen.ParamsRequestCampaign) { in.ProgramTokenList = attribsOf("my.a", "b") }), fault.CodeBadParameter},
		{"batch campaign", change(func(in *gen.ParamsRequestCampaign) { in.CampaignId.Value = 11 }), fault.CodeCampaignNotFound},
		{"another source", change(func(in *gen.ParamsRequestCampaign) { in.CampaignId.Value = 12 }), fault.CodeCampaignNotFound},
		{"unknown campaign", change(func(in *gen.ParamsRequestCampaign) { in.CampaignId.Value = 99 }), fault.CodeCampaignNotFound},
		{"token without name", change(func(in *gen.ParamsRequestCampaign) {
			in.CampaignId, in.ProgramName, in.CampaignName = gen.NilOf[int32](), gen.Some("Fair"), gen.Some("Ask")
			in.ProgramTokenList = attribsOf("{{}}", "x")
		}), fault.CodeBadParameter},
		// Empty elements count as absent.
		{"", change(func(in *gen.ParamsRequestCampaign) {
			in.ProgramName, in.CampaignName, in.ProgramTokenList = gen.Some(""), gen.NilOf[string](), attribsOf()
		}), 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim := campaignSetup(t)
			if _, err := sim.RequestCampaign(t.Context(), test.in); codeOf(err) != test.code {
				t.Errorf("%v, want %d", err, test.code)
			}
			if runs := sim.CampaignRuns(); (len(runs) == 0) != (test.code != 0) {
				t.Errorf("%d runs", len(runs))
			}
		})
	}
}

func TestScheduleCampaign_runs(t *testing.T) {
	t.Parallel()
	sim := campaignSetup(t)
	later := noon.Add(time.Hour)
	for _, at := range []gen.Opt[gen.DateTime]{{}, gen.Some(gen.DateTime("")), gen.Some(gen.NewDateTime(later)), gen.Some(gen.NewDateTime(noon.Add(-time.Hour)))} {
		in := &gen.ParamsScheduleCampaign{ProgramName: "Fair", CampaignName: "Invite", CampaignRunAt: at, ProgramTokenList: attribsOf("my.message", "now")}
		out, err := sim.ScheduleCampaign(t.Context(), in)
		if err != nil || !out.Result.Success {
			t.Fatal(out, err)
		}
	}
	var times []time.Time
	for _, run := range sim.CampaignRuns() {
		times = append(times, timeOf(run.Time))
		if run.Campaign != "Fair.Invite" || run.Tokens[0].Value != "now" || run.Leads != nil || run.Source != "" {
			t.Errorf("run %+v", run)
		}
	}
	if !slices.EqualFunc(times, []time.Time{noon, noon, later, noon}, time.Time.Equal) {
		t.Errorf("times %v", times)
	}
}

// The copy has what the program has, and its own ids.
func TestScheduleCampaign_clone(t *testing.T) {
	t.Parallel()
	sim := campaignSetup(t)
	in := &gen.ParamsScheduleCampaign{ProgramName: "Fair", CampaignName: "Invite", CloneToProgramName: gen.Some("Fair 2")}
	if _, err := sim.ScheduleCampaign(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if run := sim.CampaignRuns()[0]; run.Campaign != "Fair 2.Invite" || run.CampaignID != 15 {
		t.Errorf("run %+v", run)
	}
	list := mobjects(t, sim, &gen.ParamsGetMObjects{Type: "Program", IncludeDetails: gen.Some(true)}).MObjectList.Value.MObject
	text := programText(list[1])
	if len(list) != 2 || list[1].Id.Value != 3 || text[len(text)-1] != "Cost: Id=2 Month=2015-09-01 Amount=12 Note=" || len(text) != len(programText(list[0])) {
		t.Errorf("programs %v", list)
	}
	out, err := sim.GetCampaignsForSource(t.Context(), &gen.ParamsGetCampaignsForSource{Source: "MKTOWS", Name: gen.Some("Fair 2.Ask")})
	if err != nil || out.Result.ReturnCount != 1 {
		t.Errorf("the copy's other campaign: %v, %v", out, err)
	}
	_, err = sim.ScheduleCampaign(t.Context(), in)
	wantFault(t, err, fault.CodeBadParameter, "cloneToProgramName")
}

func TestScheduleCampaign_faults(t *testing.T) {
	t.Parallel()
	sim := campaignSetup(t)
	for _, test := range []struct {
		in   *gen.ParamsScheduleCampaign
		code fault.Code
	}{
		{nil, fault.CodeParameterRequired},
		{&gen.ParamsScheduleCampaign{ProgramName: "Fair"}, fault.CodeParameterRequired},
		{&gen.ParamsScheduleCampaign{ProgramName: "Fair", CampaignName: "Nothing"}, fault.CodeCampaignNotFound},
		{&gen.ParamsScheduleCampaign{ProgramName: "Nothing", CampaignName: "Invite"}, fault.CodeCampaignNotFound},
		{&gen.ParamsScheduleCampaign{ProgramName: "Fair", CampaignName: "Ask"}, fault.CodeBadParameter},
		{&gen.ParamsScheduleCampaign{ProgramName: "Fair", CampaignName: "Invite", CampaignRunAt: gen.Some(gen.DateTime("soon"))}, fault.CodeBadParameter},
		{&gen.ParamsScheduleCampaign{ProgramName: "Fair", CampaignName: "Invite", ProgramTokenList: attribsOf("", "x")}, fault.CodeBadParameter},
	} {
		if _, err := sim.ScheduleCampaign(t.Context(), test.in); codeOf(err) != test.code {
			t.Errorf("%+v: %v, want %d", test.in, err, test.code)
		}
	}
	if runs := sim.CampaignRuns(); len(runs) != 0 {
		t.Errorf("%d runs", len(runs))
	}
}

func TestAddCampaign_errors(t *testing.T) {
	t.Parallel()
	sim := campaignSetup(t)
	for _, c := range []simulator.Campaign{
		{}, {Name: "x", ID: 10}, {Name: "x", ID: -1}, {Name: "x", ID: 1 << 31}, {Name: "x", Program: "Nothing"}, {Name: "Ask", Program: "Fair"},
		{Name: "x", Batch: true, Sources: []gen.ReqCampSourceType{"SALES"}}, {Name: "x", Sources: []gen.ReqCampSourceType{"WEB"}},
	} {
		if id, err := sim.AddCampaign(c); err == nil {
			t.Errorf("%+v: no error, id %d", c, id)
		}
	}
}

// The demonstration data have a campaign to request and one to schedule, and objects.
func TestLoadDemo_objects(t *testing.T) {
	t.Parallel()
	sim := demo(t)
	in := requestFor("318815")
	in.ProgramName, in.CampaignName, in.ProgramTokenList = gen.Some(simulator.DemoProgram), gen.Some(simulator.DemoTriggerCampaign), attribsOf()
	if _, err := sim.RequestCampaign(t.Context(), in); err != nil {
		t.Error(err)
	}
	scheduled := &gen.ParamsScheduleCampaign{ProgramName: simulator.DemoProgram, CampaignName: simulator.DemoBatchCampaign}
	if _, err := sim.ScheduleCampaign(t.Context(), scheduled); err != nil {
		t.Error(err)
	}
	deals := mobjects(t, sim, &gen.ParamsGetMObjects{Type: "Opportunity", MObjAssociationList: withAssociations("Lead", simulator.DemoLeadID)})
	if diff := cmp.Diff([]int32{78}, mobjectIDs(deals)); diff != "" {
		t.Error(diff)
	}
	if created := deals.MObjectList.Value.MObject[0].CreatedAt.Value; created != "2015-09-21T09:30:00-05:00" {
		t.Errorf("created %s", created)
	}
	program := mobjects(t, sim, &gen.ParamsGetMObjects{Type: "Program", Id: gen.Some[int32](1019), IncludeDetails: gen.Some(true)})
	if got := len(program.MObjectList.Value.MObject[0].TypeAttribList.Value.TypeAttrib); got != 7 {
		t.Errorf("%d details, want channel, two tags, two tokens, two costs", got)
	}
	devices := customs(t, sim, &gen.ParamsGetCustomObjects{
		ObjTypeName: simulator.DemoCustomObject, CustomObjKeyList: attributes("LeadId", "318815"), IncludeAttributes: strs(),
	})
	if devices.ReturnCount != 2 {
		t.Errorf("%d devices, want 2", devices.ReturnCount)
	}
	if err := sim.LoadDemo(); err == nil {
		t.Error("no error the second time")
	}
}

// Calls from many sides at once leave everything consistent; the race detector looks on.
func TestSimulator_concurrentObjects(t *testing.T) {
	t.Parallel()
	sim := campaignSetup(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			in := requestFor("7")
			in.CampaignId = gen.Some[int32](10)
			for range 20 {
				_, err1 := sim.RequestCampaign(t.Context(), in)
				_, err2 := sim.SyncMObjects(t.Context(), &gen.ParamsSyncMObjects{Operation: "UPSERT", MObjectList: &gen.ArrayOfMObject{
					MObject: []gen.MObject{{Type: "Opportunity"}},
				}})
				_, err3 := sim.GetMObjects(t.Context(), &gen.ParamsGetMObjects{Type: "Opportunity"})
				if err1 != nil || err2 != nil || err3 != nil {
					t.Error(err1, err2, err3)
				}
			}
		}()
	}
	wg.Wait()
	if n := len(sim.CampaignRuns()); n != 160 {
		t.Errorf("%d runs, want 160", n)
	}
	if got := readAllObjects(t, sim); len(got) != 160 || got[159] != 160 {
		t.Errorf("%d opportunities, want 160", len(got))
	}
}

func readAllObjects(t testing.TB, sim *simulator.Simulator) []int32 {
	t.Helper()
	in := &gen.ParamsGetMObjects{Type: "Opportunity"}
	var all []int32
	for {
		r := mobjects(t, sim, in)
		all = append(all, mobjectIDs(r)...)
		if !r.HasMore {
			return all
		}
		in.StreamPosition = gen.Some(r.NewStreamPosition)
	}
}
