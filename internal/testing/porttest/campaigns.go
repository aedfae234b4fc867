package porttest

import (
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

func campaignCases() []testCase {
	return []testCase{
		{"getCampaignsForSource", positive, "by source and name", campaignsPositive},
		{"getCampaignsForSource", empty, "no campaign of the name", campaignsEmpty},
		{"getCampaignsForSource", badInput, "sources", campaignsBad},
		{"requestCampaign", positive, "by id", requestByID},
		{"requestCampaign", positive, "by name, with tokens", requestByName},
		{"requestCampaign", positive, "leads beyond the first 100 are ignored", requestMany},
		{"requestCampaign", empty, "no leads", requestEmpty},
		{"requestCampaign", badInput, "combinations, campaigns and leads", requestBad},
		{"scheduleCampaign", positive, "now and later", schedulePositive},
		{"scheduleCampaign", empty, "an empty list of tokens", scheduleEmpty},
		{"scheduleCampaign", badInput, "names", scheduleBad},
	}
}

// campaigns returns the names of the campaigns in an answer of getCampaignsForSource.
func campaigns(t testing.TB, f Fixture, in *gen.ParamsGetCampaignsForSource) []string {
	t.Helper()
	r := must(f.Port.GetCampaignsForSource(t.Context(), in))(t).Result
	equal(t, "returnCount", int(r.ReturnCount), len(r.CampaignRecordList.Value.CampaignRecord))
	var names []string
	for _, c := range r.CampaignRecordList.Value.CampaignRecord {
		names = append(names, c.Name)
	}
	return names
}

// campaignsPositive states that campaigns are found by their source and by a part of the name in any case, or by the
// whole name. A campaign inside of a program is called "program.campaign".
func campaignsPositive(t testing.TB, f Fixture) {
	const inProgram = programAutumn + "." + campaignRequest
	mktows := gen.ReqCampSourceTypeMKTOWS
	sameList(t, "all", campaigns(t, f, &gen.ParamsGetCampaignsForSource{Source: mktows}), []string{inProgram, "another Brochure"})
	sameList(t, "contained, in any case", campaigns(t, f, &gen.ParamsGetCampaignsForSource{Source: mktows, Name: gen.Some("BROCHURE")}),
		[]string{inProgram, "another Brochure"})
	sameList(t, "exact", campaigns(t, f, &gen.ParamsGetCampaignsForSource{
		Source: mktows, Name: gen.Some("another Brochure"), ExactName: gen.Some(true),
	}), []string{"another Brochure"})
	sameList(t, "of sales", campaigns(t, f, &gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeSALES}), []string{campaignForSales})
}

// campaignsEmpty states that names without a campaign give an empty list.
func campaignsEmpty(t testing.TB, f Fixture) {
	for _, in := range []gen.ParamsGetCampaignsForSource{
		{Source: gen.ReqCampSourceTypeMKTOWS, Name: gen.Some("No Such Campaign")},
		{Source: gen.ReqCampSourceTypeMKTOWS, Name: gen.Some("another"), ExactName: gen.Some(true)},
	} {
		if names := campaigns(t, f, &in); len(names) != 0 {
			t.Errorf("campaigns %v, want none", names)
		}
	}
}

func campaignsBad(t testing.TB, f Fixture) {
	_, err := f.Port.GetCampaignsForSource(t.Context(), &gen.ParamsGetCampaignsForSource{Source: "NOBODY"})
	outside(t, err, "NOBODY")
}

// leadKeys returns the list of leads of a request.
func leadKeys(keys ...*gen.LeadKey) gen.Opt[gen.ArrayOfLeadKey] {
	var list gen.ArrayOfLeadKey
	for _, k := range keys {
		list.LeadKey = append(list.LeadKey, *k)
	}
	return gen.Some(list)
}

// tokens returns a list of names and values: tokens of a campaign, or attributes of an object, which have the same
// type.
func tokens(list ...gen.Attrib) gen.Opt[gen.ArrayOfAttrib] {
	return gen.Some(gen.ArrayOfAttrib{Attrib: list})
}

