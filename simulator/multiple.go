package simulator

import (
	"context"
	"math"
	"slices"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
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
// call. Which leads these are is settled when a reading begins, so that a page costs the
// same however many there are; a merge, or many other readings, may settle it anew.
// LeadKeySelector leaves out keys without a lead and those after the 100th.
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
	size := s.pageSize(in.BatchSize, chosenLimit(in.LeadSelector))
	page, left := chosen.after(at.id, size)
	page = page[:s.dice.shorten(len(page), true)]
	left -= len(page)
	result := &gen.ResultGetMultipleLeads{
		ReturnCount:    int32(len(page)),                //nolint:gosec // at most maxLeads
		RemainingCount: int32(min(left, math.MaxInt32)), //nolint:gosec // just bounded
		LeadRecordList: s.leadRecords(s.leads.numbers(page), include),
	}
	if result.RemainingCount > 0 {
		result.NewStreamPosition = at.after(page, left).String()
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

// chosenLeads are the leads that a request is about.
type chosenLeads interface {
	// after returns the ids of up to n leads that come after an id, in ascending order, and
	// how many come after it in all.
	after(id int64, n int) (page []int64, left int)
}

// leadIDs are ids of leads, in ascending order.
type leadIDs []int64

func (ids leadIDs) after(id int64, n int) (page []int64, left int) {
	first, _ := slices.BinarySearch(ids, id+1)
	ids = ids[first:]
	return ids[:min(n, len(ids))], len(ids)
}

func (l *list) after(id int64, n int) (page []int64, left int) {
	row := l.members.Run(ordered.Span{Since: ordered.Entry{At: id + 1}, Before: ordered.Everything.Before})
	left = row.Left
	page = make([]int64, min(n, left))
	for i := range page {
		page[i] = row.First().At
		row.Next()
	}
	return page, left
}

// choose returns the leads that a request is about, and its position.
func (s *Simulator) choose(in *gen.ParamsGetMultipleLeads) (chosen chosenLeads, at leadPosition, err error) {
	at = leadPosition{selector: describe(in.LeadSelector), latest: s.now().Unix()}
	if in.LeadSelector == nil {
		at.selector = "since " + moment36(in.LastUpdatedAt.Or(""))
	}
	if text := in.StreamPosition.Or(""); text != "" {
		if err := at.read(text); err != nil {
			return nil, at, err
		}
	}
	fresh := in.StreamPosition.Or("") == ""
	switch sel := in.LeadSelector.(type) {
	case nil:
		chosen, err = s.chooseSince(in.LastUpdatedAt.Or(""), at.latest, fresh)
	case *gen.LeadKeySelector:
		chosen, err = s.chooseKeys(sel)
	case *gen.StaticListSelector:
		chosen, err = s.selectedList(sel)
	case *gen.LastUpdateAtSelector:
		chosen, err = s.chooseUpdated(sel, &at, fresh)
	}
	return chosen, at, err
}

func (s *Simulator) chooseKeys(sel *gen.LeadKeySelector) (leadIDs, error) {
	values, err := readKeys(sel)
	if err != nil {
		return nil, err
	}
	return s.withKeys(sel.KeyType, values)
}

func (s *Simulator) chooseUpdated(sel *gen.LastUpdateAtSelector, at *leadPosition, fresh bool) (leadIDs, error) {
	r, err := readRange(sel, servicetime.Unix(at.latest))
	if err != nil {
		return nil, err
	}
	at.oldest, at.latest = r.from, r.to
	return s.updatedIn(r, fresh), nil
}

// chooseSince serves the deprecated lastUpdatedAt.
func (s *Simulator) chooseSince(text gen.DateTime, latest int64, fresh bool) (leadIDs, error) {
	if text == "" {
		return nil, fault.New(fault.CodeParameterRequired, "leadSelector is missing")
	}
	since, err := text.Time()
	if err != nil {
		return nil, fault.Newf(fault.CodeBadParameter, "lastUpdatedAt %q is not an xs:dateTime", text)
	}
	return s.updatedIn(updateRange{since.Unix(), latest}, fresh), nil
}

// numbers returns the places of leads that exist.
func (t *leadTable) numbers(ids []int64) []leadNo {
	list := make([]leadNo, len(ids))
	for i, id := range ids {
		list[i] = t.byID[id]
	}
	return list
}
