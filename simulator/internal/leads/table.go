// Package leads is the table of leads: their fields, keys and values; how they are found, written and merged; and
// when they were updated.
//
// A lead has a number besides its id: the place where it was added. Other tables refer to it by that, because it is
// small and never changes.
package leads

import (
	"fmt"
	"iter"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/activity"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/work"
	"github.com/mktows/mktows-go/simulator/record"
)

// No is the number of a lead, in the order leads were added.
type No = activity.LeadNo

// Activities is what the table needs of that of activities.
type Activities interface {
	Check(activities []record.Activity) error
	Add(no No, activities []record.Activity) (ids []int64, latest int64)
	Move(from, to No)
	Of(no No) []record.Activity
	Latest(no No) (at int64, ok bool)
	Earliest(no No) (at int64, ok bool)
	NextID() int64
	Drop(no No)
	HasWithin(no No, from, to int64) bool
	Within(within ordered.Span) (n int, leads iter.Seq[No])
	Load(leads []record.Lead, last int64, added func(no No, at int64)) error
	Snapshot() func(no No) []record.Activity
}

// Belongings belong to leads: memberships of lists, roles in opportunities.
type Belongings interface {
	// MoveLead gives all that belongs to a lead to another one, as a merge does it.
	MoveLead(from, to No)
	// DropLead takes away all that belongs to a lead, which is deleted.
	DropLead(no No)
}

// Row is a lead.
type Row struct {
	id        int64
	text      string // the id as answers show it
	email     string
	keys      []record.LeadKey // all but the id and the address, values as given
	foreign   []record.ForeignID
	values    fieldValues
	workspace string

	since   int64 // Unix time it was added without activities; 0: it had some
	updated int64 // Unix time of its latest activity, or since
	touched bool  // updated is set, and stands in Table.updates
}

// ID returns the lead's id.
func (l *Row) ID() int64 { return l.id }

// Text returns the lead's id as answers show it.
func (l *Row) Text() string { return l.text }

// Email returns the lead's address, empty if it has none.
func (l *Row) Email() string { return l.email }

// ForeignID returns the foreign id that answers show, if the lead has any.
func (l *Row) ForeignID() (id record.ForeignID, ok bool) {
	if len(l.foreign) == 0 {
		return id, false
	}
	return l.foreign[len(l.foreign)-1], true
}

// Values returns the fields that have a value, by name. They are the table's.
func (l *Row) Values() []Value { return l.values }

// isKnown reports whether it is known who the lead is: an anonymous one has cookies and
// no other key.
func (l *Row) isKnown() bool {
	return l.email != "" || len(l.foreign) > 0 || len(l.keys) == 0 ||
		slices.ContainsFunc(l.keys, func(k record.LeadKey) bool { return k.Type != gen.LeadKeyRefCOOKIE })
}

// Table holds the leads. Make it with [New]. Whoever uses it holds the lock; those who only
// read may share it.
type Table struct {
	fields

	now        func() time.Time
	workspaces []string // the first is the default one
	activities Activities
	belongings []Belongings
	readings   readings

	all       []*Row // those that were merged into others, too
	byID      map[int64]No
	byKey     map[record.LeadKey][]No // in the order the leads were added
	byForeign map[record.ForeignID]No
	values    *ordered.ValueIndex // the row is the lead's number
	updates   ordered.Set         // by time of the latest update; the ref is the lead's number
	added     ordered.Set         // by the time of adding, those that were added without activities
	version   uint64              // differs after each update
	gone      uint64              // how many were merged into others
	lastID    int64               // highest id so far
	deletions []Deletion          // oldest first
}

// New returns an empty table with a clock and the names of the workspaces, of which there is
// at least one.
func New(now func() time.Time, workspaces []string, activities Activities) *Table {
	return &Table{
		fields: newFields(), now: now, workspaces: workspaces, activities: activities,
		byID: make(map[int64]No), byKey: make(map[record.LeadKey][]No), byForeign: make(map[record.ForeignID]No),
		values: ordered.NewValueIndex(),
	}
}

// Own makes belongings move where leads are merged.
func (t *Table) Own(b Belongings) { t.belongings = append(t.belongings, b) }

// Workspace returns the name of a workspace as it was given; an empty one means the default.
func (t *Table) Workspace(name string) (string, bool) { return Workspace(t.workspaces, name) }

// Workspace returns the one of several workspaces that a name means: the first for an empty
// one. Names are compared without regard to letter case.
func Workspace(workspaces []string, name string) (string, bool) {
	if name == "" {
		return workspaces[0], true
	}
	for _, w := range workspaces {
		if strings.EqualFold(w, name) {
			return w, true
		}
	}
	return "", false
}

// NoWorkspace is the error for a workspace that is not there.
func NoWorkspace(name string) error {
	return fmt.Errorf("there is no workspace %q: the simulator has to be made with it (WithWorkspaces)", name)
}

// Lead returns the lead of a number.
func (t *Table) Lead(no No) *Row {
	work.Looked(1)
	return t.all[no]
}

