package simulator

import (
	"cmp"
	"fmt"

	"github.com/mktows/mktows-go/gen"
)

// Leads of the demonstration data that have a history worth reading.
const (
	// DemoLeadID is the lead of the vendor's published example. It was made by the web
	// service in September 2015, activity 12025714, and has done a dozen things since.
	DemoLeadID = 318815
	// DemoHistoryLeadID has a few thousand activities from 2011 to 2015.
	DemoHistoryLeadID = 318820
)

// DemoList is a static list of the demonstration data. DemoLeadID is on it, as its
// history says.
const DemoList = "Newsletter"

// Objects of the demonstration data.
const (
	// DemoProgram is an event with a channel, tags, tokens, a cost and two campaigns.
	DemoProgram = "Autumn Webinar"
	// DemoTriggerCampaign can be requested by the web service.
	DemoTriggerCampaign = "Register"
	// DemoBatchCampaign can be scheduled.
	DemoBatchCampaign = "Send Invitation"
	// DemoCustomObject is a type of custom object with two records.
	DemoCustomObject = "Device"
)

const demoProgramID = 1019 // which the history of DemoLeadID names

// LoadDemo adds demonstration data, the same each time, whatever the clock says: six leads
// that together have all kinds of lead key, among them DemoLeadID and DemoHistoryLeadID, the
// list DemoList, a program with campaigns, opportunities and custom objects. It adds all or,
// where an id is taken, nothing.
func (s *Simulator) LoadDemo() error {
	defer s.instance.Change()()
	d := demoState()
	if err := s.checkDemo(&d); err != nil {
		return fmt.Errorf("demonstration data: %w", named(err, "state"))
	}
	for i := range d.Leads {
		s.instance.Leads.Add(&d.Leads[i])
	}
	s.instance.Lists.Add(&d.Lists[0])
	for _, c := range d.Channels {
		_ = s.instance.Programs.AddChannel(c) // one that is there stays as it is
	}
	for _, tag := range d.Tags {
		_ = s.instance.Programs.AddTag(tag) // likewise
	}
	s.instance.Programs.Add(&d.Programs[0])
	for i := range d.Campaigns {
		s.instance.Campaigns.Add(&d.Campaigns[i])
	}
	for i := range d.Opportunities {
		s.instance.Objects.AddOpportunity(&d.Opportunities[i])
	}
	for i := range d.OpportunityRoles {
		s.instance.Objects.AddRole(&d.OpportunityRoles[i])
	}
	return named(s.instance.CustomObjects.Load(d.CustomObjects), "demonstration data")
}

// checkDemo finds what would keep the demonstration data from being added.
func (s *Simulator) checkDemo(d *State) error {
	for i := range d.Leads {
		if err := s.instance.Leads.Check(&d.Leads[i]); err != nil {
			return err
		}
	}
	for i := range d.Opportunities {
		if err := s.instance.Objects.CheckOpportunity(&d.Opportunities[i]); err != nil {
			return err
		}
	}
	for _, c := range d.Campaigns {
		if s.instance.Campaigns.Find(int32(c.ID)) != nil { //nolint:gosec // as given below
			return fmt.Errorf("the id %d of a campaign is taken", c.ID)
		}
	}
	if s.instance.CustomObjects.Find(DemoCustomObject) != nil {
		return fmt.Errorf("there is a custom object %s already", DemoCustomObject)
	}
	return cmp.Or(s.instance.Programs.Check(&d.Programs[0]), s.instance.Lists.Check(&d.Lists[0]))
}

