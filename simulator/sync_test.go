package simulator_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// people are leads that share keys in every way that matters.
func people() []simulator.Lead {
	return []simulator.Lead{
		{ID: 1, Email: "one@example.com", ForeignIDs: []simulator.ForeignID{{System: "CUSTOM", ID: "F1"}}, Keys: leadKeys("COOKIE", "c1")},
		{ID: 2, Email: "two@example.com", ForeignIDs: []simulator.ForeignID{{System: "CUSTOM", ID: "F2"}}},
		{ID: 3, Email: "shared@example.com"},
		{ID: 4, Email: "shared@example.com"},
		{ID: 5, Keys: leadKeys("COOKIE", "anonymous"), Activities: []simulator.Activity{{ID: 500, Type: "Visit Webpage", Time: simulator.At(noon)}}},
	}
}

func id(n int32) func(*gen.LeadRecord)     { return func(r *gen.LeadRecord) { r.Id = gen.Some(n) } }
func email(s string) func(*gen.LeadRecord) { return func(r *gen.LeadRecord) { r.Email = gen.Some(s) } }
func fields(s ...string) func(*gen.LeadRecord) {
	return func(r *gen.LeadRecord) { r.LeadAttributeList = attributes(s...) }
}
func foreign(s string) func(*gen.LeadRecord) {
	return func(r *gen.LeadRecord) {
		r.ForeignSysPersonId, r.ForeignSysType = gen.Some(s), gen.Some(gen.ForeignSysTypeCUSTOM)
	}
}

func record(opts ...func(*gen.LeadRecord)) *gen.LeadRecord {
	r := new(gen.LeadRecord)
	for _, opt := range opts {
		opt(r)
	}
	return r
}

func syncOne(r *gen.LeadRecord, cookie string) *gen.ParamsSyncLead {
	in := &gen.ParamsSyncLead{LeadRecord: r}
	if cookie != "" {
		in.MarketoCookie = gen.Some(cookie)
	}
	return in
}

// The lead that a record means, and what becomes of its keys (Marketo SOAP API,
// syncLead).
func TestSyncLead_precedence(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		record  *gen.LeadRecord
		cookie  string
		lead    int32
		created bool
		email   string   // of the lead afterwards
		foreign []string // of the lead afterwards
	}{
		{"id", record(id(2)), "", 2, false, "two@example.com", []string{"F2"}},
		{"id before email", record(id(2), email("one@example.com")), "", 2, false, "one@example.com", []string{"F2"}},
		{"id before foreign id, which moves", record(id(2), foreign("F1")), "", 2, false, "two@example.com", []string{"F2", "F1"}},
		{"id and a new foreign id", record(id(3), foreign("F9")), "", 3, false, "shared@example.com", []string{"F9"}},
		{"id before cookie", record(id(2)), "c1", 2, false, "two@example.com", []string{"F2"}},
		{"foreign id", record(foreign("F1")), "", 1, false, "one@example.com", []string{"F1"}},
		{"foreign id before email", record(foreign("F1"), email("two@example.com")), "", 1, false, "two@example.com", []string{"F1"}},
		{"new foreign id, known email", record(foreign("F9"), email("two@example.com")), "", 6, true, "two@example.com", []string{"F9"}},
		{"email", record(email("ONE@example.com")), "", 1, false, "one@example.com", []string{"F1"}},
		{"email of several", record(email("shared@example.com")), "", 4, false, "shared@example.com", nil},
		{"email before cookie", record(email("two@example.com")), "c1", 2, false, "two@example.com", []string{"F2"}},
		{"new email", record(email("new@example.com")), "", 6, true, "new@example.com", nil},
		{"new email with a new cookie", record(email("new@example.com")), "c9", 6, true, "new@example.com", nil},
		{"cookie", record(), "c1", 1, false, "one@example.com", []string{"F1"}},
		{"new cookie", record(), "c9", 6, true, "", nil},
		{"anonymous cookie and new email", record(email("new@example.com")), "anonymous", 5, false, "new@example.com", nil},
		{"email changed by attribute", record(email("one@example.com"), fields("Email", "uno@example.com")), "", 1, false, "uno@example.com", []string{"F1"}},
		{"email cleared by attribute", record(id(1), fields("Email", "")), "", 1, false, "", []string{"F1"}},
		{"new lead with email among the attributes", record(foreign("F9"), fields("Email", "n@example.com")), "", 6, true, "n@example.com", []string{"F9"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim, _ := at(t, people())
			out, err := sim.SyncLead(t.Context(), syncOne(test.record, test.cookie))
			if err != nil {
				t.Fatal(err)
			}
			encode(t, out)
			status := gen.LeadSyncStatusUPDATED
			if test.created {
				status = gen.LeadSyncStatusCREATED
			}
			want := &gen.ResultSyncLead{
				LeadId: test.lead, SyncStatus: &gen.SyncStatus{LeadId: test.lead, Status: status, Error: gen.NilOf[string]()},
				LeadRecord: gen.NilOf[gen.LeadRecord](),
			}
			if diff := cmp.Diff(want, out.Result); diff != "" {
				t.Error(diff)
			}
			l, _ := sim.Lead(int64(test.lead))
			var ids []string
			for _, f := range l.ForeignIDs {
				ids = append(ids, f.ID)
			}
			if l.Email != test.email || !cmp.Equal(ids, test.foreign) {
				t.Errorf("email %q, foreign ids %v; want %q, %v", l.Email, ids, test.email, test.foreign)
			}
			checkKeys(t, sim, test.cookie, int64(test.lead))
		})
	}
}

