package simulator

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
)

// maxActivities is the greatest page of getLeadActivity.
const maxActivities = 100

// GetLeadActivity returns a page of a lead's history, newest first (Marketo SOAP API,
// getLeadActivity; WSDL: ParamsGetLeadActivity).
//
// A page has up to batchSize records, 100 at most; without a batchSize, and with one
// of 0 or less, it is 100. remainingCount is exact unless [WithRoughCounts] is given.
//
// The first call has no startPosition, or one without an offset; its latestCreatedAt
// and oldestCreatedAt then bound the records, inclusively. The newStartPosition of an
// answer, passed back unchanged in a call with the same key and filter, gives the
// records that are older than the last one returned, however much later the call comes
// and whatever was added meanwhile: no record comes twice and none is left out. The
// reading stays with its lead, even if another one gets the same key.
//
// Of a position 20122 refuses an offset that is neither a number nor ID: and the id of a
// record that one of the leads with the key has and the filter lets through, and times
// between which that record does not lie; a number is taken for the end (20123). More
// cannot be noticed, because the published form ID:n has no room for a check: a position
// that was changed to another record of the same lead and filter goes on behind that one,
// and a position without the oldestCreatedAt of the first call goes on without it.
//
// Faults: 20101 without a lead key, 20102 for its type, 20103 and 20108 where no lead
// or no owner has it, 20107 for a type of activity that the schema lacks, 20110 for
// includeTypes together with excludeTypes, 20122 and 20123 for
// the position.
func (s *Simulator) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsGetLeadActivity)
	}
	defer s.view()()
	no, err := s.activityLead(in)
	if err != nil {
		return nil, err
	}
	f, err := readFilter(in.ActivityFilter.Or(gen.ActivityTypeFilter{}))
	if err != nil {
		return nil, err
	}
	list, err := s.activityPage(in, no, f)
	if err != nil {
		return nil, err
	}
	return &gen.SuccessGetLeadActivity{LeadActivityList: list}, nil
}

// activityLead returns the lead that a request is about: of several with the key the one
// added last, or the one that the reading has begun with, if it still has the key.
func (s *Simulator) activityLead(in *gen.ParamsGetLeadActivity) (leadNo, error) {
	all, err := s.leads.findAll(in.LeadKey)
	if err != nil {
		return 0, err
	}
	offset := strings.TrimSpace(in.StartPosition.Or(gen.StreamPosition{}).Offset.Or(""))
	if r, _, ok := s.positioned(offset); ok {
		if _, has := slices.BinarySearch(all, r.lead); has {
			return r.lead, nil
		}
	}
	return all[len(all)-1], nil
}

// activityPage makes the page of a request whose lead and filter are known.
func (s *Simulator) activityPage(in *gen.ParamsGetLeadActivity, no leadNo, f filter) (*gen.LeadActivityList, error) {
	start := in.StartPosition.Or(gen.StreamPosition{})
	wanted := f.wanted(&s.store.names)
	within, err := s.readPosition(start, no, wanted)
	if err != nil {
		return nil, err
	}
	l := s.leads.at(no)
	found, total := l.history.newest(s.pageSize(in.BatchSize, maxActivities), within, wanted)
	records := make([]*record, len(found))
	for i := range found {
		records[i] = s.store.get(found[i].Ref)
	}
	page := records[:s.dice.shorten(len(records), canBeEmpty(start))]
	list := &gen.LeadActivityList{
		ReturnCount:        int32(len(page)), //nolint:gosec // at most maxActivities
		RemainingCount:     s.remaining(total-len(page), f.oneType()),
		NewStartPosition:   endPosition(len(page)),
		ActivityRecordList: s.activityRecords(page, l),
	}
	if list.RemainingCount > 0 {
		list.NewStartPosition = s.nextPosition(start, page, records[0])
	}
	return list, nil
}

// canBeEmpty reports whether the position after an empty page can differ from the one
// before it, and mean the same: not where a first call has set latestCreatedAt.
func canBeEmpty(start gen.StreamPosition) bool {
	return start.Offset.Or("") != "" || start.LatestCreatedAt.State != gen.Present
}

// pageSize returns how many records a page has: what is asked for, up to the limit of
// the operation and that of the simulator.
func (s *Simulator) pageSize(batch gen.Opt[int32], limit int) int {
	limit = min(limit, s.pageLimit)
	if n := int(batch.Or(0)); n > 0 {
		return min(n, limit)
	}
	return limit
}

func (s *Simulator) remaining(n int, oneType bool) int32 {
	if s.rough && !oneType {
		n = min(n, 1)
	}
	return int32(min(n, math.MaxInt32)) //nolint:gosec // just bounded
}

// activityRecords returns records as answers show them, nil for none. All attributes
// lie in one array, and their texts in the store: a page costs few allocations.
func (s *Simulator) activityRecords(page []*record, l *lead) gen.Opt[gen.ArrayOfActivityRecord] {
	if len(page) == 0 {
		return gen.None[gen.ArrayOfActivityRecord]()
	}
	count := 0
	for _, r := range page {
		count += int(r.count) + 1
	}
	attributes := make([]gen.Attribute, 0, count)
	list := make([]gen.ActivityRecord, len(page))
	for i, r := range page {
		begin := len(attributes)
		attributes = s.appendAttributes(attributes, r, l)
		list[i] = s.activityRecord(r, l, slices.Clip(attributes[begin:]))
	}
	return gen.Some(gen.ArrayOfActivityRecord{ActivityRecord: list})
}

// activityRecord has the form of the published samples: the four names that only
// sales systems fill are nil, asset and campaign are empty where there is none.
func (s *Simulator) activityRecord(r *record, l *lead, attributes []gen.Attribute) gen.ActivityRecord {
	return gen.ActivityRecord{
		Id: gen.Some(r.id),
		// In the samples of the REST API, too, the GUID is the id in decimal.
		MarketoGUID:        strconv.FormatInt(r.id, 10),
		ActivityDateTime:   r.dateTime(),
		ActivityType:       s.store.names.text(r.kind),
		MktgAssetName:      gen.Some(s.store.names.text(r.asset)),
		ActivityAttributes: gen.Some(gen.ArrayOfAttribute{Attribute: attributes}),
		Campaign:           gen.Some(s.store.names.text(r.campaign)),
		PersonName:         gen.None[string](),
		MktPersonId:        l.text,
		ForeignSysId:       gen.None[string](),
		OrgName:            gen.None[string](),
		ForeignSysOrgId:    gen.None[string](),
	}
}

// appendAttributes appends the attributes of a record, Lead ID last.
func (s *Simulator) appendAttributes(list []gen.Attribute, r *record, l *lead) []gen.Attribute {
	hasLeadID := false
	for packed := r.attributes; packed != ""; {
		number, value, rest := nextAttribute(packed)
		text := s.store.names.text(number)
		hasLeadID = hasLeadID || text == attrLeadID
		list = append(list, gen.Attribute{AttrName: text, AttrType: gen.None[string](), AttrValue: value})
		packed = rest
	}
	if !hasLeadID {
		list = append(list, gen.Attribute{AttrName: attrLeadID, AttrType: gen.None[string](), AttrValue: l.text})
	}
	return list
}

// dateTime returns the record's time with its offset.
func (r *record) dateTime() gen.DateTime {
	return gen.NewDateTime(time.Unix(r.at, 0).In(r.zone()))
}

func (r *record) zone() *time.Location { return time.FixedZone("", int(r.offset)*60) }
