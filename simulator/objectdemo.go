package simulator

import (
	"errors"
	"time"

	"github.com/mktows/mktows-go/gen"
)

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

// checkDemoObjects returns an error if addDemoObjects cannot add everything.
func (s *Simulator) checkDemoObjects() error {
	if s.custom.find(DemoCustomObject) != nil {
		return errors.New("simulator: there is a custom object " + DemoCustomObject + " already")
	}
	return errors.Join(
		s.checkProgram(demoProgram()),
		s.objects.opportunities.check(typeOpportunity, 77),
		s.objects.opportunities.check(typeOpportunity, 78),
		s.campaigns.checkFree(1201), s.campaigns.checkFree(1202),
	)
}

// checkFree returns an error if an id is taken.
func (t *campaignTable) checkFree(id int32) error {
	if t.find(id) == nil {
		return nil
	}
	return errors.New("simulator: the id of a campaign is taken")
}

// addDemoObjects adds what checkDemoObjects has passed. The leads are there already.
func (s *Simulator) addDemoObjects() {
	s.programs.addChannel(Channel{Name: "Webinar", Statuses: []ProgressionStatus{
		{Name: "Invited", Step: 10},
		{Name: "Registered", Step: 20, Details: []Attribute{{"Webinar Behavior", "Registered"}}},
		{Name: "Attended", Step: 30, Success: true, Details: []Attribute{{"Webinar Behavior", "Attended"}}},
		{Name: "No Show", Step: 30},
	}})
	s.programs.addChannel(Channel{Name: "Trade Fair", Statuses: []ProgressionStatus{
		{Name: "Invited", Step: 10},
		{Name: "Visited Stand", Step: 20, Success: true, Details: []Attribute{{"Check-in Status", "true"}}},
	}})
	s.programs.addTag("Region", "Europe", "North America")
	s.programs.addTag("Product", "Pumps", "Valves")
	dateDemo(&s.objects.programs, s.addProgram(demoProgram()))
	s.addCampaign(&Campaign{ID: 1201, Name: DemoTriggerCampaign, Program: DemoProgram, Description: "Confirms a registration",
		Sources: []gen.ReqCampSourceType{gen.ReqCampSourceTypeMKTOWS, gen.ReqCampSourceTypeSALES}})
	s.addCampaign(&Campaign{ID: 1202, Name: DemoBatchCampaign, Program: DemoProgram, Batch: true})
	s.addDemoOpportunities()
	s.addDemoDevices()
}

func demoProgram() *Program {
	return &Program{
		ID: demoProgramID, Name: DemoProgram, Type: "Event", Channel: "Webinar",
		Start:  moment("2015-11-12T10:00:00-06:00"),
		End:    moment("2015-11-12T11:00:00-06:00"),
		Tags:   []Attribute{{"Region", "Europe"}, {"Product", "Pumps"}},
		Tokens: []Attribute{{"my.message", "See you at the webinar"}, {"my.place", "<b>online</b>"}},
		Costs: []Cost{
			{Month: moment("2015-10-01T00:00:00-05:00"), Amount: 1200, Note: "Platform"},
			{Month: moment("2015-11-01T00:00:00-05:00"), Amount: 350, Note: "Speaker"},
		},
	}
}

func (s *Simulator) addDemoOpportunities() {
	dateDemo(&s.objects.opportunities, s.addOpportunity(&Opportunity{ID: 77, CompanyID: 501, ExternalKey: Attribute{"CrmId", "006000000000001AAA"}, Attributes: []Attribute{
		{"Name", "Renewal"}, {"Stage", "Negotiation"}, {"Type", "Existing Business"}, {"Amount", "24000"}, {"IsClosed", "false"},
	}}))
	dateDemo(&s.objects.opportunities, s.addOpportunity(&Opportunity{ID: 78, CompanyID: 502, ExternalKey: Attribute{"CrmId", "006000000000002AAA"}, Attributes: []Attribute{
		{"Name", "First order"}, {"Stage", "Proposal"}, {"Type", "New Business"}, {"Amount", "5300"}, {"CloseDate", "2015-12-31"},
	}}))
	dateDemo(&s.objects.roles, s.addRole(&OpportunityRole{OpportunityID: 77, LeadID: 318816, Attributes: []Attribute{{"Role", "Decision Maker"}, {"IsPrimary", "true"}}}))
	dateDemo(&s.objects.roles, s.addRole(&OpportunityRole{OpportunityID: 78, LeadID: DemoLeadID, Attributes: []Attribute{{"Role", "Buyer"}, {"IsPrimary", "true"}}}))
}

func (s *Simulator) addDemoDevices() {
	t := newCustomType(CustomObjectType{
		Name: DemoCustomObject, LinkField: "LeadId", Keys: []Field{{"SerialNumber", "string"}},
		Fields: []Field{{"LeadId", "integer"}, {"Model", "string"}, {"Purchased", "date"}},
	})
	t.add(&customRecord{keys: []string{"SN-1001"}, values: []string{"318815", "Pump 40", "2015-09-30"}})
	t.add(&customRecord{keys: []string{"SN-1002"}, values: []string{"318815", "Valve 7", ""}})
	if s.custom == nil {
		s.custom = make(customObjectTable)
	}
	s.custom["device"] = t
}

// dateDemo gives an object times of its own: the demonstration data are the same each
// time, whatever the clock says.
func dateDemo(set *objectSet, id int64) {
	o := set.find(int32(id)) //nolint:gosec // just given
	o.created = moment("2015-09-21T09:30:00-05:00")
	o.updated = o.created.Add(time.Hour)
}
