package operations_test

import (
	"context"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

var (
	newsletter = operations.ListName("Newsletter")
	twoLeads   = []operations.LeadKey{operations.LeadID(1), operations.Email("b@example.com")}
)

func listRequest(op gen.ListOperationType, strict bool) *gen.ParamsListOperation {
	return &gen.ParamsListOperation{
		ListOperation: op,
		ListKey:       &gen.ListKey{KeyType: gen.ListKeyTypeMKTOLISTNAME, KeyValue: "Newsletter"},
		ListMemberList: &gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{
			{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "1"}, {KeyType: gen.LeadKeyRefEMAIL, KeyValue: "b@example.com"},
		}},
		Strict: gen.Some(strict),
	}
}

func listed(success bool, statuses ...bool) *gen.SuccessListOperation {
	result := &gen.ResultListOperation{Success: success, StatusList: gen.NilOf[gen.ArrayOfLeadStatus]()}
	for _, s := range statuses {
		result.StatusList.State = gen.Present
		result.StatusList.Value.LeadStatus = append(result.StatusList.Value.LeadStatus, gen.LeadStatus{Status: s})
	}
	return &gen.SuccessListOperation{Result: result}
}

func listCalls() []callCase {
	add := func(strict bool) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) {
			return api.Lists.Add(ctx, newsletter, twoLeads, &operations.ListOptions{Strict: strict})
		}
	}
	members := func(ctx context.Context, api *operations.API) (any, error) {
		return api.Lists.Members(ctx, newsletter, twoLeads)
	}
	both := []operations.MemberStatus{{Index: 0, Key: twoLeads[0]}, {Index: 1, Key: twoLeads[1]}}
	return []callCase{
		{
			name: "Lists.Add", call: add(false), request: listRequest(gen.ListOperationTypeADDTOLIST, false),
			answer: listed(false, false, true),
			want: []operations.MemberStatus{
				{Index: 0, Key: twoLeads[0], Err: &fault.SyncError{Index: 0, LeadID: 1}}, {Index: 1, Key: twoLeads[1]},
			},
		},
		{name: "Lists.Add strict", call: add(true), request: listRequest(gen.ListOperationTypeADDTOLIST, true), answer: listed(true, true, true), want: both},
		{name: "Lists.Add without statuses", call: add(true), request: listRequest(gen.ListOperationTypeADDTOLIST, true), answer: listed(true), want: both},
		{
			name: "Lists.Remove",
			call: func(ctx context.Context, api *operations.API) (any, error) {
				return api.Lists.Remove(ctx, newsletter, twoLeads, nil)
			},
			request: listRequest(gen.ListOperationTypeREMOVEFROMLIST, false), answer: listed(false, true, false),
			want: []operations.MemberStatus{
				{Index: 0, Key: twoLeads[0]}, {Index: 1, Key: twoLeads[1], Err: &fault.SyncError{Index: 1}},
			},
		},
		{
			name: "Lists.Members", call: members, request: listRequest(gen.ListOperationTypeISMEMBEROFLIST, false),
			answer: listed(false, true, false),
			want:   []operations.Membership{{Index: 0, Key: twoLeads[0], Member: true}, {Index: 1, Key: twoLeads[1]}},
		},
	}
}

// Without statuses, success tells of one lead, but not which of several it is about.
func TestLists_withoutStatuses(t *testing.T) {
	t.Parallel()
	r := &recorder{answer: listed(false)}
	got, err := r.api().Lists.Members(t.Context(), newsletter, twoLeads[:1])
	if err != nil || len(got) != 1 || got[0].Member {
		t.Errorf("got %v, %v", got, err)
	}
	_, err = r.api().Lists.Members(t.Context(), newsletter, twoLeads)
	wantDecodeError(t, err, "listOperation")
	r.answer = listed(true, true)
	_, err = r.api().Lists.Add(t.Context(), newsletter, twoLeads, nil)
	wantDecodeError(t, err, "listOperation")
}

var webinar = operations.Import{
	Program: "Webinar", List: "Guests", Mode: operations.ImportUpsertLeads, Clear: true, Campaign: "Invite",
	Header: []string{"Email Address", "Company, Inc.", "{{my.seat}}"},
	Rows: [][]string{
		{"a@example.com", `The "Example"`, " 12"},
		{"b@example.com", "", ""},
	},
}

