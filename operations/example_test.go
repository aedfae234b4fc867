package operations_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// visits is a port that knows a lead with three visits and gives two to a page. A
// program has a client here.
var visits = gen.PortFunc(func(_ context.Context, _ *gen.Operation, in, out gen.Message) error {
	list := &gen.LeadActivityList{NewStartPosition: &gen.StreamPosition{Offset: gen.Some("ID:2")}}
	records := []gen.ActivityRecord{visit(3, "Pricing"), visit(2, "Home")}
	if in.(*gen.ParamsGetLeadActivity).StartPosition.State == gen.Absent {
		list.RemainingCount = 1
	} else {
		records = []gen.ActivityRecord{visit(1, "Home")}
	}
	list.ActivityRecordList = gen.Some(gen.ArrayOfActivityRecord{ActivityRecord: records})
	out.(*gen.SuccessGetLeadActivity).LeadActivityList = list
	return nil
})

func visit(day int, page string) gen.ActivityRecord {
	return gen.ActivityRecord{
		Id:               gen.Some(int64(1000 + day)),
		ActivityDateTime: gen.NewDateTime(time.Date(2015, 9, day, 16, 7, 16, 0, time.FixedZone("", -5*3600))),
		ActivityType:     "Visit Webpage",
		MktgAssetName:    gen.Some(page),
		MktPersonId:      "318815",
		ActivityAttributes: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{
			{AttrName: "Client IP Address", AttrValue: "192.0.2.130"},
		}}),
	}
}

func ExampleActivities_All() {
	api := operations.New(visits)
	o := &operations.ActivityOptions{Include: []operations.ActivityType{operations.ActivityVisitWebpage}}
	for a, err := range api.Activities.All(context.Background(), operations.LeadID(318815), o) {
		if err != nil {
			log.Fatal(err)
		}
		address, _ := a.Attributes.Get("Client IP Address")
		fmt.Println(a.Time.Format(time.RFC3339), a.Type, a.AssetName, address)
	}
	// Output:
	// 2015-09-03T16:07:16-05:00 Visit Webpage Pricing 192.0.2.130
	// 2015-09-02T16:07:16-05:00 Visit Webpage Home 192.0.2.130
	// 2015-09-01T16:07:16-05:00 Visit Webpage Home 192.0.2.130
}

// A job that stores each page with its cursor goes on where it was stopped.
func ExampleActivities_Pages() {
	api := operations.New(visits)
	key := operations.Email("lead@example.com")
	var saved string // in a file or a database
	run := func(pages int) {
		start, err := operations.ParseCursor(saved)
		if err != nil {
			log.Fatal(err)
		}
		for page, err := range api.Activities.Pages(context.Background(), key, &operations.ActivityOptions{Start: start}) {
			if err != nil {
				log.Fatal(err)
			}
			for _, a := range page.Items {
				fmt.Println(a.ID, a.AssetName)
			}
			saved = page.Next.String()
			if pages--; pages == 0 {
				return
			}
		}
	}
	run(1)
	fmt.Println("stopped, a cursor is saved:", saved != "")
	run(9)
	// Output:
	// 1003 Pricing
	// 1002 Home
	// stopped, a cursor is saved: true
	// 1001 Home
}

func ExampleParseLeadKey() {
	for _, s := range []string{"318815", "lead@example.com", "sfdcLeadId:00Q000000000001", "0"} {
		key, err := operations.ParseLeadKey(s)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(key)
	}
	// Output:
	// IDNUM:318815
	// EMAIL:lead@example.com
	// SFDCLEADID:00Q000000000001
	// LeadKey.Value: "0" is not a lead id, which is a number from 1 to 2147483647
}

func ExampleParseActivityType() {
	for _, s := range []string{"Visit Webpage", "newlead", "NewLaed"} {
		activityType, err := operations.ParseActivityType(s)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(activityType, "is shown as", activityType.Name())
	}
	// Output:
	// VisitWebpage is shown as Visit Webpage
	// NewLead is shown as New Lead
	// activity type: "NewLaed" is not an activity type that the schema lists; similar: NewLead
}
