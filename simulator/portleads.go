package simulator

import (
	"context"

	"github.com/mktows/mktows-go/gen"
)

// GetLead returns all leads that a key means, in the order they were added, with the
// fields that have a value (Marketo SOAP API, getLead; WSDL: ParamsGetLead).
//
// Faults: 20101 without a key, 20102 for its type, 20103 and 20108 where no lead or no
// owner has it.
func (s *Simulator) GetLead(ctx context.Context, in *gen.ParamsGetLead) (*gen.SuccessGetLead, error) {
	return s.soap.GetLead(ctx, in)
}

// GetMultipleLeads returns a page of the leads that a selector chooses, by id (Marketo
// SOAP API, getMultipleLeads; WSDL: ParamsGetMultipleLeads).
//
// A page has up to batchSize leads, 1,000 at most and 100 with a LeadKeySelector; without
// a batchSize, and with one of 0 or less, as many as that. remainingCount is exact, and
// the newStreamPosition of the last page is empty. Because pages go by id, a reading gives
// no lead twice, and each one that was chosen all the time, whatever is written meanwhile.
//
// LastUpdateAtSelector chooses leads that had an activity, changes included, in the
// range, even if they had later ones too; a range without an end ends at the first
// call. Which leads these are is settled when a reading begins, so that a page costs the
// same however many there are; a merge, or many other readings, may decide it again.
// LeadKeySelector leaves out keys without a lead and those after the 100th.
// lastUpdatedAt alone means all leads that were updated since, and nothing beside a
// selector. Fields that are named in includeAttributes have to exist.
//
// Faults: 20022 for a range of more than 30 days, 20101 and 20102 for a bad key, 20108
// for an unknown owner, 20109 without a selector or what it needs, 20110, 20111 for an
// unknown list, 20122 for a position that was not given for this selector.
func (s *Simulator) GetMultipleLeads(ctx context.Context, in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	return s.soap.GetMultipleLeads(ctx, in)
}

// GetLeadActivity returns a page of a lead's history, newest first (Marketo SOAP API,
// getLeadActivity; WSDL: ParamsGetLeadActivity).
//
// A page has up to batchSize records, 100 at most; without a batchSize, and with one
// of 0 or less, it is 100. remainingCount is exact unless [WithRoughCounts] is given.
//
// The first call has no startPosition, or one without an offset; its latestCreatedAt
// and oldestCreatedAt then bound the records, inclusively. The newStartPosition of an
// answer, passed back unchanged in a call with the same key and filter, gives the
// records that are older than the last one returned, however much later the call comes
// and whatever was added meanwhile: no record comes twice and none is left out. The
// reading stays with its lead, even if another one gets the same key.
//
// Of a position 20122 refuses an offset that is neither a number nor ID: and the id of a
// record that one of the leads with the key has and the filter lets through, and times
// between which that record does not lie; a number is taken for the end (20123). More
// cannot be noticed, because the published form ID:n has no room for a check: a position
// that was changed to another record of the same lead and filter goes on behind that one,
// and a position without the oldestCreatedAt of the first call goes on without it.
//
// Faults: 20101 without a lead key, 20102 for its type, 20103 and 20108 where no lead
// or no owner has it, 20107 for a type of activity that the schema lacks, 20110 for
// includeTypes together with excludeTypes, 20122 and 20123 for
// the position.
func (s *Simulator) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	return s.soap.GetLeadActivity(ctx, in)
}

// GetLeadChanges returns a page of the activities of all leads, or of those that a
// selector chooses, oldest first (Marketo SOAP API, getLeadChanges; WSDL:
// ParamsGetLeadChanges).
//
// A page has up to batchSize records, 1,000 at most; without a batchSize, and with one
// of 0 or less, it is 1,000. remainingCount is exact unless [WithRoughCounts] is given, or
// a request with activityCreatedAt, or of an owner of more than 1,000 leads, has more than
// 5,000 records to look at: then it is how many are left to look at, and pages may be
// short or empty although more follow.
//
// The first call has a startPosition without an offset. Its oldestCreatedAt and
// latestCreatedAt bound the records, inclusively; without them there is no bound. Its
// activityCreatedAt leaves out leads without an activity since then. A
// LastUpdateAtSelector bounds the records likewise; a range without an end ends at the
// first call. A record has to pass activityFilter
// and activityNameFilter both.
//
// The newStartPosition of an answer, passed back unchanged in the same request, gives
// the records after the last one returned, however much later the call comes and whatever
// was added meanwhile: no record comes twice, and of those that were there none is left
// out. What is added meanwhile comes too, unless its time lies before that of a record
// that was returned already: order by time leaves no room for it. Times that a later call
// leaves out are those of the first one; others than those are refused.
//
// Faults: 20022 for a range of more than 30 days, 20101 and 20102 for a bad key, 20107 for
// an unknown type of activities, while a name may be any text, 20108 for an unknown owner, 20109 without
// startPosition or what a selector needs, 20110 for more than 100 keys, an unreadable
// time, or includeTypes together with excludeTypes, 20111 for an unknown list, 20122 for
// a position that was not given for this request, 20123 for that of the end.
func (s *Simulator) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	return s.soap.GetLeadChanges(ctx, in)
}

