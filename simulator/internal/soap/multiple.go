package soap

import (
	"context"
	"math"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// maxLeads is the greatest page of getMultipleLeads; with a LeadKeySelector it is
// maxSelectorKeys.
const maxLeads = 1000

// GetMultipleLeads returns a page of the leads that a selector chooses. Pages go by the id of a lead, which never
// changes, so that a lead that is updated while somebody reads neither comes twice nor is skipped. What remains is
// counted after the page was shortened, since a shortened page leaves more.
func (s Service) GetMultipleLeads(ctx context.Context, in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsGetMultipleLeads)
	}
	defer s.View()()
	include, err := s.readInclude(in.IncludeAttributes.Or(gen.ArrayOfString{}).StringItem)
	if err != nil {
		return nil, err
	}
	chosen, at, err := s.choose(in)
	if err != nil {
		return nil, err
	}
	size := s.PageSize(in.BatchSize.Or(0), chosenLimit(in.LeadSelector))
	page, left := chosen.After(at.id, size)
	page = page[:s.Shorten(len(page), true)]
	left -= len(page)
	result := &gen.ResultGetMultipleLeads{
		ReturnCount:    int32(len(page)),                //nolint:gosec // at most maxLeads
		RemainingCount: int32(min(left, math.MaxInt32)), //nolint:gosec // just bounded
		LeadRecordList: s.leadRecords(s.Leads.Numbers(page), include),
	}
	if result.RemainingCount > 0 {
		result.NewStreamPosition = at.after(page, left).String()
	}
	return &gen.SuccessGetMultipleLeads{Result: result}, nil
}

// chosenLimit is the greatest page for a selector.
func chosenLimit(sel gen.LeadSelector) int {
	if _, ok := sel.(*gen.LeadKeySelector); ok {
		return maxSelectorKeys
	}
	return maxLeads
}

// readInclude checks the names of fields; none means all.
func (s Service) readInclude(names []string) ([]string, error) {
	for _, name := range names {
		if !s.Leads.Names(name) {
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
	// After returns the ids of up to n leads that come after an id, in ascending order, and
	// how many come after it in all.
	After(id int64, n int) (page []int64, left int)
}

// choose returns the leads that a request is about, and the position that it continues from. A call without a
// position begins a reading: it is "fresh", and the leads it chooses are those of all its later pages (see
// Leads.UpdatedIn). The position is read before the selector, since an open range ends at the time of the first call,
// which only the position knows.
func (s Service) choose(in *gen.ParamsGetMultipleLeads) (chosen chosenLeads, at leadPosition, err error) {
	at = leadPosition{selector: describe(in.LeadSelector), latest: s.Now().Unix()}
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

func (s Service) chooseKeys(sel *gen.LeadKeySelector) (leads.IDs, error) {
	values, err := readKeys(sel)
	if err != nil {
		return nil, err
	}
	return s.Leads.WithKeys(sel.KeyType, values)
}

// chooseUpdated chooses the leads that were updated in the range of a selector, and puts its bounds into the
// position: the text of the service's positions has them, too.
func (s Service) chooseUpdated(sel *gen.LastUpdateAtSelector, at *leadPosition, fresh bool) (leads.IDs, error) {
	r, err := readRange(sel, servicetime.Unix(at.latest))
	if err != nil {
		return nil, err
	}
	at.oldest, at.latest = r.From, r.To
	return s.Leads.UpdatedIn(r, fresh), nil
}

// chooseSince serves the deprecated element lastUpdatedAt, which stood in requests before there were selectors. It is
// the same as a range that begins there and has no end.
func (s Service) chooseSince(text gen.DateTime, latest int64, fresh bool) (leads.IDs, error) {
	if text == "" {
		return nil, fault.New(fault.CodeParameterRequired, "leadSelector is missing")
	}
	since, err := text.Time()
	if err != nil {
		return nil, fault.Newf(fault.CodeBadParameter, "lastUpdatedAt %q is not an xs:dateTime", text)
	}
	return s.Leads.UpdatedIn(leads.Range{From: since.Unix(), To: latest}, fresh), nil
}
