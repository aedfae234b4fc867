package operations_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// done is the result of methods that return an error only.
type done struct{}

func requestCampaign(r operations.CampaignRequest) func(context.Context, *operations.API) (any, error) {
	return func(ctx context.Context, api *operations.API) (any, error) {
		return done{}, api.Campaigns.Request(ctx, r)
	}
}

func schedule(r operations.CampaignRun) func(context.Context, *operations.API) (any, error) {
	return func(ctx context.Context, api *operations.API) (any, error) {
		return done{}, api.Campaigns.Schedule(ctx, r)
	}
}

func forSource(s operations.CampaignSource, f *operations.CampaignFilter) func(context.Context, *operations.API) (any, error) {
	return func(ctx context.Context, api *operations.API) (any, error) { return api.Campaigns.ForSource(ctx, s, f) }
}

func campaignCalls() []callCase {
	requested := &gen.SuccessRequestCampaign{Result: &gen.ResultRequestCampaign{Success: true}}
	scheduled := &gen.SuccessScheduleCampaign{Result: &gen.ResultScheduleCampaign{Success: true}}
	leads := gen.Some(gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "1"}}})
	keys := []operations.LeadKey{operations.LeadID(1)}
	return []callCase{
		{
			name:    "Campaigns.ForSource",
			call:    forSource(operations.SourceSales, nil),
			request: &gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeSALES},
			answer: &gen.SuccessGetCampaignsForSource{Result: &gen.ResultGetCampaignsForSource{
				ReturnCount: 1,
				CampaignRecordList: gen.Some(gen.ArrayOfCampaignRecord{CampaignRecord: []gen.CampaignRecord{
					{Id: 7, Name: "Webinar.Invite", Description: "asks"}, {Id: 8, Name: "Webinar.Invite"},
				}}),
			}},
			want: []operations.Campaign{{ID: 7, Name: "Webinar.Invite", Description: "asks"}, {ID: 8, Name: "Webinar.Invite"}},
		},
		{
			name:    "Campaigns.ForSource without any",
			call:    forSource(operations.SourceWebService, &operations.CampaignFilter{Name: "x", Exact: true}),
			request: &gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeMKTOWS, Name: gen.Some("x"), ExactName: gen.Some(true)},
			answer: &gen.SuccessGetCampaignsForSource{Result: &gen.ResultGetCampaignsForSource{
				CampaignRecordList: gen.NilOf[gen.ArrayOfCampaignRecord](),
			}},
			want: []operations.Campaign{},
		},
		{
			name:    "Campaigns.Request by id",
			call:    requestCampaign(operations.CampaignRequest{CampaignID: 7, Leads: keys}),
			request: &gen.ParamsRequestCampaign{Source: gen.ReqCampSourceTypeMKTOWS, CampaignId: gen.Some[int32](7), LeadList: leads},
			answer:  requested, want: done{},
		},
		{
			name: "Campaigns.Request by name",
			call: requestCampaign(operations.CampaignRequest{
				Source: operations.SourceSales, Program: "Webinar", Campaign: "Invite", Leads: keys,
				Tokens: []operations.Token{{Name: "{{my.message}}", Value: "Hello"}},
			}),
			request: &gen.ParamsRequestCampaign{
				Source: gen.ReqCampSourceTypeSALES, LeadList: leads, ProgramName: gen.Some("Webinar"), CampaignName: gen.Some("Invite"),
				ProgramTokenList: attribs("{{my.message}}", "Hello"),
			},
			answer: requested, want: done{},
		},
		{
			name: "Campaigns.Request without tokens",
			call: requestCampaign(operations.CampaignRequest{Program: "Webinar", Campaign: "Invite", Leads: keys}),
			request: &gen.ParamsRequestCampaign{
				Source: gen.ReqCampSourceTypeMKTOWS, LeadList: leads, ProgramName: gen.Some("Webinar"), CampaignName: gen.Some("Invite"),
				ProgramTokenList: attribs(),
			},
			answer: requested, want: done{},
		},
		{
			name: "Campaigns.Schedule",
			call: schedule(operations.CampaignRun{
				Program: "Webinar", Campaign: "Invite", CloneToProgram: "Webinar 2",
				At:     time.Date(2015, 9, 4, 16, 7, 16, 123456789, time.FixedZone("", -5*3600)),
				Tokens: []operations.Token{{Name: "{{my.message}}", Value: "Hello"}},
			}),
			request: &gen.ParamsScheduleCampaign{
				ProgramName: "Webinar", CloneToProgramName: gen.Some("Webinar 2"), CampaignName: "Invite",
				CampaignRunAt: gen.Some(gen.DateTime("2015-09-04T16:07:16.123-05:00")), ProgramTokenList: attribs("{{my.message}}", "Hello"),
			},
			answer: scheduled, want: done{},
		},
		{
			name:    "Campaigns.Schedule at once",
			call:    schedule(operations.CampaignRun{Program: "Webinar", Campaign: "Invite"}),
			request: &gen.ParamsScheduleCampaign{ProgramName: "Webinar", CampaignName: "Invite"},
			answer:  scheduled, want: done{},
		},
	}
}

