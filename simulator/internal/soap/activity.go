package soap

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/leads"
)

// maxActivities is the greatest page of getLeadActivity.
const maxActivities = 100

// GetLeadActivity returns a page of a lead's history.
func (s Service) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsGetLeadActivity)
	}
	defer s.View()()
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

// activityLead returns the lead that a request is about. If several leads have the key it is the one added last, or,
// on later pages, the one that the reading has begun with, as long as that still has the key: a page of another
// lead's history in the middle would be nonsense.
func (s Service) activityLead(in *gen.ParamsGetLeadActivity) (leads.No, error) {
	all, err := s.findAll(in.LeadKey)
	if err != nil {
		return 0, err
	}
	offset := strings.TrimSpace(in.StartPosition.Or(gen.StreamPosition{}).Offset.Or(""))
	if r, _, ok := s.positioned(offset); ok {
		if _, has := slices.BinarySearch(all, r.Lead()); has {
			return r.Lead(), nil
		}
	}
	return all[len(all)-1], nil
}

// activityPage makes the page of a request whose lead and filter are known.
func (s Service) activityPage(in *gen.ParamsGetLeadActivity, no leads.No, f activity.Filter) (*gen.LeadActivityList, error) {
	start := in.StartPosition.Or(gen.StreamPosition{})
	within, err := s.readPosition(start, no, f)
	if err != nil {
		return nil, err
	}
	records, total := s.Activities.Newest(no, s.PageSize(in.BatchSize.Or(0), maxActivities), within, f)
	page := records[:s.Shorten(len(records), canBeEmpty(start))]
	list := &gen.LeadActivityList{
		ReturnCount:        int32(len(page)), //nolint:gosec // at most maxActivities
		RemainingCount:     s.Remaining(total-len(page), f.OneType()),
		NewStartPosition:   endPosition(len(page)),
		ActivityRecordList: s.activityRecords(page, s.Leads.Lead(no)),
	}
	if list.RemainingCount > 0 {
		list.NewStartPosition = s.nextPosition(start, page, records[0])
	}
	return list, nil
}

// canBeEmpty reports whether an empty page is possible here. The position after it has to differ from the one before
// and mean the same; after a first call, which sets latestCreatedAt, no such position can be made.
func canBeEmpty(start gen.StreamPosition) bool {
	return start.Offset.Or("") != "" || start.LatestCreatedAt.State != gen.Present
}

// readFilter checks a filter. A list without types counts as absent; both lists with
// types are fault 20110, a value outside the schema is 20107.
func readFilter(f gen.ActivityTypeFilter) (activity.Filter, error) {
	in, ex := f.IncludeTypes.Or(gen.ArrayOfActivityType{}), f.ExcludeTypes.Or(gen.ArrayOfActivityType{})
	read := activity.Filter{Include: in.ActivityType, Exclude: ex.ActivityType}
	for _, t := range slices.Concat(read.Include, read.Exclude) {
		if !t.Valid() {
			return activity.Filter{}, fault.Newf(fault.CodeActivityKeyBad, "activityFilter: %q is not an activity type", t)
		}
	}
	if len(read.Include) > 0 && len(read.Exclude) > 0 {
		return activity.Filter{}, fault.New(fault.CodeBadParameter,
			"activityFilter has both includeTypes and excludeTypes: only one of them is allowed")
	}
	return read, nil
}

// attrLeadID is the attribute that ends the list of every activity.
const attrLeadID = "Lead ID"

// activityRecords returns records as answers show them, nil for none.
func (s Service) activityRecords(page []*activity.Record, l *leads.Row) gen.Opt[gen.ArrayOfActivityRecord] {
	if len(page) == 0 {
		return gen.NilOf[gen.ArrayOfActivityRecord]()
	}
	return gen.Some(gen.ArrayOfActivityRecord{ActivityRecord: shown(s, page,
		func(*activity.Record) *leads.Row { return l }, s.activityRecord)})
}

// shown converts the records of a page into what answers show. All attributes of the page lie in one array and their
// texts stay in the store, so a page takes few allocations.
func shown[T any](s Service, page []*activity.Record, lead func(*activity.Record) *leads.Row,
	record func(*activity.Record, *leads.Row, []gen.Attribute) T,
) []T {
	count := 0
	for _, r := range page {
		count += r.Count() + 1
	}
	attributes := make([]gen.Attribute, 0, count)
	list := make([]T, len(page))
	for i, r := range page {
		begin, l := len(attributes), lead(r)
		attributes = s.appendAttributes(attributes, r, l)
		list[i] = record(r, l, slices.Clip(attributes[begin:]))
	}
	return list
}

// activityRecord has the form of the published samples: the four names that only
// sales systems fill are nil, asset and campaign are empty where there is none.
func (s Service) activityRecord(r *activity.Record, l *leads.Row, attributes []gen.Attribute) gen.ActivityRecord {
	return gen.ActivityRecord{
		Id: gen.Some(r.ID()),
		// In the samples of the REST API, too, the GUID is the id in decimal.
		MarketoGUID:        strconv.FormatInt(r.ID(), 10),
		ActivityDateTime:   gen.NewDateTime(r.Time()),
		ActivityType:       s.Activities.Type(r),
		MktgAssetName:      gen.Some(s.Activities.Asset(r)),
		ActivityAttributes: gen.Some(gen.ArrayOfAttribute{Attribute: attributes}),
		Campaign:           gen.Some(s.Activities.Campaign(r)),
		PersonName:         gen.NilOf[string](),
		MktPersonId:        l.Text(),
		ForeignSysId:       gen.NilOf[string](),
		OrgName:            gen.NilOf[string](),
		ForeignSysOrgId:    gen.NilOf[string](),
	}
}

// appendAttributes appends the attributes of a record, Lead ID last.
func (s Service) appendAttributes(list []gen.Attribute, r *activity.Record, l *leads.Row) []gen.Attribute {
	hasLeadID := false
	for name, value := range s.Activities.Attributes(r) {
		hasLeadID = hasLeadID || name == attrLeadID
		list = append(list, gen.Attribute{AttrName: name, AttrType: gen.NilOf[string](), AttrValue: value})
	}
	if !hasLeadID {
		list = append(list, gen.Attribute{AttrName: attrLeadID, AttrType: gen.NilOf[string](), AttrValue: l.Text()})
	}
	return list
}
