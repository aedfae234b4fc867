package leadsync

import (
	"slices"
	"testing"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// TestMerged_withoutStale: rows of a loser are dropped as far as a window with the winner's history reaches, and no further.
func TestMerged_withoutStale(t *testing.T) {
	t.Parallel()
	row := func(lead, second int64, merged ...int64) store.ActivityRow {
		r := store.NewActivityRow(operations.Activity{LeadID: lead, Time: time.Unix(second, 0), Type: "T"}, 0)
		r.Merged = merged
		return r
	}
	var m merged
	rows := []store.ActivityRow{row(2, 99), row(2, 100), row(2, 199), row(2, 200), row(3, 150)}
	asked := slices.Repeat([]int{m.noted()}, len(rows))
	if kept, _ := m.withoutStale(slices.Clone(rows), slices.Clone(asked)); len(kept) != len(rows) {
		t.Errorf("without a merge %d rows are kept", len(kept))
	}
	m.note(store.Window{To: time.Unix(200, 0)}, time.Unix(100, 0), []store.ActivityRow{row(1, 150, 2)})
	var kept []int64
	left, of := m.withoutStale(rows, asked)
	for _, r := range left {
		kept = append(kept, r.Time.Unix())
	}
	if !slices.Equal(kept, []int64{99, 200, 150}) || len(of) != len(left) {
		t.Errorf("the rows of the seconds %v are kept, and %d numbers; want 99, 200 and the other lead's 150", kept, len(of))
	}
}
