package crashtest

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/gen"
)

// newcomer returns one of the leads that may be merged.
func (s *source) newcomer() int64 {
	there := s.sim.LeadIDs()
	first, _ := slices.BinarySearch(there, leads+1)
	return there[first+s.rng.IntN(len(there)-first)]
}

// change changes a lead, now.
func (s *source) change() {
	lead := 1 + s.rng.Int64N(leads)
	in := &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{
		Id: gen.Some(int32(lead)), //nolint:gosec // a few thousand leads
		LeadAttributeList: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{
			{AttrName: "FirstName", AttrValue: "Name " + strconv.Itoa(s.rng.IntN(1e6))},
		}}),
	}}
	if _, err := s.sim.SyncLead(context.Background(), in); err != nil {
		panic(err) // the lead is there
	}
	s.happened(lead)
}

// merge makes two newcomers one, as long as there are enough.
func (s *source) merge() {
	winner, loser := s.newcomer(), s.newcomer()
	if winner == loser || len(s.sim.LeadIDs()) < leads+newcomers/3 {
		return
	}
	in := &gen.ParamsMergeLeads{
		WinningLeadKeyList: keyList(winner), LosingLeadKeyLists: &gen.ArrayOfKeyList{KeyList: []gen.ArrayOfAttribute{*keyList(loser)}},
	}
	if _, err := s.sim.MergeLeads(context.Background(), in); err != nil {
		panic(err) // both are there
	}
	delete(s.updated, loser)
	s.merged++
	s.happened(winner)
}

func keyList(lead int64) *gen.ArrayOfAttribute {
	return &gen.ArrayOfAttribute{Attribute: []gen.Attribute{
		{AttrName: string(gen.LeadKeyRefIDNUM), AttrValue: strconv.FormatInt(lead, 10)},
	}}
}

// happened notes that the simulator has updated a lead and made an activity of it.
func (s *source) happened(lead int64) {
	now := time.Now()
	s.updated[lead] = now
	s.newest = now
	s.born++
	s.history.skip()
}

// updatedIn returns the leads whose last update lies in [from, to], by id.
func (s *source) updatedIn(from, to time.Time) []int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []int64
	for id, at := range s.updated {
		if at = at.Truncate(time.Second); !at.Before(from) && !at.After(to) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}
