package operations

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/gen"
)

const opGetLeadActivity = "getLeadActivity"

// query checks the arguments and returns the stream of pages that they ask for. It makes no call. The options are
// copied with their slices, so that a program may change its own while it ranges over the pages.
func (a *Activities) query(key LeadKey, options *ActivityOptions) (*stream[Activity], error) {
	var o ActivityOptions
	if options != nil {
		o = *options
		o.Include, o.Exclude = slices.Clone(o.Include), slices.Clone(o.Exclude)
	}
	if err := cmp.Or(checkPort(a.port), key.Validate(), o.validate()); err != nil {
		return nil, opError(opGetLeadActivity, 0, err)
	}
	q := &stream[Activity]{op: opGetLeadActivity, fingerprint: o.fingerprint(key), mark: markOf(a.port), start: o.Start}
	if err := q.check("ActivityOptions.Start", o.Start); err != nil {
		return nil, opError(q.op, 0, err)
	}
	q.fetch = func(ctx context.Context, at Cursor) (Page[Activity], error) {
		return a.fetchActivities(ctx, o.request(key, at), q.fingerprint, o.OnUnreadable)
	}
	return q, nil
}

func (o *ActivityOptions) validate() error {
	if len(o.Include) > 0 && len(o.Exclude) > 0 {
		return &ArgumentError{"ActivityOptions.Exclude", errors.New(
			"is given together with Include; the service takes at most one of them")}
	}
	return cmp.Or(
		checkBatchSize("ActivityOptions.BatchSize", o.BatchSize, MaxActivityBatch),
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
	return fingerprint(appendSets(parts, set(o.Include), set(o.Exclude))...)
}

// fetchActivities makes one call and converts the page. An answer with fewer records than it says is refused as a
// whole: what is missing would be lost, as the next page begins after it.
func (a *Activities) fetchActivities(
	ctx context.Context, in *gen.ParamsGetLeadActivity, fingerprint uint64, onUnreadable func(*RecordError),
) (Page[Activity], error) {
	list, err := call(ctx, opGetLeadActivity, a.port.GetLeadActivity, in,
		func(out *gen.SuccessGetLeadActivity) *gen.LeadActivityList { return out.LeadActivityList })
	if err == nil {
		err = whole(list.ReturnCount, len(list.ActivityRecordList.Value.ActivityRecord))
	}
	if err != nil {
		return Page[Activity]{}, err
	}
	activities, err := convertRecords(list.ActivityRecordList.Value.ActivityRecord,
		func(r *gen.ActivityRecord) []gen.Attribute { return r.ActivityAttributes.Value.Attribute }, (*Activity).set, onUnreadable)
	if err != nil {
		return Page[Activity]{}, unreadable(err)
	}
	next := newCursor(opGetLeadActivity, fingerprint, list.NewStartPosition)
	return newPage(activities, next, list.RemainingCount), nil
}

func (o *ActivityOptions) request(key LeadKey, at Cursor) *gen.ParamsGetLeadActivity {
	in := &gen.ParamsGetLeadActivity{LeadKey: key.wire(), ActivityFilter: o.filter(), BatchSize: batchSize(o.BatchSize)}
	if !at.IsZero() {
		in.StartPosition = gen.Some(at.pos)
	}
	return in
}

// convertRecords converts the records of a page. Their attributes go into one array. A record
// that cannot be converted is left out if onUnreadable takes it; else it fails the page.
func convertRecords[R, T any](
	records []R, attributes func(*R) []gen.Attribute, set func(*T, *R, *attributeBlock) *RecordError, onUnreadable func(*RecordError),
) ([]T, error) {
	if len(records) == 0 {
		return nil, nil
	}
	total := 0
	for i := range records {
		total += len(attributes(&records[i]))
	}
	block := make(attributeBlock, 0, total)
	converted := make([]T, len(records))
	n := 0
	for i := range records {
		wrong := set(&converted[n], &records[i], &block)
		if wrong == nil {
			n++
			continue
		}
		wrong.Index = i
		if onUnreadable == nil {
			return nil, wrong
		}
		onUnreadable(wrong)
	}
	return converted[:n], nil
}

// whenAndWho reads what every record of an activity has to have.
func whenAndWho(dateTime gen.DateTime, person string) (at time.Time, lead int64, wrong *RecordError) {
	at, err := dateTime.Time()
	if err != nil {
		return at, 0, &RecordError{Field: "activityDateTime", Value: string(dateTime), Err: err}
	}
	lead, err = strconv.ParseInt(person, 10, 64)
	if err != nil {
		return at, 0, &RecordError{Field: "mktPersonId", Value: person, Err: errors.New("expected the number of a lead")}
	}
	return at, lead, nil
}

// set converts a record. Without a time or a lead an activity is of no use to anybody, so such a record is returned
// as an error that keeps it as it came; everything else may be missing.
func (a *Activity) set(r *gen.ActivityRecord, block *attributeBlock) *RecordError {
	at, lead, wrong := whenAndWho(r.ActivityDateTime, r.MktPersonId)
	if wrong != nil {
		wrong.keep(r.MarketoGUID, recordOfActivity(r))
		return wrong
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
		Attributes:      block.cutAt(at, r.ActivityAttributes.Value.Attribute),
	}
	return nil
}
