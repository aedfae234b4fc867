package operations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mktows/mktows-go/gen"
)

const (
	opSyncLead          = "syncLead"
	opSyncMultipleLeads = "syncMultipleLeads"
	opMergeLeads        = "mergeLeads"
)

// RecommendedBatch is how many records one call should have at most. More are not
// refused, but may time out and lead to throttling (Marketo SOAP API, limits).
const RecommendedBatch = 300

// SyncOptions are what Sync can do besides. A nil *SyncOptions is the zero value.
type SyncOptions struct {
	// Cookie is the value of the Munchkin cookie (_mkto_trk) of the lead's browser. It
	// identifies the lead, and makes an anonymous one known.
	Cookie string
	// Workspace is the name of the workspace that a new lead goes to; empty is "Default",
	// the only one where workspaces are not enabled. A lead that is found by an id or the
	// cookie must be in its partition; one found by Email is updated where it is.
	Workspace string
	// ReturnLead asks for the whole lead as it is afterwards.
	ReturnLead bool
}

// SyncedLead is what became of the lead of Sync.
type SyncedLead struct {
	LeadID  int64 // Marketo id
	Outcome Outcome
	Lead    *Lead // as it is afterwards; nil unless ReturnLead was set
}

// SyncStatus is what became of one of the leads of SyncMany.
type SyncStatus struct {
	Index   int   // place of the lead in the request, from 0
	LeadID  int64 // Marketo id; not to be relied on if Err is not nil
	Outcome Outcome
	Err     error // has a *fault.SyncError with the reason and its code; nil if the record is as it was asked for
}

// Sync creates or updates one lead. The ID decides which one, then ForeignSysPersonID,
// then Email, the lead added last if several share it; what is given besides
// is written to that lead. Nothing that matches makes a new lead. The lead needs one of
// the three or o.Cookie.
//
// Errors: an *ArgumentError before anything is sent; a *fault.SyncError if the
// service did not take the lead (status FAILED), and the SyncedLead with it; those of
// package fault, such as fault.CodeLeadAttributeBad for an unknown field (20105).
//
// Wire: syncLead. Not idempotent, unless the lead has an ID or a ForeignSysPersonID.
func (l *Leads) Sync(ctx context.Context, lead Lead, o *SyncOptions) (SyncedLead, error) {
	o = cmp.Or(o, &SyncOptions{})
	if err := cmp.Or(checkPort(l.port), lead.checkSync(o)); err != nil {
		return SyncedLead{}, opError(opSyncLead, 0, err)
	}
	if o.Workspace != "" {
		ctx = gen.WithMktowsContext(ctx, gen.MktowsContextHeaderInfo{TargetWorkspace: o.Workspace})
	}
	in := &gen.ParamsSyncLead{LeadRecord: lead.wire(), ReturnLead: o.ReturnLead, MarketoCookie: optional(o.Cookie)}
	result, err := call(ctx, opSyncLead, l.port.SyncLead, in,
		func(out *gen.SuccessSyncLead) *gen.ResultSyncLead { return out.Result })
	if err != nil {
		return SyncedLead{}, err
	}
	return newSyncedLead(in, &lead, result)
}

func (l Lead) checkSync(o *SyncOptions) error {
	if o.Cookie != "" {
		return l.Validate()
	}
	if !l.hasKey() {
		return &ArgumentError{"Lead", errors.New("has no key; give ID, Email, ForeignSysPersonID or SyncOptions.Cookie")}
	}
	return l.Validate()
}

// newSyncedLead converts the answer to a syncLead. An answer without a status, or about another lead than the one
// that was sent, leaves open what was written, so it becomes an error that says so.
func newSyncedLead(in *gen.ParamsSyncLead, lead *Lead, r *gen.ResultSyncLead) (SyncedLead, error) {
	if r.SyncStatus == nil {
		return SyncedLead{}, unclear(opSyncLead, in, errors.New("it has no syncStatus"))
	}
	if err := differentLead(lead, r); err != nil {
		return SyncedLead{}, unclear(opSyncLead, in, err)
	}
	s := SyncedLead{
		LeadID:  int64(cmp.Or(r.SyncStatus.LeadId, r.LeadId)),
		Outcome: Outcome(r.SyncStatus.Status),
	}
	if record, ok := r.LeadRecord.Get(); ok {
		lead := newLead(&record, &attributeBlock{})
		s.Lead = &lead
	}
	says := told{0, s.LeadID, s.Outcome, r.SyncStatus.Error.Or("")}
	return s, opError(opSyncLead, 1, says.failure(opSyncLead, done(opSyncLead, SyncUpsert)))
}

