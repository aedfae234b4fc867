// Package activitytype holds the names that activity types have in answers.
package activitytype

import "github.com/mktows/mktows-go/gen"

// Type is a type of the schema with the name that answers and the activityNameFilter of
// getLeadChanges use. The name is empty where no answer has shown it.
type Type struct {
	Value gen.ActivityType
	Name  string
}

// All are the types of the schema, in its order (Marketo SOAP API, activity types). They must
// not be changed.
var All = [...]Type{
	{gen.ActivityTypeVisitWebpage, "Visit Webpage"},
	{gen.ActivityTypeFillOutForm, "Fill Out Form"},
	{gen.ActivityTypeClickLink, "Click Link"},
	{gen.ActivityTypeSendEmail, "Send Email"},
	{gen.ActivityTypeEmailDelivered, "Email Delivered"},
	{gen.ActivityTypeEmailBounced, "Email Bounced"},
	{gen.ActivityTypeUnsubscribeEmail, "Unsubscribe Email"},
	{gen.ActivityTypeOpenEmail, "Open Email"},
	{gen.ActivityTypeClickEmail, "Click Email"},
	{gen.ActivityTypeNewLead, "New Lead"},
	{gen.ActivityTypeChangeDataValue, "Change Data Value"},
	{gen.ActivityTypeLeadAssigned, "Lead Assigned"},
	{gen.ActivityTypeNewSFDCOpprtnty, "New SFDC Opportunity"},
	{gen.ActivityTypeWait, "Wait"},
	{gen.ActivityTypeRunSubflow, "Run Sub-flow"},
	{gen.ActivityTypeRemoveFromFlow, "Remove from Flow"},
	{gen.ActivityTypePushLeadToSales, "Sync Lead to SFDC"},
	{gen.ActivityTypeCreateTask, "Create Task"},
	{gen.ActivityTypeConvertLead, "Convert Lead"},
	{gen.ActivityTypeChangeScore, "Change Score"},
	{gen.ActivityTypeChangeOwner, "Change Owner"},
	{gen.ActivityTypeAddToList, "Add to List"},
	{gen.ActivityTypeRemoveFromList, "Remove from List"},
	{gen.ActivityTypeSFDCActivity, "SFDC Activity"},
	{gen.ActivityTypeEmailBouncedSoft, "Email Bounced Soft"},
	{gen.ActivityTypePushLeadUpdatesToSales, "Sync Lead Updates to SFDC"},
	{gen.ActivityTypeDeleteLeadFromSales, "Delete Lead from SFDC"},
	{gen.ActivityTypeSFDCActivityUpdated, "SFDC Activity Updated"},
	{gen.ActivityTypeSFDCMergeLeads, "SFDC Merge Leads"},
	{gen.ActivityTypeMergeLeads, "Merge Leads"},
	{gen.ActivityTypeResolveConflicts, "Resolve Conflicts"},
	{gen.ActivityTypeAssocWithOpprtntyInSales, "Add to Opportunity"},
	{gen.ActivityTypeDissocFromOpprtntyInSales, "Remove from Opportunity"},
	{gen.ActivityTypeUpdateOpprtntyInSales, "Update Opportunity"},
	{gen.ActivityTypeDeleteLead, "Delete Lead"},
	{gen.ActivityTypeSendAlert, "Send Alert"},
	{gen.ActivityTypeSendSalesEmail, "Send Sales Email"},
	{gen.ActivityTypeOpenSalesEmail, "Open Sales Email"},
	{gen.ActivityTypeClickSalesEmail, "Click Sales Email"},
	{gen.ActivityTypeAddtoSFDCCampaign, "Add to SFDC Campaign"},
	{gen.ActivityTypeRemoveFromSFDCCampaign, "Remove from SFDC Campaign"},
	{gen.ActivityTypeChangeStatusInSFDCCampaign, "Change Status in SFDC Campaign"},
	{gen.ActivityTypeReceiveSalesEmail, "Receive Sales Email"},
	{gen.ActivityTypeInterestingMoment, "Interesting Moment"},
	{gen.ActivityTypeRequestCampaign, "Request Campaign"},
	{gen.ActivityTypeSalesEmailBounced, "Sales Email Bounced"},
	{gen.ActivityTypeChangeLeadPartition, "Change Lead Partition"},
	{gen.ActivityTypeChangeRevenueStage, "Change Revenue Stage"},
	{gen.ActivityTypeChangeRevenueStageManually, "Change Revenue Stage Manually"},
	{gen.ActivityTypeComputeDataValue, "Compute Data Value"},
	{gen.ActivityTypeChangeStatusInProgression, "Change Status in Progression"},
	{gen.ActivityTypeChangeFieldInProgram, ""},
	{gen.ActivityTypeEnrichWithDatacom, "Enrich with Data.com"},
	{gen.ActivityTypeChangeSegment, "Change Segment"},
	{gen.ActivityTypeResolveRuleset, "Resolve Ruleset"},
	{gen.ActivityTypeSmartCampaignTest, ""},
	{gen.ActivityTypeSmartCampaignTestTrigger, ""},
}

// Unfiltered are the names of types that answers may hold but the schema has no value for. They must
// not be changed.
var Unfiltered = [...]string{
	"Add to Nurture",
	"Add to Segment",
	"Add to Smart Campaign",
	"Assign Nurture Content",
	"Capture Campaign Membership History",
	"Capture List Membership History",
	"Change Account Owner",
	"Change Attribute Datatype",
	"Change CRM User",
	"Change Custom Object",
	"Change Nurture Cadence",
	"Change Nurture Exhausted",
	"Change Nurture Track",
	"Change Program Data",
	"Click Shared Link",
	"Nurture Deploy",
	"Received Forward to Friend Email",
	"Reward Test Group Variant",
	"Segmentation Approval",
	"Sent Forward to Friend Email",
	"Share Content",
}
