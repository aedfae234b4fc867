package simulator

import (
	"context"
	"math"
	"slices"
	"strconv"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// maxChanges is the greatest page of getLeadChanges.
const maxChanges = 1000

// GetLeadChanges returns a page of the activities of all leads, or of those that a
// selector chooses, oldest first (Marketo SOAP API, getLeadChanges; WSDL:
// ParamsGetLeadChanges).
//
// A page has up to batchSize records, 1,000 at most; without a batchSize, and with one
// of 0 or less, it is 1,000. remainingCount is exact unless [WithRoughCounts] is given.
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
// an unknown type or name of activities, 20108 for an unknown owner, 20109 without
// startPosition or what a selector needs, 20110 for more than 100 keys, an unreadable
// time, or includeTypes together with excludeTypes, 20111 for an unknown list, 20122 for
// a position that was not given for this request, 20123 for that of the end.
func (s *Simulator) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil || in.StartPosition == nil {
		return nil, fault.New(fault.CodeParameterRequired, "startPosition is missing")
	}
	defer s.view()()
	f, err := s.readChangeFilter(in)
	if err != nil {
		return nil, err
	}
	at, err := s.readChangePosition(in, f)
	if err != nil {
		return nil, err
	}
	runs, err := s.changeRuns(in.LeadSelector, at, f)
	if err != nil {
		return nil, err
	}
	return &gen.SuccessGetLeadChanges{Result: s.changePage(in, at, f, runs)}, nil
}

// changePage makes a page of the records of the runs.
func (s *Simulator) changePage(in *gen.ParamsGetLeadChanges, at changePosition, f changeFilter, runs []run) *gen.ResultGetLeadChanges {
	found, total := oldest(runs, s.pageSize(in.BatchSize, maxChanges))
	page := found[:s.dice.shorten(len(found), true)]
	result := &gen.ResultGetLeadChanges{
		ReturnCount:          int32(len(page)), //nolint:gosec // at most maxChanges
		RemainingCount:       s.remaining(total-len(page), f.oneType()),
		NewStartPosition:     echoed(at.start, strconv.Itoa(len(page))),
		LeadChangeRecordList: s.changeRecords(page),
	}
	if result.RemainingCount > 0 {
		result.NewStartPosition.Offset.Value = at.after(page, &s.store)
	}
	return result
}

// changeRuns returns the records in the span that the request chooses, in runs.
func (s *Simulator) changeRuns(sel gen.LeadSelector, at changePosition, f changeFilter) ([]run, error) {
	within := at.within
	chosen, all, err := s.chooseChanged(sel, &within, at.began)
	if err != nil {
		return nil, err
	}
	if since, ok := at.start.ActivityCreatedAt.Get(); ok {
		if chosen, err = s.activeSince(since, chosen, all); err != nil {
			return nil, err
		}
		all = false
	}
	var runs []run
	if all {
		for kind, t := range s.timelines {
			if f.wants(kind) {
				runs = append(runs, t.run(within))
			}
		}
		return runs, nil
	}
	for _, id := range chosen {
		runs = s.leads.all[s.leads.byID[id]].history.appendRuns(runs, within, f.wants)
	}
	return runs, nil
}

// chooseChanged returns the leads that a selector chooses, or that it chooses all. A
// range without an end ends when the reading began.
func (s *Simulator) chooseChanged(sel gen.LeadSelector, within *span, began int64) (ids []int64, all bool, err error) {
	switch sel := sel.(type) {
	case *gen.LeadKeySelector:
		values, err := readKeys(sel)
		if err == nil && len(values) < len(sel.KeyValues.StringItem) {
			err = fault.Newf(fault.CodeBadParameter, "leadSelector/keyValues has %d keys: %d are allowed", len(sel.KeyValues.StringItem), maxSelectorKeys)
		}
		if err != nil {
			return nil, false, err
		}
		ids, err = s.withKeys(sel.KeyType, values)
		return ids, false, err
	case *gen.StaticListSelector:
		ids, err = s.chooseMembers(sel)
		return ids, false, err
	case *gen.LastUpdateAtSelector:
		// Who has an activity in the range was updated in it: the bounds say all.
		r, err := readRange(sel, unix(began))
		within.narrow(r)
		return nil, true, err
	}
	return nil, true, nil
}

// narrow leaves of a span what is in a range.
func (s *span) narrow(r updateRange) {
	if from := (entry{at: r.from}); s.since.compare(from) < 0 {
		s.since = from
	}
	if to := (entry{at: r.to + 1}); s.before.compare(to) > 0 {
		s.before = to
	}
}

// activeSince leaves of the chosen leads those with an activity since a moment.
func (s *Simulator) activeSince(text gen.DateTime, chosen []int64, all bool) ([]int64, error) {
	since, err := text.Time()
	if err != nil {
		return nil, badTime("activityCreatedAt", text)
	}
	active := s.updatedIn(updateRange{since.Unix(), math.MaxInt64 - 1})
	if all {
		return active, nil
	}
	is := func(id int64) bool { _, ok := slices.BinarySearch(active, id); return ok }
	return slices.DeleteFunc(slices.Clone(chosen), func(id int64) bool { return !is(id) }), nil
}

// appendRuns appends a run for each timeline that is wanted.
func (h history) appendRuns(runs []run, within span, wanted func(kind name) bool) []run {
	for part := range h.within(within, wanted) {
		runs = append(runs, run{head: part, left: len(part)})
	}
	return runs
}

// changeRecords returns records as answers show them, nil for none.
func (s *Simulator) changeRecords(page []entry) gen.Opt[gen.ArrayOfLeadChangeRecord] {
	if len(page) == 0 {
		return gen.None[gen.ArrayOfLeadChangeRecord]()
	}
	count := 0
	for _, e := range page {
		count += int(s.store.get(e.ref).count) + 1
	}
	attributes := make([]gen.Attribute, 0, count)
	list := make([]gen.LeadChangeRecord, len(page))
	for i, e := range page {
		r := s.store.get(e.ref)
		begin := len(attributes)
		attributes = s.appendAttributes(attributes, r, s.leads.all[r.lead])
		list[i] = s.changeRecord(r, slices.Clip(attributes[begin:]))
	}
	return gen.Some(gen.ArrayOfLeadChangeRecord{LeadChangeRecord: list})
}

// changeRecord has the form of the published samples: a campaign is absent where there
// is none.
func (s *Simulator) changeRecord(r *record, attributes []gen.Attribute) gen.LeadChangeRecord {
	out := gen.LeadChangeRecord{
		Id:                 gen.Some(r.id),
		MarketoGUID:        strconv.FormatInt(r.id, 10),
		ActivityDateTime:   r.dateTime(),
		ActivityType:       s.store.names.text(r.kind),
		MktgAssetName:      gen.Some(s.store.names.text(r.asset)),
		ActivityAttributes: gen.Some(gen.ArrayOfAttribute{Attribute: attributes}),
		MktPersonId:        s.leads.all[r.lead].text,
	}
	if campaign := s.store.names.text(r.campaign); campaign != "" {
		out.Campaign = gen.Some(campaign)
	}
	return out
}
