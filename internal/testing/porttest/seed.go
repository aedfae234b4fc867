package porttest

import (
	"fmt"
	"time"

	"github.com/mktows/mktows-go/gen"
)

// Seed is the data that an implementation starts with, in the suite's own terms. Ids are
// given where requests or answers show them.
type Seed struct {
	Now           time.Time // the moment the clock starts at
	Leads         []Lead
	Lists         []List
	Programs      []Program
	Campaigns     []Campaign
	Channels      []Channel
	Tags          []Tag
	Opportunities []Opportunity
	Roles         []Role
	CustomTypes   []CustomType
	CustomObjects []CustomObject
}

// Pair is a name with a value.
type Pair struct{ Name, Value string }

// Lead is a lead with its history, oldest first.
type Lead struct {
	ID         int64
	Email      string
	Cookie     string
	Fields     []Pair // by their names in the SOAP API
	Activities []Activity
}

// Activity is a record of a history.
type Activity struct {
	ID    int64
	Time  time.Time
	Type  gen.ActivityType
	Asset string
}

// List is a static list, in a program or, without one, of the lead database.
type List struct {
	ID      int64
	Program string
	Name    string
	Members []int64
}

// Program is a program.
type Program struct {
	ID      int64
	Name    string
	Channel string
	Tags    []Pair
	Tokens  []Pair
	Cost    int64 // of one month; 0: none
}

// Campaign is a smart campaign: a batch campaign if it has no sources.
type Campaign struct {
	ID      int64
	Program string
	Name    string
	Sources []gen.ReqCampSourceType
}

// Channel is a channel with its statuses, whose steps are 10, 20 and so on; the last
// status is a success.
type Channel struct {
	Name     string
	Statuses []string
}

// Tag is a type of tag with its values.
type Tag struct {
	Type   string
	Values []string
}

// Opportunity is an opportunity.
type Opportunity struct {
	ID          int64
	ExternalKey Pair
	Company     int64
	Attributes  []Pair
}

// Role ties a lead to an opportunity.
type Role struct {
	ID, Opportunity, Lead int64
	Attributes            []Pair
}

// CustomType is a type of custom object whose fields are all texts.
type CustomType struct {
	Name       string
	Keys       []string
	Attributes []string
	Link       string
}

// CustomObject is a record of a type.
type CustomObject struct {
	Type       string
	Keys       []Pair
	Attributes []Pair
}

// What the standard data hold.
const (
	leadOne      = 101 // has all that a lead can have, and fiveActivities of them
	leadTwo      = 102
	leadThree    = 103
	leadShared   = 104 // has the same address as leadShared2
	leadShared2  = 105
	leadBare     = 106 // has nothing but an address: no fields, no history
	noLead       = 999
	emailOne     = "one@example.com"
	emailShared  = "shared@example.com"
	emailBare    = "bare@example.com"
	emailNobody  = "nobody@example.com"
	cookieOne    = "id:000-AAA-000&token:_mch-example.com-1441400760000-10001"
	firstNameOne = "Zoë"

	listNewsletter = "Newsletter" // of the lead database, with three members
	listNobody     = "Nobody"     // without members
	listGuests     = "Guests"     // in the program
	newsletterID   = 1042

	programAutumn    = "Autumn Fair"
	programID        = 1019
	campaignRequest  = "Send Brochure" // takes requests of the web service
	campaignID       = 2001
	campaignBatch    = "Invite All"
	batchCampaignID  = 2002
	campaignForSales = "Call Back"

	opportunityCount = 130
	opportunityOne   = 3001
	roleOne          = 4001
	customCount      = 25
	customType       = "Device"
)

// now is a moment in the summer, US Central time.
var now = time.Date(2015, time.September, 10, 12, 0, 0, 0, time.FixedZone("", -5*3600))

