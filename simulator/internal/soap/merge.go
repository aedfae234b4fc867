package soap

import (
	"context"
	"slices"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/leads"
)

// MergeLeads merges leads into another one. The ids of the losers are read before the merge, since afterwards the
// leads are gone, while the answer still has to name them.
func (s Service) MergeLeads(ctx context.Context, in *gen.ParamsMergeLeads) (*gen.SuccessMergeLeads, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil || in.WinningLeadKeyList == nil {
		return nil, fault.New(fault.CodeLeadKeyRequired, "winningLeadKeyList is missing")
	}
	if in.LosingLeadKeyLists == nil || len(in.LosingLeadKeyLists.KeyList) == 0 {
		return nil, fault.New(fault.CodeLeadKeyRequired, "losingLeadKeyLists has no keyList")
	}
	defer s.Change()()
	winner, losers, err := s.mergeParties(in)
	if err != nil {
		return nil, err
	}
	ids := make([]int32, len(losers))
	for i, no := range losers {
		ids[i] = int32(s.Leads.ID(no)) //nolint:gosec // ids are 31 bits
	}
	s.Leads.Merge(winner, losers, in.MergeInSales.Or(false))
	return &gen.SuccessMergeLeads{Result: &gen.ResultMergeLeads{MergeStatus: &gen.MergeStatus{
		WinningLeadId:    gen.Some(int32(s.Leads.ID(winner))), //nolint:gosec // ids are 31 bits
		LosingLeadIdList: gen.Some(gen.ArrayOfInteger{IntegerItem: ids}),
		Status:           gen.LeadMergeStatusEnumMERGED,
		Error:            gen.NilOf[string](),
	}}}, nil
}

// mergeParties finds the winner and the losers of a request before anything is merged, so that an error leaves all of
// them as they were. A loser that is named twice, by two different keys for example, counts once.
func (s Service) mergeParties(in *gen.ParamsMergeLeads) (winner leads.No, losers []leads.No, err error) {
	if winner, err = s.findKeys("winningLeadKeyList", in.WinningLeadKeyList.Attribute); err != nil {
		return 0, nil, err
	}
	for _, list := range in.LosingLeadKeyLists.KeyList {
		no, err := s.findKeys("losingLeadKeyLists/keyList", list.Attribute)
		if err != nil {
			return 0, nil, err
		}
		if no == winner {
			return 0, nil, fault.Newf(fault.CodeBadParameter, "lead %d is both winner and loser: a lead cannot be merged into itself", s.Leads.ID(no))
		}
		if !slices.Contains(losers, no) {
			losers = append(losers, no)
		}
	}
	return winner, losers, nil
}

// findKeys returns the lead that has all keys of a list. Each key may mean several leads (two leads with one
// address), so the keys together decide: of the leads that have all of them it is the one added last.
func (s Service) findKeys(field string, list []gen.Attribute) (leads.No, error) {
	if len(list) == 0 {
		return 0, fault.Newf(fault.CodeLeadKeyRequired, "%s has no key", field)
	}
	var found [][]leads.No // one list for each key
	for _, a := range list {
		key := gen.LeadKey{KeyType: gen.LeadKeyRef(a.AttrName), KeyValue: a.AttrValue}
		if key.KeyType == gen.LeadKeyRefCOOKIE {
			return 0, fault.Newf(fault.CodeLeadKeyBad, "%s: mergeLeads does not take keys of the type COOKIE", field)
		}
		all, err := s.findAll(&key)
		if err != nil {
			return 0, err
		}
		found = append(found, all)
	}
	no, ok := leads.LastInAll(found)
	if !ok {
		return 0, fault.Newf(fault.CodeLeadNotFound, "No lead found with all keys of %s", field)
	}
	return no, nil
}
