package crashtest

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// offsets is a port whose positions of getMultipleLeads are offsets, as those of the service were:
// a lead that changes or is merged while the pages are read leaves its place, and those behind it
// move up.
type offsets struct {
	gen.Port
	source *source
	page   int
	live   bool // counts what follows anew for each page, instead of going on from the first count
}

func (o *offsets) GetMultipleLeads(ctx context.Context, in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	selector, ok := in.LeadSelector.(*gen.LastUpdateAtSelector)
	if !ok {
		return o.Port.GetMultipleLeads(ctx, in)
	}
	from, err := selector.OldestUpdatedAt.Time()
	if err != nil {
		return nil, fault.New(fault.CodeBadParameter, "oldestUpdatedAt")
	}
	to, err := selector.LatestUpdatedAt.Value.Time()
	if err != nil {
		return nil, fault.New(fault.CodeBadParameter, "latestUpdatedAt")
	}
	ids := o.source.updatedIn(from, to)
	offset, left := 0, len(ids)
	if text := in.StreamPosition.Or(""); text != "" {
		var last, first, end int64
		if _, err := fmt.Sscanf(text, "id:%d:to:%d:tl:%d:os:%d:rc:%d", &last, &first, &end, &offset, &left); err != nil {
			return nil, fault.Newf(fault.CodeBadStreamPosition, "%q: %v", text, err)
		}
		if offset >= len(ids) {
			return nil, fault.New(fault.CodeStreamAtEnd, "no records are left")
		}
	}
	if o.live {
		left = len(ids) - offset
	}
	page := ids[offset:min(len(ids), offset+min(o.page, int(in.BatchSize.Or(int32(o.page)))))] //nolint:gosec // small
	left -= len(page)
	records, err := o.records(ctx, page, in.IncludeAttributes)
	if err != nil {
		return nil, err
	}
	result := &gen.ResultGetMultipleLeads{
		ReturnCount: int32(len(records)), RemainingCount: int32(max(left, 0)), //nolint:gosec // small
		LeadRecordList: gen.Some(gen.ArrayOfLeadRecord{LeadRecord: records}),
	}
	if left > 0 && len(page) > 0 {
		result.NewStreamPosition = fmt.Sprintf("id:%d:to:%d:tl:%d:os:%d:rc:%d", page[len(page)-1], from.Unix(), to.Unix(), offset+len(page), left)
	}
	return &gen.SuccessGetMultipleLeads{Result: result}, nil
}

// records are the leads of some ids, without those that have gone meanwhile.
func (o *offsets) records(ctx context.Context, ids []int64, fields gen.Opt[gen.ArrayOfString]) ([]gen.LeadRecord, error) {
	var all []gen.LeadRecord
	for some := range slices.Chunk(ids, min(o.page, 100)) {
		keys := make([]string, len(some))
		for i, id := range some {
			keys[i] = strconv.FormatInt(id, 10)
		}
		out, err := o.Port.GetMultipleLeads(ctx, &gen.ParamsGetMultipleLeads{
			LeadSelector:      &gen.LeadKeySelector{KeyType: gen.LeadKeyRefIDNUM, KeyValues: &gen.ArrayOfString{StringItem: keys}},
			IncludeAttributes: fields,
		})
		if err != nil {
			return nil, err
		}
		all = append(all, out.Result.LeadRecordList.Value.LeadRecord...)
	}
	return all, nil
}

// overlaps is a port whose pages of getLeadChanges begin with what the page before ended with.
type overlaps struct {
	gen.Port
	mu   sync.Mutex
	ends map[string][]gen.LeadChangeRecord // by the position that follows
}

func (o *overlaps) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	out, err := o.Port.GetLeadChanges(ctx, in)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	list := &out.Result.LeadChangeRecordList
	records := list.Value.LeadChangeRecord
	if in.StartPosition != nil {
		before := o.ends[in.StartPosition.Offset.Or("")]
		if len(before) > 0 {
			list.State = gen.Present
			list.Value.LeadChangeRecord = slices.Concat(before, records)
			out.Result.ReturnCount += int32(len(before)) //nolint:gosec // three at most
		}
	}
	if position := out.Result.NewStartPosition; position != nil && len(records) > 0 {
		o.ends[position.Offset.Or("")] = slices.Clone(records[max(0, len(records)-3):])
	}
	return out, nil
}

// noNumber is the id that stands for none on its way through the server, which keeps to the
// contract of 2_7: there an id is required. The service left it out all the same.
const noNumber = 4611686018427387904

// numbered gives every activity an id.
type numbered struct{ gen.Port }

func (n numbered) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	out, err := n.Port.GetLeadChanges(ctx, in)
	if err != nil {
		return nil, err
	}
	for i := range out.Result.LeadChangeRecordList.Value.LeadChangeRecord {
		r := &out.Result.LeadChangeRecordList.Value.LeadChangeRecord[i]
		if _, ok := r.Id.Get(); !ok {
			r.Id = gen.Some[int64](noNumber)
		}
	}
	return out, nil
}

func (n numbered) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	out, err := n.Port.GetLeadActivity(ctx, in)
	if err != nil {
		return nil, err
	}
	for i := range out.LeadActivityList.ActivityRecordList.Value.ActivityRecord {
		r := &out.LeadActivityList.ActivityRecordList.Value.ActivityRecord[i]
		if _, ok := r.Id.Get(); !ok {
			r.Id = gen.Some[int64](noNumber)
		}
	}
	return out, nil
}

// withoutNumbers takes noNumber out of the answers.
func withoutNumbers(next http.Handler) http.Handler {
	none := []byte("<id>" + strconv.FormatInt(noNumber, 10) + "</id>")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			next.ServeHTTP(w, r)
			return
		}
		r.Header.Del("Accept-Encoding")
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		for name, values := range answer.Header() {
			if name != "Content-Length" {
				w.Header()[name] = values
			}
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(bytes.ReplaceAll(answer.Body.Bytes(), none, nil)) // the reader may be gone
	})
}
