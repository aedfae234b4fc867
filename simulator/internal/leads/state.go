package leads

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// Check finds what would keep a lead from being added, with its place.
func (t *Table) Check(l *record.Lead) error {
	if err := t.check(l); err != nil {
		return err
	}
	return place.In(t.activities.Check(l.Activities), "activities")
}

// check checks everything about a lead except its activities, and adds to an error which field it is about.
func (t *Table) check(l *record.Lead) error {
	if err := t.checkID(l.ID); err != nil {
		return place.In(err, "id")
	}
	if _, ok := t.Workspace(l.Workspace); !ok {
		return place.In(NoWorkspace(l.Workspace), "workspace")
	}
	for _, name := range slices.Sorted(maps.Keys(l.Fields)) {
		if err := t.checkField(name, l.Fields[name]); err != nil {
			return &place.Error{Path: "fields." + name, Err: err}
		}
	}
	for i, key := range l.Keys {
		if err := checkKey(key, l.Keys[:i]); err != nil {
			return place.In(err, "keys[%d]", i)
		}
	}
	for i, f := range l.ForeignIDs {
		if err := checkForeign(f); err != nil {
			return place.In(err, "foreignIds[%d]", i)
		}
	}
	if _, err := servicetime.Parse("added", l.Added, time.Time{}); err != nil {
		return err
	}
	_, err := servicetime.Parse("updated", l.Updated, time.Time{})
	return err
}

func (t *Table) checkField(name, value string) error {
	f, ok := t.byName[name]
	if !ok || name == FieldEmail {
		return fmt.Errorf("leads have no field %q: add it with AddField, and give addresses as Email of the Lead", name)
	}
	return Accepts(f, value)
}

// checkKey checks a key of a lead that has others.
func checkKey(key record.LeadKey, others []record.LeadKey) error {
	switch key.Type {
	case gen.LeadKeyRefIDNUM, gen.LeadKeyRefEMAIL:
		return place.Wrong("type", "%s is not among the keys: give it as id or email of the lead", key.Type)
	case gen.LeadKeyRefCOOKIE, gen.LeadKeyRefSFDCOPPTYID:
		if slices.Contains(others, key) {
			return place.Wrong("value", "the lead has the key already")
		}
	default:
		if slices.ContainsFunc(others, func(k record.LeadKey) bool { return k.Type == key.Type }) {
			return place.Wrong("type", "a lead can have only one key of the type %s", key.Type)
		}
	}
	if !key.Type.Valid() {
		return place.Wrong("type", "%q is not one of %v", string(key.Type), key.Type.Values())
	}
	if key.Value == "" {
		return place.Wrong("value", "it is empty")
	}
	return nil
}

func checkForeign(f record.ForeignID) error {
	if !f.System.Valid() {
		return place.Wrong("system", "%q is not one of %v", string(f.System), f.System.Values())
	}
	if f.ID == "" {
		return place.Wrong("id", "it is empty")
	}
	return nil
}

// Add adds a lead that Check has passed and returns its id.
func (t *Table) Add(l *record.Lead) int64 {
	no := t.add(l)
	t.AddActivities(no, l.Activities)
	return t.ID(no)
}

// add adds a lead without its activities. A lead without any time counts as added now.
func (t *Table) add(l *record.Lead) No {
	workspace, _ := t.Workspace(l.Workspace)
	no := t.insert(l.ID, workspace)
	t.setEmail(no, l.Email)
	for _, key := range l.Keys {
		t.link(no, key.Type, key.Value)
	}
	for _, f := range l.ForeignIDs {
		t.setForeign(no, f)
	}
	for name, value := range l.Fields {
		t.setValue(no, name, value)
	}
	since, _ := servicetime.Parse("added", l.Added, servicetime.Unix(0)) // Check has read it
	if l.Added == "" && len(l.Activities) == 0 && l.Updated == "" {
		since = t.now()
	}
	if at := since.Unix(); at != 0 {
		t.setSince(no, at)
	}
	if updated, err := servicetime.Parse("updated", l.Updated, time.Time{}); err == nil && l.Updated != "" {
		t.touch(no, updated.Unix())
	}
	return no
}

// Load fills an empty table, and the table of activities. No id of a lead up to last is
// given, and none of an activity up to lastActivity.
func (t *Table) Load(leads []record.Lead, last, lastActivity int64) error {
	t.lastID = last
	for i := range leads {
		if id := leads[i].ID; id <= math.MaxInt32 { // others are refused
			t.lastID = max(t.lastID, id)
		}
	}
	for i := range leads {
		if err := t.load(&leads[i]); err != nil {
			return place.In(err, "leads[%d]", i)
		}
	}
	return t.activities.Load(leads, lastActivity, t.touch)
}

// load adds a lead without its activities. In a state a foreign id belongs to one lead.
func (t *Table) load(l *record.Lead) error {
	if err := t.check(l); err != nil {
		return err
	}
	for i, f := range l.ForeignIDs {
		if _, taken := t.byForeign[f]; taken || slices.Contains(l.ForeignIDs[:i], f) {
			return place.In(place.Wrong("id", "the id %q of the system %s is given twice", f.ID, f.System), "foreignIds[%d]", i)
		}
	}
	t.add(l)
	return nil
}

// LastID returns the highest id ever given.
func (t *Table) LastID() int64 { return t.lastID }

// Snapshot returns the leads that are there, in the order they were added; nil for none.
func (t *Table) Snapshot() []record.Lead {
	list := make([]record.Lead, 0, len(t.byID))
	activities := t.activities.Snapshot()
	for no, l := range t.all {
		if at, ok := t.byID[l.id]; ok && at == No(no) { //nolint:gosec // as many as there are
			one := t.record(l)
			if l.workspace == t.workspaces[0] {
				one.Workspace = ""
			}
			one.Activities = activities(at)
			t.date(&one, l, at)
			list = append(list, one)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

// Get returns a copy of the lead of an id, its activities oldest first.
func (t *Table) Get(id int64) (record.Lead, bool) {
	no, ok := t.byID[id]
	if !ok {
		return record.Lead{}, false
	}
	l := t.record(t.Lead(no))
	l.Activities = t.activities.Of(no)
	return l, true
}

// record returns a lead without activities and times.
func (t *Table) record(l *Row) record.Lead {
	out := record.Lead{ID: l.id, Email: l.email, Workspace: l.workspace}
	out.Keys, out.ForeignIDs = clone(l.keys), clone(l.foreign)
	for _, v := range l.values {
		if out.Fields == nil {
			out.Fields = make(map[string]string)
		}
		out.Fields[v.Name] = v.Value
	}
	return out
}

// clone copies a list; an empty one becomes nil, so that equal leads are equal in Go too.
func clone[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return slices.Clone(list)
}

// date adds the times to a lead of a state that do not follow from its activities.
func (t *Table) date(out *record.Lead, l *Row, no No) {
	latest := l.since
	if at, ok := t.activities.Latest(no); ok && (latest == 0 || latest < at) {
		latest = at
	}
	if l.since != 0 {
		out.Added = servicetime.Text(servicetime.Unix(l.since))
	}
	if l.updated != latest {
		out.Updated = servicetime.Text(servicetime.Unix(l.updated))
	}
}
