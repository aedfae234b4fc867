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
	"github.com/mktows/mktows-go/operations"
)

// vast is a source of n records, and a copy of it, that holds none of them. The texts of a page
// share one array, as those of an answer do.
type vast struct {
	gen.Port
	Store
	n     int
	name  StreamName
	start time.Time
	live  uint64 // greatest heap that was seen
}

const vastPage = 1000

func (v *vast) String() string { return "vast" }

func (v *vast) Status(context.Context) (Status, error) {
	st := StreamStatus{Name: v.name, Query: Stream{Name: v.name}.Query(), Since: v.start, Complete: v.start.AddDate(0, 0, 25)}
	return Status{Leads: int64(v.n), Streams: []StreamStatus{st}}, nil
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

func (v *vast) change(i int, kind string) gen.LeadChangeRecord {
	at := v.start.Add(time.Duration(i) * (24 * 24 * time.Hour / time.Duration(v.n)))
	return gen.LeadChangeRecord{
		Id: gen.Some(int64(i)), ActivityDateTime: gen.NewDateTime(at), ActivityType: kind, MktPersonId: fmt.Sprint(1 + i%vastPage),
	}
}

func (v *vast) GetLeadChanges(_ context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	from := 0
	if text, ok := in.StartPosition.Offset.Get(); ok {
		_, _ = fmt.Sscan(text, &from)
	}
	v.measure(from)
	kinds := texts(400, vastPage, func(i int) string { return fmt.Sprintf("Type %d of %d", i%7, from/vastPage%20) })
	var list gen.ArrayOfLeadChangeRecord
	for i := range kinds {
		list.LeadChangeRecord = append(list.LeadChangeRecord, v.change(from+i, kinds[i]))
	}
	next := from + vastPage
	return &gen.SuccessGetLeadChanges{Result: &gen.ResultGetLeadChanges{
		LeadChangeRecordList: gen.Some(list), RemainingCount: int32(v.n - next),
		NewStartPosition: &gen.StreamPosition{Offset: gen.Some(fmt.Sprint(next))},
	}}, nil
}

func (v *vast) Activities(ctx context.Context, _, _ time.Time) iter.Seq2[ActivityRow, error] {
	return func(yield func(ActivityRow, error) bool) {
		for page, err := range operations.New(v.silent()).Activities.ChangePages(ctx, v.start, nil) {
			for i := range page.Items {
				if !yield(NewActivityRow(asActivity(&page.Items[i]), 0), err) {
					return
				}
			}
		}
	}
}

func (v *vast) GetMultipleLeads(_ context.Context, in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	from := 0
	if text, ok := in.StreamPosition.Get(); ok {
		_, _ = fmt.Sscan(text, &from)
	}
	v.measure(from)
	mails := texts(100, vastPage, func(i int) string { return fmt.Sprintf("lead%d@example.com", from+i) })
	var list gen.ArrayOfLeadRecord
	for i := range mails {
		id := int32((from+i)*7919%v.n) + 1 // in no order
		list.LeadRecord = append(list.LeadRecord, gen.LeadRecord{Id: gen.Some(id), Email: gen.Some(mails[i])})
	}
	next := from + vastPage
	return &gen.SuccessGetMultipleLeads{Result: &gen.ResultGetMultipleLeads{
		LeadRecordList: gen.Some(list), RemainingCount: int32(v.n - next), NewStreamPosition: fmt.Sprint(next),
	}}, nil
}

func (v *vast) Leads(ctx context.Context) iter.Seq2[LeadRow, error] {
	return func(yield func(LeadRow, error) bool) {
		for lead, err := range operations.New(v.silent()).Leads.All(ctx, operations.InListID(1), nil) {
			if !yield(NewLeadRow(lead), err) {
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
	result, err := Verify(t.Context(), c, VerifyOptions{})
	if err != nil || !result.Equal || result.Streams[0].Source != int64(n) || result.Streams[0].Copy != int64(n) {
		t.Fatalf("%d differences, error %v", len(result.Streams[0].Differences), err)
	}
	return int64(v.live) - int64(before.HeapAlloc)
}

// TestVerify_memory: what a comparison holds of a record is some hashes, an id and a digest at most, never a text
// of its page. It is not parallel: the heap is everybody's.
func TestVerify_memory(t *testing.T) { //nolint:paralleltest // see above
	if testing.Short() {
		t.Skip("it reads two hundred thousand records")
	}
	const small, large, most = 20_000, 100_000, 60 // bytes of a record: 60 MB of a million
	for _, name := range []StreamName{Activities, Leads} {
		few, many := liveHeap(t, name, small), liveHeap(t, name, large)
		t.Logf("%s: %d KB at %d, %d KB at %d", name, few>>10, small, many>>10, large)
		if per := float64(many-few) / (large - small); per > most {
			t.Errorf("%s: a record takes %.0f bytes, want at most %d", name, per, most)
		}
	}
}
