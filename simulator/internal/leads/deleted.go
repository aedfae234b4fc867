package leads

import (
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/internal/work"
	"github.com/mktows/mktows-go/simulator/record"
)

// Deletion tells that a lead was deleted.
type Deletion struct {
	LeadID, ActivityID int64
	At                 int64 // Unix time
	Name               string
}

// Delete deletes a lead with all that belongs to it. What is left is the deletion.
func (t *Table) Delete(no No) {
	l := t.Lead(no)
	gone := Deletion{LeadID: l.id, ActivityID: t.activities.NextID(), At: t.now().Unix(), Name: l.FullName()}
	for _, b := range t.belongings {
		b.DropLead(no)
	}
	t.activities.Drop(no)
	t.forget(no)
	t.enterDeletion(gone)
}

func (t *Table) enterDeletion(d Deletion) {
	i := sort.Search(len(t.deletions), func(i int) bool { return t.deletions[i].At > d.At })
	t.deletions = slices.Insert(t.deletions, i, d)
}

// DeletedSince returns up to n deletions since a Unix time, oldest first, after so many of that
// second, and how many follow.
func (t *Table) DeletedSince(at int64, skip, n int) (page []Deletion, left int) {
	first := sort.Search(len(t.deletions), func(i int) bool { return t.deletions[i].At >= at })
	rest := t.deletions[min(first+skip, len(t.deletions)):]
	return rest[:min(n, len(rest))], max(0, len(rest)-n)
}

// LoadDeletions fills an empty table.
func (t *Table) LoadDeletions(list []record.DeletedLead) error {
	for i, in := range list {
		at, err := servicetime.Parse("time", in.Time, t.now())
		if err != nil {
			return place.In(err, "deletedLeads[%d]", i)
		}
		if _, there := t.byID[in.ID]; there || in.ID < 1 {
			return place.In(place.Wrong("id", "%d is the id of a lead that is there, or of none", in.ID), "deletedLeads[%d]", i)
		}
		t.enterDeletion(Deletion{LeadID: in.ID, ActivityID: in.ActivityID, At: at.Unix(), Name: in.Name})
	}
	return nil
}

// Deletions returns all deletions, oldest first; nil for none.
func (t *Table) Deletions() []record.DeletedLead {
	var list []record.DeletedLead
	for _, d := range t.deletions {
		list = append(list, record.DeletedLead{ID: d.LeadID, ActivityID: d.ActivityID, Time: servicetime.Text(servicetime.Unix(d.At)), Name: d.Name})
	}
	return list
}

// FullName is the person's name, as the REST API shows it in activities.
func (l *Row) FullName() string {
	return strings.TrimSpace(l.values.get("FirstName") + " " + l.values.get("LastName"))
}

// Value returns the value of a field other than Email, empty if there is none.
func (l *Row) Value(field string) string { return l.values.get(field) }

// Workspace returns the name of the lead's workspace.
func (l *Row) Workspace() string { return l.workspace }

// Key returns the lead's last key of a type, empty if it has none.
func (l *Row) Key(kind gen.LeadKeyRef) string {
	for _, key := range slices.Backward(l.keys) {
		if key.Type == kind {
			return key.Value
		}
	}
	return ""
}

// Created returns when a lead was made: when it was added, or its first activity if that is
// earlier.
func (t *Table) Created(no No) time.Time {
	l := t.Lead(no)
	at, active := t.activities.Earliest(no)
	if !active || l.since != 0 && l.since < at {
		at = l.since
	}
	if at == 0 {
		at = l.updated
	}
	return servicetime.Unix(at)
}

// HavingValue returns up to n leads with a value in a field other than Email, by the order in
// which they were added.
func (t *Table) HavingValue(field, value string, n int) []No {
	return t.having(field, value, n, func(l *Row) string { return l.values.get(field) })
}

// fieldWorkspace stands for the workspace in the index of values. No field has such a name.
const fieldWorkspace = " workspace"

// InWorkspace returns up to n leads of a workspace, by the order in which they were added.
func (t *Table) InWorkspace(name string, n int) []No {
	return t.having(fieldWorkspace, name, n, (*Row).Workspace)
}

// having returns up to n leads with a value in a field of the index, which get reads from a lead
// if the field is not entered yet.
func (t *Table) having(field, value string, n int, get func(*Row) string) []No {
	rows := t.values.Rows(field, value, func(yield func(int64, string)) {
		for no, l := range t.all {
			work.Looked(1)
			yield(int64(no), get(l))
		}
	})
	var found []No
	if rows == nil {
		return nil
	}
	for row := rows.Run(ordered.Everything); row.Left > 0 && len(found) < n; row.Next() {
		work.Looked(1)
		found = append(found, No(row.First().At)) //nolint:gosec // a number of a lead
	}
	return found
}