// checkKeys checks that every lead is found by its own keys, and the cookie by one lead.
func checkKeys(t *testing.T, sim *simulator.Simulator, cookie string, lead int64) {
	t.Helper()
	owner := make(map[simulator.ForeignID]int64)
	for _, id := range sim.LeadIDs() {
		l, _ := sim.Lead(id)
		for _, f := range l.ForeignIDs {
			if other, taken := owner[f]; taken {
				t.Errorf("leads %d and %d have the foreign id %v", other, id, f)
			}
			owner[f] = id
		}
		if l.Email == "" {
			continue
		}
		if out, err := sim.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: key("EMAIL", l.Email)}); err != nil || out.Result.Count < 1 {
			t.Errorf("lead %d is not found by %s: %v", id, l.Email, err)
		}
	}
	if cookie == "" {
		return
	}
	out, err := sim.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: key("COOKIE", cookie)})
	if err != nil || out.Result.Count != 1 || int64(out.Result.LeadRecordList.Value.LeadRecord[0].Id.Value) != lead {
		t.Errorf("cookie %s finds %+v, %v; want lead %d alone", cookie, out, err, lead)
	}
}

func TestSyncLead_activities(t *testing.T) {
	t.Parallel()
	sim, c := at(t, nil)
	call := func(r *gen.LeadRecord) {
		t.Helper()
		c.Advance(60e9)
		if _, err := sim.SyncLead(t.Context(), syncOne(r, "")); err != nil {
			t.Fatal(err)
		}
	}
	call(record(email("a@example.com"), fields("FirstName", "George", "LeadScore", "1")))
	call(record(email("a@example.com"), fields("LeadScore", "2", "FirstName", "George", "LastName", "K")))
	call(record(email("a@example.com"), fields("FirstName", "")))
	call(record(id(1), email("b@example.com")))
	call(record(id(1)))
	const by = " Reason=SOAP API Source=Web service API"
	want := []string{
		"New Lead Source Type=Web service API Source Info=Web service API Created Date=2015-09-04",
		"Change Data Value [Lead Score] Attribute Name=Lead Score Old Value=1 New Value=2" + by,
		"Change Data Value [Last Name] Attribute Name=Last Name Old Value= New Value=K" + by,
		"Change Data Value [First Name] Attribute Name=First Name Old Value=George New Value=" + by,
		"Change Data Value [Email Address] Attribute Name=Email Address Old Value=a@example.com New Value=b@example.com" + by,
	}
	if diff := cmp.Diff(want, log(t, sim, 1)); diff != "" {
		t.Error(diff)
	}
	records := readAll(t, sim, ask("IDNUM", "1"))
	if got := records[0].ActivityDateTime; got != "2015-09-04T12:04:00-05:00" {
		t.Errorf("the last change happened at %s", got)
	}
	if list := records[0].ActivityAttributes.Value.Attribute; list[len(list)-1].AttrName != "Lead ID" {
		t.Errorf("attributes %v, want Lead ID last", list)
	}
}

