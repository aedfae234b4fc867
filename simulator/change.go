package simulator

import (
	"context"
	"slices"
	"strconv"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
)

// maxChanges is the greatest page of getLeadChanges.
const maxChanges = 1000

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
	chosen, err := s.chooseChanges(in.LeadSelector, at, f)
	if err != nil {
		return nil, err
	}
	return &gen.SuccessGetLeadChanges{Result: s.changePage(in, at, f, chosen)}, nil
}

// changePage makes a page of the records that are chosen.
func (s *Simulator) changePage(in *gen.ParamsGetLeadChanges, at changePosition, f changeFilter, chosen changes) *gen.ResultGetLeadChanges {
	found := chosen.page(&s.store, s.pageSize(in.BatchSize, maxChanges))
	page, left, reached := found.entries, found.left, found.reached
	if n := s.dice.shorten(len(page), true); n < len(page) {
		left += len(page) - n
		page = page[:n]
		reached = lastEntry(page)
	}
	result := &gen.ResultGetLeadChanges{
		ReturnCount:          int32(len(page)), //nolint:gosec // at most maxChanges
		RemainingCount:       s.remaining(left, f.oneType()),
		NewStartPosition:     echoed(at.start, strconv.Itoa(len(page))),
		LeadChangeRecordList: s.changeRecords(page),
	}
	if result.RemainingCount > 0 {
		result.NewStartPosition.Offset.Value = at.after(reached, &s.store)
	}
	return result
}

// changeRecords returns records as answers show them, nil for none.
func (s *Simulator) changeRecords(page []ordered.Entry) gen.Opt[gen.ArrayOfLeadChangeRecord] {
	if len(page) == 0 {
		return gen.None[gen.ArrayOfLeadChangeRecord]()
	}
	count := 0
	for _, e := range page {
		count += int(s.store.get(e.Ref).count) + 1
	}
	attributes := make([]gen.Attribute, 0, count)
	list := make([]gen.LeadChangeRecord, len(page))
	for i, e := range page {
		r := s.store.get(e.Ref)
		begin := len(attributes)
		attributes = s.appendAttributes(attributes, r, s.leads.at(r.lead))
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
		MktPersonId:        s.leads.at(r.lead).text,
	}
	if campaign := s.store.names.text(r.campaign); campaign != "" {
		out.Campaign = gen.Some(campaign)
	}
	return out
}
