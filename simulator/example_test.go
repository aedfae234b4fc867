package simulator_test

import (
	"context"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// A simulator is a gen.Port: it can be called without any network.
func Example() {
	sim := simulator.New()
	id, err := sim.AddLead(simulator.Lead{Email: "lead@example.com", Activities: []simulator.Activity{
		{Type: gen.ActivityTypeNewLead, Time: simulator.At(time.Date(2015, time.September, 4, 21, 7, 16, 0, time.UTC))},
		{Type: gen.ActivityTypeVisitWebpage, Time: simulator.At(time.Date(2015, time.November, 3, 16, 15, 27, 0, time.UTC)), AssetName: "Pricing"},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	var port gen.Port = sim
	out, err := port.GetLeadActivity(context.Background(), &gen.ParamsGetLeadActivity{
		LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefEMAIL, KeyValue: "lead@example.com"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("lead", id)
	for _, r := range out.LeadActivityList.ActivityRecordList.Value.ActivityRecord {
		fmt.Println(r.ActivityDateTime, r.ActivityType, r.MktgAssetName.Value)
	}
	// Output:
	// lead 1
	// 2015-11-03T10:15:27-06:00 Visit Webpage Pricing
	// 2015-09-04T16:07:16-05:00 New Lead
}

// An error is the fault that the service would send.
func Example_fault() {
	_, err := simulator.New().GetLeadActivity(context.Background(), &gen.ParamsGetLeadActivity{
		LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefEMAIL, KeyValue: "nobody@example.com"},
	})
	fmt.Println(err)
	// Output:
	// 20103: No lead found with EMAIL = nobody@example.com; check the type and the value of the lead key
}