// differentLead tells that an answer is about another lead than the one that was sent, or about two: it has the id up to
// three times.
func differentLead(lead *Lead, r *gen.ResultSyncLead) error {
	ids := []int64{lead.knownID(), int64(r.SyncStatus.LeadId), int64(r.LeadId), int64(r.LeadRecord.Value.Id.Or(0))}
	for i, id := range ids {
		for _, before := range ids[:i] {
			if before > 0 && id > 0 && id != before {
				return fmt.Errorf("it is about lead %d and about lead %d, and one lead was sent", before, id)
			}
		}
	}
	return nil
}

// SyncManyOptions are what SyncMany can do besides. A nil *SyncManyOptions is the
// zero value.
type SyncManyOptions struct {
	// NoDedup creates a new lead for each record that has neither ID nor ForeignSysPersonID, even if there is a lead
	// with its Email. Without it, that lead is updated.
	NoDedup bool
}

// SyncMany creates or updates leads, each of which needs ID, Email or
// ForeignSysPersonID; they decide in the order ID, ForeignSysPersonID, Email. Beside
// one of the other two, Email is not written, unlike in Sync: give it as an Attribute
// named Email to change it. At most RecommendedBatch leads are advised.
//
// The answer has one status for each lead, in their order. A lead that the service did
// not take has Err set; the others are done nevertheless. Err matches the code in the
// service's text, such as fault.CodeLeadNotFound for an ID that no lead has.
//
// Errors of the call: an *ArgumentError that names the lead, as in leads[3].Email,
// before anything is sent; those of package fault, such as
// fault.CodeLeadAttributeBad (20105) for a field that is unknown, in whichever lead: then none is
// written, for the service looks at the fields of all first.
//
// Wire: syncMultipleLeads. Not idempotent, unless each lead has an ID or a ForeignSysPersonID and NoDedup is not set.
func (l *Leads) SyncMany(ctx context.Context, leads []Lead, o *SyncManyOptions) ([]SyncStatus, error) {
	o = cmp.Or(o, &SyncManyOptions{})
	err := cmp.Or(checkPort(l.port), checkCount("leads", len(leads), 0, "leads"), checkEach("leads", leads, Lead.checkKeyed))
	if err != nil {
		return nil, opError(opSyncMultipleLeads, 0, err)
	}
	records := make([]gen.LeadRecord, len(leads))
	for i := range leads {
		records[i] = *leads[i].wire()
	}
	// dedupEnabled is always sent: what its absence means is not documented.
	in := &gen.ParamsSyncMultipleLeads{LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: records}, DedupEnabled: gen.Some(!o.NoDedup)}
	list, err := call(ctx, opSyncMultipleLeads, l.port.SyncMultipleLeads, in, syncStatusList)
	if err != nil {
		return nil, err
	}
	differs := func(i int) error {
		return differentID("lead", int64(list.SyncStatus[i].LeadId), leads[i].knownID())
	}
	if err := matchEach(opSyncMultipleLeads, in, len(list.SyncStatus), len(leads), differs); err != nil {
		return nil, err
	}
	return newSyncStatuses(list.SyncStatus), nil
}

func syncStatusList(out *gen.SuccessSyncMultipleLeads) *gen.ArrayOfSyncStatus {
	if out.Result == nil {
		return nil
	}
	return out.Result.SyncStatusList
}

func newSyncStatuses(in []gen.SyncStatus) []SyncStatus {
	statuses := make([]SyncStatus, len(in))
	for i := range in {
		lead, outcome := int64(in[i].LeadId), Outcome(in[i].Status)
		says := told{i, lead, outcome, in[i].Error.Or("")}
		statuses[i] = SyncStatus{i, lead, outcome, says.failure(opSyncMultipleLeads, done(opSyncMultipleLeads, SyncUpsert))}
	}
	return statuses
}

// MergeOptions are what Merge can do besides. A nil *MergeOptions is the zero value.
type MergeOptions struct {
	// InSales merges in the connected sales system too. Endpoints before version 2_7
	// may not know it.
	InSales bool
}

// MergedLeads is what became of the leads of Merge.
type MergedLeads struct {
	WinnerID int64   // Marketo id of the lead that remains; 0 if the answer gives none
	LoserIDs []int64 // Marketo ids of the leads merged into it
	Outcome  Outcome
}