func importCalls() []callCase {
	at := func(s string) gen.Opt[gen.DateTime] { return gen.Some(gen.DateTime(s)) }
	some := func(n int) *int { return &n }
	status := func(ctx context.Context, api *operations.API) (any, error) {
		return api.Lists.ImportStatus(ctx, "Webinar", "Guests")
	}
	asked := &gen.ParamsGetImportToListStatus{ProgramName: gen.Some("Webinar"), ListName: gen.Some("Guests")}
	return []callCase{
		{
			name: "Lists.Import",
			call: func(ctx context.Context, api *operations.API) (any, error) { return api.Lists.Import(ctx, webinar) },
			request: &gen.ParamsImportToList{
				ProgramName:      "Webinar",
				ImportFileHeader: `Email Address,"Company, Inc.",{{my.seat}}`,
				ImportFileRows:   &gen.ArrayOfString{StringItem: []string{`a@example.com,"The ""Example"""," 12"`, `b@example.com,,`}},
				ImportListMode:   gen.ImportToListModeEnumUPSERTLEADS,
				ListName:         "Guests",
				ClearList:        true,
				CampaignName:     gen.Some("Invite"),
			},
			answer: &gen.SuccessImportToList{Result: &gen.ResultImportToList{ImportStatus: gen.ImportToListStatusEnumPROCESSING}},
			want:   operations.ImportProcessing,
		},
		{
			name: "Lists.Import without a campaign",
			call: func(ctx context.Context, api *operations.API) (any, error) {
				return api.Lists.Import(ctx, operations.Import{
					Program: "Webinar", List: "Guests", Mode: operations.ImportListOnly, Header: []string{"Id"}, Rows: [][]string{{"1"}, {""}},
				})
			},
			request: &gen.ParamsImportToList{
				ProgramName: "Webinar", ImportFileHeader: "Id", ListName: "Guests",
				ImportFileRows: &gen.ArrayOfString{StringItem: []string{"1", `""`}},
				ImportListMode: gen.ImportToListModeEnumLISTONLY, CampaignName: gen.NilOf[string](),
			},
			answer: &gen.SuccessImportToList{Result: &gen.ResultImportToList{ImportStatus: gen.ImportToListStatusEnumFAILED}},
			want:   operations.ImportFailed,
		},
		{
			name: "Lists.ImportStatus", call: status, request: asked,
			answer: &gen.SuccessGetImportToListStatus{Result: &gen.ResultGetImportToListStatus{
				Status: gen.ImportToListStatusEnumCOMPLETE, StartedTime: at("2015-09-04T16:07:16-05:00"), EndedTime: at("2015-09-04T16:08:00-05:00"),
				EstimatedTime: gen.Some[int32](9), EstimatedRows: gen.Some[int32](4), RowsImported: gen.Some[int32](2),
				RowsFailed: gen.Some[int32](0), RowsIgnored: gen.Some[int32](1), ImportSummary: gen.Some("done"),
			}},
			want: operations.ImportStatus{
				State:   operations.ImportComplete,
				Started: time.Date(2015, 9, 4, 21, 7, 16, 0, time.UTC), Ended: time.Date(2015, 9, 4, 21, 8, 0, 0, time.UTC),
				EstimatedTime: some(9), EstimatedRows: some(4), RowsImported: some(2), RowsFailed: some(0), RowsIgnored: some(1), Summary: "done",
			},
		},
		{
			name: "Lists.ImportStatus of nothing known", call: status, request: asked,
			answer: &gen.SuccessGetImportToListStatus{Result: &gen.ResultGetImportToListStatus{
				Status: gen.ImportToListStatusEnumPROCESSING, EndedTime: gen.NilOf[gen.DateTime](), RowsImported: gen.NilOf[int32](),
			}},
			want: operations.ImportStatus{State: operations.ImportProcessing},
		},
	}
}

func TestLists_importStatusWithABadTime(t *testing.T) {
	t.Parallel()
	for _, result := range []gen.ResultGetImportToListStatus{
		{StartedTime: gen.Some(gen.DateTime("soon"))}, {EndedTime: gen.Some(gen.DateTime("soon"))},
	} {
		r := &recorder{answer: &gen.SuccessGetImportToListStatus{Result: &result}}
		_, err := r.api().Lists.ImportStatus(t.Context(), "p", "l")
		wantDecodeError(t, err, "getImportToListStatus")
		if !strings.Contains(err.Error(), `edTime is "soon"`) {
			t.Errorf("error %v", err)
		}
	}
}

