package store

// Tail is what reading has to remember of the last second that was read. A page, and so a commit, may end in the middle of a
// second; what follows in the same second on the next page has to be told apart from what came before the cut.
type Tail struct {
	Second int64          `json:"second"`          // Unix time
	Equal  map[string]int `json:"equal,omitempty"` // of activities without id and GUID, by digest
	// Seen are short hashes of the activities with an id and without a GUID, which Add notes.
	Seen []byte `json:"seen,omitempty"`
	// GUIDs reports whether an activity of the second had a GUID.
	GUIDs bool `json:"guids,omitempty"`
	// Merged are the leads that the history of the lead says were merged into it.
	Merged []int64 `json:"merged,omitempty"`
}

// MarkSize is the length of a mark, the short form of a Digest.
const MarkSize = 8

// maxMarks bounds Tail.Seen. A second with more activities is rare, and what is forgotten of it matters only
// if ids repeat in it too.
const maxMarks = 1 << 14

// MarkOf is a short hash of what an activity is known by and what it says.
func MarkOf(key string, d Digest) [MarkSize]byte {
	whole := sum(append(appendText(nil, key), d[:]...))
	return [MarkSize]byte(whole[:])
}

// Add remembers that an activity with this Digest was read. The key is the one that the activity was read with, which
// Commit may change. If a second has more than maxMarks activities, the first ones are forgotten.
func (t *Tail) Add(key string, d Digest) {
	mark := MarkOf(key, d)
	t.Seen = append(t.Seen, mark[:]...)
	t.Seen = t.Seen[max(0, len(t.Seen)-maxMarks*MarkSize):]
}

// Has reports whether Add noted an activity. Nil has none.
func (t *Tail) Has(key string, d Digest) bool {
	if t == nil {
		return false
	}
	mark := MarkOf(key, d)
	for i := 0; i+len(mark) <= len(t.Seen); i += len(mark) {
		if mark == [MarkSize]byte(t.Seen[i:]) {
			return true
		}
	}
	return false
}
