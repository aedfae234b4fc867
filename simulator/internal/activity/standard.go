package activity

import (
	"strings"

	"github.com/mktows/mktows-go/simulator/record"
)

// standard are the types of every instance, by their id in the REST API, with the attributes
// that they define as far as they are known: names separated by "|", each with ":" and its data
// type where that is not string (Marketo REST API, activities, and the vendor's list of events).
// A data type has a capital letter where the service writes one.
var standard = []struct {
	id                  int64
	name                string
	primary, attributes string
}{
	{1, "Visit Webpage", "Webpage ID:integer", "Client IP Address|Query Parameters|Referrer URL|Search Engine|Search Query|User Agent|Webpage URL"},
	{2, "Fill Out Form", "Webform ID:integer", "Client IP Address|Form Fields:text|Query Parameters|Referrer URL|User Agent|Webpage ID:integer"},
	{3, "Click Link", "Link ID:integer", "Client IP Address|Query Parameters|Referrer URL|User Agent|Webpage ID:integer"},
	{6, "Send Email", "Mailing ID:integer", "Campaign Run ID:integer|Choice Number:integer|Has Predictive:boolean|Step ID:integer|Test Variant:integer"},
	{7, "Email Delivered", "Mailing ID:integer", "Campaign Run ID:integer|Choice Number:integer|Has Predictive:boolean|Step ID:integer|Test Variant:integer"},
	{8, "Email Bounced", "Mailing ID:integer", "Campaign Run ID:integer|Category|Choice Number:integer|Details|Email|Has Predictive:boolean|Step ID:integer|Subcategory|Test Variant:integer"},
	{9, "Unsubscribe Email", "Mailing ID:integer", "Campaign Run ID:Integer|Client IP Address|Form Fields:text|Has Predictive:boolean|Query Parameters|Referrer URL|Test Variant:integer|User Agent|Webform ID:integer|Webpage ID:integer"},
	{10, "Open Email", "Mailing ID:integer", "Bot Activity Pattern|Campaign Run ID:integer|Choice Number:integer|Device|Has Predictive:boolean|Is Bot Activity:boolean|Is Mobile Device:boolean|Platform|Step ID:integer|Test Variant:integer|User Agent"},
	{11, "Click Email", "Mailing ID:integer", "Bot Activity Pattern|Campaign Run ID:integer|Choice Number:integer|Device|Is Bot Activity:boolean|Is Mobile Device:boolean|Is Predictive:boolean|Link|Link ID|Platform|Step ID:integer|Test Variant:integer|User Agent"},
	{12, "New Lead", "", "Created Date:date|Form Name|Lead Source|List Name|SFDC Type|Source Type|API Method Name|Modifying User|Request Id"},
	{13, "Change Data Value", "Attribute Name", "New Value|Old Value|Reason|Source"},
	{14, "Lead Assigned", "", ""},
	{15, "New SFDC Opportunity", "", ""},
	{16, "Wait", "", ""},
	{17, "Run Sub-flow", "", ""},
	{18, "Remove from Flow", "", ""},
	{19, "Sync Lead to SFDC", "", ""},
	{20, "Create Task", "", ""},
	{21, "Convert Lead", "", ""},
	{22, "Change Score", "Score Name", "Change Value|New Value:integer|Old Value:integer|Reason"},
	{23, "Change Owner", "", ""},
	{24, "Add to List", "List ID:integer", "Source"},
	{25, "Remove from List", "List ID:integer", "Source"},
	{26, "SFDC Activity", "", ""},
	{27, "Email Bounced Soft", "Mailing ID:integer", "Campaign Run ID:integer|Category|Details|Email|Subcategory"},
	{28, "Sync Lead Updates to SFDC", "", ""},
	{29, "Delete Lead from SFDC", "", ""},
	{30, "SFDC Activity Updated", "", ""},
	{31, "SFDC Merge Leads", "", ""},
	{32, "Merge Leads", "Lead ID:integer", "Master Updated:boolean|Merge IDs|Merge Source|Merged in Sales:boolean"},
	{33, "Resolve Conflicts", "", ""},
	{34, "Add to Opportunity", "", ""},
	{35, "Remove from Opportunity", "", ""},
	{36, "Update Opportunity", "", ""},
	{37, "Delete Lead", "Lead ID:integer", "Campaign|Remove from CRM:boolean"},
	{38, "Send Alert", "", ""},
	{39, "Send Sales Email", "", ""},
	{40, "Open Sales Email", "", ""},
	{41, "Click Sales Email", "", ""},
	{42, "Add to SFDC Campaign", "", ""},
	{43, "Remove from SFDC Campaign", "", ""},
	{44, "Change Status in SFDC Campaign", "", ""},
	{45, "Receive Sales Email", "", ""},
	{46, "Interesting Moment", "Milestone", "Date|Description|Source"},
	{47, "Request Campaign", "Campaign ID:integer", "Source"},
	{48, "Sales Email Bounced", "", ""},
	{100, "Change Lead Partition", "Partition ID:integer", "Old Partition ID:integer"},
	{101, "Change Revenue Stage", "", ""},
	{102, "Change Revenue Stage Manually", "", ""},
	{103, "Compute Data Value", "", ""},
	{104, "Change Status in Progression", "Program ID:integer", "New Status|New Status ID:integer|Old Status|Old Status ID:integer|Reason|Success:boolean"},
	{105, "Change Field in Program", "", ""},
	{106, "Enrich with Data.com", "", ""},
	{108, "Change Segment", "", ""},
	{113, "Add to Nurture", "", ""},
	{114, "Change Nurture Track", "", ""},
	{115, "Change Nurture Cadence", "", ""},
	{123, "Change Program Member Data", "", ""},
	{155, "Execute Campaign", "", ""},
}

// standardTypes are the same as records.
var standardTypes = func() []record.ActivityType {
	list := make([]record.ActivityType, len(standard))
	for i, s := range standard {
		list[i] = record.ActivityType{ID: s.id, Name: s.name, Description: s.name, Attributes: attributesOf(s.attributes)}
		if primary := attributesOf(s.primary); primary != nil {
			list[i].Primary = &primary[0]
		}
	}
	return list
}()

// attributesOf parses the short form in which the tables of this file have the attributes of a type: names separated
// by "|", with ":" and a data type where that is not string.
func attributesOf(text string) []record.ActivityAttribute {
	if text == "" {
		return nil
	}
	var list []record.ActivityAttribute
	for one := range strings.SplitSeq(text, "|") {
		name, kind, _ := strings.Cut(one, ":")
		if kind == "" {
			kind = "string"
		}
		list = append(list, record.ActivityAttribute{Name: name, DataType: kind})
	}
	return list
}
