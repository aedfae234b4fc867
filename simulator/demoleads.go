package simulator

import (
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/mktows/mktows-go/gen"
)

// demoLeads are the leads of the demonstration data, which nobody changes: they are made once, as tests load them some thousand times.
var demoLeads = sync.OnceValue(newDemoLeads)

func newDemoLeads() []Lead {
	return []Lead{
		{
			ID: DemoLeadID, Email: "lead@example.com", Keys: []LeadKey{
				{Type: gen.LeadKeyRefLEADOWNEREMAIL, Value: "owner@example.com"},
				{Type: gen.LeadKeyRefCOOKIE, Value: "id:000-AAA-000&token:_mch-example.com-1441400760000-10001"},
			},
			Fields:     map[string]string{"Company": "Example Ltd", "LeadScore": "10", "LeadSource": "Web", "Title": "Head of Purchasing"},
			Activities: demoActivities(),
		},
		demoContact(),
		{
			ID: 318817, Email: "sales@example.com", Keys: []LeadKey{
				{Type: gen.LeadKeyRefSFDCLEADID, Value: "00Q000000000001AAA"},
				{Type: gen.LeadKeyRefSFDCLEADOWNERID, Value: "005000000000001AAA"},
			},
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
			Keys:       []LeadKey{{Type: gen.LeadKeyRefCOOKIE, Value: "id:000-AAA-000&token:_mch-example.com-1299000000000-10002"}},
			Activities: demoHistory(),
		},
	}
}

