package leadsync

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/operations"
)

// markSize is the length of what is remembered of an activity with an id.
const markSize = 8

// maxMarks bounds a Tail. A second with more activities is rare, and what is forgotten of it matters only
// if ids repeat in it too.
const maxMarks = 1 << 14

// twins makes rows of activities in the order in which they are read. It numbers those that are alike in
// everything and have neither GUID nor id, so that they get different keys, and remembers those that have an id
// but no GUID, so that a store can tell what it was given before. Such activities lie in the same
// second, and activities come in the order of time, so only the last second is remembered.
type twins struct {
	second int64
	equal  map[string]int
	seen   []byte
	merged []int64 // into the lead whose history is read
}

func (t *twins) resume(at *Tail) {
	*t = twins{}
	if at != nil {
		*t = twins{second: at.Second, equal: maps.Clone(at.Equal), seen: slices.Clone(at.Seen), merged: at.Merged}
	}
}

func (t *twins) row(a operations.Activity) ActivityRow {
	row := NewActivityRow(a, 0)
	row.Merged = t.merged
	if a.GUID != "" {
		return row
	}
	if second := a.Time.Unix(); second != t.second {
		t.second, t.equal, t.seen = second, nil, nil
	}
	if a.HasID {
		mark := markOf(row.Key, row.Digest)
		t.seen = append(t.seen, mark[:]...)
		t.seen = t.seen[max(0, len(t.seen)-maxMarks*markSize):]
		return row
	}
	digest := row.Digest.String()
	row.Key = activityKey(&row.Activity, row.Digest, t.equal[digest])
	if t.equal == nil {
		t.equal = map[string]int{}
	}
	t.equal[digest]++
	return row
}

// markOf is a short hash of what an activity is known by and what it says.
func markOf(key string, d Digest) [markSize]byte {
	whole := sum(append(appendText(nil, key), d[:]...))
	return [markSize]byte(whole[:])
}

// merge looks whether an activity tells which leads were merged into the one whose history is read. A history is
// read newest first, so that the merge comes before what moved with it.
func (t *twins) merge(a *operations.Activity) {
	if a.Type != operations.ActivityMergeLeads.Name() {
		return
	}
	ids, _ := a.Attributes.Get("Merge IDs") // the ids of the others, such as 101,102
	merged := slices.Clone(t.merged)        // rows have the old one
	for _, text := range strings.FieldsFunc(ids, func(r rune) bool { return r < '0' || r > '9' }) {
		if id, err := strconv.ParseInt(text, 10, 64); err == nil && !slices.Contains(merged, id) {
			merged = append(merged, id)
		}
	}
	t.merged = merged
}

// tail returns a copy of what is remembered.
func (t *twins) tail() *Tail {
	if len(t.equal) == 0 && len(t.seen) == 0 && len(t.merged) == 0 {
		return nil
	}
	return &Tail{Second: t.second, Equal: maps.Clone(t.equal), Seen: slices.Clone(t.seen), Merged: t.merged}
}
