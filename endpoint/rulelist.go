package endpoint

import "slices"

// Listed is a rule that is in a list.
type Listed struct {
	ID   int64 // no other rule of the list has it, now or later
	Rule Rule  // Skip and Times are what is left of them
	Seen int   // calls that the rule was for
	Hits int   // calls that it has acted on
}

// List returns the rules that are still there, in the order they were added. Skip and
// Times are what is left of them.
func (l *Rules) List() []Rule {
	list := make([]Rule, 0)
	for _, r := range l.Listed() {
		list = append(list, r.Rule)
	}
	return list
}

// Listed returns the rules that are still there, in the order they were added, with their ids and counts.
func (l *Rules) Listed() []Listed {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Listed, len(l.list))
	for i, c := range l.list {
		list[i] = c.listed()
	}
	return list
}

// Lookup returns the rule of an id; false if there is none, or not any more.
func (l *Rules) Lookup(id int64) (Listed, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if i := l.place(id); i >= 0 {
		return l.list[i].listed(), true
	}
	return Listed{}, false
}

// listed returns the rule as a copy. The lock is held.
func (c *counted) listed() Listed {
	r := c.Rule
	r.Skip = max(0, c.Skip-c.seen)
	if c.Times > 0 {
		r.Times -= c.acted
	}
	r.Header, r.Body, r.Records = c.Header.Clone(), slices.Clone(c.Body), slices.Clone(c.Records)
	return Listed{c.id, r, c.seen, c.acted}
}

// place is where the rule of an id is in the list; -1: nowhere. The lock is held.
func (l *Rules) place(id int64) int {
	return slices.IndexFunc(l.list, func(c *counted) bool { return c.id == id })
}

// Insert appends a rule as [Rules.Add] does, and returns its id.
func (l *Rules) Insert(r Rule) (id int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	l.list = append(l.list, &counted{Rule: r, id: l.last})
	return l.last
}

// Replace puts a rule in place of the one of an id, which it takes over. Its counts begin anew. It reports whether there was one.
func (l *Rules) Replace(id int64, r Rule) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := l.place(id)
	if i < 0 {
		return false
	}
	l.list[i] = &counted{Rule: r, id: id}
	return true
}

// Remove removes the rule of an id, and reports whether there was one.
func (l *Rules) Remove(id int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := l.place(id)
	if i < 0 {
		return false
	}
	l.remove(l.list[i])
	return true
}

// Clear takes all rules away.
func (l *Rules) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = nil
}
