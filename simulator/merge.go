package simulator

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/work"
)

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
// 20101 without keys, 20102 for COOKIE and for what is no type of key, 20103 and 20108
// where no lead or no owner has a key, 20110 for a lead that is to be merged into itself.
func (s *Simulator) MergeLeads(ctx context.Context, in *gen.ParamsMergeLeads) (*gen.SuccessMergeLeads, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil || in.WinningLeadKeyList == nil {
		return nil, fault.New(fault.CodeLeadKeyRequired, "winningLeadKeyList is missing")
	}
	if in.LosingLeadKeyLists == nil || len(in.LosingLeadKeyLists.KeyList) == 0 {
		return nil, fault.New(fault.CodeLeadKeyRequired, "losingLeadKeyLists has no keyList")
	}
	defer s.change()()
	winner, losers, err := s.mergeParties(in)
	if err != nil {
		return nil, err
	}
	ids := s.merge(winner, losers, in.MergeInSales.Or(false))
	return &gen.SuccessMergeLeads{Result: &gen.ResultMergeLeads{MergeStatus: &gen.MergeStatus{
		WinningLeadId:    gen.Some(int32(s.leads.at(winner).id)), //nolint:gosec // ids are 31 bits
		LosingLeadIdList: gen.Some(gen.ArrayOfInteger{IntegerItem: ids}),
		Status:           gen.LeadMergeStatusEnumMERGED,
		Error:            gen.None[string](),
	}}}, nil
}

// mergeParties finds the leads of a request. A loser that is named twice counts once.
func (s *Simulator) mergeParties(in *gen.ParamsMergeLeads) (winner leadNo, losers []leadNo, err error) {
	if winner, err = s.leads.findKeys("winningLeadKeyList", in.WinningLeadKeyList.Attribute); err != nil {
		return 0, nil, err
	}
	for _, list := range in.LosingLeadKeyLists.KeyList {
		no, err := s.leads.findKeys("losingLeadKeyLists/keyList", list.Attribute)
		if err != nil {
			return 0, nil, err
		}
		if no == winner {
			return 0, nil, fault.Newf(fault.CodeBadParameter, "lead %d is both winner and loser: a lead cannot be merged into itself", s.leads.at(no).id)
		}
		if !slices.Contains(losers, no) {
			losers = append(losers, no)
		}
	}
	return winner, losers, nil
}

// findKeys returns the lead that has all keys of a list.
func (t *leadTable) findKeys(field string, list []gen.Attribute) (leadNo, error) {
	if len(list) == 0 {
		return 0, fault.Newf(fault.CodeLeadKeyRequired, "%s has no key", field)
	}
	var found [][]leadNo // one list for each key
	for _, a := range list {
		key := gen.LeadKey{KeyType: gen.LeadKeyRef(a.AttrName), KeyValue: a.AttrValue}
		if key.KeyType == gen.LeadKeyRefCOOKIE {
			return 0, fault.Newf(fault.CodeLeadKeyBad, "%s: mergeLeads does not take keys of the type COOKIE", field)
		}
		all, err := t.findAll(&key)
		if err != nil {
			return 0, err
		}
		found = append(found, all)
	}
	no, ok := lastInAll(found)
	if !ok {
		return 0, fault.Newf(fault.CodeLeadNotFound, "No lead found with all keys of %s", field)
	}
	return no, nil
}

// lastInAll returns the last lead that all lists have. Each is in ascending order, so that
// no more is looked at than the shortest of them.
func lastInAll(lists [][]leadNo) (leadNo, bool) {
	shortest := slices.MinFunc(lists, func(a, b []leadNo) int { return cmp.Compare(len(a), len(b)) })
	for _, no := range slices.Backward(shortest) {
		work.Looked(1)
		missing := func(list []leadNo) bool { _, has := slices.BinarySearch(list, no); return !has }
		if !slices.ContainsFunc(lists, missing) {
			return no, true
		}
	}
	return 0, false
}

// merge merges leads into another one and returns their ids.
func (s *Simulator) merge(winner leadNo, losers []leadNo, inSales bool) []int32 {
	ids := make([]int32, len(losers))
	texts := make([]string, len(losers))
	for i, no := range losers {
		ids[i], texts[i] = int32(s.leads.at(no).id), s.leads.at(no).text //nolint:gosec // ids are 31 bits
		s.absorb(winner, no)
	}
	sales := "false"
	if inSales {
		sales = "true"
	}
	s.addActivities(winner, []Activity{{Type: gen.ActivityTypeMergeLeads, Attributes: []Attribute{
		{"Merge IDs", strings.Join(texts, ",")},
		{"Merged in Sales", sales},
		{"Merge Source", byService.source},
	}}})
	return ids
}

// absorb makes a lead part of another one.
func (s *Simulator) absorb(winner, loser leadNo) {
	to, from := s.leads.at(winner), s.leads.at(loser)
	email, values, keys, foreign := from.email, from.values, slices.Clone(from.keys), from.foreign
	lists := slices.Clone(from.lists)
	for _, l := range lists {
		s.setMember(l, loser, false)
	}
	s.moveActivities(winner, loser)
	for _, l := range lists {
		s.setMember(l, winner, true)
	}
	s.objects.moveRoles(loser, winner)
	s.leads.forget(loser)
	if to.email == "" && email != "" {
		s.leads.setEmail(winner, email)
	}
	for _, v := range values {
		if to.values.get(v.name) == "" {
			s.leads.setValue(winner, v.name, v.value)
		}
	}
	for _, key := range keys {
		s.leads.inherit(winner, key)
	}
	// The winner's own foreign id stays the one that answers show.
	for _, f := range slices.Concat(foreign, to.foreign) {
		s.leads.setForeign(winner, f)
	}
}

// inherit gives a lead a key of another one, unless it may have only one and has it.
func (t *leadTable) inherit(no leadNo, key leadKey) {
	several := key.kind == gen.LeadKeyRefCOOKIE || key.kind == gen.LeadKeyRefSFDCOPPTYID
	has := slices.ContainsFunc(t.all[no].keys, func(k leadKey) bool { return k.kind == key.kind })
	if several || !has {
		t.link(no, key.kind, key.value)
	}
}

// moveActivities gives the history of a lead to another one.
func (s *Simulator) moveActivities(winner, loser leadNo) {
	to, from := s.leads.at(winner), s.leads.at(loser)
	for _, t := range from.history {
		for _, e := range t.entries {
			s.store.get(e.Ref).lead = winner
			to.history.add(t.kind, e)
			for _, l := range to.lists {
				l.timelines.insert(t.kind, e)
			}
		}
	}
	to.history.sort()
	if from.touched {
		s.leads.touch(winner, from.updated)
	}
}
