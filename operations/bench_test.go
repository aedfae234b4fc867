package operations_test

import (
	"fmt"
	"testing"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// fullPage has 100 records of nine attributes, as a page of visits has.
func fullPage() *gen.LeadActivityList {
	list := &gen.LeadActivityList{
		ReturnCount:      100,
		RemainingCount:   1,
		NewStartPosition: &gen.StreamPosition{Offset: gen.Some("ID:1024814")},
	}
	for i := range 100 {
		var attributes []gen.Attribute
		for n := range 9 {
			attributes = append(attributes, gen.Attribute{
				AttrName: fmt.Sprintf("Attribute %d", n), AttrType: gen.NilOf[string](), AttrValue: fmt.Sprint(i * n),
			})
		}
		list.ActivityRecordList.Value.ActivityRecord = append(list.ActivityRecordList.Value.ActivityRecord, gen.ActivityRecord{
			Id:                 gen.Some(int64(i)),
			ActivityDateTime:   "2013-07-09T16:44:28-05:00",
			ActivityType:       "Visit Webpage",
			MktgAssetName:      gen.Some("ClickDemo"),
			ActivityAttributes: gen.Some(gen.ArrayOfAttribute{Attribute: attributes}),
			MktPersonId:        "1089965",
		})
	}
	list.ActivityRecordList.State = gen.Present
	return list
}

// A page is converted in one piece: records and attributes are one array each.
func TestActivities_allocationsOfAPage(t *testing.T) { // not parallel: it counts
	activities := operations.New(answers(fullPage())).Activities
	got := testing.AllocsPerRun(100, func() {
		if _, err := activities.Page(t.Context(), key, operations.Cursor{}, nil); err != nil {
			t.Error(err)
		}
	})
	if got > 20 {
		t.Errorf("%v allocations for a page of 100 records, want at most 20", got)
	}
}

func BenchmarkActivities_page(b *testing.B) {
	activities := operations.New(answers(fullPage())).Activities
	b.ReportAllocs()
	for b.Loop() {
		page, err := activities.Page(b.Context(), key, operations.Cursor{}, nil)
		if err != nil || len(page.Items) != 100 {
			b.Fatal(len(page.Items), err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100, "ns/record")
}

func BenchmarkCursor_text(b *testing.B) {
	c := operations.NewCursor("getLeadActivity", 42, positions()["all present"])
	b.ReportAllocs()
	for b.Loop() {
		if back, err := operations.ParseCursor(c.String()); err != nil || back != c {
			b.Fatal(back, err)
		}
	}
}