// requestOf returns a request of the web service for some leads, without a campaign yet.
func requestOf(leads ...*gen.LeadKey) *gen.ParamsRequestCampaign {
	return &gen.ParamsRequestCampaign{Source: gen.ReqCampSourceTypeMKTOWS, LeadList: leadKeys(leads...)}
}

// request makes a request that has to succeed.
func request(t testing.TB, f Fixture, in *gen.ParamsRequestCampaign) {
	t.Helper()
	equal(t, "success", must(f.Port.RequestCampaign(t.Context(), in))(t).Result.Success, true)
}

// requestByID states that a request by id reaches the leads in it and no others. It is seen by the activity that it
// leaves.
func requestByID(t testing.TB, f Fixture) {
	in := requestOf(idKey(leadBare), key("EMAIL", "two@example.com"))
	in.CampaignId = gen.Some[int32](campaignID)
	request(t, f, in)
	for _, id := range []int64{leadBare, leadTwo} {
		equal(t, "activities Request Campaign", len(history(t, f, id, gen.ActivityTypeRequestCampaign)), 1)
	}
	equal(t, "activities of another lead", len(history(t, f, leadOne, gen.ActivityTypeRequestCampaign)), 0)
}

// requestByName states that a campaign can be requested by program and name, with tokens or an empty list of them,
// and that a second request runs the lead once more.
func requestByName(t testing.TB, f Fixture) {
	in := requestOf(idKey(leadBare))
	in.ProgramName, in.CampaignName = gen.Some(programAutumn), gen.Some(campaignRequest)
	in.ProgramTokenList = tokens(gen.Attrib{Name: "{{my.message}}", Value: "Grüße"})
	request(t, f, in)
	in.ProgramTokenList = tokens()
	request(t, f, in)
	equal(t, "activities Request Campaign", len(history(t, f, leadBare, gen.ActivityTypeRequestCampaign)), 2)
}

// requestMany states that only the first 100 leads of a request count. Leads after them are ignored, even if they do
// not exist.
func requestMany(t testing.TB, f Fixture) {
	keys := make([]*gen.LeadKey, 100, 102)
	for i := range keys {
		keys[i] = idKey(leadOne)
	}
	in := requestOf(append(keys, idKey(leadBare), idKey(noLead))...)
	in.CampaignId = gen.Some[int32](campaignID)
	request(t, f, in)
	equal(t, "activities of lead 101", len(history(t, f, leadBare, gen.ActivityTypeRequestCampaign)), 0)
}

// requestEmpty states that a request without leads is refused.
func requestEmpty(t testing.TB, f Fixture) {
	in := requestOf()
	in.CampaignId = gen.Some[int32](campaignID)
	_, err := f.Port.RequestCampaign(t.Context(), in)
	refused(t, err, append(missing, fault.CodeLeadKeyRequired)...)
}

