package leadsync

import (
	"maps"
	"slices"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// twins makes rows of activities in the order in which they are read. It numbers those that are alike in
// everything and have neither GUID nor id, so that they get different keys, and remembers those that have an id,
// so that a store can tell what it was given before. Such activities lie in the same
// second, so only the last second is kept with a position. A source that is ordered by when it stored activities may
// give those of a second apart from each other: all numbers of a reading are remembered as long as it is not interrupted.
type twins struct {
	last  store.Tail
	equal map[string]int // of the reading, as Tail.Equal
}

func (t *twins) resume(at *store.Tail) {
	*t = twins{equal: map[string]int{}}
	if at != nil {
		t.last = cloned(at)
		maps.Copy(t.equal, at.Equal)
	}
}

func (t *twins) row(a operations.Activity) store.ActivityRow {
	row := store.NewActivityRow(a, 0)
	row.Merged = t.last.Merged
	if a.GUID != "" && !a.HasID {
		return row
	}
	if second := a.Time.Unix(); second != t.last.Second {
		t.last = store.Tail{Second: second, Merged: t.last.Merged}
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

// merge looks whether an activity tells which leads were merged into the one whose history is read. A history is
// read newest first, so that the merge comes before what moved with it.
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

// tail returns a copy of what is remembered.
func (t *twins) tail() *store.Tail {
	if len(t.last.Equal) == 0 && len(t.last.Seen) == 0 && len(t.last.Merged) == 0 {
		return nil
	}
	tail := cloned(&t.last)
	return &tail
}

func cloned(t *store.Tail) store.Tail {
	return store.Tail{Second: t.Second, Equal: maps.Clone(t.Equal), Seen: slices.Clone(t.Seen), Merged: t.Merged}
}