// demoContact is a lead with keys of all kinds that a sales system has.
func demoContact() Lead {
	return Lead{
		ID: 318816, Email: "contact@example.com", Keys: []LeadKey{
			{Type: gen.LeadKeyRefLEADOWNEREMAIL, Value: "owner@example.com"},
			{Type: gen.LeadKeyRefSFDCCONTACTID, Value: "003000000000001AAA"},
			{Type: gen.LeadKeyRefSFDCACCOUNTID, Value: "001000000000001AAA"},
			{Type: gen.LeadKeyRefSFDCLEADOWNERID, Value: "005000000000001AAA"},
			{Type: gen.LeadKeyRefSFDCOPPTYID, Value: "006000000000001AAA"},
		},
		Fields: map[string]string{"Company": "Example Ltd", "LeadSource": "CRM"},
		Activities: []Activity{
			newLead("2015-09-07T08:15:00-05:00", "CRM", "CRM"),
			{Time: "2015-10-01T11:02:45-05:00", Type: "Add to Opportunity", AssetName: "Renewal", Attributes: []Attribute{
				{Name: "Opportunity ID", Value: "77"}, {Name: "Role", Value: "Decision Maker"}, {Name: "Is Primary", Value: "true"},
			}},
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
	mail := []Attribute{{Name: "Mailing ID", Value: "1107"}, {Name: "Campaign Run ID", Value: "2031"}, {Name: "Step ID", Value: "418"}, {Name: "Choice Number", Value: "0"}}
	first := newLead("2015-09-04T16:07:16-05:00", "Web service API", "Web service API")
	first.ID = 12025714
	return []Activity{
		first,
		changed("2015-09-04T16:07:16-05:00", "Lead Source", "", "Web", "Web service API", ""),
		{Time: "2015-09-04T16:07:31-05:00", Type: "Add to List", AssetName: "Newsletter", Campaign: welcome,
			Attributes: []Attribute{{Name: "List ID", Value: "1042"}, {Name: "Source", Value: "Smart campaign"}}},
		{Time: "2015-09-08T09:00:12-05:00", Type: "Send Email", AssetName: "Welcome.Welcome", Campaign: welcome, Attributes: mail},
		{Time: "2015-09-08T09:00:15-05:00", Type: "Email Delivered", AssetName: "Welcome.Welcome", Campaign: welcome, Attributes: mail},
		{Time: "2015-09-08T12:41:03-05:00", Type: "Open Email", AssetName: "Welcome.Welcome", Campaign: welcome,
			Attributes: append(mail[:4:4], Attribute{Name: "User Agent", Value: browser})},
		{Time: "2015-09-08T12:41:37-05:00", Type: "Click Email", AssetName: "Welcome.Welcome", Campaign: welcome,
			Attributes: append(mail[:4:4], Attribute{Name: "Link", Value: "http://www.example.com/start.html"}, Attribute{Name: "User Agent", Value: browser})},
		visit("2015-09-08T12:41:40-05:00", "Welcome.Start", "2547", "/start.html", "src=mail&n=1", browser),
		{Time: "2015-09-08T12:47:58-05:00", Type: "Fill Out Form", AssetName: "Preferences", Attributes: []Attribute{
			{Name: "Webform ID", Value: "1455"}, {Name: "Form Fields", Value: `a:2:{s:5:"Title";s:18:"Head of Purchasing";s:5:"Email";s:16:"lead@example.com";}`},
			{Name: "Webpage ID", Value: "2547"}, {Name: "Query Parameters", Value: ""}, {Name: "Referrer URL", Value: "http://www.example.com/start.html"},
			{Name: "Client IP Address", Value: "192.0.2.17"}, {Name: "User Agent", Value: browser},
		}},
		changed("2015-09-08T12:47:58-05:00", "Job Title", "", "Head of Purchasing", "Form fill-out, URL: http://www.example.com/start.html", ""),
		changed("2015-09-08T12:48:02-05:00", "Lead Score", "", "10", "", scoring),
		visit("2015-11-03T10:15:27-06:00", "Pricing", "2561", "/pricing.html", "", browser),
		{Time: "2015-11-03T10:15:29-06:00", Type: "Interesting Moment", AssetName: "Web", Campaign: scoring,
			Attributes: []Attribute{{Name: "Type", Value: "Web"}, {Name: "Description", Value: "Looked at the prices"}, {Name: "Source", Value: "Smart campaign"}}},
		{Time: "2015-11-04T08:30:00-06:00", Type: "Change Status in Progression", AssetName: "Autumn Webinar", Attributes: []Attribute{
			{Name: "Program ID", Value: "1019"}, {Name: "Old Status", Value: "Invited"}, {Name: "New Status", Value: "Registered"}, {Name: "Success", Value: "false"},
		}},
	}
}

func newLead(at gen.DateTime, sourceType, sourceInfo string) Activity {
	return Activity{Time: at, Type: "New Lead", Attributes: []Attribute{
		{Name: "Source Type", Value: sourceType}, {Name: "Source Info", Value: sourceInfo}, {Name: "Created Date", Value: string(at[:10])},
	}}
}

// changed is a change of a field's value, by a smart campaign or else as the reason says.
func changed(at gen.DateTime, field, from, to, reason, campaign string) Activity {
	cause := []Attribute{{Name: "Source", Value: reason}}
	if campaign != "" {
		reason = "Changed by Smart Campaign " + campaign + " action Change Score"
		cause = []Attribute{{Name: "Step ID", Value: "419"}, {Name: "Choice Number", Value: "0"}}
	}
	return Activity{Time: at, Type: "Change Data Value", AssetName: field, Campaign: campaign, Attributes: append([]Attribute{
		{Name: "Attribute Name", Value: field}, {Name: "Old Value", Value: from}, {Name: "New Value", Value: to}, {Name: "Reason", Value: reason},
	}, cause...)}
}

// visit has Created At, by the clock of the record's time and without a zone, as the
// published samples do.
func visit(at gen.DateTime, page, id, url, query, browser string) Activity {
	return Activity{Time: at, Type: "Visit Webpage", AssetName: page, Attributes: []Attribute{
		{Name: "Webpage ID", Value: id}, {Name: "Webpage URL", Value: url}, {Name: "Query Parameters", Value: query}, {Name: "Referrer URL", Value: "http://www.example.com/"},
		{Name: "Client IP Address", Value: "192.0.2.17"}, {Name: "User Agent", Value: browser}, {Name: "Message Id", Value: ""}, {Name: "Created At", Value: string(at[:10] + " " + at[11:19])},
	}}
}

// The history of DemoHistoryLeadID: one activity every eleven hours and some minutes,
// so that all hours of the day and both changes to and from daylight saving time of
// each year occur.
const (
	demoHistoryCount = 3600
	demoHistoryStep  = 11*time.Hour + 17*time.Minute + 43*time.Second
)

// demoHistory returns the activities, oldest first.
func demoHistory() []Activity {
	begin := time.Date(2011, time.March, 1, 17, 20, 0, 0, time.UTC)
	list := make([]Activity, 0, demoHistoryCount)
	list = append(list, newLead(At(begin), "Web page visit", "http://www.example.com/"))
	for i := 1; i < demoHistoryCount; i++ {
		at := begin.Add(time.Duration(i) * demoHistoryStep)
		list = append(list, demoStep(i, At(at)))
	}
	return list
}

// demoStep is the i-th activity. Half of them are visits; every fourth mailing is opened.
func demoStep(i int, at gen.DateTime) Activity {
	const browser = "Mozilla/5.0 (Windows NT 6.1; WOW64; rv:38.0) Gecko/20100101 Firefox/38.0"
	issue := i / 8
	newsletter := fmt.Sprintf("Newsletter.Issue %d", issue)
	mail := []Attribute{{Name: "Mailing ID", Value: strconv.Itoa(2000 + issue)}, {Name: "Campaign Run ID", Value: strconv.Itoa(5000 + issue)}}
	switch i % 8 {
	case 1:
		return Activity{Time: at, Type: "Send Email", AssetName: newsletter, Campaign: "Newsletter.Send", Attributes: mail}
	case 3:
		return Activity{Time: at, Type: "Email Delivered", AssetName: newsletter, Campaign: "Newsletter.Send", Attributes: mail}
	case 5:
		if issue%4 == 0 {
			return Activity{Time: at, Type: "Open Email", AssetName: newsletter, Campaign: "Newsletter.Send",
				Attributes: append(mail, Attribute{Name: "User Agent", Value: browser})}
		}
	case 7:
		return changed(at, "Lead Score", strconv.Itoa(issue), strconv.Itoa(issue+1), "", "Scoring.Visited")
	}
	page := i % 5
	return visit(at, fmt.Sprintf("Product %d", page), strconv.Itoa(2600+page), fmt.Sprintf("/product-%d.html", page), "visit="+strconv.Itoa(i), browser)
}
