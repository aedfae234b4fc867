package operations_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// unreadableRecords are those that each way of reading activities hands to OnUnreadable.
func unreadableRecords(t *testing.T, records []gen.LeadChangeRecord) map[string]func(func(*operations.RecordError)) []int64 {
	t.Helper()
	return map[string]func(func(*operations.RecordError)) []int64{
		"changes": func(on func(*operations.RecordError)) (leads []int64) {
			r := &recorder{answer: &gen.SuccessGetLeadChanges{Result: &gen.ResultGetLeadChanges{
				LeadChangeRecordList: gen.Some(gen.ArrayOfLeadChangeRecord{LeadChangeRecord: records}),
			}}}
			for change, err := range r.api().Changes.All(t.Context(), time.Unix(0, 0), &operations.ChangeOptions{OnUnreadable: on}) {
				if err != nil {
					t.Fatal(err)
				}
				leads = append(leads, change.LeadID)
			}
			return leads
		},
		"activities": func(on func(*operations.RecordError)) (leads []int64) {
			var list []gen.ActivityRecord
			for _, r := range records {
				list = append(list, gen.ActivityRecord{
					Id: r.Id, MarketoGUID: r.MarketoGUID, ActivityDateTime: r.ActivityDateTime, ActivityType: r.ActivityType,
					MktgAssetName: r.MktgAssetName, Campaign: r.Campaign, MktPersonId: r.MktPersonId, ActivityAttributes: r.ActivityAttributes,
				})
			}
			port := answers(&gen.LeadActivityList{ActivityRecordList: gen.Some(gen.ArrayOfActivityRecord{ActivityRecord: list})})
			for a, err := range operations.New(port).Activities.All(t.Context(), key, &operations.ActivityOptions{OnUnreadable: on}) {
				if err != nil {
					t.Fatal(err)
				}
				leads = append(leads, a.LeadID)
			}
			return leads
		},
	}
}

// The good records of a page come, and the bad ones are told of, whole.
func TestActivities_unreadableRecordsAreHandedOver(t *testing.T) {
	t.Parallel()
	good := gen.LeadChangeRecord{ActivityDateTime: "2015-09-04T16:07:16-05:00", MktPersonId: "318815"}
	noLead := gen.LeadChangeRecord{
		Id: gen.Some[int64](7), MarketoGUID: "g7", ActivityDateTime: "2015-09-04T16:07:16-05:00", ActivityType: "Visit <Webpage>",
		MktgAssetName: gen.Some("a"), Campaign: gen.Some("c"), MktPersonId: "x",
		ActivityAttributes: attributes(attribute("Page", `"q" & more`)),
	}
	noTime := good
	noTime.ActivityDateTime = "yesterday"
	for name, readAll := range unreadableRecords(t, []gen.LeadChangeRecord{noLead, good, noTime, good}) {
		var bad []*operations.RecordError
		if got := readAll(func(e *operations.RecordError) { bad = append(bad, e) }); len(got) != 2 || got[0] != 318815 || got[1] != 318815 {
			t.Errorf("%s: got the leads %v", name, got)
		}
		if len(bad) != 2 || bad[0].Index != 0 || bad[0].Field != "mktPersonId" || bad[0].GUID != "g7" || bad[1].Index != 2 || bad[1].Value != "yesterday" {
			t.Fatalf("%s: unreadable are %+v", name, bad)
		}
		want := `{"id":7,"marketoGUID":"g7","activityDateTime":"2015-09-04T16:07:16-05:00","activityType":"Visit <Webpage>",` +
			`"mktgAssetName":"a","campaign":"c","mktPersonId":"x","attributes":[{"attrName":"Page","attrValue":"\"q\" & more"}]}`
		if bad[0].Record != want {
			t.Errorf("%s: the record is\n%s\nwant\n%s", name, bad[0].Record, want)
		}
		if want := `{"activityDateTime":"yesterday","activityType":"","mktPersonId":"318815"}`; bad[1].Record != want {
			t.Errorf("%s: the record is %s, want %s", name, bad[1].Record, want)
		}
	}
}

// A record is kept in bounds, cut between characters, and stays JSON.
func TestActivities_unreadableRecordsAreBounded(t *testing.T) {
	t.Parallel()
	huge := gen.LeadChangeRecord{ActivityDateTime: "?", MktPersonId: "1", ActivityType: "x" + strings.Repeat("ü", 1<<20)}
	for range 5000 {
		huge.ActivityAttributes.Value.Attribute = append(huge.ActivityAttributes.Value.Attribute, gen.Attribute{AttrName: "n", AttrValue: "v"})
	}
	huge.ActivityAttributes.State = gen.Present
	for name, readAll := range unreadableRecords(t, []gen.LeadChangeRecord{huge}) {
		var record string
		readAll(func(e *operations.RecordError) { record = e.Record })
		var parsed struct {
			Type string `json:"activityType"`
			List []any  `json:"attributes"`
			More int    `json:"moreAttributes"`
		}
		if err := json.Unmarshal([]byte(record), &parsed); err != nil || len(record) > 64<<10 {
			t.Errorf("%s: %d bytes, error %v", name, len(record), err)
		}
		if len(parsed.List) != 200 || parsed.More != 4800 || !utf8.ValidString(parsed.Type) || len(parsed.Type) > 4200 || !strings.HasSuffix(parsed.Type, "ü…") {
			t.Errorf("%s: %d attributes, %d more, a type of %d bytes", name, len(parsed.List), parsed.More, len(parsed.Type))
		}
	}
}

// A lead without an id has no row of its own; it is handed over, or comes with the ID 0 as ever.
func TestLeads_recordsWithoutID(t *testing.T) {
	t.Parallel()
	r := &recorder{answer: &gen.SuccessGetMultipleLeads{Result: &gen.ResultGetMultipleLeads{
		LeadRecordList: gen.Some(gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{
			{Email: gen.Some("a@example.com"), LeadAttributeList: attributes(attribute("Company", "A"))}, {Id: gen.Some[int32](7)}, {Id: gen.Some[int32](-1)},
		}}),
	}}}
	var bad []*operations.RecordError
	o := &operations.LeadOptions{OnUnreadable: func(e *operations.RecordError) { bad = append(bad, e) }}
	page, err := r.api().Leads.Page(t.Context(), operations.InListID(1), operations.Cursor{}, o)
	if err != nil || len(page.Items) != 1 || page.Items[0].ID != 7 || len(bad) != 2 {
		t.Fatalf("%+v, error %v, unreadable %v", page, err, bad)
	}
	if want := `{"Email":"a@example.com","attributes":[{"attrName":"Company","attrValue":"A"}]}`; bad[0].Record != want || bad[0].Index != 0 || bad[0].Value != "" {
		t.Errorf("got %+v, want the record %s", bad[0], want)
	}
	if bad[1].Value != "-1" || bad[1].Index != 2 || bad[1].Record != `{"Id":-1}` {
		t.Errorf("got %+v", bad[1])
	}
	if page, err := r.api().Leads.Page(t.Context(), operations.InListID(1), operations.Cursor{}, nil); err != nil || len(page.Items) != 3 {
		t.Errorf("without OnUnreadable: %+v, error %v", page, err)
	}
}