// Who was anonymous becomes known, with all that was done before.
func TestSyncLead_anonymous(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, people())
	if _, err := sim.SyncLead(t.Context(), syncOne(record(email("new@example.com")), "anonymous")); err != nil {
		t.Fatal(err)
	}
	got := log(t, sim, 5)
	if len(got) != 3 || got[0] != "Visit Webpage" || got[1][:8] != "New Lead" {
		t.Errorf("%q, want the visit, New Lead and the change of the address", got)
	}

	sim, _ = at(t, people())
	if _, err := sim.SyncLead(t.Context(), syncOne(record(email("two@example.com")), "anonymous")); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Visit Webpage"}, log(t, sim, 2)); diff != "" {
		t.Errorf("the history of the anonymous lead belongs to lead 2:\n%s", diff)
	}
	if _, ok := sim.Lead(5); ok {
		t.Error("the anonymous lead is still there")
	}
}

func TestSyncLead_returnLead(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, people())
	in := syncOne(record(foreign("F1"), fields("Company", "Example")), "")
	in.ReturnLead = true
	out, err := sim.SyncLead(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	r, ok := out.Result.LeadRecord.Get()
	if !ok || r.Id.Value != 1 || r.Email.Value != "one@example.com" || r.ForeignSysPersonId.Value != "F1" || r.ForeignSysType.Value != "CUSTOM" ||
		len(r.LeadAttributeList.Value.Attribute) != 1 {
		t.Errorf("%+v", r)
	}
}

// badRecord is a record that syncLead refuses.
type badRecord struct {
	name   string
	record *gen.LeadRecord
	code   fault.Code
	text   string
}

func badRecords() []badRecord {
	noSystem := record(foreign("F1"))
	noSystem.ForeignSysType = gen.NilOf[gen.ForeignSysType]()
	badSystem := record(foreign("F1"))
	badSystem.ForeignSysType.Value = "SAP"
	return []badRecord{
		{"no key", record(fields("FirstName", "A")), fault.CodeLeadSyncFailed, "Email"},
		{"empty email", record(email("")), fault.CodeLeadSyncFailed, "Email"},
		{"no such id", record(id(99)), fault.CodeLeadNotFound, "No lead found with IDNUM = 99 (20103)"},
		{"no such id, known email", record(id(99), email("one@example.com")), fault.CodeLeadNotFound, "99"},
		{"foreign id without system", noSystem, fault.CodeBadParameter, "ForeignSysType"},
		{"unknown system", badSystem, fault.CodeBadParameter, "SAP"},
		{"unknown field", record(id(1), fields("NoSuchField", "x")), fault.CodeLeadAttributeBad,
			"operation failed: unknown fields for import: NoSuchField (20105)"},
		{"unknown fields", record(id(1), fields("B", "x", "FirstName", "A", "A", "")), fault.CodeLeadAttributeBad, "import: B, A (20105)"},
		{"field in another case", record(id(1), fields("firstname", "x")), fault.CodeLeadAttributeBad, "firstname"},
		{"no number", record(id(1), fields("FirstName", "A", "LeadScore", "x")), fault.CodeBadParameter, "LeadScore"},
		{"no date", record(id(1), fields("DateofBirth", "2015-13-01")), fault.CodeBadParameter, "DateofBirth"},
	}
}

func TestSyncLead_faults(t *testing.T) {
	t.Parallel()
	for _, test := range badRecords() {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim, _ := at(t, people())
			before, _ := sim.Lead(1)
			_, err := sim.SyncLead(t.Context(), syncOne(test.record, ""))
			wantFault(t, err, test.code, test.text)
			after, _ := sim.Lead(1)
			if diff := cmp.Diff(before, after); diff != "" || len(sim.LeadIDs()) != 5 {
				t.Errorf("%d leads, changes:\n%s", len(sim.LeadIDs()), diff)
			}
		})
	}
	sim, _ := at(t, []simulator.Lead{{ID: math.MaxInt32}})
	_, err := sim.SyncLead(t.Context(), syncOne(record(email("a@example.com")), ""))
	wantFault(t, err, fault.CodeLeadSyncFailed, "")
	for _, in := range []*gen.ParamsSyncLead{nil, {}} {
		_, err := sim.SyncLead(t.Context(), in)
		wantFault(t, err, fault.CodeLeadDetailRequired, "leadRecord")
	}
}

// A list that says that it is nil and has children counts.
func TestSyncLead_nilListWithChildren(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, nil)
	r := record(email("a@example.com"), fields("FirstName", "A"))
	r.LeadAttributeList.State = gen.Nil
	if _, err := sim.SyncLead(t.Context(), syncOne(r, "")); err != nil {
		t.Fatal(err)
	}
	if l, _ := sim.Lead(1); l.Fields["FirstName"] != "A" {
		t.Errorf("%+v", l)
	}
}