// requestBad states which combinations of id, names and tokens are refused, and that a refused request does nothing,
// not even for the leads in it that are right. What becomes of a lead beside one that does not exist is not documented.
func requestBad(t testing.TB, f Fixture) {
	id := gen.Some[int32](campaignID)
	program, name, some := gen.Some(programAutumn), gen.Some(campaignRequest), tokens(gen.Attrib{Name: "{{my.message}}", Value: "x"})
	for _, test := range []struct {
		name string
		in   gen.ParamsRequestCampaign
		keys []*gen.LeadKey // leadBare, if there are none
		want []fault.Code
	}{
		{"id and name", gen.ParamsRequestCampaign{CampaignId: id, CampaignName: name}, nil, bad},
		{"id and all of the names", gen.ParamsRequestCampaign{CampaignId: id, ProgramName: program, CampaignName: name, ProgramTokenList: some}, nil, bad},
		{"id and tokens", gen.ParamsRequestCampaign{CampaignId: id, ProgramTokenList: some}, nil, bad},
		{"name without program", gen.ParamsRequestCampaign{CampaignName: name, ProgramTokenList: some}, nil, bad},
		{"names without tokens", gen.ParamsRequestCampaign{ProgramName: program, CampaignName: name}, nil, bad},
		{"neither", gen.ParamsRequestCampaign{}, nil, missingOrBad},
		{"unknown id", gen.ParamsRequestCampaign{CampaignId: gen.Some[int32](9999)}, nil, []fault.Code{fault.CodeCampaignNotFound}},
		{"unknown name", gen.ParamsRequestCampaign{ProgramName: program, CampaignName: gen.Some("No Such Campaign"), ProgramTokenList: some}, nil, []fault.Code{fault.CodeCampaignNotFound}},
		{"unknown lead", gen.ParamsRequestCampaign{CampaignId: id}, []*gen.LeadKey{idKey(noLead)}, []fault.Code{fault.CodeLeadNotFound}},
		{"unknown owner", gen.ParamsRequestCampaign{CampaignId: id}, []*gen.LeadKey{idKey(leadBare), key("LEADOWNEREMAIL", emailNobody)}, []fault.Code{fault.CodeLeadOwnerNotFound}},
		{"empty key", gen.ParamsRequestCampaign{CampaignId: id}, []*gen.LeadKey{idKey(leadBare), key("EMAIL", "")}, []fault.Code{fault.CodeLeadKeyRequired}},
		{"batch campaign", gen.ParamsRequestCampaign{CampaignId: gen.Some[int32](batchCampaignID)}, nil, append(bad, fault.CodeCampaignNotFound)},
	} {
		t.Log(test.name)
		test.in.Source, test.in.LeadList = gen.ReqCampSourceTypeMKTOWS, leadKeys(idKey(leadBare))
		if test.keys != nil {
			test.in.LeadList = leadKeys(test.keys...)
		}
		_, err := f.Port.RequestCampaign(t.Context(), &test.in)
		refused(t, err, test.want...)
	}
	equal(t, "activities after refused calls", len(history(t, f, leadBare)), 0)
}

// schedule schedules a run that has to be accepted.
func schedule(t testing.TB, f Fixture, in *gen.ParamsScheduleCampaign) {
	t.Helper()
	equal(t, "success", must(f.Port.ScheduleCampaign(t.Context(), in))(t).Result.Success, true)
}

// schedulePositive states that a batch campaign can be scheduled at once, and for later with tokens.
func schedulePositive(t testing.TB, f Fixture) {
	schedule(t, f, &gen.ParamsScheduleCampaign{ProgramName: programAutumn, CampaignName: campaignBatch})
	schedule(t, f, &gen.ParamsScheduleCampaign{
		ProgramName: programAutumn, CampaignName: campaignBatch, CampaignRunAt: gen.Some(gen.NewDateTime(now.Add(time.Hour))),
		ProgramTokenList: tokens(gen.Attrib{Name: "{{my.message}}", Value: "Later"}),
	})
}

func scheduleEmpty(t testing.TB, f Fixture) {
	schedule(t, f, &gen.ParamsScheduleCampaign{ProgramName: programAutumn, CampaignName: campaignBatch, ProgramTokenList: tokens()})
}

// scheduleBad states what scheduleCampaign refuses; a campaign that waits for requests is not a batch campaign.
func scheduleBad(t testing.TB, f Fixture) {
	for _, test := range []struct {
		program, name string
		want          []fault.Code
	}{
		{"", campaignBatch, missing},
		{programAutumn, "", missing},
		{"No Such Program", campaignBatch, append(bad, fault.CodeCampaignNotFound)},
		{programAutumn, "No Such Campaign", []fault.Code{fault.CodeCampaignNotFound}},
		{programAutumn, campaignRequest, append(bad, fault.CodeCampaignNotFound)}, // not a batch campaign
	} {
		t.Logf("%q in %q", test.name, test.program)
		_, err := f.Port.ScheduleCampaign(t.Context(), &gen.ParamsScheduleCampaign{ProgramName: test.program, CampaignName: test.name})
		refused(t, err, test.want...)
	}
}
