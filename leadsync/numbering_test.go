package leadsync

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// resumed returns the twins that go on after a position was stored and read again.
func resumed(t *testing.T, before *twins) *twins {
	t.Helper()
	p, err := parsePosition(position{Cursor: "x", Tail: before.tail()}.text())
	if err != nil {
		t.Fatal(err)
	}
	var after twins
	after.resume(p.Tail)
	return &after
}

func sample() operations.Activity {
	return operations.Activity{
		LeadID: 318815, Time: at("2026-03-08T01:59:59-06:00"), Type: "Visit Webpage", AssetName: "Pricing",
		Attributes: operations.Attributes{{Name: "B", Value: "2"}, {Name: "A", Value: "1"}, {Name: "B", Value: "3"}},
	}
}

func TestTwins(t *testing.T) {
	t.Parallel()
	second := sample()
	second.Time = second.Time.Add(time.Second)
	activities := []operations.Activity{sample(), sample(), sample(), second, second}
	var all twins
	all.resume(nil)
	var want []string
	for _, a := range activities {
		want = append(want, all.row(a).Key)
	}
	if unique := slices.Compact(slices.Sorted(slices.Values(want))); len(unique) != len(want) {
		t.Errorf("keys %v; want different ones", want)
	}
	for stop := range len(activities) + 1 {
		before := &twins{equal: map[string]int{}}
		for i, a := range activities {
			if i == stop {
				before = resumed(t, before)
			}
			if got := before.row(a).Key; got != want[i] {
				t.Errorf("interrupted after %d rows: key %d is %q, want %q", stop, i, got, want[i])
			}
		}
	}
}

// TestTwins_seen: what has an id and no GUID is remembered, within its second, over pages and commits.
func TestTwins_seen(t *testing.T) {
	t.Parallel()
	first, second, guid, later := sample(), sample(), sample(), sample()
	for _, a := range []*operations.Activity{&first, &second, &guid, &later} {
		a.ID, a.HasID = 17, true
	}
	second.AssetName, guid.GUID, later.Time = "other", "5f3c", later.Time.Add(time.Second)
	tw := &twins{equal: map[string]int{}}
	var rows []store.ActivityRow
	for _, a := range []operations.Activity{first, second, guid} {
		rows = append(rows, tw.row(a))
		tw = resumed(t, tw)
	}
	other := store.NewActivityRow(first, 0)
	other.Key = store.RecordKey(&first, 2)
	for i, c := range []struct {
		row  store.ActivityRow
		want bool
	}{{rows[0], true}, {rows[1], true}, {rows[2], false}, {other, false}, {store.NewActivityRow(sample(), 0), false}} {
		if got := tw.tail().Has(c.row.Key, c.row.Digest); got != c.want {
			t.Errorf("%d: Has is %v; want %v", i, got, c.want)
		}
	}
	row := tw.row(later)
	if tail := tw.tail(); tail.Has(rows[0].Key, rows[0].Digest) || !tail.Has(row.Key, row.Digest) || len(tail.Seen) != store.MarkSize {
		t.Errorf("in the next second the tail is %+v", tail)
	}
	if (*store.Tail)(nil).Has(row.Key, row.Digest) {
		t.Error("there is something in no tail")
	}
}

// maxMarks is how many activities a [store.Tail] remembers.
const maxMarks = 1 << 14

// TestTwins_bounded: a second of any size costs a bounded position; what came last is remembered.
func TestTwins_bounded(t *testing.T) {
	t.Parallel()
	tw := twins{equal: map[string]int{}}
	a := sample()
	a.HasID = true
	for range maxMarks + 5 {
		a.ID++
		tw.row(a)
	}
	tail := tw.tail()
	if len(tail.Seen) != maxMarks*store.MarkSize {
		t.Errorf("%d bytes are remembered", len(tail.Seen))
	}
	for id, want := range map[int64]bool{1: false, 5: false, 6: true, maxMarks + 5: true} {
		a.ID = id
		if row := store.NewActivityRow(a, 0); tail.Has(row.Key, row.Digest) != want {
			t.Errorf("%d: remembered is %v", id, !want)
		}
	}
}

func TestTwins_merge(t *testing.T) {
	t.Parallel()
	merge := func(ids string) *operations.Activity {
		return &operations.Activity{Type: "Merge Leads", Attributes: operations.Attributes{{Name: "Merge IDs", Value: ids}}}
	}
	tw := &twins{equal: map[string]int{}}
	none := tw.row(sample())
	tw.merge(merge("101,102"))
	two := tw.row(sample())
	tw.merge(&operations.Activity{Type: "Visit Webpage", Attributes: merge("7").Attributes})
	tw.merge(merge("[102, 103]"))
	tw.merge(merge(""))
	three := resumed(t, tw).row(sample())
	if got := fmt.Sprint(none.Merged, two.Merged, three.Merged); got != "[] [101 102] [101 102 103]" {
		t.Errorf("merged are %s", got)
	}
	tw.resume(nil) // the next lead
	if row := tw.row(sample()); len(row.Merged) > 0 {
		t.Errorf("into the next lead are merged %v", row.Merged)
	}
}
