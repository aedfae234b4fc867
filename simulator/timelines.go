package simulator

// timelines are the activities of many leads, for each type in the order of time. Reading
// a page looks at no record of another type or of another page. The zero value is empty.
type timelines map[name]*ordered

func (t *timelines) insert(kind name, e entry) {
	if *t == nil {
		*t = make(timelines)
	}
	line, ok := (*t)[kind]
	if !ok {
		line = new(ordered)
		(*t)[kind] = line
	}
	line.insert(e)
}

func (t timelines) remove(kind name, e entry) {
	if line, ok := t[kind]; ok {
		line.remove(e)
	}
}

// rows returns what the wanted types have in a span.
func (t timelines) rows(within span, wants func(kind name) bool) []run {
	var rows []run
	for kind, line := range t {
		if wants(kind) {
			rows = append(rows, line.run(within))
		}
	}
	return rows
}