// demoState returns the demonstration data.
func demoState() State {
	return State{
		Leads:         demoLeads(),
		Lists:         []List{{ID: 1042, Name: DemoList, Members: []int64{DemoLeadID, 318818}, Created: demoCreated, Updated: demoUpdated}},
		Channels:      demoChannels(),
		Tags:          []Tag{{Type: "Region", Values: []string{"Europe", "North America"}}, {Type: "Product", Values: []string{"Pumps", "Valves"}}},
		Programs:      []Program{demoProgram()},
		Opportunities: demoOpportunities(),
		Campaigns: []Campaign{
			{
				ID: 1201, Name: DemoTriggerCampaign, Program: DemoProgram, Description: "Confirms a registration",
				Sources: []gen.ReqCampSourceType{gen.ReqCampSourceTypeMKTOWS, gen.ReqCampSourceTypeSALES},
				Created: demoCreated, Updated: demoUpdated,
			},
			{ID: 1202, Name: DemoBatchCampaign, Program: DemoProgram, Batch: true, Created: demoCreated, Updated: demoUpdated},
		},
		OpportunityRoles: []OpportunityRole{
			{
				OpportunityID: 77, LeadID: 318816, Created: demoCreated, Updated: demoUpdated,
				Attributes: []Attribute{{Name: "Role", Value: "Decision Maker"}, {Name: "IsPrimary", Value: "true"}},
			},
			{
				OpportunityID: 78, LeadID: DemoLeadID, Created: demoCreated, Updated: demoUpdated,
				Attributes: []Attribute{{Name: "Role", Value: "Buyer"}, {Name: "IsPrimary", Value: "true"}},
			},
		},
		CustomObjects: []CustomObjectType{{
			Name: DemoCustomObject, LinkField: "LeadId", Keys: []Field{{Name: "SerialNumber"}},
			Fields: []Field{{Name: "LeadId", DataType: "integer"}, {Name: "Model"}, {Name: "Purchased", DataType: "date"}},
			Records: []CustomObject{
				{Keys: map[string]string{"SerialNumber": "SN-1001"}, Attributes: map[string]string{"LeadId": "318815", "Model": "Pump 40", "Purchased": "2015-09-30"}, Created: demoCreated},
				{Keys: map[string]string{"SerialNumber": "SN-1002"}, Attributes: map[string]string{"LeadId": "318815", "Model": "Valve 7"}, Created: demoCreated},
			},
		}},
	}
}

// When the objects of the demonstration data were made and changed.
const (
	demoCreated = "2015-09-21T09:30:00-05:00"
	demoUpdated = "2015-09-21T10:30:00-05:00"
)

func demoChannels() []Channel {
	return []Channel{
		{Name: "Webinar", Statuses: []ProgressionStatus{
			{Name: "Invited", Step: 10},
			{Name: "Registered", Step: 20, Details: []Attribute{{Name: "Webinar Behavior", Value: "Registered"}}},
			{Name: "Attended", Step: 30, Success: true, Details: []Attribute{{Name: "Webinar Behavior", Value: "Attended"}}},
			{Name: "No Show", Step: 30},
		}},
		{Name: "Trade Fair", Statuses: []ProgressionStatus{
			{Name: "Invited", Step: 10},
			{Name: "Visited Stand", Step: 20, Success: true, Details: []Attribute{{Name: "Check-in Status", Value: "true"}}},
		}},
	}
}

func demoProgram() Program {
	return Program{
		ID: demoProgramID, Name: DemoProgram, Type: "Event", Created: demoCreated, Updated: demoUpdated,
		Start:  "2015-11-12T10:00:00-06:00",
		End:    "2015-11-12T11:00:00-06:00",
		Tags:   []Attribute{{Name: TagChannel, Value: "Webinar"}, {Name: "Region", Value: "Europe"}, {Name: "Product", Value: "Pumps"}},
		Tokens: []Attribute{{Name: "my.message", Value: "See you at the webinar"}, {Name: "my.place", Value: "<b>online</b>"}},
		Costs: []Cost{
			{Month: "2015-10", Amount: 1200, Note: "Platform"},
			{Month: "2015-11", Amount: 350, Note: "Speaker"},
		},
	}
}

func demoOpportunities() []Opportunity {
	renewal, first := int32(501), int32(502)
	return []Opportunity{
		{
			ID: 77, Company: &Company{ID: &renewal}, ExternalKey: &Attribute{Name: "CrmId", Value: "006000000000001AAA"},
			Created: demoCreated, Updated: demoUpdated, Attributes: []Attribute{
				{Name: "Name", Value: "Renewal"},
				{Name: "Stage", Value: "Negotiation"},
				{Name: "Type", Value: "Existing Business"},
				{Name: "Amount", Value: "24000"},
				{Name: "IsClosed", Value: "false"},
			},
		},
		{
			ID: 78, Company: &Company{ID: &first}, ExternalKey: &Attribute{Name: "CrmId", Value: "006000000000002AAA"},
			Created: demoCreated, Updated: demoUpdated, Attributes: []Attribute{
				{Name: "Name", Value: "First order"},
				{Name: "Stage", Value: "Proposal"},
				{Name: "Type", Value: "New Business"},
				{Name: "Amount", Value: "5300"},
				{Name: "CloseDate", Value: "2015-12-31"},
			},
		},
	}
}
