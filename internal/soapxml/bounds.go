package soapxml

// few is up to how many bindings or attributes it is faster to look at each of them than
// to ask a map. Real documents have no more.
const few = 8

// scope holds the declarations of prefixes that are in force.
type scope struct {
	bindings []binding // innermost last
	// Where they are many, they are found by an index. It is brought up to date when it is
	// asked, so that leaving an element costs nothing.
	index   map[string]int // the place of a prefix's innermost binding
	indexed int            // so many bindings are in the index, some of them no more in force
}

type binding struct {
	prefix, space string
	hidden        int // the place of the binding that this one hides, or -1
}

// find returns the place of the innermost binding of a prefix, or -1.
func (r *Reader) find(prefix string) int {
	i := len(r.scope.bindings) - 1
	if i >= few {
		return r.lookUp(prefix)
	}
	for i >= 0 && r.scope.bindings[i].prefix != prefix {
		i--
	}
	return i
}

func (r *Reader) lookUp(prefix string) int {
	r.work.steps++
	s := &r.scope
	if s.index == nil {
		s.index = make(map[string]int)
	}
	s.forget()
	for ; s.indexed < len(s.bindings); s.indexed++ {
		s.index[s.bindings[s.indexed].prefix] = s.indexed
	}
	if i, ok := s.index[prefix]; ok {
		return i
	}
	return -1
}

// hasXSI reports whether the prefix xsi has its usual meaning, as far as that can be told
// at once.
func (s *scope) hasXSI() bool {
	if len(s.bindings) > few {
		return false
	}
	for i := len(s.bindings) - 1; i >= 0; i-- {
		if s.bindings[i].prefix == "xsi" {
			return s.bindings[i].space == xsiNamespace
		}
	}
	return false
}

// bind brings a binding into scope.
func (s *scope) bind(b binding) {
	s.forget() // what is no more in force is about to be overwritten
	s.bindings = append(s.bindings, b)
}

// forget takes out of the index what is no more in force.
func (s *scope) forget() {
	for s.indexed > len(s.bindings) {
		s.indexed--
		if gone := s.bindings[:s.indexed+1][s.indexed]; gone.hidden < 0 {
			delete(s.index, gone.prefix)
		} else {
			s.index[gone.prefix] = gone.hidden
		}
	}
}

// work counts what reading costs beside passing over bytes: the tags, attributes and
// bindings that were looked at. What is counted is proportional to the time.
type work struct {
	steps    int
	nextLook int          // the step at which to ask whether to go on
	ended    func() error // tells why nobody waits for the document any more
}

// stepsBetweenLooks take far less than a millisecond.
const stepsBetweenLooks = 4096

// step counts a step and reports whether to go on.
func (r *Reader) step() bool {
	r.work.steps++
	if r.work.steps >= r.work.nextLook {
		r.look()
	}
	return r.err == nil
}

func (r *Reader) look() {
	r.work.nextLook = r.work.steps + stepsBetweenLooks
	if err := r.work.ended(); err != nil && r.err == nil {
		r.failf(r.pos, "reading was stopped: %v", err)
		r.err.cause = err
	}
}

// repeated returns the name of an attribute that stands twice in the tag.
func (r *Reader) repeated() (local string, ok bool) {
	if len(r.attrs) > few {
		return r.repeatedAmongMany()
	}
	for i := range r.attrs {
		for j := range i {
			r.work.steps++
			if r.attrs[i].expandedName == r.attrs[j].expandedName {
				return r.attrs[i].local, true
			}
		}
	}
	return "", false
}

func (r *Reader) repeatedAmongMany() (local string, ok bool) {
	if r.names == nil {
		r.names = make(map[expandedName]struct{}, len(r.attrs))
	}
	clear(r.names)
	for i := range r.attrs {
		r.work.steps++
		r.names[r.attrs[i].expandedName] = struct{}{}
		if len(r.names) == i {
			return r.attrs[i].local, true
		}
	}
	return "", false
}