// Merge merges the losing leads into the winning one, and they are gone. Each key
// must name one lead; KeyCookie is not taken. How many losers a call takes is not documented.
//
// Which leads are merged is settled before the write: a merge cannot be undone, and which lead
// the service would take of several is not documented. So a key that several leads may share, which
// is every one but KeyID, costs a call of getLead, and what is sent is the id of the lead that
// was found. Keys by KeyID cost nothing and are not looked up.
//
// Errors, before the write: an *ArgumentError that names the key, as in losers[1], if it cannot be
// used, is that of several leads (it matches [ErrSeveralLeads]) or of a lead that is named already;
// those of Find, such as fault.ErrNotFound for a key without a lead (20103). After it: a
// *fault.SyncError if the service did not merge (status FAILED); those of package fault.
//
// Wire: mergeLeads. Not idempotent.
func (l *Leads) Merge(ctx context.Context, winner LeadKey, losers []LeadKey, o *MergeOptions) (MergedLeads, error) {
	o = cmp.Or(o, &MergeOptions{})
	if err := cmp.Or(checkPort(l.port), checkMerge(winner, losers)); err != nil {
		return MergedLeads{}, opError(opMergeLeads, 0, err)
	}
	winner, losers, err := l.oneLeadEach(ctx, winner, losers)
	if err != nil {
		return MergedLeads{}, opError(opMergeLeads, 0, err)
	}
	winning := keyAttribute(winner)
	in := &gen.ParamsMergeLeads{WinningLeadKeyList: &winning, LosingLeadKeyLists: &gen.ArrayOfKeyList{}, MergeInSales: optional(o.InSales)}
	for _, key := range losers {
		in.LosingLeadKeyLists.KeyList = append(in.LosingLeadKeyLists.KeyList, keyAttribute(key))
	}
	status, err := call(ctx, opMergeLeads, l.port.MergeLeads, in, mergeStatus)
	if err != nil {
		return MergedLeads{}, err
	}
	merged := newMergedLeads(status)
	if err := merged.differs(winner, losers); err != nil {
		return MergedLeads{}, unclear(opMergeLeads, in, err)
	}
	says := told{0, merged.WinnerID, merged.Outcome, status.Error.Or("")}
	return merged, opError(opMergeLeads, 1, says.failure(opMergeLeads, done(opMergeLeads, "")))
}

// checkMerge checks the keys of a merge, above all that no lead is to be merged into itself: a merge cannot be
// undone.
func checkMerge(winner LeadKey, losers []LeadKey) error {
	if err := cmp.Or(under("winner", winner.checkNoCookie()), checkCount("losers", len(losers), 0, "losing leads"),
		checkEach("losers", losers, LeadKey.checkNoCookie)); err != nil {
		return err
	}
	if i := slices.Index(losers, winner); i >= 0 {
		return &ArgumentError{index("losers", i), fmt.Errorf("%s is the winner's key", winner)}
	}
	return nil
}

// oneLeadEach returns the keys of a merge by id, when each names a lead that no other one names.
func (l *Leads) oneLeadEach(ctx context.Context, winner LeadKey, losers []LeadKey) (won LeadKey, lost []LeadKey, err error) {
	if won, err = l.oneLead(ctx, "winner", winner); err != nil {
		return won, nil, err
	}
	named := map[int64]LeadKey{won.id(): winner}
	for i, key := range losers {
		field := index("losers", i)
		byID, err := l.oneLead(ctx, field, key)
		if err != nil {
			return won, nil, err
		}
		if first, twice := named[byID.id()]; twice {
			return won, nil, &ArgumentError{field, fmt.Errorf("%s is the lead %s, and so is %s; name a lead once", key, byID.Value, first)}
		}
		named[byID.id()] = key
		lost = append(lost, byID)
	}
	return won, lost, nil
}

// oneLead returns the id of the lead that a key names, if it is one.
func (l *Leads) oneLead(ctx context.Context, field string, key LeadKey) (LeadKey, error) {
	if key.Type == KeyID {
		return key, nil
	}
	leads, err := l.Find(ctx, key)
	switch {
	case err != nil:
		return LeadKey{}, fmt.Errorf("%s, which is looked up before the merge: %w", key, err)
	case len(leads) > 1:
		return LeadKey{}, &ArgumentError{field, fmt.Errorf("%w: %s is that of those with the ids %s; choose one by its id", ErrSeveralLeads, key, idList(leads))}
	case leads[0].ID <= 0:
		return LeadKey{}, opError(opGetLead, 1, unreadable(fmt.Errorf("the lead of %s has no Id", key)))
	}
	return LeadID(leads[0].ID), nil
}

// checkNoCookie is Validate where the service takes all types of key but one.
func (k LeadKey) checkNoCookie() error {
	if k.Type == KeyCookie {
		return &ArgumentError{"LeadKey.Type", errors.New("is COOKIE, which this operation does not take")}
	}
	return k.Validate()
}

// keyAttribute is the form of a key in mergeLeads: the name is the type.
func keyAttribute(k LeadKey) gen.ArrayOfAttribute {
	return gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: string(k.Type), AttrValue: k.Value}}}
}

func mergeStatus(out *gen.SuccessMergeLeads) *gen.MergeStatus {
	if out.Result == nil {
		return nil
	}
	return out.Result.MergeStatus
}

func newMergedLeads(s *gen.MergeStatus) MergedLeads {
	m := MergedLeads{WinnerID: int64(s.WinningLeadId.Or(0)), Outcome: Outcome(s.Status)}
	for _, id := range s.LosingLeadIdList.Value.IntegerItem {
		m.LoserIDs = append(m.LoserIDs, int64(id))
	}
	return m
}
