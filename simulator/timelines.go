package simulator

import "github.com/mktows/mktows-go/simulator/internal/ordered"

// timelines are the activities of many leads, for each type in the order of time. Reading
// a page looks at no record of another type or of another page. The zero value is empty.
type timelines map[name]*ordered.Set

func (t *timelines) insert(kind name, e ordered.Entry) {
	if *t == nil {
		*t = make(timelines)
	}
	line, ok := (*t)[kind]
	if !ok {
		line = new(ordered.Set)
		(*t)[kind] = line
	}
	line.Insert(e)
}

func (t timelines) remove(kind name, e ordered.Entry) {
	if line, ok := t[kind]; ok {
		line.Remove(e)
	}
}

// rows returns what the wanted types have in a span.
func (t timelines) rows(within ordered.Span, wants func(kind name) bool) []ordered.Run {
	var rows []ordered.Run
	for kind, line := range t {
		if wants(kind) {
			rows = append(rows, line.Run(within))
		}
	}
	return rows
}
