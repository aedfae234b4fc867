package operations

import "github.com/mktows/mktows-go/internal/activitytype"

// ActivityType is a type of activity as filters of requests spell it, without
// spaces (WSDL: ActivityType). Answers spell it with spaces: see [ActivityType.Name].
type ActivityType string

// The types of activity that can be asked for. The service has more, whose records
// come without a filter only.
const (
	ActivityVisitWebpage                 ActivityType = "VisitWebpage"
	ActivityFillOutForm                  ActivityType = "FillOutForm"
	ActivityClickLink                    ActivityType = "ClickLink"
	ActivitySendEmail                    ActivityType = "SendEmail"
	ActivityEmailDelivered               ActivityType = "EmailDelivered"
	ActivityEmailBounced                 ActivityType = "EmailBounced"
	ActivityUnsubscribeEmail             ActivityType = "UnsubscribeEmail"
	ActivityOpenEmail                    ActivityType = "OpenEmail"
	ActivityClickEmail                   ActivityType = "ClickEmail"
	ActivityNewLead                      ActivityType = "NewLead"
	ActivityChangeDataValue              ActivityType = "ChangeDataValue"
	ActivityLeadAssigned                 ActivityType = "LeadAssigned"
	ActivityNewSFDCOpportunity           ActivityType = "NewSFDCOpprtnty"
	ActivityWait                         ActivityType = "Wait"
	ActivityRunSubflow                   ActivityType = "RunSubflow"
	ActivityRemoveFromFlow               ActivityType = "RemoveFromFlow"
	ActivityPushLeadToSales              ActivityType = "PushLeadToSales"
	ActivityCreateTask                   ActivityType = "CreateTask"
	ActivityConvertLead                  ActivityType = "ConvertLead"
	ActivityChangeScore                  ActivityType = "ChangeScore"
	ActivityChangeOwner                  ActivityType = "ChangeOwner"
	ActivityAddToList                    ActivityType = "AddToList"
	ActivityRemoveFromList               ActivityType = "RemoveFromList"
	ActivitySFDCActivity                 ActivityType = "SFDCActivity"
	ActivityEmailBouncedSoft             ActivityType = "EmailBouncedSoft"
	ActivityPushLeadUpdatesToSales       ActivityType = "PushLeadUpdatesToSales"
	ActivityDeleteLeadFromSales          ActivityType = "DeleteLeadFromSales"
	ActivitySFDCActivityUpdated          ActivityType = "SFDCActivityUpdated"
	ActivitySFDCMergeLeads               ActivityType = "SFDCMergeLeads"
	ActivityMergeLeads                   ActivityType = "MergeLeads"
	ActivityResolveConflicts             ActivityType = "ResolveConflicts"
	ActivityAssocWithOpportunityInSales  ActivityType = "AssocWithOpprtntyInSales"
	ActivityDissocFromOpportunityInSales ActivityType = "DissocFromOpprtntyInSales"
	ActivityUpdateOpportunityInSales     ActivityType = "UpdateOpprtntyInSales"
	ActivityDeleteLead                   ActivityType = "DeleteLead"
	ActivitySendAlert                    ActivityType = "SendAlert"
	ActivitySendSalesEmail               ActivityType = "SendSalesEmail"
	ActivityOpenSalesEmail               ActivityType = "OpenSalesEmail"
	ActivityClickSalesEmail              ActivityType = "ClickSalesEmail"
	ActivityAddToSFDCCampaign            ActivityType = "AddtoSFDCCampaign"
	ActivityRemoveFromSFDCCampaign       ActivityType = "RemoveFromSFDCCampaign"
	ActivityChangeStatusInSFDCCampaign   ActivityType = "ChangeStatusInSFDCCampaign"
	ActivityReceiveSalesEmail            ActivityType = "ReceiveSalesEmail"
	ActivityInterestingMoment            ActivityType = "InterestingMoment"
	ActivityRequestCampaign              ActivityType = "RequestCampaign"
	ActivitySalesEmailBounced            ActivityType = "SalesEmailBounced"
	ActivityChangeLeadPartition          ActivityType = "ChangeLeadPartition"
	ActivityChangeRevenueStage           ActivityType = "ChangeRevenueStage"
	ActivityChangeRevenueStageManually   ActivityType = "ChangeRevenueStageManually"
	ActivityComputeDataValue             ActivityType = "ComputeDataValue"
	ActivityChangeStatusInProgression    ActivityType = "ChangeStatusInProgression"
	ActivityChangeFieldInProgram         ActivityType = "ChangeFieldInProgram"
	ActivityEnrichWithDatacom            ActivityType = "EnrichWithDatacom"
	ActivityChangeSegment                ActivityType = "ChangeSegment"
	ActivityResolveRuleset               ActivityType = "ResolveRuleset"
	ActivitySmartCampaignTest            ActivityType = "SmartCampaignTest"
	ActivitySmartCampaignTestTrigger     ActivityType = "SmartCampaignTestTrigger"
)

// activityTypes pairs each type with its name in answers, in the order of the schema.
var activityTypes = func() (all [len(activitytype.All)]struct {
	value ActivityType
	name  string
}) {
	for i, t := range activitytype.All {
		all[i].value, all[i].name = ActivityType(t.Value), t.Name
	}
	return all
}()