func TestSyncLead_workspaces(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		header    string
		record    *gen.LeadRecord
		code      fault.Code // 0: none
		workspace string     // of the lead afterwards
	}{
		{"new lead", "", record(email("n@example.com")), 0, "Default"},
		{"new lead in a workspace", "europe", record(email("n@example.com")), 0, "Europe"},
		{"new lead in the default one", "default", record(email("n@example.com")), 0, "Default"},
		{"unknown workspace", "Asia", record(email("n@example.com")), fault.CodeBadParameter, ""},
		{"id without header", "", record(id(8)), 0, "Europe"},
		{"id in the workspace", "Europe", record(id(8)), 0, "Europe"},
		{"id in another one", "Default", record(id(8)), fault.CodeLeadSyncFailed, ""},
		{"foreign id in another one", "Default", record(foreign("E")), fault.CodeLeadSyncFailed, ""},
		{"email in another one", "Default", record(email("e@example.com")), 0, "Europe"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim, _ := at(t, []simulator.Lead{{ID: 8, Email: "e@example.com", Workspace: "EUROPE", Keys: leadKeys("COOKIE", "ec"),
				ForeignIDs: []simulator.ForeignID{{System: "CUSTOM", ID: "E"}}}}, simulator.WithWorkspaces("Europe", "europe"))
			ctx := t.Context()
			if test.header != "" {
				ctx = gen.WithMktowsContext(ctx, gen.MktowsContextHeaderInfo{TargetWorkspace: test.header})
			}
			out, err := sim.SyncLead(ctx, syncOne(test.record, ""))
			if test.code != 0 {
				wantFault(t, err, test.code, "workspace")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if l, _ := sim.Lead(int64(out.Result.LeadId)); l.Workspace != test.workspace {
				t.Errorf("lead %d is in %q, want %q", l.ID, l.Workspace, test.workspace)
			}
		})
	}
}

func TestSyncMultipleLeads(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		dedup gen.Opt[bool]
		in    *gen.LeadRecord
		lead  int32
		want  gen.LeadSyncStatus
		email string
	}{
		{"email", gen.Some(true), record(email("shared@example.com")), 4, "UPDATED", "shared@example.com"},
		{"email by default", gen.Opt[bool]{}, record(email("shared@example.com")), 4, "UPDATED", "shared@example.com"},
		{"duplicate", gen.Some(false), record(email("shared@example.com")), 6, "CREATED", "shared@example.com"},
		{"id, email not written", gen.Some(true), record(id(2), email("x@example.com")), 2, "UPDATED", "two@example.com"},
		{"id without matching", gen.Some(false), record(id(2)), 2, "UPDATED", "two@example.com"},
		{"id, email as attribute", gen.Some(true), record(id(2), fields("Email", "x@example.com")), 2, "UPDATED", "x@example.com"},
		{"foreign id, email not written", gen.Some(true), record(foreign("F1"), email("x@example.com")), 1, "UPDATED", "one@example.com"},
		{"new foreign id", gen.Some(true), record(foreign("F9"), email("two@example.com")), 6, "CREATED", "two@example.com"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim, _ := at(t, people())
			out, err := sim.SyncMultipleLeads(t.Context(), &gen.ParamsSyncMultipleLeads{
				LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{*test.in}}, DedupEnabled: test.dedup,
			})
			if err != nil {
				t.Fatal(err)
			}
			encode(t, out)
			want := []gen.SyncStatus{{LeadId: test.lead, Status: test.want, Error: gen.NilOf[string]()}}
			if diff := cmp.Diff(want, out.Result.SyncStatusList.SyncStatus); diff != "" {
				t.Error(diff)
			}
			if l, _ := sim.Lead(int64(test.lead)); l.Email != test.email {
				t.Errorf("email %q, want %q", l.Email, test.email)
			}
			checkKeys(t, sim, "", 0)
		})
	}
}

