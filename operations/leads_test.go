package operations_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

func record(id int32, email string, a ...gen.Attribute) gen.LeadRecord {
	return gen.LeadRecord{
		Id: gen.Some(id), Email: gen.Some(email),
		ForeignSysPersonId: gen.NilOf[string](), ForeignSysType: gen.NilOf[gen.ForeignSysType](),
		LeadAttributeList: attributes(a...),
	}
}

func foundLeads(records ...gen.LeadRecord) *gen.SuccessGetLead {
	list := gen.Some(gen.ArrayOfLeadRecord{LeadRecord: records})
	if len(records) == 0 {
		list = gen.NilOf[gen.ArrayOfLeadRecord]()
	}
	return &gen.SuccessGetLead{Result: &gen.ResultGetLead{Count: int32(len(records)), LeadRecordList: list}}
}

func synced(statuses ...gen.SyncStatus) *gen.SuccessSyncMultipleLeads {
	return &gen.SuccessSyncMultipleLeads{Result: &gen.ResultSyncMultipleLeads{SyncStatusList: &gen.ArrayOfSyncStatus{SyncStatus: statuses}}}
}

func syncedLead(status gen.SyncStatus, record gen.Opt[gen.LeadRecord]) *gen.SuccessSyncLead {
	return &gen.SuccessSyncLead{Result: &gen.ResultSyncLead{LeadId: status.LeadId, SyncStatus: &status, LeadRecord: record}}
}

func merged(s gen.MergeStatus) *gen.SuccessMergeLeads {
	return &gen.SuccessMergeLeads{Result: &gen.ResultMergeLeads{MergeStatus: &s}}
}

var ann = operations.Lead{
	ID: 318815, Email: "ann@example.com", ForeignSysPersonID: "00Q1", ForeignSysType: operations.ForeignSysSFDC,
	Attributes: operations.Attributes{{Name: "LastName", Value: "Example"}, {Name: "Age", Value: "30", Type: "integer"}},
}

var annRecord = gen.LeadRecord{
	Id: gen.Some[int32](318815), Email: gen.Some("ann@example.com"),
	ForeignSysPersonId: gen.Some("00Q1"), ForeignSysType: gen.Some(gen.ForeignSysTypeSFDC),
	LeadAttributeList: attributes(attribute("LastName", "Example"),
		gen.Attribute{AttrName: "Age", AttrType: gen.Some("integer"), AttrValue: "30"}),
}

