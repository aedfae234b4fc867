package crashtest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// shown is how many rows of a difference are shown.
const shown = 5

// copied returns the rows of a store. Two with one key are an error.
func copied(ctx context.Context, dest store.Store) ([]store.ActivityRow, error) {
	var rows []store.ActivityRow
	keys := map[string]bool{}
	for row, err := range dest.Activities(ctx, time.Time{}, time.Time{}) {
		if err != nil {
			return nil, err
		}
		if keys[row.Key] {
			return nil, fmt.Errorf("the key %s occurs twice", row.Key)
		}
		keys[row.Key] = true
		rows = append(rows, row)
	}
	return rows, nil
}

// compare fails the test unless a store holds the wanted rows, and returns what it holds.
func compare(tb testing.TB, store store.Store, want []store.ActivityRow) []store.ActivityRow {
	tb.Helper()
	rows, err := copied(tb.Context(), store)
	if err != nil {
		tb.Fatal(err)
	}
	if diff := difference(rows, want); diff != "" {
		tb.Error(diff)
	}
	return rows
}

// difference tells how two multisets of rows differ; empty: they do not. Keys do not
// count.
func difference(got, want []store.ActivityRow) string {
	counts := make(map[string]int, len(want))
	for i := range want {
		counts[text(&want[i])]++
	}
	for i := range got {
		counts[text(&got[i])]--
	}
	maps.DeleteFunc(counts, func(_ string, n int) bool { return n == 0 })
	if len(counts) == 0 {
		return ""
	}
	var missing, extra []string
	for row, n := range counts {
		for range n {
			missing = append(missing, row)
		}
		for range -n {
			extra = append(extra, row)
		}
	}
	return fmt.Sprintf("%d rows, want %d\n%s%s", len(got), len(want), some("missing", missing), some("too many", extra))
}

// some shows the first rows of a list.
func some(title string, rows []string) string {
	slices.Sort(rows)
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %d\n", title, len(rows))
	for _, row := range rows[:min(shown, len(rows))] {
		fmt.Fprintf(&b, "\t%s\n", row)
	}
	return b.String()
}

// text is a row without its key, in full: a digest could hide what it leaves out. The
// order of attributes of different names does not count.
func text(r *store.ActivityRow) string {
	id := "-"
	if r.HasID {
		id = fmt.Sprint(r.ID)
	}
	attributes := slices.Clone(r.Attributes)
	slices.SortStableFunc(attributes, func(a, b operations.Attribute) int { return cmp.Compare(a.Name, b.Name) })
	var b strings.Builder
	fmt.Fprintf(&b, "%s lead %d %q id %s guid %q asset %q campaign %q person %q %q %q %q digest %s",
		r.Time.Format(time.RFC3339), r.LeadID, r.Type, id, r.GUID, r.AssetName, r.Campaign,
		r.PersonName, r.ForeignSysID, r.OrgName, r.ForeignSysOrgID, r.Digest)
	for _, a := range attributes {
		fmt.Fprintf(&b, " %s=%q", a.Name, a.Value)
	}
	return b.String()
}

// gone reports whether the copy says of a lead that the source no longer has it.
func gone(r *store.LeadRow) bool { return !r.GoneAt.IsZero() }
