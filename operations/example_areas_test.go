package operations_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// answersOf is a port that knows one answer for each operation. A program has a client here.
var answersOf = gen.PortFunc(func(_ context.Context, op *gen.Operation, in, out gen.Message) error {
	switch out := out.(type) {
	case *gen.SuccessGetLead:
		if in.(*gen.ParamsGetLead).LeadKey.KeyValue != "318815" {
			return fault.New(fault.CodeLeadNotFound, "")
		}
		*out = *foundLeads(record(318815, "ann@example.com", attribute("Company", "Example"), attribute("LeadScore", "42")))
	case *gen.SuccessSyncMultipleLeads:
		*out = *synced(
			gen.SyncStatus{LeadId: 318815, Status: gen.LeadSyncStatusUPDATED},
			gen.SyncStatus{Status: gen.LeadSyncStatusFAILED, Error: gen.Some("the address is not valid")},
		)
	case *gen.SuccessGetMultipleLeads:
		result := &gen.ResultGetMultipleLeads{NewStreamPosition: "2", RemainingCount: 1}
		result.LeadRecordList = gen.Some(gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{record(1, "a@example.com"), record(2, "b@example.com")}})
		if in.(*gen.ParamsGetMultipleLeads).StreamPosition.State == gen.Present {
			result = &gen.ResultGetMultipleLeads{}
			result.LeadRecordList = gen.Some(gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{record(3, "c@example.com")}})
		}
		out.Result = result
	case *gen.SuccessListOperation:
		*out = *listed(false, true, false)
	case *gen.SuccessRequestCampaign:
		out.Result = &gen.ResultRequestCampaign{Success: true}
	case *gen.SuccessGetMObjects:
		out.Result = &gen.ResultGetMObjects{MObjectList: gen.Some(gen.ArrayOfMObject{MObject: []gen.MObject{
			{Type: "Opportunity", Id: gen.Some[int32](9), AttribList: attribs("Name", "Deal", "Amount", "1000.50", "IsWon", "1")},
		}})}
	case *gen.SuccessGetLeadChanges:
		*out = *changesAnswer(gen.LeadChangeRecord{
			ActivityDateTime: "2015-09-04T16:07:16-05:00", ActivityType: "Change Data Value", MktPersonId: "318815",
			ActivityAttributes: attributes(attribute("Attribute Name", "Company"), attribute("Old Value", ""), attribute("New Value", "Example")),
		})
	default:
		return fmt.Errorf("no answer for %s", op.Name)
	}
	return nil
})

func ExampleLeads_Get() {
	api := operations.New(answersOf)
	lead, err := api.Leads.Get(context.Background(), operations.LeadID(318815))
	if err != nil {
		log.Fatal(err)
	}
	score, err := lead.Attributes.Int("LeadScore")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(lead.ID, lead.Email, score)

	_, err = api.Leads.Get(context.Background(), operations.LeadID(1))
	fmt.Println("not found:", errors.Is(err, fault.ErrNotFound))
	// Output:
	// 318815 ann@example.com 42
	// not found: true
}

func ExampleLeads_SyncMany() {
	api := operations.New(answersOf)
	leads := []operations.Lead{
		{Email: "ann@example.com", Attributes: operations.Attributes{{Name: "Company", Value: "Example"}}},
		{Email: "nobody"},
	}
	statuses, err := api.Leads.SyncMany(context.Background(), leads, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range statuses {
		if s.Err != nil {
			fmt.Println(leads[s.Index].Email, s.Err)
			continue
		}
		fmt.Println(leads[s.Index].Email, s.Outcome, s.LeadID)
	}
	// Output:
	// ann@example.com UPDATED 318815
	// nobody records[1] was not taken: the address is not valid
}

func ExampleLeads_All() {
	api := operations.New(answersOf)
	month := time.Date(2015, 9, 1, 0, 0, 0, 0, time.UTC)
	selector := operations.UpdatedBetween(month, month.AddDate(0, 0, 30))
	for lead, err := range api.Leads.All(context.Background(), selector, &operations.LeadOptions{BatchSize: 2}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(lead.ID, lead.Email)
	}
	// Output:
	// 1 a@example.com
	// 2 b@example.com
	// 3 c@example.com
}

// A range that the service would refuse is not sent.
func ExampleUpdatedBetween() {
	api := operations.New(answersOf)
	start := time.Date(2015, 7, 1, 0, 0, 0, 0, time.UTC)
	for _, err := range api.Leads.All(context.Background(), operations.UpdatedBetween(start, start.AddDate(0, 2, 0)), nil) {
		fmt.Println(err)
	}
	// Output:
	// getMultipleLeads: Selector.oldest: 2015-07-01T00:00:00Z is more than 30 days before latest, which is fault 20022; ask for 30 days at most in one query
}

func ExampleLists_Add() {
	api := operations.New(answersOf)
	leads := []operations.LeadKey{operations.LeadID(318815), operations.LeadID(1)}
	statuses, err := api.Lists.Add(context.Background(), operations.ListName("Newsletter"), leads, nil)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range statuses {
		fmt.Println(s.Key, s.Err)
	}
	// Output:
	// IDNUM:318815 <nil>
	// IDNUM:1 records[1] (lead 1) was not taken: the service gave no reason
}

func ExampleCampaigns_Request() {
	api := operations.New(answersOf)
	request := operations.CampaignRequest{
		Program:  "Webinar",
		Campaign: "Invite",
		Tokens:   []operations.Token{{Name: "{{my.message}}", Value: "Hello"}},
		Leads:    []operations.LeadKey{operations.LeadID(318815)},
	}
	fmt.Println(api.Campaigns.Request(context.Background(), request))
	request.CampaignID = 7
	fmt.Println(api.Campaigns.Request(context.Background(), request))
	// Output:
	// <nil>
	// requestCampaign: CampaignRequest.Program: is given together with CampaignID; give either that, or Program and Campaign
}

func ExampleObjects_All() {
	api := operations.New(answersOf)
	o := &operations.ObjectOptions{
		Criteria: []operations.Criterion{{Attribute: "Stage", Comparison: operations.CompareEqual, Value: "Closed"}},
	}
	for object, err := range api.Objects.All(context.Background(), operations.ObjectOpportunity, o) {
		if err != nil {
			log.Fatal(err)
		}
		name, _ := object.Attributes.String("Name")
		amount, _ := object.Attributes.Float("Amount")
		won, _ := object.Attributes.Bool("IsWon")
		fmt.Println(object.ID, name, amount, won)
	}
	// Output:
	// 9 Deal 1000.5 true
}

func ExampleChanges_All() {
	api := operations.New(answersOf)
	since := time.Date(2015, 9, 4, 0, 0, 0, 0, time.UTC)
	o := &operations.ChangeOptions{Names: []string{operations.ActivityChangeDataValue.Name()}}
	for c, err := range api.Changes.All(context.Background(), since, o) {
		if err != nil {
			log.Fatal(err)
		}
		field, _ := c.Attributes.Get("Attribute Name")
		value, _ := c.Attributes.Get("New Value")
		fmt.Println(c.Time.Format(time.RFC3339), c.LeadID, field, value)
	}
	// Output:
	// 2015-09-04T16:07:16-05:00 318815 Company Example
}
