package operations_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

var since = time.Date(2015, 9, 4, 16, 7, 16, 0, time.FixedZone("", -5*3600))

func changesAnswer(records ...gen.LeadChangeRecord) *gen.SuccessGetLeadChanges {
	return &gen.SuccessGetLeadChanges{Result: &gen.ResultGetLeadChanges{
		NewStartPosition: &gen.StreamPosition{}, LeadChangeRecordList: gen.Some(gen.ArrayOfLeadChangeRecord{LeadChangeRecord: records}),
	}}
}

func TestActivities_changesRequest(t *testing.T) {
	t.Parallel()
	oldest := gen.Some(gen.DateTime("2015-09-04T16:07:16-05:00"))
	later := since.Add(time.Hour)
	at := gen.Some(gen.DateTime("2015-09-04T17:07:16-05:00"))
	tests := map[string]struct {
		o    *operations.ChangeOptions
		want gen.ParamsGetLeadChanges
	}{
		"nothing": {nil, gen.ParamsGetLeadChanges{StartPosition: &gen.StreamPosition{OldestCreatedAt: oldest}}},
		"everything": {
			&operations.ChangeOptions{
				Names: []string{"Visit Webpage", "Wait"}, Leads: operations.InListID(7), Until: later, ActiveSince: later, BatchSize: 1000,
			},
			gen.ParamsGetLeadChanges{
				StartPosition:      &gen.StreamPosition{OldestCreatedAt: oldest, LatestCreatedAt: at, ActivityCreatedAt: at},
				ActivityNameFilter: texts("Visit Webpage", "Wait"), BatchSize: gen.Some[int32](1000),
				LeadSelector: &gen.StaticListSelector{StaticListId: gen.Some[int32](7)},
			},
		},
		"names that the schema does not list": {
			&operations.ChangeOptions{Names: []string{"VisitWebpage", "Change Nurture Track", "Touch Complete", "Bought a boat"}},
			gen.ParamsGetLeadChanges{
				StartPosition:      &gen.StreamPosition{OldestCreatedAt: oldest},
				ActivityNameFilter: texts("VisitWebpage", "Change Nurture Track", "Touch Complete", "Bought a boat"),
			},
		},
		"included": {
			&operations.ChangeOptions{Include: []operations.ActivityType{operations.ActivityVisitWebpage}, Leads: operations.UpdatedBetween(since, later)},
			gen.ParamsGetLeadChanges{
				StartPosition: &gen.StreamPosition{OldestCreatedAt: oldest},
				ActivityFilter: gen.Some(gen.ActivityTypeFilter{
					IncludeTypes: gen.Some(gen.ArrayOfActivityType{ActivityType: []gen.ActivityType{gen.ActivityTypeVisitWebpage}}),
				}),
				LeadSelector: &gen.LastUpdateAtSelector{OldestUpdatedAt: oldest.Value, LatestUpdatedAt: at},
			},
		},
		"excluded": {
			&operations.ChangeOptions{Exclude: []operations.ActivityType{operations.ActivityWait}, Leads: operations.ByKey(operations.KeyID, "1", "2")},
			gen.ParamsGetLeadChanges{
				StartPosition: &gen.StreamPosition{OldestCreatedAt: oldest},
				ActivityFilter: gen.Some(gen.ActivityTypeFilter{
					ExcludeTypes: gen.Some(gen.ArrayOfActivityType{ActivityType: []gen.ActivityType{gen.ActivityTypeWait}}),
				}),
				LeadSelector: &gen.LeadKeySelector{KeyType: gen.LeadKeyRefIDNUM, KeyValues: &gen.ArrayOfString{StringItem: []string{"1", "2"}}},
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{answer: changesAnswer()}
			if _, err := r.api().Changes.Page(t.Context(), since, operations.Cursor{}, tt.o); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]gen.Message{&tt.want}, r.asked); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if _, err := gen.Marshal(&tt.want, gen.V2_7); err != nil {
				t.Error(err)
			}
		})
	}
}

