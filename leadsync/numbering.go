package leadsync

import (
	"maps"
	"slices"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// twins turns activities into rows, in the order in which they are read. Twins are activities that are equal in
// everything and have neither GUID nor id; they are numbered here, so that each gets a key of its own. It also
// remembers the activities with an id, so that a store can tell what it was given before in the same reading.
//
// Equal activities are of the same second, so only the last second is stored with a position. A source that orders
// activities by when it stored them may put those of one second apart from each other; for that, all numbers are kept
// for as long as a reading is not interrupted.
type twins struct {
	last  store.Tail
	equal map[string]int // of the reading, as Tail.Equal
}

// resume begins a reading, or goes on with one from what was stored with its position.
func (t *twins) resume(at *store.Tail) {
	*t = twins{equal: map[string]int{}}
	if at != nil {
		t.last = cloned(at)
		maps.Copy(t.equal, at.Equal)
	}
}

// row returns the row of an activity and remembers what later ones have to be compared with.
func (t *twins) row(a operations.Activity) store.ActivityRow {
	row := store.NewActivityRow(a, 0)
	row.Merged = t.last.Merged
	if second := a.Time.Unix(); second != t.last.Second {
		t.last = store.Tail{Second: second, Merged: t.last.Merged}
	}
	t.last.GUIDs = t.last.GUIDs || a.GUID != ""
	if a.GUID != "" && !a.HasID {
		return row
	}
	if a.GUID != "" { // its row is none that an activity without one may take the place of
		t.last.Add(store.RecordKey(&a, 1), row.Digest)
		return row
	}
	if store.HasOwnKey(&a) {
		t.last.Add(row.Key, row.Digest)
		return row
	}
	digest := row.Digest.String()
	row.NumberAmongEqual(t.equal[digest])
	t.equal[digest]++
	if t.last.Equal == nil {
		t.last.Equal = map[string]int{}
	}
	t.last.Equal[digest] = t.equal[digest]
	return row
}

// merge notes the leads that an activity reports as merged into the one whose history is read. Histories are read
// newest first, so the merge comes before the records that moved with it.
func (t *twins) merge(a *operations.Activity) {
	losers := losersOf(a)
	if len(losers) == 0 {
		return
	}
	merged := slices.Clone(t.last.Merged) // rows have the old one
	for _, id := range losers {
		if !slices.Contains(merged, id) {
			merged = append(merged, id)
		}
	}
	t.last.Merged = merged
}

// tail returns a copy of what has to be stored with a position, or nil if there is nothing.
func (t *twins) tail() *store.Tail {
	if len(t.last.Equal) == 0 && len(t.last.Seen) == 0 && len(t.last.Merged) == 0 {
		return nil
	}
	tail := cloned(&t.last)
	return &tail
}

// cloned returns a copy that later activities do not change. Merged is shared, since merge replaces it and never
// changes it.
func cloned(t *store.Tail) store.Tail {
	return store.Tail{Second: t.Second, Equal: maps.Clone(t.Equal), Seen: slices.Clone(t.Seen), GUIDs: t.GUIDs, Merged: t.Merged}
}