// Records fail by themselves, in the order of the request, and one finds the lead of
// another.
func TestSyncMultipleLeads_mixed(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, people())
	in := &gen.ParamsSyncMultipleLeads{LeadRecordList: new(gen.ArrayOfLeadRecord)}
	add := func(r *gen.LeadRecord) { in.LeadRecordList.LeadRecord = append(in.LeadRecordList.LeadRecord, *r) }
	refused := slices.DeleteFunc(badRecords(), func(b badRecord) bool { return b.code == fault.CodeLeadAttributeBad })
	for _, bad := range refused {
		add(bad.record)
		add(record(email("new@example.com"), fields("FirstName", bad.name)))
	}
	out, err := sim.SyncMultipleLeads(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	list := out.Result.SyncStatusList.SyncStatus
	for i, bad := range refused {
		failed, good := list[2*i], list[2*i+1]
		text, ok := failed.Error.Get()
		if failed.LeadId != 0 || failed.Status != gen.LeadSyncStatusFAILED || !ok || text == "" {
			t.Errorf("%s: %+v", bad.name, failed)
		}
		if good.LeadId != 6 || good.Status == gen.LeadSyncStatusFAILED || (good.Status == gen.LeadSyncStatusCREATED) != (i == 0) {
			t.Errorf("after %s: %+v", bad.name, good)
		}
	}
	if n := len(log(t, sim, 6)); n != len(refused) {
		t.Errorf("%d activities, want one for each record", n)
	}
	add(record(id(1), fields("B", "x", "FirstName", "A", "A", "", "B", "y")))
	_, err = sim.SyncMultipleLeads(t.Context(), in)
	wantFault(t, err, fault.CodeLeadAttributeBad, "syncMultipleLeads operation failed: unknown fields for import: B, A (20105)")
	if n := len(log(t, sim, 6)); n != len(refused) {
		t.Errorf("%d activities: something was written by a call that was refused", n)
	}
	for _, in := range []*gen.ParamsSyncMultipleLeads{nil, {}, {LeadRecordList: new(gen.ArrayOfLeadRecord)}} {
		_, err := sim.SyncMultipleLeads(t.Context(), in)
		wantFault(t, err, fault.CodeLeadDetailRequired, "leadRecord")
	}
}

func TestMergeLeads(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, []simulator.Lead{
		{ID: 1, Email: "w@example.com", Keys: leadKeys("SFDCLEADID", "w", "COOKIE", "cw"), Fields: map[string]string{"FirstName": "W"},
			ForeignIDs: []simulator.ForeignID{{System: "CUSTOM", ID: "w"}}, Activities: visits(1)},
		{ID: 2, Email: "l@example.com", Keys: leadKeys("SFDCLEADID", "l", "SFDCACCOUNTID", "a", "COOKIE", "cl", "SFDCOPPTYID", "o"),
			Fields: map[string]string{"FirstName": "L", "LastName": "L"}, ForeignIDs: []simulator.ForeignID{{System: "CUSTOM", ID: "l"}}, Activities: visits(20)},
		{ID: 3, Email: "m@example.com", Fields: map[string]string{"LastName": "M", "City": "M"}},
	})
	list, err := sim.AddList(simulator.List{Name: "L", Members: []int64{2, 3}})
	if err != nil {
		t.Fatal(err)
	}
	keys := func(pairs ...string) gen.ArrayOfAttribute { return attributes(pairs...).Value }
	winner := keys("IDNUM", "1", "EMAIL", "W@example.com")
	out, err := sim.MergeLeads(t.Context(), &gen.ParamsMergeLeads{
		WinningLeadKeyList: &winner,
		LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{keys("EMAIL", "l@example.com"), keys("IDNUM", "3"), keys("IDNUM", "2")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	encode(t, out)
	want := &gen.MergeStatus{
		WinningLeadId: gen.Some[int32](1), LosingLeadIdList: gen.Some(gen.ArrayOfInteger{IntegerItem: []int32{2, 3}}),
		Status: gen.LeadMergeStatusEnumMERGED, Error: gen.NilOf[string](),
	}
	if diff := cmp.Diff(want, out.Result.MergeStatus); diff != "" {
		t.Error(diff)
	}
	l, _ := sim.Lead(1)
	l.Activities = nil
	wantLead := simulator.Lead{
		ID: 1, Email: "w@example.com", Keys: leadKeys("SFDCLEADID", "w", "COOKIE", "cw", "SFDCACCOUNTID", "a", "COOKIE", "cl", "SFDCOPPTYID", "o"),
		ForeignIDs: []simulator.ForeignID{{System: "CUSTOM", ID: "l"}, {System: "CUSTOM", ID: "w"}}, Workspace: "Default",
		Fields: map[string]string{"FirstName": "W", "LastName": "L", "City": "M"},
	}
	if diff := cmp.Diff(wantLead, l); diff != "" {
		t.Error(diff)
	}
	lines := log(t, sim, 1)
	if len(lines) != 22 || lines[21] != "Merge Leads Merge IDs=2,3 Merged in Sales=false Merge Source=Web service API" {
		t.Errorf("%d activities, the last %q", len(lines), lines[len(lines)-1])
	}
	for _, r := range readAll(t, sim, ask("COOKIE", "cl", batch(7))) {
		if r.MktPersonId != "1" {
			t.Errorf("record %d is of lead %s", r.Id.Value, r.MktPersonId)
		}
	}
	for _, gone := range []*gen.LeadKey{key("IDNUM", "2"), key("EMAIL", "l@example.com"), key("SFDCLEADID", "l")} {
		_, err := sim.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: gone})
		wantFault(t, err, fault.CodeLeadNotFound, gone.KeyValue)
	}
	if lists := sim.Lists(); lists[0].ID != list || !cmp.Equal(lists[0].Members, []int64{1}) {
		t.Errorf("%+v", lists)
	}
	if n := len(changes(t, sim, everything())); n != 22 {
		t.Errorf("%d changes, want 22", n)
	}
	checkKeys(t, sim, "cl", 1)
}

