package activity

import "github.com/mktows/mktows-go/gen"

// typeNames are the names of activity types in answers (Marketo SOAP API, activity
// types). The three that no answer has ever shown are made of the words of the value:
// ChangeFieldInProgram, SmartCampaignTest and SmartCampaignTestTrigger.
var typeNames = map[gen.ActivityType]string{
	gen.ActivityTypeVisitWebpage:               "Visit Webpage",
	gen.ActivityTypeFillOutForm:                "Fill Out Form",
	gen.ActivityTypeClickLink:                  "Click Link",
	gen.ActivityTypeSendEmail:                  "Send Email",
	gen.ActivityTypeEmailDelivered:             "Email Delivered",
	gen.ActivityTypeEmailBounced:               "Email Bounced",
	gen.ActivityTypeUnsubscribeEmail:           "Unsubscribe Email",
	gen.ActivityTypeOpenEmail:                  "Open Email",
	gen.ActivityTypeClickEmail:                 "Click Email",
	gen.ActivityTypeNewLead:                    "New Lead",
	gen.ActivityTypeChangeDataValue:            "Change Data Value",
	gen.ActivityTypeLeadAssigned:               "Lead Assigned",
	gen.ActivityTypeNewSFDCOpprtnty:            "New SFDC Opportunity",
	gen.ActivityTypeWait:                       "Wait",
	gen.ActivityTypeRunSubflow:                 "Run Sub-flow",
	gen.ActivityTypeRemoveFromFlow:             "Remove from Flow",
	gen.ActivityTypePushLeadToSales:            "Sync Lead to SFDC",
	gen.ActivityTypeCreateTask:                 "Create Task",
	gen.ActivityTypeConvertLead:                "Convert Lead",
	gen.ActivityTypeChangeScore:                "Change Score",
	gen.ActivityTypeChangeOwner:                "Change Owner",
	gen.ActivityTypeAddToList:                  "Add to List",
	gen.ActivityTypeRemoveFromList:             "Remove from List",
	gen.ActivityTypeSFDCActivity:               "SFDC Activity",
	gen.ActivityTypeEmailBouncedSoft:           "Email Bounced Soft",
	gen.ActivityTypePushLeadUpdatesToSales:     "Sync Lead Updates to SFDC",
	gen.ActivityTypeDeleteLeadFromSales:        "Delete Lead from SFDC",
	gen.ActivityTypeSFDCActivityUpdated:        "SFDC Activity Updated",
	gen.ActivityTypeSFDCMergeLeads:             "SFDC Merge Leads",
	gen.ActivityTypeMergeLeads:                 "Merge Leads",
	gen.ActivityTypeResolveConflicts:           "Resolve Conflicts",
	gen.ActivityTypeAssocWithOpprtntyInSales:   "Add to Opportunity",
	gen.ActivityTypeDissocFromOpprtntyInSales:  "Remove from Opportunity",
	gen.ActivityTypeUpdateOpprtntyInSales:      "Update Opportunity",
	gen.ActivityTypeDeleteLead:                 "Delete Lead",
	gen.ActivityTypeSendAlert:                  "Send Alert",
	gen.ActivityTypeSendSalesEmail:             "Send Sales Email",
	gen.ActivityTypeOpenSalesEmail:             "Open Sales Email",
	gen.ActivityTypeClickSalesEmail:            "Click Sales Email",
	gen.ActivityTypeAddtoSFDCCampaign:          "Add to SFDC Campaign",
	gen.ActivityTypeRemoveFromSFDCCampaign:     "Remove from SFDC Campaign",
	gen.ActivityTypeChangeStatusInSFDCCampaign: "Change Status in SFDC Campaign",
	gen.ActivityTypeReceiveSalesEmail:          "Receive Sales Email",
	gen.ActivityTypeInterestingMoment:          "Interesting Moment",
	gen.ActivityTypeRequestCampaign:            "Request Campaign",
	gen.ActivityTypeSalesEmailBounced:          "Sales Email Bounced",
	gen.ActivityTypeChangeLeadPartition:        "Change Lead Partition",
	gen.ActivityTypeChangeRevenueStage:         "Change Revenue Stage",
	gen.ActivityTypeChangeRevenueStageManually: "Change Revenue Stage Manually",
	gen.ActivityTypeComputeDataValue:           "Compute Data Value",
	gen.ActivityTypeChangeStatusInProgression:  "Change Status in Progression",
	gen.ActivityTypeChangeFieldInProgram:       "Change Field in Program",
	gen.ActivityTypeEnrichWithDatacom:          "Enrich with Data.com",
	gen.ActivityTypeChangeSegment:              "Change Segment",
	gen.ActivityTypeResolveRuleset:             "Resolve Ruleset",
	gen.ActivityTypeSmartCampaignTest:          "Smart Campaign Test",
	gen.ActivityTypeSmartCampaignTestTrigger:   "Smart Campaign Test Trigger",
}

// typeName returns the name of a type in answers. What is no value of the schema is
// taken as such a name: the service has types that only answers name, such as Add to
// Nurture.
func typeName(t gen.ActivityType) string {
	if name, ok := typeNames[t]; ok {
		return name
	}
	return string(t)
}
