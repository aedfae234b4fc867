package soapxml

// few is up to how many bindings or attributes it is faster to look at each of them than
// to ask a map. Real documents have no more.
const few = 8

// scope holds the declarations of prefixes that are in force, innermost last. There is no map for each element,
// because nearly all documents declare three prefixes on the root element and none below it.
type scope struct {
	bindings []binding // innermost last
	// Where they are many, they are found by an index. It is brought up to date when it is
	// asked, so that leaving an element costs nothing.
	index   map[string]int // the place of a prefix's innermost binding
	indexed int            // so many bindings are in the index, some of them no more in force
}

// binding is the declaration of one prefix.
type binding struct {
	prefix, space string
	hidden        int // the place of the binding that this one hides, or -1
}

// find returns the index of the innermost binding of a prefix, or -1. A few bindings are gone through one by one;
// with many, an attacker could make that slow, so then there is an index.
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

// lookUp is find with the index, which is brought up to date first.
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

// bind brings a binding into force.
func (s *scope) bind(b binding) {
	s.forget() // what is no more in force is about to be overwritten
	s.bindings = append(s.bindings, b)
}

// forget removes from the index what is no longer in force. A binding that was hidden by it comes back.
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

// work counts what reading costs apart from passing over bytes: tags, attributes and bindings that were looked at.
// The count is proportional to the time, so it is what decides when to ask whether the context has ended. Tests hold
// it to the size of the document.
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

// look asks whether the context has ended, and stops the reading if so.
func (r *Reader) look() {
	r.work.nextLook = r.work.steps + stepsBetweenLooks
	if err := r.work.ended(); err != nil && r.err == nil {
		r.failf(r.pos, "reading was stopped: %v", err)
		r.err.cause = err
	}
}

// repeated returns the name of an attribute that occurs twice in the tag. Comparing each with each is fastest for the
// few that real tags have.
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

// repeatedAmongMany is repeated with a set, whose cost does not grow with the square of the number of attributes.
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
