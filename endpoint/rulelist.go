package endpoint

import "slices"

// List returns the rules that are still there, in the order they were added. Skip and
// Times are what is left of them.
func (l *Rules) List() []Rule {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Rule, len(l.list))
	for i, c := range l.list {
		list[i] = c.Rule
		list[i].Skip = max(0, c.Skip-c.seen)
		if c.Times > 0 {
			list[i].Times -= c.acted
		}
		list[i].Header, list[i].Body, list[i].Records = c.Header.Clone(), slices.Clone(c.Body), slices.Clone(c.Records)
	}
	return list
}

// Clear takes all rules away.
func (l *Rules) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = nil
}