func leadCalls() []callCase {
	byID := &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "318815"}}
	byEmail := &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefEMAIL, KeyValue: "a@example.com"}}
	return []callCase{
		{
			name: "Leads.Get",
			call: func(ctx context.Context, api *operations.API) (any, error) {
				return api.Leads.Get(ctx, operations.LeadID(318815))
			},
			request: byID, answer: foundLeads(annRecord), want: ann,
		},
		{
			name: "Leads.Find",
			call: func(ctx context.Context, api *operations.API) (any, error) {
				return api.Leads.Find(ctx, operations.Email("a@example.com"))
			},
			request: byEmail,
			answer:  foundLeads(record(1, "a@example.com", attribute("x", "1")), record(2, "a@example.com")),
			want: []operations.Lead{
				{ID: 1, Email: "a@example.com", Attributes: operations.Attributes{{Name: "x", Value: "1"}}},
				{ID: 2, Email: "a@example.com"},
			},
		},
		{
			name: "Leads.Sync everything",
			call: func(ctx context.Context, api *operations.API) (any, error) {
				return api.Leads.Sync(ctx, ann, &operations.SyncOptions{Cookie: "id:1&token:2", ReturnLead: true})
			},
			request: &gen.ParamsSyncLead{LeadRecord: &annRecord, ReturnLead: true, MarketoCookie: gen.Some("id:1&token:2")},
			answer:  syncedLead(gen.SyncStatus{LeadId: 318815, Status: gen.LeadSyncStatusUPDATED}, gen.Some(annRecord)),
			want:    operations.SyncedLead{LeadID: 318815, Outcome: operations.OutcomeUpdated, Lead: &ann},
		},
		{
			name: "Leads.Sync by cookie alone",
			call: func(ctx context.Context, api *operations.API) (any, error) {
				return api.Leads.Sync(ctx, operations.Lead{}, &operations.SyncOptions{Cookie: "c"})
			},
			request: &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{}, MarketoCookie: gen.Some("c")},
			answer:  syncedLead(gen.SyncStatus{LeadId: 7, Status: gen.LeadSyncStatusCREATED, Error: gen.NilOf[string]()}, gen.NilOf[gen.LeadRecord]()),
			want:    operations.SyncedLead{LeadID: 7, Outcome: operations.OutcomeCreated},
		},
		{
			name: "Leads.Sync failed",
			call: func(ctx context.Context, api *operations.API) (any, error) {
				return api.Leads.Sync(ctx, operations.Lead{Email: "b@example.com"}, nil)
			},
			request: &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Email: gen.Some("b@example.com")}},
			answer:  syncedLead(gen.SyncStatus{Status: gen.LeadSyncStatusFAILED, Error: gen.Some("no room")}, gen.NilOf[gen.LeadRecord]()),
			want:    operations.SyncedLead{Outcome: operations.OutcomeFailed},
			reason:  "no room",
		},
		{
			name: "Leads.SyncMany",
			call: func(ctx context.Context, api *operations.API) (any, error) {
				return api.Leads.SyncMany(ctx, []operations.Lead{ann, {Email: "b@example.com"}, {ID: 3}, {ID: 4}}, nil)
			},
			request: &gen.ParamsSyncMultipleLeads{
				LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{
					annRecord, {Email: gen.Some("b@example.com")}, {Id: gen.Some[int32](3)}, {Id: gen.Some[int32](4)},
				}},
				DedupEnabled: gen.Some(true),
			},
			answer: synced(
				gen.SyncStatus{LeadId: 318815, Status: gen.LeadSyncStatusUPDATED, Error: gen.NilOf[string]()},
				gen.SyncStatus{LeadId: 2, Status: gen.LeadSyncStatusCREATED},
				gen.SyncStatus{LeadId: 3, Status: gen.LeadSyncStatusFAILED, Error: gen.Some("bad field")},
				gen.SyncStatus{LeadId: 4, Status: "POSTPONED"},
			),
			want: []operations.SyncStatus{
				{Index: 0, LeadID: 318815, Outcome: operations.OutcomeUpdated},
				{Index: 1, LeadID: 2, Outcome: operations.OutcomeCreated},
				{Index: 2, LeadID: 3, Outcome: operations.OutcomeFailed, Err: &fault.SyncError{Index: 2, LeadID: 3, Reason: "bad field"}},
				{Index: 3, LeadID: 4, Outcome: "POSTPONED", Err: &fault.UnknownOutcomeError{
					Op: "syncMultipleLeads", Err: &fault.SyncError{Index: 3, LeadID: 4, Reason: "its status is POSTPONED"},
				}},
			},
		},
		{
			name: "Leads.SyncMany without dedup",
			call: func(ctx context.Context, api *operations.API) (any, error) {
				return api.Leads.SyncMany(ctx, []operations.Lead{{ID: 3}}, &operations.SyncManyOptions{NoDedup: true})
			},
			request: &gen.ParamsSyncMultipleLeads{
				LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{{Id: gen.Some[int32](3)}}},
				DedupEnabled:   gen.Some(false),
			},
			answer: synced(gen.SyncStatus{LeadId: 3, Status: gen.LeadSyncStatusUPDATED}),
			want:   []operations.SyncStatus{{LeadID: 3, Outcome: operations.OutcomeUpdated}},
		},
		{
			name: "Leads.Merge",
			call: func(ctx context.Context, api *operations.API) (any, error) {
				return api.Leads.Merge(ctx, operations.LeadID(1), []operations.LeadKey{operations.LeadID(2), operations.LeadID(3)}, nil)
			},
			request: &gen.ParamsMergeLeads{
				WinningLeadKeyList: &gen.ArrayOfAttribute{Attribute: []gen.Attribute{attribute("IDNUM", "1")}},
				LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{
					{Attribute: []gen.Attribute{attribute("IDNUM", "2")}},
					{Attribute: []gen.Attribute{attribute("IDNUM", "3")}},
				}},
			},
			answer: merged(gen.MergeStatus{
				WinningLeadId: gen.Some[int32](1), LosingLeadIdList: gen.Some(gen.ArrayOfInteger{IntegerItem: []int32{2, 3}}),
				Status: gen.LeadMergeStatusEnumMERGED,
			}),
			want: operations.MergedLeads{WinnerID: 1, LoserIDs: []int64{2, 3}, Outcome: operations.OutcomeMerged},
		},
		{
			name: "Leads.Merge failed",
			call: func(ctx context.Context, api *operations.API) (any, error) {
				return api.Leads.Merge(ctx, operations.LeadID(1), []operations.LeadKey{operations.LeadID(3)}, &operations.MergeOptions{InSales: true})
			},
			request: &gen.ParamsMergeLeads{
				WinningLeadKeyList: &gen.ArrayOfAttribute{Attribute: []gen.Attribute{attribute("IDNUM", "1")}},
				LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{{Attribute: []gen.Attribute{attribute("IDNUM", "3")}}}},
				MergeInSales:       gen.Some(true),
			},
			answer: merged(gen.MergeStatus{Status: gen.LeadMergeStatusEnumFAILED, Error: gen.Some("not in sales")}),
			want:   operations.MergedLeads{Outcome: operations.OutcomeFailed},
			reason: "not in sales",
		},
	}
}

