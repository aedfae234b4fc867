package operations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

const opGetLeadActivity = "getLeadActivity"

// activityQuery is a call with its arguments checked. It is not changed any more:
// iterators share it.
type activityQuery struct {
	port        gen.Port
	key         LeadKey
	o           ActivityOptions // a copy of the caller's
	fingerprint uint64
}

func newActivityQuery(port gen.Port, key LeadKey, o *ActivityOptions) (*activityQuery, error) {
	q := &activityQuery{port: port, key: key}
	if o != nil {
		q.o = *o
		q.o.Include, q.o.Exclude = slices.Clone(o.Include), slices.Clone(o.Exclude)
	}
	if err := cmp.Or(checkPort(port), key.Validate(), q.o.validate()); err != nil {
		return nil, opError(opGetLeadActivity, 0, err)
	}
	q.fingerprint = q.o.fingerprint(key)
	if err := q.o.Start.check("ActivityOptions.Start", opGetLeadActivity, q.fingerprint); err != nil {
		return nil, opError(opGetLeadActivity, 0, err)
	}
	return q, nil
}

func (o *ActivityOptions) validate() error {
	switch {
	case len(o.Include) > 0 && len(o.Exclude) > 0:
		return &ArgumentError{"ActivityOptions.Exclude", errors.New(
			"is given together with Include; the service takes at most one of them")}
	case o.BatchSize < 0 || o.BatchSize > MaxActivityBatch:
		return &ArgumentError{"ActivityOptions.BatchSize", fmt.Errorf(
			"is %d; a page has 1 to %d activities, and 0 leaves it to the service", o.BatchSize, MaxActivityBatch)}
	}
	return cmp.Or(
		checkActivityTypes("ActivityOptions.Include", o.Include),
		checkActivityTypes("ActivityOptions.Exclude", o.Exclude))
}

// filter is absent when all types are wanted.
func (o *ActivityOptions) filter() gen.Opt[gen.ActivityTypeFilter] {
	switch {
	case len(o.Include) > 0:
		return gen.Some(gen.ActivityTypeFilter{IncludeTypes: typeList(o.Include)})
	case len(o.Exclude) > 0:
		return gen.Some(gen.ActivityTypeFilter{ExcludeTypes: typeList(o.Exclude)})
	}
	return gen.Opt[gen.ActivityTypeFilter]{}
}

func typeList(types []ActivityType) gen.Opt[gen.ArrayOfActivityType] {
	list := make([]gen.ActivityType, len(types))
	for i, t := range types {
		list[i] = gen.ActivityType(t)
	}
	return gen.Some(gen.ArrayOfActivityType{ActivityType: list})
}

// fingerprint tells queries apart whose positions must not be mixed up. The order
// and repetition of types make no other query; nor does the size of the pages.
func (o *ActivityOptions) fingerprint(key LeadKey) uint64 {
	parts := []string{string(key.Type), key.Value}
	for _, list := range [][]ActivityType{o.Include, o.Exclude} {
		list = slices.Compact(slices.Sorted(slices.Values(list)))
		parts = append(parts, strconv.Itoa(len(list)))
		for _, t := range list {
			parts = append(parts, string(t))
		}
	}
	return fingerprint(parts...)
}

// page makes one call. The end of the stream comes as an empty page, so that the
// cursor of a last page can be asked again for what happened since.
func (q *activityQuery) page(ctx context.Context, at Cursor) (Page[Activity], error) {
	out, err := q.port.GetLeadActivity(ctx, q.request(at))
	if errors.Is(err, fault.ErrEndOfStream) {
		return Page[Activity]{Next: at}, nil
	}
	if err == nil && (out == nil || out.LeadActivityList == nil) {
		err = unreadable(errors.New("it has no leadActivityList"))
	}
	if err != nil {
		return Page[Activity]{}, opError(opGetLeadActivity, 1, err)
	}
	list := out.LeadActivityList
	activities, err := convertActivities(list.ActivityRecordList.Value.ActivityRecord)
	if err != nil {
		return Page[Activity]{}, opError(opGetLeadActivity, 1, unreadable(err))
	}
	next := newCursor(opGetLeadActivity, q.fingerprint, list.NewStartPosition)
	return newPage(activities, next, list.RemainingCount), nil
}

// request makes a message of its own for each call, as a port may keep or change it.
func (q *activityQuery) request(at Cursor) *gen.ParamsGetLeadActivity {
	in := &gen.ParamsGetLeadActivity{LeadKey: q.key.wire(), ActivityFilter: q.o.filter()}
	if q.o.BatchSize != 0 {
		in.BatchSize = gen.Some(int32(q.o.BatchSize)) //nolint:gosec // validate bounds it
	}
	if !at.IsZero() {
		in.StartPosition = gen.Some(at.pos)
	}
	return in
}

func convertActivities(records []gen.ActivityRecord) ([]Activity, error) {
	if len(records) == 0 {
		return nil, nil
	}
	total := 0
	for i := range records {
		total += len(records[i].ActivityAttributes.Value.Attribute)
	}
	block := make(attributeBlock, 0, total)
	activities := make([]Activity, len(records))
	for i := range records {
		if err := activities[i].set(&records[i], &block); err != nil {
			err.Index = i
			return nil, err
		}
	}
	return activities, nil
}

func (a *Activity) set(r *gen.ActivityRecord, block *attributeBlock) *RecordError {
	at, err := r.ActivityDateTime.Time()
	if err != nil {
		return &RecordError{Field: "activityDateTime", Value: string(r.ActivityDateTime), Err: err}
	}
	lead, err := strconv.ParseInt(r.MktPersonId, 10, 64)
	if err != nil {
		return &RecordError{Field: "mktPersonId", Value: r.MktPersonId, Err: errors.New("expected the number of a lead")}
	}
	id, hasID := r.Id.Get()
	*a = Activity{
		ID:              id,
		HasID:           hasID,
		GUID:            r.MarketoGUID,
		Time:            at,
		Type:            r.ActivityType,
		AssetName:       r.MktgAssetName.Or(""),
		Campaign:        r.Campaign.Or(""),
		LeadID:          lead,
		PersonName:      r.PersonName.Or(""),
		ForeignSysID:    r.ForeignSysId.Or(""),
		OrgName:         r.OrgName.Or(""),
		ForeignSysOrgID: r.ForeignSysOrgId.Or(""),
		Attributes:      block.cut(r.ActivityAttributes.Value.Attribute),
	}
	return nil
}