// standardSeed returns the data of all cases.
func standardSeed() Seed {
	return Seed{
		Now:   now,
		Leads: standardLeads(),
		Lists: []List{
			{ID: newsletterID, Name: listNewsletter, Members: []int64{leadOne, leadTwo, leadThree}},
			{ID: 1043, Name: listNobody},
			{ID: 1044, Program: programAutumn, Name: listGuests},
		},
		Programs: []Program{{
			ID: programID, Name: programAutumn, Channel: "Trade Fair", Cost: 1200,
			Tags: []Pair{{"Region", "Europe"}}, Tokens: []Pair{{"my.message", "Welcome"}},
		}},
		Campaigns: []Campaign{
			{ID: campaignID, Program: programAutumn, Name: campaignRequest, Sources: []gen.ReqCampSourceType{gen.ReqCampSourceTypeMKTOWS}},
			{ID: batchCampaignID, Program: programAutumn, Name: campaignBatch},
			{ID: 2003, Name: campaignForSales, Sources: []gen.ReqCampSourceType{gen.ReqCampSourceTypeSALES}},
			{ID: 2004, Name: "another Brochure", Sources: []gen.ReqCampSourceType{gen.ReqCampSourceTypeMKTOWS}},
		},
		Channels: []Channel{
			{Name: "Webinar", Statuses: []string{"Registered", "Attended"}},
			{Name: "Trade Fair", Statuses: []string{"Invited", "Came"}},
		},
		Tags:          []Tag{{"Region", []string{"Europe", "Asia"}}, {"Product", []string{"Pumps"}}},
		Opportunities: standardOpportunities(),
		Roles:         []Role{{ID: roleOne, Opportunity: opportunityOne, Lead: leadOne, Attributes: []Pair{{"Role", "Buyer"}}}},
		CustomTypes:   []CustomType{{Name: customType, Keys: []string{"SerialNumber"}, Attributes: []string{"LeadId", "Model"}, Link: "LeadId"}},
		CustomObjects: standardCustomObjects(),
	}
}

// standardLeads returns the leads of all cases. Their activities are an hour apart and end one hour before now; some
// leads lack everything, for what happens without it.
func standardLeads() []Lead {
	visits := func(first int64, n int, types ...gen.ActivityType) []Activity {
		list := make([]Activity, n)
		for i := range list {
			list[i] = Activity{
				ID: first + int64(i), Time: now.Add(time.Duration(i-n) * time.Hour),
				Type: types[i%len(types)], Asset: fmt.Sprintf("Page %d", i+1),
			}
		}
		return list
	}
	return []Lead{
		{
			ID: leadOne, Email: emailOne, Cookie: cookieOne,
			Fields:     []Pair{{"FirstName", firstNameOne}, {"LastName", "One & Co <1>"}, {"LeadScore", "7"}},
			Activities: visits(50_001, 7, gen.ActivityTypeVisitWebpage, gen.ActivityTypeFillOutForm),
		},
		{
			ID: leadTwo, Email: "two@example.com", Fields: []Pair{{"FirstName", "Two"}},
			Activities: visits(50_101, 3, gen.ActivityTypeVisitWebpage),
		},
		{ID: leadThree, Email: "three@example.com", Activities: visits(50_201, 2, gen.ActivityTypeClickLink)},
		{ID: leadShared, Email: emailShared, Fields: []Pair{{"FirstName", "First"}}},
		{ID: leadShared2, Email: emailShared, Fields: []Pair{{"FirstName", "Second"}}},
		{ID: leadBare, Email: emailBare},
	}
}

// standardOpportunities returns more objects than fit into a page of 100, every second of them won.
func standardOpportunities() []Opportunity {
	list := make([]Opportunity, opportunityCount)
	for i := range list {
		stage := "Open"
		if i%2 == 1 {
			stage = "Won"
		}
		list[i] = Opportunity{
			ID: opportunityOne + int64(i), ExternalKey: Pair{"CrmId", fmt.Sprintf("006-%d", i+1)}, Company: 501,
			Attributes: []Pair{{"Name", fmt.Sprintf("Deal %d", i+1)}, {"Stage", stage}, {"Amount", fmt.Sprint(1000 * (i + 1))}},
		}
	}
	return list
}

// standardCustomObjects returns devices that all belong to leadOne.
func standardCustomObjects() []CustomObject {
	list := make([]CustomObject, customCount)
	for i := range list {
		list[i] = CustomObject{
			Type: customType, Keys: []Pair{{"SerialNumber", fmt.Sprintf("SN-%d", i+1)}},
			Attributes: []Pair{{"LeadId", fmt.Sprint(leadOne)}, {"Model", fmt.Sprintf("Model %d", i%3)}},
		}
	}
	return list
}