func leadsRefused() []refusedCase {
	get := func(key operations.LeadKey) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) { return api.Leads.Get(ctx, key) }
	}
	sync := func(lead operations.Lead, o *operations.SyncOptions) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) { return api.Leads.Sync(ctx, lead, o) }
	}
	many := func(leads ...operations.Lead) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) {
			return api.Leads.SyncMany(ctx, leads, nil)
		}
	}
	merge := func(winner operations.LeadKey, losers ...operations.LeadKey) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) {
			return api.Leads.Merge(ctx, winner, losers, nil)
		}
	}
	page := func(s operations.Selector, o *operations.LeadOptions) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) {
			for _, err := range api.Leads.All(ctx, s, o) {
				return nil, err
			}
			return nil, nil
		}
	}
	one, cookie := operations.LeadID(1), operations.Cookie("c")
	named := operations.Lead{Email: "a@example.com"}
	with := func(change func(*operations.Lead)) operations.Lead { l := named; change(&l); return l }
	noType := with(func(l *operations.Lead) { l.ForeignSysPersonID = "1" })
	noTypeByAttribute := with(func(l *operations.Lead) {
		l.Attributes = operations.Attributes{{Name: "ForeignSysPersonId", Value: "1"}}
	})
	noPerson := with(func(l *operations.Lead) { l.ForeignSysType = operations.ForeignSysSFDC })
	badType := with(func(l *operations.Lead) { l.ForeignSysPersonID, l.ForeignSysType = "1", "sfdc" })
	badID := with(func(l *operations.Lead) { l.ID = math.MaxInt32 + 1 })
	nameless := with(func(l *operations.Lead) { l.Attributes = operations.Attributes{{Name: "x"}, {Value: "1"}} })
	all, when := &operations.LeadOptions{}, time.Date(2015, 9, 4, 0, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	hundred := strings.Split(strings.Repeat("1,", 100)+"1", ",")
	return []refusedCase{
		{"no key", get(operations.LeadKey{}), "getLead", "LeadKey", "is empty"},
		{"bad id", get(operations.LeadID(-1)), "getLead", "LeadKey.Value", "a number from 1 to 2147483647"},
		{"no key", sync(operations.Lead{}, nil), "syncLead", "Lead", "ID, Email, ForeignSysPersonID or SyncOptions.Cookie"},
		{"blank key", sync(operations.Lead{Email: " "}, &operations.SyncOptions{}), "syncLead", "Lead", "has no key"},
		{"no system", sync(noType, nil), "syncLead", "Lead.ForeignSysType", "is needed with ForeignSysPersonID"},
		{"no system beside a cookie", sync(noType, &operations.SyncOptions{Cookie: "c"}), "syncLead", "Lead.ForeignSysType", "is needed"},
		{"no system for an attribute", sync(noTypeByAttribute, nil), "syncLead", "Lead.ForeignSysType", "is needed"},
		{"no key but an empty attribute", sync(operations.Lead{Attributes: operations.Attributes{{Name: "Email", Value: " "}}}, nil), "syncLead", "Lead", "has no key"},
		{"no foreign id", sync(noPerson, nil), "syncLead", "Lead.ForeignSysPersonID", "is needed with ForeignSysType"},
		{"unknown system", sync(badType, nil), "syncLead", "Lead.ForeignSysType", `"sfdc" is not one of ["CUSTOM" "SFDC" "NETSUITE"]`},
		{"id too large", sync(badID, nil), "syncLead", "Lead.ID", "2147483648 is not an id"},
		{"attribute without a name", sync(nameless, nil), "syncLead", "Lead.Attributes[1].Name", "is empty"},
		{"none", many(), "syncMultipleLeads", "leads", "is empty"},
		{"no key", many(named, operations.Lead{}), "syncMultipleLeads", "leads[1]", "give ID, Email or ForeignSysPersonID"},
		{"no system", many(named, noType), "syncMultipleLeads", "leads[1].ForeignSysType", "is needed"},
		{"attribute without a name", many(nameless), "syncMultipleLeads", "leads[0].Attributes[1].Name", "is empty"},
		{"no winner", merge(operations.LeadKey{}, one), "mergeLeads", "winner", "is empty"},
		{"winning cookie", merge(cookie, one), "mergeLeads", "winner.Type", "is COOKIE"},
		{"losing cookie", merge(one, operations.LeadID(2), cookie), "mergeLeads", "losers[1].Type", "is COOKIE"},
		{"no losers", merge(one), "mergeLeads", "losers", "is empty"},
		{"one", merge(one, one), "mergeLeads", "losers[0]", "IDNUM:1 is the winner's key"},
		{"both", merge(one, operations.LeadID(2), one), "mergeLeads", "losers[1]", "IDNUM:1 is the winner's key"},
		{"no selector", page(nil, nil), "getMultipleLeads", "Selector", "is nil"},
		{"no keys", page(operations.ByKey(operations.KeyEmail), all), "getMultipleLeads", "Selector.keys", "is empty"},
		{"101 keys", page(operations.ByKey(operations.KeyID, hundred...), all), "getMultipleLeads", "Selector.keys", "has 101 keys; a call takes at most 100"},
		{"empty key", page(operations.ByKey(operations.KeyEmail, "a@example.com", ""), all), "getMultipleLeads", "Selector.keys[1].Value", "is empty"},
		{"unknown key type", page(operations.ByKey("email", "a"), all), "getMultipleLeads", "Selector.keys[0].Type", "not a key type"},
		{"two key types", page(operations.ByKeys(one, operations.Email("a@example.com")), all), "getMultipleLeads", "Selector.keys[1].Type", "of one type"},
		{"no list", page(operations.InList(" "), all), "getMultipleLeads", "Selector.listName", "is empty"},
		{"no list id", page(operations.InListID(0), all), "getMultipleLeads", "Selector.listID", "0 is not an id"},
		{"no start", page(operations.UpdatedSince(time.Time{}), all), "getMultipleLeads", "Selector.oldest", "zero time"},
		{"no end", page(operations.UpdatedBetween(when, time.Time{}), all), "getMultipleLeads", "Selector.latest", "zero time"},
		{"backwards", page(operations.UpdatedBetween(when, when.Add(-1)), all), "getMultipleLeads", "Selector.latest", "is before oldest, 2015-09-04T00:00:00Z"},
		{"more than 30 days", page(operations.UpdatedBetween(when, when.Add(30*day+1)), all), "getMultipleLeads", "Selector.oldest", "more than 30 days before latest, which is fault 20022"},
		{"more than 30 days ago", page(operations.UpdatedSince(time.Now().Add(-30*day-time.Second)), all), "getMultipleLeads", "Selector.oldest", "more than 30 days before the present"},
		{"empty field", page(operations.InList("x"), &operations.LeadOptions{Fields: []string{"a", ""}}), "getMultipleLeads", "LeadOptions.Fields[1]", "is empty"},
		{"batch too large", page(operations.InList("x"), &operations.LeadOptions{BatchSize: 1001}), "getMultipleLeads", "LeadOptions.BatchSize", "is 1001; a page has 1 to 1000"},
		{"batch negative", page(operations.InList("x"), &operations.LeadOptions{BatchSize: -1}), "getMultipleLeads", "LeadOptions.BatchSize", "is -1"},
	}
}