// A flag is all that the service says.
func TestCampaigns_notTaken(t *testing.T) {
	t.Parallel()
	r := &recorder{answer: &gen.SuccessRequestCampaign{Result: &gen.ResultRequestCampaign{}}}
	err := r.api().Campaigns.Request(t.Context(), operations.CampaignRequest{CampaignID: 7, Leads: twoLeads})
	wantOp(t, err, "requestCampaign", 1)
	if !strings.Contains(err.Error(), "success is false") {
		t.Errorf("error %v", err)
	}
	r.answer = &gen.SuccessScheduleCampaign{Result: &gen.ResultScheduleCampaign{}}
	err = r.api().Campaigns.Schedule(t.Context(), operations.CampaignRun{Program: "Webinar", Campaign: "Invite"})
	wantOp(t, err, "scheduleCampaign", 1)
}

// Endpoints before 3_1 have no such element, and the codec does not drop it in silence.
func TestCampaigns_cloneBeforeVersion31(t *testing.T) {
	t.Parallel()
	r := &recorder{answer: &gen.SuccessScheduleCampaign{Result: &gen.ResultScheduleCampaign{Success: true}}}
	if err := r.api().Campaigns.Schedule(t.Context(), operations.CampaignRun{Program: "p", Campaign: "c", CloneToProgram: "q"}); err != nil {
		t.Fatal(err)
	}
	if _, err := gen.Marshal(r.asked[0], gen.V2_7); err == nil || !strings.Contains(err.Error(), "cloneToProgramName") {
		t.Errorf("error %v", err)
	}
}

func campaignsRefused() []refusedCase {
	base := operations.CampaignRequest{Program: "Webinar", Campaign: "Invite", Leads: twoLeads}
	with := func(change func(*operations.CampaignRequest)) func(context.Context, *operations.API) (any, error) {
		r := base
		change(&r)
		return requestCampaign(r)
	}
	token := func(name string) []operations.Token { return []operations.Token{{Name: "{{my.x}}"}, {Name: name}} }
	const op, run = "requestCampaign", "scheduleCampaign"
	cases := []refusedCase{
		{"unknown source", forSource("mktows", nil), "getCampaignsForSource", "source", `"mktows" is not one of ["MKTOWS" "SALES"]`},
		{"exact without a name", forSource("SALES", &operations.CampaignFilter{Exact: true}), "getCampaignsForSource", "CampaignFilter.Name", "Exact needs it"},
		{"unknown source", with(func(r *operations.CampaignRequest) { r.Source = "x" }), op, "CampaignRequest.Source", "is not one of"},
		{"no campaign at all", with(func(r *operations.CampaignRequest) { r.Program, r.Campaign = "", "" }), op, "CampaignRequest.Program", "is empty"},
		{"no program", with(func(r *operations.CampaignRequest) { r.Program = "" }), op, "CampaignRequest.Program", "is empty"},
		{"no campaign", with(func(r *operations.CampaignRequest) { r.Campaign = "" }), op, "CampaignRequest.Campaign", "is empty"},
		{"id and program", with(func(r *operations.CampaignRequest) { r.CampaignID, r.Campaign = 7, "" }), op, "CampaignRequest.Program", "together with CampaignID"},
		{"id and campaign", with(func(r *operations.CampaignRequest) { r.CampaignID, r.Program = 7, "" }), op, "CampaignRequest.Campaign", "together with CampaignID"},
		{"id and tokens", with(func(r *operations.CampaignRequest) {
			r.CampaignID, r.Program, r.Campaign, r.Tokens = 7, "", "", token("{{my.y}}")
		}), op, "CampaignRequest.Tokens", "together with CampaignID"},
		{"bad id", with(func(r *operations.CampaignRequest) { r.CampaignID, r.Program, r.Campaign = -7, "", "" }), op, "CampaignRequest.CampaignID", "-7 is not an id"},
		{"no leads", with(func(r *operations.CampaignRequest) { r.Leads = nil }), op, "CampaignRequest.Leads", "is empty"},
		{"101 leads", with(func(r *operations.CampaignRequest) { r.Leads = slices.Repeat(twoLeads[:1], 101) }), op, "CampaignRequest.Leads", "has 101 leads; a call takes at most 100"},
		{"cookie", with(func(r *operations.CampaignRequest) {
			r.Leads = []operations.LeadKey{twoLeads[0], operations.Cookie("c")}
		}), op, "CampaignRequest.Leads[1].Type", "is COOKIE"},
		{"bad lead", with(func(r *operations.CampaignRequest) { r.Leads = []operations.LeadKey{operations.LeadID(0)} }), op, "CampaignRequest.Leads[0].Value", "a number from 1 to 2147483647"},
		{"no program", schedule(operations.CampaignRun{Campaign: "x"}), run, "CampaignRun.Program", "is empty"},
		{"no campaign", schedule(operations.CampaignRun{Program: "x"}), run, "CampaignRun.Campaign", "is empty"},
	}
	for _, name := range []string{"", "message", "my.message", "{{message}}", "{{my.}}", "{{my. }}", "{{my.x}", "{my.x}}", "{{my.{x}}}", "{{My.x}}", " {{my.x}}"} {
		cases = append(cases,
			refusedCase{"token " + name, with(func(r *operations.CampaignRequest) { r.Tokens = token(name) }), op, "CampaignRequest.Tokens[1].Name", "{{my.name}}"},
			refusedCase{"token " + name, schedule(operations.CampaignRun{Program: "p", Campaign: "c", Tokens: token(name)}), run, "CampaignRun.Tokens[1].Name", "{{my.name}}"})
	}
	return cases
}
