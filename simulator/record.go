package simulator

import (
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// What a simulator holds. Package record tells what the parts of each mean.
type (
	// State is all that a simulator holds, as plain data with a readable JSON form.
	State = record.State
	// LastIDs are the highest ids ever given.
	LastIDs = record.LastIDs
	// Pages is how a simulator pages.
	Pages = record.Pages
	// Attribute is a name and a value, such as a detail of an activity.
	Attribute = record.Attribute

	// Lead is a lead with its keys, fields and activities.
	Lead = record.Lead
	// LeadKey is a key of a lead such as COOKIE or SFDCLEADID.
	LeadKey = record.LeadKey
	// ForeignID is the id of a lead in another system.
	ForeignID = record.ForeignID
	// LeadField is a field that leads have.
	LeadField = record.LeadField
	// DataType is the type of a lead's field.
	DataType = record.DataType
	// Activity is a record of a lead's history.
	Activity = record.Activity
	// ActivityType is a type of activity.
	ActivityType = record.ActivityType
	// ActivityAttribute is an attribute that a type of activity defines.
	ActivityAttribute = record.ActivityAttribute
	// DeletedLead tells that a lead was deleted.
	DeletedLead = record.DeletedLead
	// UsageDay is how many calls of the REST API there were on a day.
	UsageDay = record.UsageDay
	// Export is a bulk extract.
	Export = record.Export
	// ExportFilter chooses what a bulk extract writes.
	ExportFilter = record.ExportFilter
	// SmartList is a saved search for leads.
	SmartList = record.SmartList
	// Range is a range of Unix time.
	Range = record.Range
	// Folder is a folder of the tree of assets.
	Folder = record.Folder
	// List is a static list.
	List = record.List
	// Import is an import into a static list.
	Import = record.Import
	// ImportedTokens are the values that an import has brought a lead for a campaign.
	ImportedTokens = record.ImportedTokens

	// Program is a program with its tags, tokens and costs.
	Program = record.Program
	// Cost is what a program costs in a month.
	Cost = record.Cost
	// Channel is a channel of programs.
	Channel = record.Channel
	// ProgressionStatus is a status of a lead in a program.
	ProgressionStatus = record.ProgressionStatus
	// Tag is a type of tag with its values.
	Tag = record.Tag
	// Campaign is a smart campaign.
	Campaign = record.Campaign
	// CampaignRun is a run of a smart campaign that was asked for.
	CampaignRun = record.CampaignRun

	// Field is a field of a type of object.
	Field = record.Field
	// ObjectField is a custom field of Opportunity or OpportunityPersonRole.
	ObjectField = record.ObjectField
	// Opportunity is an opportunity.
	Opportunity = record.Opportunity
	// Company is the company of an opportunity.
	Company = record.Company
	// OpportunityRole ties a lead to an opportunity.
	OpportunityRole = record.OpportunityRole
	// CustomObjectType is a type of custom object with its records.
	CustomObjectType = record.CustomObjectType
	// CustomObject is a record of a custom object.
	CustomObject = record.CustomObject
)

// TagChannel is the type of the tag that names a program's channel.
const TagChannel = record.TagChannel

// The data types of lead fields.
const (
	TypeString   = record.TypeString
	TypeText     = record.TypeText
	TypeEmail    = record.TypeEmail
	TypePhone    = record.TypePhone
	TypeURL      = record.TypeURL
	TypeInteger  = record.TypeInteger
	TypeFloat    = record.TypeFloat
	TypeCurrency = record.TypeCurrency
	TypeBoolean  = record.TypeBoolean
	TypeDate     = record.TypeDate
	TypeDateTime = record.TypeDateTime
)

// At returns a moment in the form of records: whole seconds, in the zone that answers show.
// That is the service's own, US Central, for a time in UTC or in the machine's zone; any
// other offset is kept. The zero time gives no text, which means now.
func At(t time.Time) gen.DateTime { return servicetime.Text(t) }
