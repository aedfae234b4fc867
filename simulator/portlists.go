package simulator

import (
	"context"

	"github.com/mktows/mktows-go/gen"
)

// ListOperation adds leads to a static list, takes them off it, or tells which are on
// it (Marketo SOAP API, listOperation; WSDL: ParamsListOperation).
//
// A key of any type means one lead, of several the one added last. The status of a lead
// is true if afterwards the lead is on the list, or off it, as was asked; so it is true
// also where nothing had to be done, and false where there is no such lead, or where
// ISMEMBEROFLIST is denied. success is true if every status is. Who is put on the list
// or taken off it gets an activity Add to List or Remove from List.
//
// With strict, which is false by default, a key that no lead has is a fault, and nothing
// is done. Only lists of the lead database are found, and only by name, for no list
// belongs to a sales user here.
//
// Faults: 20101 and 20102 for a bad key, 20103 and 20108 with strict, 20109 for what is
// missing, 20110 for an unknown operation or type of list key and for more than 1,000
// leads, 20111 for an unknown list.
func (s *Simulator) ListOperation(ctx context.Context, in *gen.ParamsListOperation) (*gen.SuccessListOperation, error) {
	return s.soap.ListOperation(ctx, in)
}

// ImportToList imports rows of a CSV file into a static list of a program (Marketo SOAP
// API, importToList; WSDL: ParamsImportToList).
//
// The header names fields by their labels, in any letter case, and has to have Email
// Address, which finds leads: of several the one added last. Email means the same.
// UPSERTLEADS creates leads that are not there and writes the values; an empty one clears
// its field. LISTONLY writes no lead, and ignores rows without one. A row that cannot be
// read as CSV, has another number of values than the header, no address or a value that
// does not fit its field has failed; the others are imported.
//
// The answer is PROCESSING. The import is written, as a whole, when its time is over by
// the simulator's clock: see [WithImportDuration]. New leads get an activity New Lead,
// changed fields a Change Data Value, also for an empty value of a number field that was
// empty before (Marketo SOAP API, importToList), members an Add to List, and those that
// clearList takes off a Remove from List.
//
// Columns such as {{my.message}} are values for a campaign of the program, which
// campaignName has to name: see [Simulator.ImportedTokens].
//
// Faults: 20109 for what is missing, 20110 for an unknown mode or column and for a header
// without addresses, 20111 for an unknown program or list, 20113 for an unknown campaign.
func (s *Simulator) ImportToList(ctx context.Context, in *gen.ParamsImportToList) (*gen.SuccessImportToList, error) {
	return s.soap.ImportToList(ctx, in)
}

// GetImportToListStatus returns the state of the latest import to a list (Marketo SOAP
// API, getImportToListStatus; WSDL: ParamsGetImportToListStatus). While it is
// PROCESSING, all rows count as ignored, as in the published sample; estimatedTime is
// the duration in whole seconds, rounded up. Other states than PROCESSING and COMPLETE
// do not occur.
//
// Faults: 20109 without a program or a list, 20111 for an unknown one and, where nothing
// is documented, for one that was never imported to.
func (s *Simulator) GetImportToListStatus(
	ctx context.Context, in *gen.ParamsGetImportToListStatus,
) (*gen.SuccessGetImportToListStatus, error) {
	return s.soap.GetImportToListStatus(ctx, in)
}

// GetCampaignsForSource returns the campaigns that requestCampaign takes from a source,
// sorted by name (Marketo SOAP API, getCampaignsForSource; WSDL:
// ParamsGetCampaignsForSource). A campaign of a program is named Program.Campaign. With
// exactName a name has to be equal to that, letter case included; else it has to be
// contained in it, in any letter case. An empty name is none.
//
// Faults: 20109 without a source, 20110 for an unknown one.
func (s *Simulator) GetCampaignsForSource(
	ctx context.Context, in *gen.ParamsGetCampaignsForSource,
) (*gen.SuccessGetCampaignsForSource, error) {
	return s.soap.GetCampaignsForSource(ctx, in)
}

// RequestCampaign runs leads through a campaign that waits for requests (Marketo SOAP
// API, requestCampaign; WSDL: ParamsRequestCampaign). The campaign is named by
// campaignId alone, or by programName, campaignName and programTokenList, which may be
// empty or nil, all three together. An empty name or, beside campaignId, an empty list of tokens
// counts as absent. Of the leads the first 100 count; the rest is not even looked at.
//
// Each lead, once however often it is given, gets an activity Request Campaign whose
// asset is the campaign; [Simulator.CampaignRuns] tells the tokens. If one key is bad,
// nothing is done for any lead.
//
// Faults: 20109 without source or leads, 20110 for an unknown source, another combination
// of parameters or a token without name, 20113 for a campaign that does not exist or
// cannot be requested from the source, 20101, 20102 (COOKIE too, which is not documented
// here), 20103 and 20108 for a lead key.
func (s *Simulator) RequestCampaign(ctx context.Context, in *gen.ParamsRequestCampaign) (*gen.SuccessRequestCampaign, error) {
	return s.soap.RequestCampaign(ctx, in)
}

// ScheduleCampaign schedules a run of a batch campaign (Marketo SOAP API,
// scheduleCampaign; WSDL: ParamsScheduleCampaign). Without campaignRunAt, and with a time
// that has passed, it runs at once. [Simulator.CampaignRuns] tells the run and its tokens;
// which leads it concerns the simulator does not know.
//
// With cloneToProgramName the program is copied under that name, with its tags, tokens,
// costs and campaigns, and the campaign of the copy is scheduled. How often a day that is
// done is not limited.
//
// Faults: 20109 without program or campaign, 20113 where they do not exist, 20110 for a
// campaign that is not a batch campaign, a time that cannot be read, a token without name
// and for the name of a program that exists already.
func (s *Simulator) ScheduleCampaign(ctx context.Context, in *gen.ParamsScheduleCampaign) (*gen.SuccessScheduleCampaign, error) {
	return s.soap.ScheduleCampaign(ctx, in)
}

// GetChannels returns channels with their statuses, both sorted by name (Marketo SOAP
// API, getChannels; WSDL: ParamsGetChannels). Without names it returns all; names are
// compared without regard to letter case, and unknown ones are left out. The type of the
// tag means nothing. It has no faults of its own.
func (s *Simulator) GetChannels(ctx context.Context, in *gen.ParamsGetChannels) (*gen.SuccessGetChannels, error) {
	return s.soap.GetChannels(ctx, in)
}

// GetTags returns types of tag with their values (Marketo SOAP API, getTags; WSDL:
// ParamsGetTags), all of them unless the request names some. A type that is named
// without values comes with all of its values, even if there are none; one that is named with values comes with those only.
// What is unknown is left out, and so is a type of which the request names only unknown
// values. Names are compared without regard to letter case. Fault: 20109 for a tag without type.
func (s *Simulator) GetTags(ctx context.Context, in *gen.ParamsGetTags) (*gen.SuccessGetTags, error) {
	return s.soap.GetTags(ctx, in)
}
