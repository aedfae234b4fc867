package objects

import (
	"time"

	"github.com/mktows/mktows-go/simulator/record"
)

// Type is what describeMObject tells of a type.
type Type struct {
	Name, Description string
	Virtual           bool // composed of other objects
	Fields            []record.Field
}

// Types are in the order of listMObjects (Marketo SOAP API, listMObjects and
// syncMObjects; WSDL: ActivityRecord, LeadRecord).
var Types = []Type{
	{"ActivityRecord", "An entry in the history of a lead", true, []record.Field{
		{Name: "id", DataType: "integer"},
		{Name: "activityDateTime", DataType: "dateTime"},
		{Name: "activityType", DataType: "string"},
		{Name: "mktgAssetName", DataType: "string"},
		{Name: "activityAttributes", DataType: "Array"},
		{Name: "campaign", DataType: "string"},
		{Name: "personName", DataType: "string"},
		{Name: "mktPersonId", DataType: "string"},
		{Name: "foreignSysId", DataType: "string"},
		{Name: "orgName", DataType: "string"},
		{Name: "foreignSysOrgId", DataType: "string"},
	}},
	{"LeadRecord", "A lead with its fields", true, []record.Field{
		{Name: "Id", DataType: "integer"},
		{Name: "Email", DataType: "string"},
		{Name: "ForeignSysPersonId", DataType: "string"},
		{Name: "ForeignSysType", DataType: "string"},
		{Name: "leadAttributeList", DataType: "Array"},
	}},
	{TypeOpportunity, "A sales opportunity", false, []record.Field{
		{Name: "Id", DataType: "integer"},
		{Name: "Amount", DataType: "currency"},
		{Name: "CloseDate", DataType: "date"},
		{Name: "Description", DataType: "string"},
		{Name: "ExpectedRevenue", DataType: "currency"},
		{Name: "ExternalCreatedDate", DataType: "dateTime"},
		{Name: "Fiscal", DataType: "string"},
		{Name: "FiscalQuarter", DataType: "string"},
		{Name: "FiscalYear", DataType: "string"},
		{Name: "ForecastCategoryName", DataType: "string"},
		{Name: "IsClosed", DataType: "boolean"},
		{Name: "IsWon", DataType: "boolean"},
		{Name: "LastActivityDate", DataType: "date"},
		{Name: "LeadSource", DataType: "string"},
		{Name: "Name", DataType: "string"},
		{Name: "NextStep", DataType: "string"},
		{Name: "Probability", DataType: "percent"},
		{Name: "Quantity", DataType: "float"},
		{Name: "Stage", DataType: "string"},
		{Name: "Type", DataType: "string"},
	}},
	{TypeRole, "The part that a lead has in an opportunity", false, []record.Field{
		{Name: "Id", DataType: "integer"},
		{Name: AttrOpportunityID, DataType: "integer"},
		{Name: AttrPersonID, DataType: "integer"},
		{Name: "Role", DataType: "string"},
		{Name: "IsPrimary", DataType: "boolean"},
		{Name: "ExternalCreatedDate", DataType: "dateTime"},
	}},
}

// TypesSince is when the fields of the schema were last changed.
var TypesSince = time.Date(2015, time.January, 1, 0, 0, 0, 0, time.FixedZone("", 0))
