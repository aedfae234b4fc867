package simulator

import (
	"fmt"
	"time"
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

func demoList() List { return List{ID: 1042, Name: DemoList, Members: []int64{DemoLeadID, 318818}} }

// LoadDemo adds demonstration data, the same each time: six leads that together have
// all kinds of lead key, among them DemoLeadID and DemoHistoryLeadID, and the list
// DemoList. It adds all or,
// where an id is taken, nothing.
func (s *Simulator) LoadDemo() error {
	defer s.change()()
	leads := demoLeads()
	for i := range leads {
		if err := s.checkLead(&leads[i]); err != nil {
			return fmt.Errorf("demonstration data: %w", err)
		}
	}
	if err := s.checkDemoObjects(); err != nil {
		return fmt.Errorf("demonstration data: %w", err)
	}
	newsletter := demoList()
	if err := s.lists.check(&newsletter); err != nil {
		return fmt.Errorf("demonstration data: %w", err)
	}
	for i := range leads {
		s.addLead(&leads[i])
	}
	s.addList(&newsletter)
	s.addDemoObjects()
	return nil
}

func demoLeads() []Lead {
	return []Lead{
		{
			ID: DemoLeadID, Email: "lead@example.com", OwnerEmail: "owner@example.com",
			Cookies:    []string{"id:000-AAA-000&token:_mch-example.com-1441400760000-10001"},
			Fields:     map[string]string{"Company": "Example Ltd", "LeadScore": "10", "LeadSource": "Web", "Title": "Head of Purchasing"},
			Activities: demoActivities(),
		},
		{
			ID: 318816, Email: "contact@example.com", OwnerEmail: "owner@example.com",
			SFDCContactID: "003000000000001AAA", SFDCAccountID: "001000000000001AAA",
			SFDCLeadOwnerID: "005000000000001AAA", SFDCOpportunityID: []string{"006000000000001AAA"},
			Fields: map[string]string{"Company": "Example Ltd", "LeadSource": "CRM"},
			Activities: []Activity{
				newLead("2015-09-07T08:15:00-05:00", "CRM", "CRM"),
				{Time: moment("2015-10-01T11:02:45-05:00"), Type: "Add to Opportunity", AssetName: "Renewal", Attributes: []Attribute{
					{"Opportunity ID", "77"}, {"Role", "Decision Maker"}, {"Is Primary", "true"},
				}},
			},
		},
		{
			ID: 318817, Email: "sales@example.com", SFDCLeadID: "00Q000000000001AAA", SFDCLeadOwnerID: "005000000000001AAA",
			Activities: []Activity{newLead("2015-09-08T17:40:21-05:00", "CRM", "CRM")},
		},
		{
			ID: 318818, Email: "shared@example.com",
			Activities: []Activity{newLead("2015-09-09T10:00:00-05:00", "List import", "Trade fair")},
		},
		{ // the same address: the key EMAIL means this lead, the one added last
			ID: 318819, Email: "shared@example.com",
			Activities: []Activity{newLead("2015-12-01T10:00:00-06:00", "List import", "Trade fair")},
		},
		{
			ID: DemoHistoryLeadID, Email: "history@example.com", Fields: map[string]string{"LeadScore": "450"},
			Cookies:    []string{"id:000-AAA-000&token:_mch-example.com-1299000000000-10002"},
			Activities: demoHistory(),
		},
	}
}

// demoActivities is the history of DemoLeadID. The first record is the published one.
func demoActivities() []Activity {
	const (
		welcome = "Welcome.Send welcome e-mail"
		scoring = "Scoring.Opened or clicked"
		browser = "Mozilla/5.0 (X11; Linux x86_64; rv:40.0) Gecko/20100101 Firefox/40.0"
	)
	mail := []Attribute{{"Mailing ID", "1107"}, {"Campaign Run ID", "2031"}, {"Step ID", "418"}, {"Choice Number", "0"}}
	first := newLead("2015-09-04T16:07:16-05:00", "Web service API", "Web service API")
	first.ID = 12025714
	return []Activity{
		first,
		changed("2015-09-04T16:07:16-05:00", "Lead Source", "", "Web", "Web service API", ""),
		{Time: moment("2015-09-04T16:07:31-05:00"), Type: "Add to List", AssetName: "Newsletter", Campaign: welcome,
			Attributes: []Attribute{{"List ID", "1042"}, {"Source", "Smart campaign"}}},
		{Time: moment("2015-09-08T09:00:12-05:00"), Type: "Send Email", AssetName: "Welcome.Welcome", Campaign: welcome, Attributes: mail},
		{Time: moment("2015-09-08T09:00:15-05:00"), Type: "Email Delivered", AssetName: "Welcome.Welcome", Campaign: welcome, Attributes: mail},
		{Time: moment("2015-09-08T12:41:03-05:00"), Type: "Open Email", AssetName: "Welcome.Welcome", Campaign: welcome,
			Attributes: append(mail[:4:4], Attribute{"User Agent", browser})},
		{Time: moment("2015-09-08T12:41:37-05:00"), Type: "Click Email", AssetName: "Welcome.Welcome", Campaign: welcome,
			Attributes: append(mail[:4:4], Attribute{"Link", "http://www.example.com/start.html"}, Attribute{"User Agent", browser})},
		visit("2015-09-08T12:41:40-05:00", "Welcome.Start", "2547", "/start.html", "src=mail&n=1", browser),
		{Time: moment("2015-09-08T12:47:58-05:00"), Type: "Fill Out Form", AssetName: "Preferences", Attributes: []Attribute{
			{"Webform ID", "1455"}, {"Form Fields", `a:2:{s:5:"Title";s:18:"Head of Purchasing";s:5:"Email";s:16:"lead@example.com";}`},
			{"Webpage ID", "2547"}, {"Query Parameters", ""}, {"Referrer URL", "http://www.example.com/start.html"},
			{"Client IP Address", "192.0.2.17"}, {"User Agent", browser},
		}},
		changed("2015-09-08T12:47:58-05:00", "Job Title", "", "Head of Purchasing", "Form fill-out, URL: http://www.example.com/start.html", ""),
		changed("2015-09-08T12:48:02-05:00", "Lead Score", "", "10", "", scoring),
		visit("2015-11-03T10:15:27-06:00", "Pricing", "2561", "/pricing.html", "", browser),
		{Time: moment("2015-11-03T10:15:29-06:00"), Type: "Interesting Moment", AssetName: "Web", Campaign: scoring,
			Attributes: []Attribute{{"Type", "Web"}, {"Description", "Looked at the prices"}, {"Source", "Smart campaign"}}},
		{Time: moment("2015-11-04T08:30:00-06:00"), Type: "Change Status in Progression", AssetName: "Autumn Webinar", Attributes: []Attribute{
			{"Program ID", "1019"}, {"Old Status", "Invited"}, {"New Status", "Registered"}, {"Success", "false"},
		}},
	}
}

func newLead(at, sourceType, sourceInfo string) Activity {
	return Activity{Time: moment(at), Type: "New Lead", Attributes: []Attribute{
		{"Source Type", sourceType}, {"Source Info", sourceInfo}, {"Created Date", at[:len("2006-01-02")]},
	}}
}

// changed is a change of a field's value, by a smart campaign or else as the reason says.
func changed(at, field, from, to, reason, campaign string) Activity {
	cause := []Attribute{{"Source", reason}}
	if campaign != "" {
		reason = "Changed by Smart Campaign " + campaign + " action Change Score"
		cause = []Attribute{{"Step ID", "419"}, {"Choice Number", "0"}}
	}
	return Activity{Time: moment(at), Type: "Change Data Value", AssetName: field, Campaign: campaign, Attributes: append([]Attribute{
		{"Attribute Name", field}, {"Old Value", from}, {"New Value", to}, {"Reason", reason},
	}, cause...)}
}

// visit has Created At, by the clock of the record's time and without a zone, as the
// published samples do.
func visit(at, page, id, url, query, browser string) Activity {
	t := moment(at)
	return Activity{Time: t, Type: "Visit Webpage", AssetName: page, Attributes: []Attribute{
		{"Webpage ID", id}, {"Webpage URL", url}, {"Query Parameters", query}, {"Referrer URL", "http://www.example.com/"},
		{"Client IP Address", "192.0.2.17"}, {"User Agent", browser}, {"Message Id", ""}, {"Created At", t.Format(time.DateTime)},
	}}
}

// moment reads a time of the demonstration data; a test reads them all.
func moment(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic("simulator: demonstration data: " + err.Error()) // unreachable
	}
	_, offset := t.Zone()
	return t.In(time.FixedZone("", offset)) // not the machine's zone, where the offset fits
}