// Any reader of CSV files gets the values back that were given.
func TestLists_importLinesAreCSV(t *testing.T) {
	t.Parallel()
	rows := [][]string{
		{"a", "b", "c"}, {"", "", ""}, {`"`, `""`, `a"b`}, {",", " a", "b "}, {"\ta", "é", `\.`}, {"'", ";", "#"}, {"\u00a0x", "a,b", `","`},
	}
	r := &recorder{answer: &gen.SuccessImportToList{Result: &gen.ResultImportToList{ImportStatus: gen.ImportToListStatusEnumPROCESSING}}}
	_, err := r.api().Lists.Import(t.Context(), operations.Import{
		Program: "p", List: "l", Mode: operations.ImportListOnly, Header: []string{"x", "y", "z"}, Rows: rows,
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range r.asked[0].(*gen.ParamsImportToList).ImportFileRows.StringItem {
		got, err := csv.NewReader(strings.NewReader(line)).Read()
		if diff := cmp.Diff(rows[i], got); diff != "" || err != nil {
			t.Errorf("line %q: error %v, -want +got:\n%s", line, err, diff)
		}
	}
}

func TestImportState_final(t *testing.T) {
	t.Parallel()
	var final []operations.ImportState
	for _, s := range (gen.ImportToListStatusEnum("")).Values() {
		if s := operations.ImportState(s); s.Final() {
			final = append(final, s)
		}
	}
	if diff := cmp.Diff([]operations.ImportState{"COMPLETE", "FAILED", "CANCELED"}, final); diff != "" {
		t.Error(diff)
	}
}

func listsRefused() []refusedCase {
	add := func(list operations.ListKey, leads ...operations.LeadKey) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) {
			return api.Lists.Add(ctx, list, leads, nil)
		}
	}
	into := func(change func(*operations.Import)) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) {
			i := webinar
			i.Header, i.Rows = slices.Clone(i.Header), slices.Clone(i.Rows)
			change(&i)
			return api.Lists.Import(ctx, i)
		}
	}
	status := func(program, list string) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) {
			return api.Lists.ImportStatus(ctx, program, list)
		}
	}
	one := operations.LeadID(1)
	return []refusedCase{
		{"no list", add(operations.ListName(""), one), "listOperation", "list.Value", "is empty"},
		{"unknown list key", add(operations.ListKey{Type: "NAME", Value: "x"}, one), "listOperation", "list.Type", `"NAME" is not one of`},
		{"no leads", add(newsletter), "listOperation", "leads", "is empty"},
		{"1001 leads", add(newsletter, slices.Repeat([]operations.LeadKey{one}, 1001)...), "listOperation", "leads", "has 1001 leads; a call takes at most 1000"},
		{"bad lead", add(newsletter, one, operations.LeadID(0)), "listOperation", "leads[1].Value", "a number from 1 to 2147483647"},
		{"no program", into(func(i *operations.Import) { i.Program = "" }), "importToList", "Import.Program", "is empty"},
		{"no list", into(func(i *operations.Import) { i.List = " " }), "importToList", "Import.List", "is empty"},
		{"no mode", into(func(i *operations.Import) { i.Mode = "" }), "importToList", "Import.Mode", `["UPSERTLEADS" "LISTONLY"]`},
		{"no header", into(func(i *operations.Import) { i.Header = nil }), "importToList", "Import.Header", "is empty"},
		{"empty column", into(func(i *operations.Import) { i.Header[1] = "" }), "importToList", "Import.Header[1]", "is empty"},
		{"column twice", into(func(i *operations.Import) { i.Header[1] = i.Header[0] }), "importToList", "Import.Header[1]", "is the name of Import.Header[0] too"},
		{"bad token", into(func(i *operations.Import) { i.Header[2] = "{{lead.x}}" }), "importToList", "Import.Header[2]", "{{my.name}}"},
		{"line break in the header", into(func(i *operations.Import) { i.Header[1] = "a\nb" }), "importToList", "Import.Header[1]", "line break"},
		{"no campaign", into(func(i *operations.Import) { i.Campaign = "" }), "importToList", "Import.Campaign", "token columns need"},
		{"needless campaign", into(func(i *operations.Import) { i.Header[2] = "Seat" }), "importToList", "Import.Campaign", "without a token column"},
		{"no rows", into(func(i *operations.Import) { i.Rows = nil }), "importToList", "Import.Rows", "is empty"},
		{"short row", into(func(i *operations.Import) { i.Rows[1] = []string{"x"} }), "importToList", "Import.Rows[1]", "has 1 values for 3 columns"},
		{"line break in a row", into(func(i *operations.Import) { i.Rows[1] = []string{"x", "y\r", "z"} }), "importToList", "Import.Rows[1][1]", "line break"},
		{"no program", status("", "l"), "getImportToListStatus", "program", "is empty"},
		{"no list", status("p", ""), "getImportToListStatus", "list", "is empty"},
	}
}

// An import whose state is not told may have begun.
func TestLists_importWithoutAState(t *testing.T) {
	t.Parallel()
	r := &recorder{answer: &gen.SuccessImportToList{Result: &gen.ResultImportToList{}}}
	_, err := r.api().Lists.Import(t.Context(), webinar)
	wantUnclear(t, err, &gen.ParamsImportToList{})
}
