package lists

import "github.com/mktows/mktows-go/simulator/internal/activity"

// Group returns a list as the group of its members.
func (t *Table) Group(l *List) activity.Group { return group{t, l} }

type group struct {
	table *Table
	*List
}

func (g group) Has(no activity.LeadNo) bool { return g.table.HasMember(g.List, no) }
