package leadsync

import (
	"context"
	"fmt"
	"iter"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// vast is a source of n records, and a copy of it, that holds none of them. The texts of a page
// share one array, as those of an answer do.
type vast struct {
	gen.Port
	store.Store
	n     int
	name  StreamName
	start time.Time
	live  uint64 // greatest heap that was seen
}

const vastPage = 1000

func (v *vast) String() string { return "vast" }

func (v *vast) Status(context.Context) (store.Status, error) {
	st := store.StreamStatus{Name: v.name, Query: store.Stream{Name: v.name}.Query(), Since: v.start, Complete: v.start.AddDate(0, 0, 25)}
	return store.Status{Leads: int64(v.n), Streams: []store.StreamStatus{st}}, nil
}

// measure looks at the heap, now and then.
func (v *vast) measure(i int) {
	if i%(v.n/4) < vastPage {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		v.live = max(v.live, m.HeapAlloc)
	}
}

// texts cuts n texts of one length out of one array.
func texts(length, n int, name func(i int) string) []string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%-*s", length, name(i))
	}
	all := b.String()
	list := make([]string, n)
	for i := range list {
		list[i] = all[i*length : (i+1)*length]
	}
	return list
}

// step is the time from one record to the next.
func (v *vast) step() time.Duration { return 24 * 24 * time.Hour / time.Duration(v.n) }

func (v *vast) change(i int, kind string) gen.LeadChangeRecord {
	return gen.LeadChangeRecord{
		Id: gen.Some(int64(i)), ActivityDateTime: gen.NewDateTime(v.start.Add(time.Duration(i) * v.step())), ActivityType: kind,
		MktPersonId: fmt.Sprint(1 + i%vastPage),
	}
}

// page returns the bounds of the page at a position, of the records from a time to another, and
// the position of the next page and how many follow.
func (v *vast) page(position string, from, to gen.Opt[gen.DateTime]) (first, end int, next string, left int) {
	last := v.n
	if _, err := fmt.Sscanf(position, "%d/%d", &first, &last); err != nil {
		first, last = v.index(from, 0), v.index(to, v.n)
	}
	end = min(first+vastPage, last)
	v.measure(first)
	return first, end, fmt.Sprintf("%d/%d", end, last), last - end
}

// index is that of the first record from a time on.
func (v *vast) index(at gen.Opt[gen.DateTime], otherwise int) int {
	t, err := at.Value.Time()
	if err != nil {
		return otherwise
	}
	return min(max(int((t.Sub(v.start)+v.step()-1)/v.step()), 0), v.n)
}

func (v *vast) GetLeadChanges(_ context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	at := in.StartPosition
	first, end, next, left := v.page(at.Offset.Or(""), at.OldestCreatedAt, at.LatestCreatedAt)
	kinds := texts(400, end-first, func(i int) string { return fmt.Sprintf("Type %d of %d", (first+i)%7, (first+i)/vastPage%20) })
	var list gen.ArrayOfLeadChangeRecord
	for i := range kinds {
		list.LeadChangeRecord = append(list.LeadChangeRecord, v.change(first+i, kinds[i]))
	}
	return &gen.SuccessGetLeadChanges{Result: &gen.ResultGetLeadChanges{
		LeadChangeRecordList: gen.Some(list), RemainingCount: int32(left),
		NewStartPosition: &gen.StreamPosition{Offset: gen.Some(next)},
	}}, nil
}

func (v *vast) Activities(ctx context.Context, _, _ time.Time) iter.Seq2[store.ActivityRow, error] {
	return func(yield func(store.ActivityRow, error) bool) {
		for page, err := range operations.New(v.silent()).Changes.Pages(ctx, v.start, nil) {
			for _, a := range asActivities(page.Items).activities {
				if !yield(store.NewActivityRow(a, 0), err) {
					return
				}
			}
		}
	}
}

func (v *vast) GetMultipleLeads(_ context.Context, in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	var updated gen.LastUpdateAtSelector // of all, if it is another one
	if selector, ok := in.LeadSelector.(*gen.LastUpdateAtSelector); ok {
		updated = *selector
	}
	first, end, next, left := v.page(in.StreamPosition.Or(""), gen.Some(updated.OldestUpdatedAt), updated.LatestUpdatedAt)
	mails := texts(100, end-first, func(i int) string { return fmt.Sprintf("lead%d@example.com", first+i) })
	var list gen.ArrayOfLeadRecord
	for i := range mails {
		id := int32((first+i)*7919%v.n) + 1 // in no order
		list.LeadRecord = append(list.LeadRecord, gen.LeadRecord{Id: gen.Some(id), Email: gen.Some(mails[i])})
	}
	return &gen.SuccessGetMultipleLeads{Result: &gen.ResultGetMultipleLeads{
		LeadRecordList: gen.Some(list), RemainingCount: int32(left), NewStreamPosition: next,
	}}, nil
}

func (v *vast) Leads(ctx context.Context) iter.Seq2[store.LeadRow, error] {
	return func(yield func(store.LeadRow, error) bool) {
		for lead, err := range operations.New(v.silent()).Leads.All(ctx, operations.InListID(1), nil) {
			if !yield(store.NewLeadRow(lead), err) {
				return
			}
		}
	}
}

// silent is the same source for the reading of the copy, and measures nothing of the other.
func (v *vast) silent() *vast { return &vast{n: v.n, name: v.name, start: v.start} }

// liveHeap is how much memory a comparison of n records holds at most.
func liveHeap(t *testing.T, name StreamName, n int) int64 {
	t.Helper()
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	v := &vast{n: n, name: name, start: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)}
	c := &Config{Port: v, Store: v, Streams: []Stream{{Name: name}}}
	result, err := Verify(t.Context(), c, nil)
	if err != nil || !result.Equal || result.Streams[0].Source != int64(n) || result.Streams[0].Copy != int64(n) {
		t.Fatalf("%d differences, error %v", len(result.Streams[0].Differences), err)
	}
	return int64(v.live) - int64(before.HeapAlloc)
}

// TestVerify_memory: what a comparison holds of a record is some hashes, an id and a digest at most, never a text
// of its page. It is not parallel: the heap is everybody's.
func TestVerify_memory(t *testing.T) { //nolint:paralleltest // see above
	if testing.Short() {
		t.Skip("it reads a hundred thousand records")
	}
	const small, large, most = 10_000, 40_000, 60 // bytes of a record: 60 MB of a million
	for _, name := range []StreamName{Activities, Leads} {
		few, many := liveHeap(t, name, small), liveHeap(t, name, large)
		t.Logf("%s: %d KB at %d, %d KB at %d", name, few>>10, small, many>>10, large)
		if per := float64(many-few) / (large - small); per > most {
			t.Errorf("%s: a record takes %.0f bytes, want at most %d", name, per, most)
		}
	}
}
