package simulator_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/clocktest"
	"github.com/mktows/mktows-go/simulator"
)

// listed returns a simulator with the leads 1 to 4, lists and a program's list, and a
// campaign of that program.
func listed(t testing.TB, opts ...simulator.Option) (*simulator.Simulator, *clocktest.Clock) {
	t.Helper()
	var leads []simulator.Lead
	for i := range int64(4) {
		leads = append(leads, simulator.Lead{ID: i + 1, Email: fmt.Sprintf("lead%d@example.com", i+1)})
	}
	sim, c := at(t, leads, opts...)
	for _, l := range []simulator.List{
		{Name: "News", Members: []int64{2, 1}}, {ID: 2000, Name: "Empty"}, {Program: "Fair", Name: "Guests", Members: []int64{4}},
	} {
		if _, err := sim.AddList(l); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := sim.AddProgram(simulator.Program{Name: "Fair"}); err != nil {
		t.Fatal(err)
	}
	if _, err := sim.AddCampaign(simulator.Campaign{Program: "Fair", Name: "Invite"}); err != nil {
		t.Fatal(err)
	}
	return sim, c
}

func operate(operation gen.ListOperationType, name string, keys ...*gen.LeadKey) *gen.ParamsListOperation {
	in := &gen.ParamsListOperation{
		ListOperation: operation, ListKey: &gen.ListKey{KeyType: "MKTOLISTNAME", KeyValue: name}, ListMemberList: new(gen.ArrayOfLeadKey),
	}
	for _, k := range keys {
		in.ListMemberList.LeadKey = append(in.ListMemberList.LeadKey, *k)
	}
	return in
}

func TestListOperation(t *testing.T) {
	t.Parallel()
	two, three, gone := key("IDNUM", "2"), key("EMAIL", "lead3@example.com"), key("IDNUM", "99")
	tests := []struct {
		name    string
		in      *gen.ParamsListOperation
		status  []bool
		members []int64
	}{
		{"member", operate("ISMEMBEROFLIST", "News", two), []bool{true}, []int64{1, 2}},
		{"member and not", operate("ISMEMBEROFLIST", "News", three, two, gone), []bool{false, true, false}, []int64{1, 2}},
		{"of an empty list", operate("ISMEMBEROFLIST", "Empty", two), []bool{false}, nil},
		{"add", operate("ADDTOLIST", "News", three), []bool{true}, []int64{1, 2, 3}},
		{"add what is there", operate("ADDTOLIST", "News", two, three, three), []bool{true, true, true}, []int64{1, 2, 3}},
		{"add what does not exist", operate("ADDTOLIST", "News", gone, three), []bool{false, true}, []int64{1, 2, 3}},
		{"remove", operate("REMOVEFROMLIST", "News", two), []bool{true}, []int64{1}},
		{"remove what is not there", operate("REMOVEFROMLIST", "News", three, two), []bool{true, true}, []int64{1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim, _ := listed(t)
			out, err := sim.ListOperation(t.Context(), test.in)
			if err != nil {
				t.Fatal(err)
			}
			encode(t, out)
			want := &gen.ResultListOperation{Success: true}
			var statuses []gen.LeadStatus
			for i, status := range test.status {
				want.Success = want.Success && status
				statuses = append(statuses, gen.LeadStatus{LeadKey: &test.in.ListMemberList.LeadKey[i], Status: status})
			}
			want.StatusList = gen.Some(gen.ArrayOfLeadStatus{LeadStatus: statuses})
			if diff := cmp.Diff(want, out.Result); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(test.members, members(t, sim, test.in.ListKey.KeyValue)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func members(t testing.TB, sim *simulator.Simulator, fullName string) []int64 {
	t.Helper()
	for _, l := range sim.Lists() {
		if l.FullName() == fullName {
			return l.Members
		}
	}
	t.Fatalf("there is no list %s", fullName)
	return nil
}

func TestListOperation_activities(t *testing.T) {
	t.Parallel()
	sim, _ := listed(t)
	for _, operation := range []gen.ListOperationType{"ISMEMBEROFLIST", "ADDTOLIST", "ADDTOLIST", "REMOVEFROMLIST", "REMOVEFROMLIST"} {
		if _, err := sim.ListOperation(t.Context(), operate(operation, "News", key("IDNUM", "3"))); err != nil {
			t.Fatal(err)
		}
	}
	const tail = " [News] List ID=1001 Source=Web service API"
	if diff := cmp.Diff([]string{"Add to List" + tail, "Remove from List" + tail}, log(t, sim, 3)); diff != "" {
		t.Error(diff)
	}
}

func TestListOperation_faults(t *testing.T) {
	t.Parallel()
	two := key("IDNUM", "2")
	change := func(f func(in *gen.ParamsListOperation)) *gen.ParamsListOperation {
		in := operate("ADDTOLIST", "News", key("IDNUM", "3"), two)
		f(in)
		return in
	}
	strict := func(k *gen.LeadKey) *gen.ParamsListOperation {
		return change(func(in *gen.ParamsListOperation) {
			in.Strict = gen.Some(true)
			in.ListMemberList.LeadKey = append(in.ListMemberList.LeadKey, *k)
		})
	}
	tests := []struct {
		name string
		in   *gen.ParamsListOperation
		code fault.Code
		text string
	}{
		{"no request", nil, fault.CodeParameterRequired, "listOperation"},
		{"no operation", operate("", "News", two), fault.CodeParameterRequired, "listOperation"},
		{"unknown operation", operate("CLEARLIST", "News", two), fault.CodeBadParameter, "CLEARLIST"},
		{"no list key", change(func(in *gen.ParamsListOperation) { in.ListKey = nil }), fault.CodeParameterRequired, "listKey"},
		{"empty list key", operate("ADDTOLIST", "", two), fault.CodeParameterRequired, "listKey"},
		{"unknown type of list key", change(func(in *gen.ParamsListOperation) { in.ListKey.KeyType = "ID" }), fault.CodeBadParameter, "ID"},
		{"sales user", change(func(in *gen.ParamsListOperation) { in.ListKey.KeyType = "MKTOSALESUSERID" }), fault.CodeListNotFound, "News"},
		{"unknown list", operate("ADDTOLIST", "Nope", two), fault.CodeListNotFound, "Nope"},
		{"list of a program", operate("ADDTOLIST", "Fair.Guests", two), fault.CodeListNotFound, "importToList"},
		{"no members", operate("ADDTOLIST", "News"), fault.CodeParameterRequired, "listMemberList"},
		{"no member list", change(func(in *gen.ParamsListOperation) { in.ListMemberList = nil }), fault.CodeParameterRequired, "listMemberList"},
		{"too many", change(func(in *gen.ParamsListOperation) { in.ListMemberList.LeadKey = make([]gen.LeadKey, 1001) }), fault.CodeBadParameter, "1001"},
		{"empty key", operate("ADDTOLIST", "News", key("IDNUM", "3"), key("IDNUM", "")), fault.CodeLeadKeyRequired, "keyValue"},
		{"bad key", operate("ADDTOLIST", "News", key("IDNUM", "3"), key("ID", "1")), fault.CodeLeadKeyBad, "ID"},
		{"strict", strict(key("IDNUM", "99")), fault.CodeLeadNotFound, "99"},
		{"strict owner", strict(key("LEADOWNEREMAIL", "o@example.com")), fault.CodeLeadOwnerNotFound, "o@example.com"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim, _ := listed(t)
			_, err := sim.ListOperation(t.Context(), test.in)
			wantFault(t, err, test.code, test.text)
			if diff := cmp.Diff([]int64{1, 2}, members(t, sim, "News")); diff != "" {
				t.Error(diff)
			}
		})
	}
	sim, _ := listed(t)
	in := operate("ISMEMBEROFLIST", "News", key("IDNUM", "3"))
	in.Strict = gen.Some(true)
	if out, err := sim.ListOperation(t.Context(), in); err != nil || out.Result.Success {
		t.Errorf("%+v, %v: a denied membership is no failure", out, err)
	}
}

func TestAddList_errors(t *testing.T) {
	t.Parallel()
	sim, _ := listed(t)
	for _, bad := range []simulator.List{
		{}, {Name: "News"}, {Name: "Fair.Guests"}, {Name: "X", ID: 2000}, {Name: "X", ID: -1}, {Name: "X", ID: 1 << 31}, {Name: "X", Members: []int64{1, 99}},
	} {
		if _, err := sim.AddList(bad); err == nil {
			t.Errorf("%+v: no error", bad)
		}
	}
	if lists := sim.Lists(); len(lists) != 3 || lists[0].ID != 1001 || lists[1].ID != 2000 || lists[2].ID != 2001 {
		t.Errorf("%+v", lists)
	}
}

func importing(header string, rows ...string) *gen.ParamsImportToList {
	return &gen.ParamsImportToList{
		ProgramName: "Fair", ListName: "Guests", ImportListMode: gen.ImportToListModeEnumUPSERTLEADS,
		ImportFileHeader: header, ImportFileRows: strs(rows...), CampaignName: gen.NilOf[string](),
	}
}

func importState(t testing.TB, sim *simulator.Simulator) *gen.ResultGetImportToListStatus {
	t.Helper()
	out, err := sim.GetImportToListStatus(t.Context(), &gen.ParamsGetImportToListStatus{ProgramName: gen.Some("Fair"), ListName: gen.Some("Guests")})
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	return out.Result
}

func TestImportToList(t *testing.T) {
	t.Parallel()
	sim, c := listed(t, simulator.WithImportDuration(90*time.Second))
	in := importing(`Email Address,First Name,"lead score"`,
		`lead1@example.com,"Smith, A",7`, `new@example.com,N,`, `lead2@example.com,,`, `,X,1`, `lead3@example.com,X,many`, `lead3@example.com,X`, `"broken`, ``)
	out, err := sim.ImportToList(t.Context(), in)
	if err != nil || out.Result.ImportStatus != gen.ImportToListStatusEnumPROCESSING {
		t.Fatalf("%+v, %v", out, err)
	}
	encode(t, out)
	want := &gen.ResultGetImportToListStatus{
		Status: "PROCESSING", StartedTime: gen.Some(gen.DateTime("2015-09-04T12:00:00-05:00")), EndedTime: gen.NilOf[gen.DateTime](),
		EstimatedTime: gen.Some[int32](90), EstimatedRows: gen.Some[int32](8), RowsImported: gen.Some[int32](0), RowsFailed: gen.Some[int32](0),
		RowsIgnored: gen.Some[int32](8), ImportSummary: gen.NilOf[string](),
	}
	c.Advance(89 * time.Second)
	if diff := cmp.Diff(want, importState(t, sim)); diff != "" {
		t.Error(diff)
	}
	if len(sim.LeadIDs()) != 4 {
		t.Error("rows are written before the import ends")
	}
	c.Advance(31 * time.Second)
	want.Status, want.EndedTime, want.EstimatedTime = "COMPLETE", gen.Some(gen.DateTime("2015-09-04T12:01:30-05:00")), gen.NilOf[int32]()
	want.RowsImported, want.RowsFailed, want.RowsIgnored = gen.Some[int32](3), gen.Some[int32](5), gen.Some[int32](0)
	want.ImportSummary = gen.Some("3 rows imported, 5 failed, 0 ignored")
	if diff := cmp.Diff(want, importState(t, sim)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int64{1, 2, 4, 5}, members(t, sim, "Fair.Guests")); diff != "" {
		t.Error(diff)
	}
	const change, by, member = "Change Data Value", " Reason=List import: Fair.Guests Source=List import", "Add to List [Fair.Guests] List ID=2001 Source=List import"
	for id, lines := range map[int64][]string{
		1: {
			change + " [First Name] Attribute Name=First Name Old Value= New Value=Smith, A" + by,
			change + " [Lead Score] Attribute Name=Lead Score Old Value= New Value=7" + by, member,
		},
		2: {change + " [Lead Score] Attribute Name=Lead Score Old Value= New Value=" + by, member},
		3: nil,
		5: {"New Lead Source Type=List import Source Info=Fair.Guests Created Date=2015-09-04", member},
	} {
		if diff := cmp.Diff(lines, log(t, sim, id)); diff != "" {
			t.Errorf("lead %d:\n%s", id, diff)
		}
	}
	if got := readAll(t, sim, ask("IDNUM", "5"))[0].ActivityDateTime; got != "2015-09-04T12:01:30-05:00" {
		t.Errorf("the import happened at %s", got)
	}
}

func TestImportToList_modes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		mode    gen.ImportToListModeEnum
		clear   bool
		members []int64
		leads   int
		counts  string
	}{
		{"upsert", "UPSERTLEADS", false, []int64{1, 4, 5}, 5, "2 rows imported, 0 failed, 0 ignored"},
		{"upsert, cleared", "UPSERTLEADS", true, []int64{1, 5}, 5, "2 rows imported, 0 failed, 0 ignored"},
		{"list only", "LISTONLY", false, []int64{1, 4}, 4, "1 rows imported, 0 failed, 1 ignored"},
		{"list only, cleared", "LISTONLY", true, []int64{1}, 4, "1 rows imported, 0 failed, 1 ignored"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim, _ := listed(t, simulator.WithImportDuration(0))
			in := importing("Email,First Name", "lead1@example.com,A", "new@example.com,B")
			in.ImportListMode, in.ClearList = test.mode, test.clear
			out, err := sim.ImportToList(t.Context(), in)
			if err != nil || out.Result.ImportStatus != gen.ImportToListStatusEnumCOMPLETE {
				t.Fatalf("%+v, %v", out, err)
			}
			if got := importState(t, sim).ImportSummary.Value; got != test.counts || len(sim.LeadIDs()) != test.leads {
				t.Errorf("%s, %d leads; want %s, %d", got, len(sim.LeadIDs()), test.counts, test.leads)
			}
			if diff := cmp.Diff(test.members, members(t, sim, "Fair.Guests")); diff != "" {
				t.Error(diff)
			}
			l, _ := sim.Lead(1)
			if written := l.Fields["FirstName"] == "A"; written != (test.mode == "UPSERTLEADS") {
				t.Errorf("fields %v", l.Fields)
			}
			if removed := len(log(t, sim, 4)) == 1; removed != test.clear {
				t.Errorf("lead 4: %q", log(t, sim, 4))
			}
		})
	}
}

func TestImportToList_tokens(t *testing.T) {
	t.Parallel()
	sim, _ := listed(t, simulator.WithImportDuration(0))
	in := importing("Email Address,{{my.code}},{{my.day}}", "lead1@example.com,X1,Monday", "lead2@example.com,X2,")
	in.CampaignName = gen.Some("Invite")
	if _, err := sim.ImportToList(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	want := []simulator.ImportedTokens{
		{Campaign: "Fair.Invite", LeadID: 1, Tokens: []simulator.Attribute{{Name: "{{my.code}}", Value: "X1"}, {Name: "{{my.day}}", Value: "Monday"}}},
		{Campaign: "Fair.Invite", LeadID: 2, Tokens: []simulator.Attribute{{Name: "{{my.code}}", Value: "X2"}, {Name: "{{my.day}}", Value: ""}}},
	}
	if diff := cmp.Diff(want, sim.ImportedTokens("Fair", "Invite")); diff != "" {
		t.Error(diff)
	}
	if again := sim.ImportedTokens("Fair", "Invite"); len(again) != 0 {
		t.Errorf("%v: the values are for one run", again)
	}
}

func TestImportToList_faults(t *testing.T) {
	t.Parallel()
	change := func(f func(in *gen.ParamsImportToList)) *gen.ParamsImportToList {
		in := importing("Email Address,{{my.code}}", "lead1@example.com,X1")
		in.CampaignName = gen.Some("Invite")
		f(in)
		return in
	}
	tests := []struct {
		name string
		in   *gen.ParamsImportToList
		code fault.Code
		text string
	}{
		{"no request", nil, fault.CodeParameterRequired, "programName"},
		{"no program", change(func(in *gen.ParamsImportToList) { in.ProgramName = "" }), fault.CodeParameterRequired, "programName"},
		{"no list", change(func(in *gen.ParamsImportToList) { in.ListName = "" }), fault.CodeParameterRequired, "listName"},
		{"no header", change(func(in *gen.ParamsImportToList) { in.ImportFileHeader = "" }), fault.CodeParameterRequired, "importFileHeader"},
		{"no rows", change(func(in *gen.ParamsImportToList) { in.ImportFileRows = strs() }), fault.CodeParameterRequired, "importFileRows"},
		{"no mode", change(func(in *gen.ParamsImportToList) { in.ImportListMode = "" }), fault.CodeParameterRequired, "importListMode"},
		{"unknown mode", change(func(in *gen.ParamsImportToList) { in.ImportListMode = "UPSERT" }), fault.CodeBadParameter, "UPSERT"},
		{"unknown list", change(func(in *gen.ParamsImportToList) { in.ListName = "Nope" }), fault.CodeListNotFound, "Nope"},
		{"list outside programs", change(func(in *gen.ParamsImportToList) { in.ListName = "News" }), fault.CodeListNotFound, "News"},
		{"unknown program", change(func(in *gen.ParamsImportToList) { in.ProgramName = "Nope" }), fault.CodeListNotFound, "Nope"},
		{"unknown campaign", change(func(in *gen.ParamsImportToList) { in.CampaignName = gen.Some("Nope") }), fault.CodeCampaignNotFound, "Nope"},
		{"tokens without campaign", change(func(in *gen.ParamsImportToList) { in.CampaignName = gen.NilOf[string]() }), fault.CodeParameterRequired, "campaignName"},
		{"API name", importing("Email Address,FirstName", "x"), fault.CodeBadParameter, `"FirstName"`},
		{"column twice", importing("Email Address,First Name,FIRST NAME", "x"), fault.CodeBadParameter, "FIRST NAME"},
		{"address twice", importing("Email Address,Email", "x"), fault.CodeBadParameter, "Email"},
		{"no address", importing("First Name", "x"), fault.CodeBadParameter, "Email Address"},
		{"broken header", importing(`"Email Address`, "x"), fault.CodeBadParameter, "CSV"},
		{"header of two lines", importing("Email Address\nEmail Address", "x"), fault.CodeBadParameter, "line"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim, _ := listed(t, simulator.WithImportDuration(0))
			_, err := sim.ImportToList(t.Context(), test.in)
			wantFault(t, err, test.code, test.text)
		})
	}
	sim, _ := listed(t)
	name := gen.Some[string]
	for _, test := range []struct {
		in   *gen.ParamsGetImportToListStatus
		code fault.Code
		text string
	}{
		{nil, fault.CodeParameterRequired, "programName"},
		{&gen.ParamsGetImportToListStatus{ListName: name("Guests")}, fault.CodeParameterRequired, "programName"},
		{&gen.ParamsGetImportToListStatus{ProgramName: name("Fair")}, fault.CodeParameterRequired, "listName"},
		{&gen.ParamsGetImportToListStatus{ProgramName: name("Fair"), ListName: name("Nope")}, fault.CodeListNotFound, "Nope"},
		{&gen.ParamsGetImportToListStatus{ProgramName: name("Fair"), ListName: name("Guests")}, fault.CodeListNotFound, "never"},
	} {
		_, err := sim.GetImportToListStatus(t.Context(), test.in)
		wantFault(t, err, test.code, test.text)
	}
}

// Two imports that overlap are both written, and the state is that of the later one.
func TestImportToList_overlapping(t *testing.T) {
	t.Parallel()
	sim, c := listed(t)
	for _, row := range []string{"lead1@example.com", "lead2@example.com"} {
		if _, err := sim.ImportToList(t.Context(), importing("Email Address", row)); err != nil {
			t.Fatal(err)
		}
		c.Advance(3 * time.Second)
	}
	if got := importState(t, sim); got.Status != gen.ImportToListStatusEnumPROCESSING {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]int64{1, 4}, members(t, sim, "Fair.Guests")); diff != "" {
		t.Error(diff)
	}
	c.Advance(3 * time.Second)
	if diff := cmp.Diff([]int64{1, 2, 4}, members(t, sim, "Fair.Guests")); diff != "" {
		t.Error(diff)
	}
}