func visits(n int) []simulator.Activity {
	list := make([]simulator.Activity, n)
	for i := range list {
		list[i] = simulator.Activity{Type: "Visit Webpage", Time: simulator.At(noon.Add(-60e9))}
	}
	return list
}

func TestMergeLeads_faults(t *testing.T) {
	t.Parallel()
	keys := func(pairs ...string) gen.ArrayOfAttribute { return attributes(pairs...).Value }
	good, none := keys("IDNUM", "1"), keys()
	tests := []struct {
		name          string
		winner, loser gen.ArrayOfAttribute
		code          fault.Code
		text          string
	}{
		{"no winner's key", none, good, fault.CodeLeadKeyRequired, "winningLeadKeyList"},
		{"no loser's key", good, none, fault.CodeLeadKeyRequired, "losingLeadKeyLists"},
		{"empty key", good, keys("EMAIL", ""), fault.CodeLeadKeyRequired, "keyValue"},
		{"cookie", keys("COOKIE", "c1"), keys("IDNUM", "2"), fault.CodeLeadKeyBad, "COOKIE"},
		{"no type of key", good, keys("Email", "two@example.com"), fault.CodeLeadKeyBad, "Email"},
		{"no such winner", keys("IDNUM", "99"), good, fault.CodeLeadNotFound, "99"},
		{"no such loser", good, keys("EMAIL", "n@example.com"), fault.CodeLeadNotFound, "n@example.com"},
		{"no such owner", good, keys("LEADOWNEREMAIL", "n@example.com"), fault.CodeLeadOwnerNotFound, "n@example.com"},
		{"keys of two leads", good, keys("IDNUM", "2", "EMAIL", "shared@example.com"), fault.CodeLeadNotFound, "all keys"},
		{"into itself", good, keys("EMAIL", "one@example.com"), fault.CodeBadParameter, "itself"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			sim, _ := at(t, people())
			_, err := sim.MergeLeads(t.Context(), &gen.ParamsMergeLeads{
				WinningLeadKeyList: &test.winner,
				LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{keys("IDNUM", "3"), test.loser}},
			})
			wantFault(t, err, test.code, test.text)
			if n := len(sim.LeadIDs()); n != 5 {
				t.Errorf("%d leads, want 5 as before", n)
			}
		})
	}
	sim, _ := at(t, people())
	for _, in := range []*gen.ParamsMergeLeads{nil, {}, {WinningLeadKeyList: &good}, {WinningLeadKeyList: &good, LosingLeadKeyLists: new(gen.ArrayOfKeyList)}} {
		_, err := sim.MergeLeads(t.Context(), in)
		wantFault(t, err, fault.CodeLeadKeyRequired, fmt.Sprint("ing"))
	}
}

// A lead without any key is not anonymous: it does not become known.
func TestSyncLead_leadWithoutKeys(t *testing.T) {
	t.Parallel()
	sim, _ := at(t, []simulator.Lead{{ID: 1}})
	if _, err := sim.SyncLead(t.Context(), syncOne(record(id(1), email("a@example.com")), "")); err != nil {
		t.Fatal(err)
	}
	if got := log(t, sim, 1); len(got) != 1 || got[0][:17] != "Change Data Value" {
		t.Errorf("%q, want one change", got)
	}
}
