// Package folders is the table of the folders that assets lie in.
package folders

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// Table holds the folders. Make it with [New]. Whoever uses it holds the lock; those who only
// read may share it.
type Table struct {
	now    func() time.Time
	byID   map[int64]record.Folder // as they are shown: with times, type and workspace
	lastID int64
}

// New returns an empty table with a clock.
func New(now func() time.Time) *Table { return &Table{now: now, byID: make(map[int64]record.Folder)} }

// Add adds a folder and returns its id. The error says, with its place, that the name is missing,
// that the id is taken, that there is no such parent, or that a time cannot be read.
func (t *Table) Add(f record.Folder) (int64, error) {
	_, taken := t.byID[f.ID]
	_, hasParent := t.byID[f.Parent]
	f.ID = cmp.Or(f.ID, t.lastID+1)
	switch {
	case f.Name == "":
		return 0, place.Wrong("name", "a folder needs a name")
	case taken || f.ID < 1 || f.ID > math.MaxInt32:
		return 0, place.Wrong("id", "the id %d is taken or outside 1 to %d", f.ID, math.MaxInt32)
	case f.Parent != 0 && !hasParent:
		return 0, place.Wrong("parent", "there is no folder %d: add it first", f.Parent)
	}
	created, err := servicetime.Parse("created", f.Created, t.now())
	if err != nil {
		return 0, err
	}
	updated, err := servicetime.Parse("updated", f.Updated, created)
	if err != nil {
		return 0, err
	}
	f.Created, f.Updated = servicetime.Text(created), servicetime.Text(updated)
	f.Type, f.Workspace, f.Tokens = cmp.Or(f.Type, "Marketing Folder"), cmp.Or(f.Workspace, "Default"), slices.Clone(f.Tokens)
	t.byID[f.ID] = f
	t.lastID = max(t.lastID, f.ID)
	return f.ID, nil
}

// Find returns the folder of an id.
func (t *Table) Find(id int64) (record.Folder, bool) {
	f, ok := t.byID[id]
	return f, ok
}

// Named returns the folders of a name, by id.
func (t *Table) Named(name string) []record.Folder {
	return slices.DeleteFunc(t.all(), func(f record.Folder) bool { return f.Name != name })
}

// Path returns where a folder lies, from the root on: /Marketing Activities/Default.
func (t *Table) Path(f record.Folder) string {
	if f.Parent == 0 {
		return "/" + f.Name
	}
	return t.Path(t.byID[f.Parent]) + "/" + f.Name
}

func (t *Table) all() []record.Folder {
	return slices.SortedFunc(maps.Values(t.byID), func(a, b record.Folder) int { return cmp.Compare(a.ID, b.ID) })
}

// Load fills an empty table. A parent comes before its folders.
func (t *Table) Load(folders []record.Folder) error {
	for i, f := range folders {
		t.lastID = max(t.lastID, min(f.ID, math.MaxInt32))
		if _, err := t.Add(f); err != nil {
			return place.In(err, "folders[%d]", i)
		}
	}
	return nil
}

// Snapshot returns all folders, each after its parent, as Load expects them; nil for none.
func (t *Table) Snapshot() []record.Folder {
	var list []record.Folder
	done := make(map[int64]bool)
	for left := t.all(); len(left) > 0; {
		left = slices.DeleteFunc(left, func(f record.Folder) bool {
			if f.Parent != 0 && !done[f.Parent] {
				return false
			}
			f.Tokens = slices.Clone(f.Tokens)
			list, done[f.ID] = append(list, f), true
			return true
		})
	}
	return list
}