// The bounds themselves are allowed.
func TestSelectors_bounds(t *testing.T) {
	t.Parallel()
	when := time.Date(2015, 9, 4, 0, 0, 0, 0, time.UTC)
	for name, s := range map[string]operations.Selector{
		"30 days":      operations.UpdatedBetween(when, when.Add(operations.MaxUpdatedRange)),
		"no time":      operations.UpdatedBetween(when, when),
		"100 keys":     operations.ByKey(operations.KeyID, strings.Split(strings.Repeat("1,", 99)+"1", ",")...),
		"29 days ago":  operations.UpdatedSince(time.Now().Add(-29 * 24 * time.Hour)),
		"largest list": operations.InListID(math.MaxInt32),
	} {
		r := &recorder{answer: &gen.SuccessGetMultipleLeads{Result: &gen.ResultGetMultipleLeads{}}}
		if _, err := r.api().Leads.Page(t.Context(), s, operations.Cursor{}, &operations.LeadOptions{BatchSize: operations.MaxLeadBatch}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLeads_getOfSeveral(t *testing.T) {
	t.Parallel()
	r := &recorder{answer: foundLeads(record(1, "a@example.com"), record(2, "a@example.com"))}
	lead, err := r.api().Leads.Get(t.Context(), operations.Email("a@example.com"))
	if !errors.Is(err, operations.ErrSeveralLeads) || !strings.Contains(fmt.Sprint(err), "the ids 1, 2;") || lead.ID != 0 {
		t.Errorf("got %v, %v", lead, err)
	}
	wantOp(t, err, "getLead", 1)
	r.answer = foundLeads(make([]gen.LeadRecord, 11)...)
	if _, err := r.api().Leads.Get(t.Context(), operations.Email("a@example.com")); !strings.Contains(fmt.Sprint(err), "0, …;") {
		t.Errorf("error %v does not say that there are more", err)
	}
}

// The service says by a fault that there is none; an empty list would mean the same.
func TestLeads_getOfNone(t *testing.T) {
	t.Parallel()
	r := &recorder{answer: foundLeads()}
	_, err := r.api().Leads.Get(t.Context(), operations.Email("a@example.com"))
	if !errors.Is(err, fault.ErrNotFound) || !errors.Is(err, fault.CodeLeadNotFound) {
		t.Errorf("error %v", err)
	}
	r.err = fault.New(fault.CodeLeadNotFound, "")
	if _, err := r.api().Leads.Find(t.Context(), operations.Email("a@example.com")); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("error %v", err)
	}
}

func TestLeads_syncWorkspace(t *testing.T) {
	t.Parallel()
	for _, workspace := range []string{"", "Europe"} {
		r := &recorder{answer: syncedLead(gen.SyncStatus{LeadId: 1, Status: gen.LeadSyncStatusCREATED}, gen.Opt[gen.LeadRecord]{})}
		_, err := r.api().Leads.Sync(t.Context(), operations.Lead{ID: 1}, &operations.SyncOptions{Workspace: workspace})
		header, ok := gen.MktowsContext(r.ctx)
		if err != nil || ok != (workspace != "") || header.TargetWorkspace != workspace {
			t.Errorf("workspace %q: header %v, %t, error %v", workspace, header, ok, err)
		}
	}
}

// Of which lead a status is must be beyond doubt.
func TestLeads_syncManyWithStatusesMissing(t *testing.T) {
	t.Parallel()
	ok := gen.SyncStatus{LeadId: 1, Status: gen.LeadSyncStatusUPDATED}
	for _, answer := range []gen.Message{synced(ok), synced(ok, ok, ok), synced(), &gen.SuccessSyncMultipleLeads{Result: &gen.ResultSyncMultipleLeads{}}} {
		r := &recorder{answer: answer}
		statuses, err := r.api().Leads.SyncMany(t.Context(), []operations.Lead{{ID: 1}, {ID: 2}}, nil)
		wantDecodeError(t, err, "syncMultipleLeads")
		if statuses != nil {
			t.Errorf("got %v", statuses)
		}
	}
}

func TestLeads_syncWithoutAStatus(t *testing.T) {
	t.Parallel()
	r := &recorder{answer: &gen.SuccessSyncLead{Result: &gen.ResultSyncLead{LeadId: 1}}}
	_, err := r.api().Leads.Sync(t.Context(), operations.Lead{ID: 1}, nil)
	wantDecodeError(t, err, "syncLead")
	// leadId stands twice; one of them is enough.
	r.answer = &gen.SuccessSyncLead{Result: &gen.ResultSyncLead{LeadId: 5, SyncStatus: &gen.SyncStatus{Status: gen.LeadSyncStatusCREATED}}}
	if s, err := r.api().Leads.Sync(t.Context(), operations.Lead{Email: "a@example.com"}, nil); err != nil || s.LeadID != 5 {
		t.Errorf("got %v, %v", s, err)
	}
}

// Keys may stand among the attributes, and beside an ID a foreign id needs no type: the
// service has taken both from public programs.
func TestLead_keysAsAttributes(t *testing.T) {
	t.Parallel()
	for name, lead := range map[string]operations.Lead{
		"Email":                         {Attributes: operations.Attributes{{Name: "Email", Value: "a@example.com"}}},
		"Id":                            {Attributes: operations.Attributes{{Name: "Id", Value: "7"}}},
		"foreign id and type":           {Attributes: operations.Attributes{{Name: "ForeignSysPersonId", Value: "1"}, {Name: "ForeignSysType", Value: "SFDC"}}},
		"foreign id, type a field":      {ForeignSysType: operations.ForeignSysSFDC, Attributes: operations.Attributes{{Name: "ForeignSysPersonId", Value: "1"}}},
		"ID and foreign id":             {ID: 7, ForeignSysPersonID: "1"},
		"attribute Id and a foreign id": {ForeignSysPersonID: "1", Attributes: operations.Attributes{{Name: "Id", Value: "7"}}},
	} {
		var asked *gen.ParamsSyncMultipleLeads
		port := gen.PortFunc(func(_ context.Context, _ *gen.Operation, in, out gen.Message) error {
			asked = in.(*gen.ParamsSyncMultipleLeads)
			*out.(*gen.SuccessSyncMultipleLeads) = *synced(gen.SyncStatus{LeadId: 7, Status: gen.LeadSyncStatusUPDATED})
			return nil
		})
		if _, err := operations.New(port).Leads.SyncMany(t.Context(), []operations.Lead{lead}, nil); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if sent := asked.LeadRecordList.LeadRecord[0]; len(sent.LeadAttributeList.Value.Attribute) != len(lead.Attributes) || sent.ForeignSysPersonId.Or("") != lead.ForeignSysPersonID {
			t.Errorf("%s: sent %+v", name, sent)
		}
	}
}

// mergePort has leads by address, and merges whatever it is asked.
type mergePort struct {
	gen.Port
	leads  map[string][]int32
	looked []string
	merged *gen.ParamsMergeLeads
}

func (p *mergePort) GetLead(_ context.Context, in *gen.ParamsGetLead) (*gen.SuccessGetLead, error) {
	p.looked = append(p.looked, string(in.LeadKey.KeyType)+":"+in.LeadKey.KeyValue)
	ids := p.leads[in.LeadKey.KeyValue]
	if len(ids) == 0 {
		return nil, fault.New(fault.CodeLeadNotFound, "")
	}
	var records []gen.LeadRecord
	for _, id := range ids {
		records = append(records, gen.LeadRecord{Id: gen.Some(id)})
	}
	return foundLeads(records...), nil
}

func (p *mergePort) MergeLeads(_ context.Context, in *gen.ParamsMergeLeads) (*gen.SuccessMergeLeads, error) {
	p.merged = in
	return merged(gen.MergeStatus{Status: gen.LeadMergeStatusEnumMERGED}), nil
}

// Which leads are merged is known before they are: each key names one, and ids are sent.
func TestLeads_mergeSettlesTheLeadsFirst(t *testing.T) {
	t.Parallel()
	key := func(text string) operations.LeadKey {
		k, err := operations.ParseLeadKey(text)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	tests := []struct {
		name   string
		winner string
		losers []string
		looked []string
		sent   []string // ids, the winner's first; none: refused
		is     error
		text   string
	}{
		{"ids", "1", []string{"2", "3"}, nil, []string{"1", "2", "3"}, nil, ""},
		{"addresses", "one@example.com", []string{"2", "three@example.com"}, []string{"EMAIL:one@example.com", "EMAIL:three@example.com"}, []string{"1", "2", "3"}, nil, ""},
		{"winner of several", "two@example.com", []string{"1"}, []string{"EMAIL:two@example.com"}, nil, operations.ErrSeveralLeads,
			"winner: several leads have the key: EMAIL:two@example.com is that of those with the ids 7, 8; choose one by its id"},
		{"owner", "1", []string{"2", "LEADOWNEREMAIL:two@example.com"}, []string{"LEADOWNEREMAIL:two@example.com"}, nil, operations.ErrSeveralLeads, "losers[1]: "},
		{"account", "1", []string{"SFDCACCOUNTID:two@example.com"}, []string{"SFDCACCOUNTID:two@example.com"}, nil, operations.ErrSeveralLeads, "losers[0]: "},
		{"nobody", "1", []string{"no@example.com"}, []string{"EMAIL:no@example.com"}, nil, fault.CodeLeadNotFound, "EMAIL:no@example.com, which is looked up before the merge: getLead: "},
		{"winner again", "1", []string{"one@example.com"}, []string{"EMAIL:one@example.com"}, nil, fault.ErrInvalid, "losers[0]: EMAIL:one@example.com is the lead 1, and so is IDNUM:1"},
		{"winner again by another number", "1", []string{"01"}, nil, nil, fault.ErrInvalid, "losers[0]: IDNUM:01 is the lead 01, and so is IDNUM:1"},
		{"loser twice", "1", []string{"3", "three@example.com"}, []string{"EMAIL:three@example.com"}, nil, fault.ErrInvalid, "losers[1]: EMAIL:three@example.com is the lead 3, and so is IDNUM:3"},
		{"lead without an id", "1", []string{"zero@example.com"}, []string{"EMAIL:zero@example.com"}, nil, nil, "has no Id"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			port := &mergePort{leads: map[string][]int32{"one@example.com": {1}, "two@example.com": {7, 8}, "three@example.com": {3}, "zero@example.com": {0}}}
			var losers []operations.LeadKey
			for _, text := range tt.losers {
				losers = append(losers, key(text))
			}
			_, err := operations.New(port).Leads.Merge(t.Context(), key(tt.winner), losers, nil)
			if diff := cmp.Diff(tt.looked, port.looked); diff != "" {
				t.Errorf("looked up (-want +got):\n%s", diff)
			}
			if tt.sent == nil {
				if err == nil || tt.is != nil && !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.text) || port.merged != nil {
					t.Errorf("error %v, merged %v", err, port.merged)
				}
				if errors.Is(err, fault.ErrUnknownOutcome) {
					t.Errorf("nothing was written: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			sent := []string{port.merged.WinningLeadKeyList.Attribute[0].AttrValue}
			for _, list := range port.merged.LosingLeadKeyLists.KeyList {
				sent = append(sent, list.Attribute[0].AttrValue)
			}
			if diff := cmp.Diff(tt.sent, sent); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
		})
	}
}
