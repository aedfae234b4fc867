package simulator

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// maxLeads is the greatest page of getMultipleLeads; with a LeadKeySelector it is
// maxSelectorKeys.
const maxLeads = 1000

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
// call. LeadKeySelector leaves out keys without a lead and those after the 100th.
// lastUpdatedAt alone means all leads that were updated since, and nothing beside a
// selector. Fields that are named in includeAttributes have to exist.
//
// Faults: 20022 for a range of more than 30 days, 20101 and 20102 for a bad key, 20108
// for an unknown owner, 20109 without a selector or what it needs, 20110, 20111 for an
// unknown list, 20122 for a position that was not given for this selector.
func (s *Simulator) GetMultipleLeads(ctx context.Context, in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsGetMultipleLeads)
	}
	defer s.view()()
	include, err := s.readInclude(in.IncludeAttributes.Or(gen.ArrayOfString{}).StringItem)
	if err != nil {
		return nil, err
	}
	chosen, at, err := s.choose(in)
	if err != nil {
		return nil, err
	}
	first, _ := slices.BinarySearch(chosen, at.id+1)
	chosen = chosen[first:]
	size := min(s.pageSize(in.BatchSize, chosenLimit(in.LeadSelector)), len(chosen))
	page := chosen[:s.dice.shorten(size, true)]
	result := &gen.ResultGetMultipleLeads{
		ReturnCount:    int32(len(page)),                                 //nolint:gosec // at most maxLeads
		RemainingCount: int32(min(len(chosen)-len(page), math.MaxInt32)), //nolint:gosec // just bounded
		LeadRecordList: s.leadRecords(s.leads.numbers(page), include),
	}
	if result.RemainingCount > 0 {
		result.NewStreamPosition = at.after(page, len(chosen)-len(page)).String()
	}
	return &gen.SuccessGetMultipleLeads{Result: result}, nil
}

func chosenLimit(sel gen.LeadSelector) int {
	if _, ok := sel.(*gen.LeadKeySelector); ok {
		return maxSelectorKeys
	}
	return maxLeads
}

// readInclude checks the names of fields; none means all.
func (s *Simulator) readInclude(names []string) ([]string, error) {
	for _, name := range names {
		if _, ok := s.fields.byName[name]; !ok && !slices.Contains(recordElements, name) {
			return nil, fault.Newf(fault.CodeBadParameter, "includeAttributes: leads have no field %q", name)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	return names, nil
}

// choose returns the ids of all leads that a request is about, in ascending order, and
// its position.
func (s *Simulator) choose(in *gen.ParamsGetMultipleLeads) ([]int64, leadPosition, error) {
	at := leadPosition{selector: describe(in.LeadSelector), latest: s.now().Unix()}
	if in.LeadSelector == nil {
		at.selector = "since " + moment36(in.LastUpdatedAt.Or(""))
	}
	if text := in.StreamPosition.Or(""); text != "" {
		if err := at.read(text); err != nil {
			return nil, at, err
		}
	}
	var ids []int64
	var err error
	switch sel := in.LeadSelector.(type) {
	case nil:
		ids, err = s.chooseSince(in.LastUpdatedAt.Or(""), at.latest)
	case *gen.LeadKeySelector:
		ids, err = s.chooseKeys(sel)
	case *gen.StaticListSelector:
		ids, err = s.chooseMembers(sel)
	case *gen.LastUpdateAtSelector:
		ids, err = s.chooseUpdated(sel, &at)
	}
	return ids, at, err
}

func (s *Simulator) chooseKeys(sel *gen.LeadKeySelector) ([]int64, error) {
	values, err := readKeys(sel)
	if err != nil {
		return nil, err
	}
	return s.withKeys(sel.KeyType, values)
}

func (s *Simulator) chooseMembers(sel *gen.StaticListSelector) ([]int64, error) {
	l, err := s.selectedList(sel)
	if err != nil {
		return nil, err
	}
	return l.members, nil
}

func (s *Simulator) chooseUpdated(sel *gen.LastUpdateAtSelector, at *leadPosition) ([]int64, error) {
	r, err := readRange(sel, unix(at.latest))
	if err != nil {
		return nil, err
	}
	at.oldest, at.latest = r.from, r.to
	return s.updatedIn(r), nil
}

// chooseSince serves the deprecated lastUpdatedAt.
func (s *Simulator) chooseSince(text gen.DateTime, latest int64) ([]int64, error) {
	if text == "" {
		return nil, fault.New(fault.CodeParameterRequired, "leadSelector is missing")
	}
	since, err := text.Time()
	if err != nil {
		return nil, fault.Newf(fault.CodeBadParameter, "lastUpdatedAt %q is not an xs:dateTime", text)
	}
	return s.updatedIn(updateRange{since.Unix(), latest}), nil
}

// updatedLeads keeps the last answer of updatedIn, so that the pages of a reading do not
// search anew while nothing is written. The lock is its own: readers share the
// simulator's.
type updatedLeads struct {
	mu      sync.Mutex
	within  updateRange
	version uint64
	ids     []int64
}

// updatedIn returns the ids of the leads that were updated in a range, in ascending order.
func (s *Simulator) updatedIn(r updateRange) []int64 {
	s.updated.mu.Lock()
	defer s.updated.mu.Unlock()
	if s.updated.within != r || s.updated.version != s.leads.version {
		s.updated.within, s.updated.version = r, s.leads.version
		s.updated.ids = s.leads.updatedIn(r)
	}
	return s.updated.ids
}

// updatedIn looks only at leads whose latest update is not before the range.
func (t *leadTable) updatedIn(r updateRange) []int64 {
	var ids []int64
	later := t.updates.run(span{since: entry{at: r.from}, before: entry{at: math.MaxInt64}})
	for ; later.left > 0; later.next() {
		if l := t.all[later.head[0].ref]; l.wasUpdated(r) {
			ids = append(ids, l.id)
		}
	}
	slices.Sort(ids)
	return ids
}

// wasUpdated reports whether a lead was updated in a range that does not end before its
// latest update began.
func (l *lead) wasUpdated(r updateRange) bool {
	if l.updated <= r.to || l.since >= r.from && l.since <= r.to && l.since != 0 {
		return l.updated >= r.from
	}
	return slices.ContainsFunc(l.history, func(t timeline) bool {
		i := t.search(entry{at: r.from}, t.sorted)
		return i < t.sorted && t.entries[i].at <= r.to
	})
}

// numbers returns the places of leads that exist.
func (t *leadTable) numbers(ids []int64) []leadNo {
	list := make([]leadNo, len(ids))
	for i, id := range ids {
		list[i] = t.byID[id]
	}
	return list
}
