package activity

import "github.com/mktows/mktows-go/simulator/internal/ordered"

// Timelines are the activities of many leads, for each type in the order of time. Reading
// a page looks at no record of another type or of another page. The zero value is empty.
type Timelines struct{ byType map[name]*ordered.Set }

func (t *Timelines) insert(kind name, e ordered.Entry) {
	if t.byType == nil {
		t.byType = make(map[name]*ordered.Set)
	}
	line, ok := t.byType[kind]
	if !ok {
		line = new(ordered.Set)
		t.byType[kind] = line
	}
	line.Insert(e)
}

func (t *Timelines) remove(kind name, e ordered.Entry) {
	if line, ok := t.byType[kind]; ok {
		line.Remove(e)
	}
}

// rows returns what the wanted types have in a span.
func (t *Timelines) rows(within ordered.Span, wants func(kind name) bool) []ordered.Run {
	var rows []ordered.Run
	for kind, line := range t.byType {
		if wants(kind) {
			rows = append(rows, line.Run(within))
		}
	}
	return rows
}