// The position goes back whole, in place of the times of the first call.
func TestActivities_changesPosition(t *testing.T) {
	t.Parallel()
	answer := changesAnswer()
	answer.Result.RemainingCount = 1
	answer.Result.NewStartPosition = &gen.StreamPosition{
		OldestCreatedAt: gen.Some(gen.DateTime("2015-09-04T16:07:16-05:00")), LatestCreatedAt: gen.NilOf[gen.DateTime](), Offset: gen.Some("ID:5"),
	}
	r := &recorder{answer: answer}
	o := &operations.ChangeOptions{Until: since.Add(time.Hour)}
	page, err := r.api().Changes.Page(t.Context(), since, operations.Cursor{}, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.api().Changes.Page(t.Context(), since, page.Next, o); err != nil {
		t.Fatal(err)
	}
	got := r.asked[1].(*gen.ParamsGetLeadChanges).StartPosition
	if diff := cmp.Diff(answer.Result.NewStartPosition, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestActivities_changesAnswer(t *testing.T) {
	t.Parallel()
	r := &recorder{answer: changesAnswer(
		gen.LeadChangeRecord{
			Id: gen.Some[int64](12), MarketoGUID: "g", ActivityDateTime: "2015-09-04T16:07:16-05:00", ActivityType: "Change Data Value",
			MktgAssetName: gen.Some("Company Name"), Campaign: gen.Some("Webinar.Invite"), MktPersonId: "318815",
			ActivityAttributes: attributes(attribute("Attribute Name", "Company"), attribute("Old Value", "")),
		},
		gen.LeadChangeRecord{Id: gen.NilOf[int64](), ActivityDateTime: "2015-09-04T16:07:16Z", ActivityType: "Wait", MktPersonId: "2"},
	)}
	page, err := r.api().Changes.Page(t.Context(), since, operations.Cursor{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []operations.Change{
		{
			ID: 12, HasID: true, GUID: "g", Time: since, Type: "Change Data Value", AssetName: "Company Name", Campaign: "Webinar.Invite",
			LeadID: 318815, Attributes: operations.Attributes{{Name: "Attribute Name", Value: "Company"}, {Name: "Old Value"}},
		},
		{Time: since.Add(-5 * time.Hour), Type: "Wait", LeadID: 2},
	}
	if diff := cmp.Diff(want, page.Items); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestActivities_changesUnreadable(t *testing.T) {
	t.Parallel()
	good := gen.LeadChangeRecord{ActivityDateTime: "2015-09-04T16:07:16-05:00", MktPersonId: "1"}
	noTime, noLead := good, good
	noTime.ActivityDateTime, noLead.MktPersonId = "", "x"
	for text, bad := range map[string]gen.LeadChangeRecord{`activityDateTime is ""`: noTime, `mktPersonId is "x"`: noLead} {
		r := &recorder{answer: changesAnswer(good, bad)}
		page, err := r.api().Changes.Page(t.Context(), since, operations.Cursor{}, nil)
		wantDecodeError(t, err, "getLeadChanges")
		if !strings.Contains(err.Error(), "records[1] of the answer: "+text) || page.Items != nil {
			t.Errorf("got %v, error %q, want %q", page.Items, err, text)
		}
	}
}

func changesRefused() []refusedCase {
	page := func(since time.Time, o operations.ChangeOptions) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) {
			return api.Changes.Page(ctx, since, operations.Cursor{}, &o)
		}
	}
	type options = operations.ChangeOptions
	wait := []operations.ActivityType{operations.ActivityWait}
	const op = "getLeadChanges"
	return []refusedCase{
		{"no start", page(time.Time{}, options{}), op, "since", "zero time"},
		{"backwards", page(since, options{Until: since.Add(-time.Second)}), op, "ChangeOptions.Until", "is before since"},
		{"include and names", page(since, options{Include: wait, Names: []string{"Wait"}}), op, "ChangeOptions.Include", "together with Names"},
		{"exclude and names", page(since, options{Exclude: wait, Names: []string{"Wait"}}), op, "ChangeOptions.Exclude", "together with Names"},
		{"exclude and include", page(since, options{Exclude: wait, Include: wait}), op, "ChangeOptions.Exclude", "together with Include"},
		{"empty name", page(since, options{Names: []string{""}}), op, "ChangeOptions.Names[0]", "is empty"},
		{"unknown type", page(since, options{Include: []operations.ActivityType{"x"}}), op, "ChangeOptions.Include[0]", "not an activity type"},
		{"unknown type excluded", page(since, options{Exclude: []operations.ActivityType{"x"}}), op, "ChangeOptions.Exclude[0]", "not an activity type"},
		{"batch too large", page(since, options{BatchSize: 1001}), op, "ChangeOptions.BatchSize", "is 1001; a page has 1 to 1000"},
		{"101 keys", page(since, options{Leads: operations.ByKey(operations.KeyID, strings.Split(strings.Repeat("1,", 100)+"1", ",")...)}), op, "ChangeOptions.Leads.keys", "at most 100"},
		{"more than 30 days", page(since, options{Leads: operations.UpdatedBetween(since, since.AddDate(0, 0, 31))}), op, "ChangeOptions.Leads.oldest", "20022"},
	}
}

// TestChange_Activity: an activity tells all that a change does.
func TestChange_Activity(t *testing.T) {
	t.Parallel()
	c := operations.Change{ID: 7, HasID: true, GUID: "g", Time: time.Unix(1, 0), Type: "Merge Leads", AssetName: "a", Campaign: "c", LeadID: 5, Attributes: operations.Attributes{{Name: "n", Value: "v"}}}
	a := c.Activity()
	if reflect.ValueOf(c).NumField() != 9 || !reflect.DeepEqual(a, operations.Activity{ID: 7, HasID: true, GUID: "g", Time: time.Unix(1, 0), Type: "Merge Leads", AssetName: "a", Campaign: "c", LeadID: 5, Attributes: operations.Attributes{{Name: "n", Value: "v"}}}) {
		t.Errorf("%+v", a)
	}
	for kind, want := range map[operations.ActivityType]bool{operations.ActivityMergeLeads: true, operations.ActivityVisitWebpage: false, "": false} {
		if a.Is(kind) != want {
			t.Errorf("%q is %q: %t", a.Type, kind, !want)
		}
	}
}
