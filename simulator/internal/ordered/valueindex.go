package ordered

import (
	"strings"
	"sync"
)

// ValueIndex finds rows by the value that they have in a field. A field is entered when it
// is asked for the first time, for few ever are; from then on the owner of the rows keeps
// it up to date with add and drop. Those who read share the simulator's lock, so the index
// has its own for what the first question adds. Values are compared exactly, and an empty
// one is none. Use it by newValueIndex.
type ValueIndex struct {
	mu      sync.Mutex
	byField map[string]map[string]*Set // of entries whose at is the number of the row
}

// NewValueIndex returns an index that knows no field yet.
func NewValueIndex() *ValueIndex {
	return &ValueIndex{byField: make(map[string]map[string]*Set)}
}

// Rows returns the rows with a value, nil for none. If the field is not entered yet, each
// has to call its function with all rows.
func (x *ValueIndex) Rows(field, value string, each func(yield func(row int64, value string))) *Set {
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, entered := x.byField[field]; !entered {
		x.byField[strings.Clone(field)] = make(map[string]*Set)
		each(func(row int64, value string) { x.Add(field, value, row) })
	}
	return x.byField[field][value]
}

// Add enters the value of a row, if its field is asked for. An empty one is none.
func (x *ValueIndex) Add(field, value string, row int64) {
	values, entered := x.byField[field]
	if !entered || value == "" {
		return
	}
	rows := values[value]
	if rows == nil {
		rows = new(Set)
		values[strings.Clone(value)] = rows
	}
	rows.Insert(Entry{At: row})
}

// Drop is the reverse of add.
func (x *ValueIndex) Drop(field, value string, row int64) {
	rows := x.byField[field][value]
	if rows == nil {
		return
	}
	if rows.Remove(Entry{At: row}); rows.Len() == 0 {
		delete(x.byField[field], value)
	}
}

// Change enters another value of a row.
func (x *ValueIndex) Change(field, before, value string, row int64) {
	if before != value {
		x.Drop(field, before, row)
		x.Add(field, value, row)
	}
}

// Fields calls f with each field that is entered.
func (x *ValueIndex) Fields(f func(field string)) {
	for field := range x.byField {
		f(field)
	}
}
