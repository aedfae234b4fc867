package exports

import (
	"slices"

	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/record"
)

// SmartLists are the saved searches for leads, in the order they were added. Whoever uses them
// holds the lock.
type SmartLists []record.SmartList

// Find returns the list of an id or, with 0, of a name; nil for none.
func (s SmartLists) Find(id int64, name string) *record.SmartList {
	for i, l := range s {
		if id != 0 && l.ID == id || id == 0 && name != "" && l.Name == name {
			return &s[i]
		}
	}
	return nil
}

// Add adds a list and returns its id: the next free one if it has none.
func (s *SmartLists) Add(l record.SmartList) (int64, error) {
	if l.ID == 0 {
		l.ID = 1
		for _, other := range *s {
			l.ID = max(l.ID, other.ID+1)
		}
	}
	switch {
	case l.Name == "":
		return 0, place.Wrong("name", "a smart list needs a name")
	case l.ID < 0 || s.Find(l.ID, "") != nil:
		return 0, place.Wrong("id", "the id %d is taken or negative", l.ID)
	}
	l.Members = slices.Clone(l.Members)
	*s = append(*s, l)
	return l.ID, nil
}

// Load adds several lists.
func (s *SmartLists) Load(lists []record.SmartList) error {
	for i, l := range lists {
		if _, err := s.Add(l); err != nil {
			return place.In(err, "smartLists[%d]", i)
		}
	}
	return nil
}

// Snapshot returns all lists; nil for none.
func (s SmartLists) Snapshot() []record.SmartList {
	list := slices.Clone(s)
	for i := range list {
		list[i].Members = slices.Clone(list[i].Members)
	}
	return list
}