// SyncLead creates or updates one lead (Marketo SOAP API, syncLead; WSDL:
// ParamsSyncLead).
//
// The lead is found by the Id, else by the foreign id, else by Email, of several the
// one added last, else by the cookie; the other keys are then written to it. A cookie
// that another lead had moves; what an anonymous lead did becomes history of the lead.
// Without a match there is a new lead. Id, Email, ForeignSysPersonId and ForeignSysType
// may be attributes as well: they count where the record has no such element. The Email
// among the attributes is written in any case, so that it can be changed in a record that
// Email finds. A foreign id without its type is taken beside an Id, as one of the system
// CUSTOM.
//
// A new lead, and an anonymous one that becomes known, gets an activity New Lead; each
// field of an existing one that changes a Change Data Value. An empty value clears its
// field.
//
// With a MktowsContextHeader (see [gen.WithMktowsContext]) a lead that is found by
// anything but Email has to be in its workspace.
//
// Where nothing is documented: an Id that does not exist is 20103; a record without any
// key is 20106, and so is a lead in another workspace; an unreadable value, an
// unknown ForeignSysType, a missing one where there is no Id, and an unknown workspace are 20110.
//
// Faults: 20103, 20104 without a record, 20105 for an unknown field, 20106, 20110.
func (s *Simulator) SyncLead(ctx context.Context, in *gen.ParamsSyncLead) (*gen.SuccessSyncLead, error) {
	return s.soap.SyncLead(ctx, in)
}

// SyncMultipleLeads creates or updates leads, one after the other, so that a record may
// find the lead of an earlier one (Marketo SOAP API, syncMultipleLeads; WSDL:
// ParamsSyncMultipleLeads).
//
// It finds and writes leads as [Simulator.SyncLead], with three differences. Unless
// dedupEnabled is false, which it is not by default, records without Id and foreign id
// are matched by Email; if it is, they become new leads. Email beside another key is
// not written to a lead that exists: list it among the attributes. And a record fails by
// itself: its status is FAILED with leadId 0, and error has the text of the fault that
// syncLead would have given. Only a field that is unknown refuses the whole call, before
// anything is written: it is a fault of the import's columns, as its text says.
//
// Faults: 20104 without records, 20105 for an unknown field in any of them.
func (s *Simulator) SyncMultipleLeads(ctx context.Context, in *gen.ParamsSyncMultipleLeads) (*gen.SuccessSyncMultipleLeads, error) {
	return s.soap.SyncMultipleLeads(ctx, in)
}

// MergeLeads merges leads into another one (Marketo SOAP API, mergeLeads; WSDL:
// ParamsMergeLeads).
//
// A key list names the lead that has all its keys, of several the one added last. The
// winner keeps its values; a field, an address or a sales id that it lacks it gets from
// the losers, in their order. It also gets their cookies, foreign ids, opportunities,
// memberships of lists and activities, and one activity Merge Leads. The losers are gone:
// cookies and foreign ids that were theirs now find the winner, their ids nothing.
// mergeInSales changes nothing, for there is no sales system.
//
// The status is always MERGED; what cannot be merged is a fault, and nothing is done:
// 20101 without keys, 20102 for COOKIE and for what is not a type of key, 20103 and 20108
// where no lead or no owner has a key, 20110 for a lead that is to be merged into itself.
func (s *Simulator) MergeLeads(ctx context.Context, in *gen.ParamsMergeLeads) (*gen.SuccessMergeLeads, error) {
	return s.soap.MergeLeads(ctx, in)
}