// ID returns the id of the lead of a number.
func (t *Table) ID(no No) int64 { return t.Lead(no).id }

// No returns the number of the lead of an id.
func (t *Table) No(id int64) (No, bool) {
	no, ok := t.byID[id]
	return no, ok
}

// Numbers returns the numbers of leads that exist.
func (t *Table) Numbers(ids []int64) []No {
	list := make([]No, len(ids))
	for i, id := range ids {
		list[i] = t.byID[id]
	}
	return list
}

// AllIDs returns the ids of all leads, in ascending order.
func (t *Table) AllIDs() []int64 { return slices.Sorted(maps.Keys(t.byID)) }

// IDsFrom returns the ids of the leads among the next n numbers from one on, and the number behind
// these. It is ok while there are numbers.
func (t *Table) IDsFrom(no No, n int) (ids []int64, next No, ok bool) {
	rows := t.all[min(int(no), len(t.all)):]
	rows = rows[:min(n, len(rows))]
	for i, l := range rows {
		work.Looked(1)
		if at, there := t.byID[l.id]; there && at == no+No(i) { //nolint:gosec // no more than there are leads
			ids = append(ids, l.id)
		}
	}
	return ids, no + No(len(rows)), len(rows) > 0 //nolint:gosec // likewise
}

// checkID returns an error if a lead cannot get the id it asks for; 0 asks for any.
func (t *Table) checkID(id int64) error {
	if id == 0 {
		id = t.lastID + 1
	}
	if id < 1 || id > math.MaxInt32 {
		return fmt.Errorf("lead id %d is outside 1 to %d, the range of the schema", id, math.MaxInt32)
	}
	if _, taken := t.byID[id]; taken {
		return fmt.Errorf("there is a lead %d already: give another id, or none", id)
	}
	return nil
}

// insert adds a lead that has nothing but an id, which checkID must have passed, and a workspace.
func (t *Table) insert(id int64, workspace string) No {
	if id == 0 {
		id = t.lastID + 1
	}
	no := No(len(t.all)) //nolint:gosec // ids are 31 bits, so there are fewer leads
	t.all = append(t.all, &Row{id: id, text: strconv.FormatInt(id, 10), workspace: workspace})
	t.byID[id] = no
	t.values.Add(fieldWorkspace, workspace, int64(no))
	t.lastID = max(t.lastID, id)
	return no
}

// AddActivities adds activities, which their table has checked, to a lead and returns their
// ids.
func (t *Table) AddActivities(no No, activities []record.Activity) []int64 {
	if len(activities) == 0 {
		return nil
	}
	ids, latest := t.activities.Add(no, activities)
	t.touch(no, latest)
	return ids
}

// Matching returns the leads that have a key, nil for none, in the order they were added.
// The list is the table's.
func (t *Table) Matching(kind gen.LeadKeyRef, value string) []No {
	if kind != gen.LeadKeyRefIDNUM {
		return t.byKey[indexKey(kind, value)]
	}
	id, err := strconv.ParseInt(value, 10, 64)
	if no, ok := t.byID[id]; ok && err == nil {
		return []No{no}
	}
	return nil
}

// WithKeys returns the leads that have one of the keys, each once, by id. Keys without a
// lead are left out; an owner has to exist (20108).
func (t *Table) WithKeys(kind gen.LeadKeyRef, values []string) (IDs, error) {
	var ids IDs
	for _, value := range values {
		found := t.Matching(kind, value)
		if len(found) == 0 && isOwner(kind) {
			return nil, NotFound(kind, value)
		}
		for _, no := range found {
			ids = append(ids, t.ID(no))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// NotFound is the fault for a key that no lead has (Marketo SOAP API, error codes).
func NotFound(kind gen.LeadKeyRef, value string) *fault.Fault {
	code, what := fault.CodeLeadNotFound, "lead"
	if isOwner(kind) {
		code, what = fault.CodeLeadOwnerNotFound, "lead owner"
	}
	return fault.Newf(code, "No %s found with %s = %s", what, kind, value)
}

// isOwner reports whether a type of key names the owner of leads.
func isOwner(kind gen.LeadKeyRef) bool {
	return kind == gen.LeadKeyRefLEADOWNEREMAIL || kind == gen.LeadKeyRefSFDCLEADOWNERID
}

// indexKey returns a key in the form in which keys are compared: addresses without regard to letter case.
func indexKey(kind gen.LeadKeyRef, value string) record.LeadKey {
	if kind == gen.LeadKeyRefEMAIL || kind == gen.LeadKeyRefLEADOWNEREMAIL {
		value = strings.ToLower(value)
	}
	return record.LeadKey{Type: kind, Value: value}
}

// IDs are ids of leads, in ascending order.
type IDs []int64

// After returns up to n ids that come after one, and how many come after it in all.
func (ids IDs) After(id int64, n int) (page []int64, left int) {
	first, _ := slices.BinarySearch(ids, id+1)
	ids = ids[first:]
	return ids[:min(n, len(ids))], len(ids)
}
