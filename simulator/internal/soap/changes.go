package soap

import (
	"context"
	"strconv"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// maxChanges is the greatest page of getLeadChanges.
const maxChanges = 1000

// GetLeadChanges returns a page of the activities of all leads, or of some.
func (s Service) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil || in.StartPosition == nil {
		return nil, fault.New(fault.CodeParameterRequired, "startPosition is missing")
	}
	defer s.View()()
	f, err := readChangeFilter(in)
	if err != nil {
		return nil, err
	}
	at, err := s.readChangePosition(in, f)
	if err != nil {
		return nil, err
	}
	chosen, err := s.chooseChanges(in.LeadSelector, at, f)
	if err != nil {
		return nil, err
	}
	return &gen.SuccessGetLeadChanges{Result: s.changePage(in, at, f, chosen)}, nil
}

// changePage makes a page of the chosen records. If it is shortened, the position has to go back to the last record
// that is still on it.
func (s Service) changePage(in *gen.ParamsGetLeadChanges, at changePosition, f activity.Filter, chosen activity.Changes) *gen.ResultGetLeadChanges {
	found := chosen.Page(s.PageSize(in.BatchSize.Or(0), maxChanges))
	page, left, reached := found.Records, found.Left, found.Reached
	if n := s.Shorten(len(page), true); n < len(page) {
		left += len(page) - n
		page, reached = page[:n], nil
		if n > 0 {
			reached = page[n-1]
		}
	}
	result := &gen.ResultGetLeadChanges{
		ReturnCount:          int32(len(page)), //nolint:gosec // at most maxChanges
		RemainingCount:       s.Remaining(left, f.OneType()),
		NewStartPosition:     echoed(at.start, strconv.Itoa(len(page))),
		LeadChangeRecordList: s.changeRecords(page),
	}
	if result.RemainingCount > 0 {
		result.NewStartPosition.Offset.Value = at.after(reached)
	}
	return result
}

// changeRecords returns records as answers show them, nil for none.
func (s Service) changeRecords(page []*activity.Record) gen.Opt[gen.ArrayOfLeadChangeRecord] {
	if len(page) == 0 {
		return gen.NilOf[gen.ArrayOfLeadChangeRecord]()
	}
	return gen.Some(gen.ArrayOfLeadChangeRecord{LeadChangeRecord: shown(s, page,
		func(r *activity.Record) *leads.Row { return s.Leads.Lead(r.Lead()) }, s.changeRecord)})
}

// changeRecord has the form of the published samples: a campaign is absent where there
// is none.
func (s Service) changeRecord(r *activity.Record, l *leads.Row, attributes []gen.Attribute) gen.LeadChangeRecord {
	out := gen.LeadChangeRecord{
		Id:                 gen.Some(r.ID()),
		MarketoGUID:        strconv.FormatInt(r.ID(), 10),
		ActivityDateTime:   gen.NewDateTime(r.Time()),
		ActivityType:       s.Activities.Type(r),
		MktgAssetName:      gen.Some(s.Activities.Asset(r)),
		ActivityAttributes: gen.Some(gen.ArrayOfAttribute{Attribute: attributes}),
		MktPersonId:        l.Text(),
	}
	if campaign := s.Activities.Campaign(r); campaign != "" {
		out.Campaign = gen.Some(campaign)
	}
	return out
}

// readChangeFilter checks the filters of a request.
func readChangeFilter(in *gen.ParamsGetLeadChanges) (activity.Filter, error) {
	f, err := readFilter(in.ActivityFilter.Or(gen.ActivityTypeFilter{}))
	f.Names = in.ActivityNameFilter.Or(gen.ArrayOfString{}).StringItem
	return f, err
}

// chooseChanges returns the records that the request selects. A selector by the time of an update needs no search for
// leads: whoever has an activity in the range was updated in it.
func (s Service) chooseChanges(sel gen.LeadSelector, at changePosition, f activity.Filter) (activity.Changes, error) {
	since, err := activeSince(at.start)
	if err != nil {
		return activity.Changes{}, err
	}
	q := activity.Query{Within: at.within, Filter: f, ActiveSince: since}
	switch sel := sel.(type) {
	case *gen.LeadKeySelector:
		ids, err := s.keyedChanges(sel)
		if err != nil {
			return activity.Changes{}, err
		}
		return s.Activities.ChangesOf(s.Leads.Numbers(ids), s.Leads, q), nil
	case *gen.StaticListSelector:
		l, err := s.selectedList(sel)
		if err != nil {
			return activity.Changes{}, err
		}
		return s.Activities.ChangesIn(s.Lists.Group(l), s.Leads, q), nil
	case *gen.LastUpdateAtSelector:
		// Who has an activity in the range was updated in it: the bounds say all. A range
		// without an end ends when the reading began.
		r, err := readRange(sel, servicetime.Unix(at.began))
		if err != nil {
			return activity.Changes{}, err
		}
		q.Within.Narrow(r.From, r.To)
	}
	return s.Activities.ChangesIn(nil, s.Leads, q), nil
}

// keyedChanges returns the ids of the leads that a selector names.
func (s Service) keyedChanges(sel *gen.LeadKeySelector) ([]int64, error) {
	values, err := readKeys(sel)
	if err != nil {
		return nil, err
	}
	if given := len(sel.KeyValues.StringItem); len(values) < given {
		return nil, fault.Newf(fault.CodeBadParameter, "leadSelector/keyValues has %d keys: %d are allowed", given, maxSelectorKeys)
	}
	return s.Leads.WithKeys(sel.KeyType, values)
}

// activeSince reads activityCreatedAt: leads that were not updated since then do not
// count.
func activeSince(p gen.StreamPosition) (*int64, error) {
	text, ok := p.ActivityCreatedAt.Get()
	if !ok {
		return nil, nil //nolint:nilnil // it is not given, and nothing is wrong
	}
	t, err := text.Time()
	if err != nil {
		return nil, badTime("activityCreatedAt", text)
	}
	since := t.Unix()
	return &since, nil
}
