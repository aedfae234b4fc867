package simulator

import (
	"strings"
	"sync"
)

// valueIndex finds rows by the value that they have in a field. A field is entered when it
// is asked for the first time, for few ever are; from then on the owner of the rows keeps
// it up to date with add and drop. Those who read share the simulator's lock, so the index
// has its own for what the first question adds. Values are compared exactly, and an empty
// one is none. Use it by newValueIndex.
type valueIndex struct {
	mu      sync.Mutex
	byField map[string]map[string]*ordered // of entries whose at is the number of the row
}

func newValueIndex() *valueIndex {
	return &valueIndex{byField: make(map[string]map[string]*ordered)}
}

// rows returns the rows with a value, nil for none. If the field is not entered yet, each
// has to call its function with all rows.
func (x *valueIndex) rows(field, value string, each func(yield func(row int64, value string))) *ordered {
	x.mu.Lock()
	defer x.mu.Unlock()
	if _, entered := x.byField[field]; !entered {
		x.byField[strings.Clone(field)] = make(map[string]*ordered)
		each(func(row int64, value string) { x.add(field, value, row) })
	}
	return x.byField[field][value]
}

// add enters the value of a row, if its field is asked for. An empty one is none.
func (x *valueIndex) add(field, value string, row int64) {
	values, entered := x.byField[field]
	if !entered || value == "" {
		return
	}
	rows := values[value]
	if rows == nil {
		rows = new(ordered)
		values[strings.Clone(value)] = rows
	}
	rows.insert(entry{at: row})
}

// drop is the reverse of add.
func (x *valueIndex) drop(field, value string, row int64) {
	rows := x.byField[field][value]
	if rows == nil {
		return
	}
	if rows.remove(entry{at: row}); rows.len() == 0 {
		delete(x.byField[field], value)
	}
}

// change enters another value of a row.
func (x *valueIndex) change(field, before, value string, row int64) {
	if before != value {
		x.drop(field, before, row)
		x.add(field, value, row)
	}
}

// fields calls f with each field that is entered.
func (x *valueIndex) fields(f func(field string)) {
	for field := range x.byField {
		f(field)
	}
}
