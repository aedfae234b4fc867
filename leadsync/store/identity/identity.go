// Package identity finds out which rows of a copy the activities of a commit are, for those who write a store; [store.Store]
// has the rules. Ids of activities repeat, GUIDs may be missing, and merges and renamings change what a record says, so that
// its key alone does not tell.
//
// A store implements [Index] and gives all activities of a commit to a [Resolver] with Mixed, as
// examples/memorystore does. To ask for less, it can give it only those that [Split] or [Clear] leave unclear, as long as no
// row of the copy was written with a GUID and none without one, or the other way round, and none was removed.
//
// It may import leadsync/store and operations.
package identity

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// Known is a row of the copy, reduced to what decides whether it is an earlier version of an activity.
type Known struct {
	Key     string
	Taken   string // another key that no other row may get; empty: none
	Record  string // what Record says of it; of what ByMoment finds, Moment
	HasGUID bool
	Lead    int64
	Digest  store.Digest
}

// Index finds rows of the copy.
type Index interface {
	// ByKey returns the rows that have the keys; Record may be left empty.
	ByKey(ctx context.Context, keys []string) ([]Known, error)
	// ByRecord returns all rows with the id, or none, the second and the type of an activity. It is
	// asked in mixed copies only.
	ByRecord(ctx context.Context, activities []*operations.Activity) ([]Known, error)
	// ByMoment returns the rows without a GUID that have the lead, the second and the type of an activity, whatever
	// their id. It is asked in mixed copies only.
	ByMoment(ctx context.Context, activities []*operations.Activity) ([]Known, error)
}

// Record names the id, second and type of an activity: what the service keeps unchanged where there is no GUID. For
// an activity with an id and without a GUID it is the key of the first row. For those without an id it is made of
// second and type alone, so that a row with a GUID and one without, which say the same, come into one group.
func Record(a *operations.Activity) string {
	if a.HasID {
		return store.RecordKey(a, 1)
	}
	return "none" + store.RecordKey(&operations.Activity{Time: a.Time, Type: a.Type}, 1)
}

// Moment names the lead, second and type of an activity: what an activity keeps that one endpoint shows with an id and
// another one with a GUID alone.
func Moment(a *operations.Activity) string { return MomentOf(a.LeadID, Record(a)) }

// MomentOf is the Moment of an activity of a lead, by what Record says of it.
func MomentOf(lead int64, record string) string {
	_, numbered, _ := strings.Cut(record, "id:")
	_, moment, _ := strings.Cut(numbered, ":")
	return strconv.FormatInt(lead, 10) + ":" + moment
}

// hasRecordKey reports whether an activity is told by its id, second and type.
func hasRecordKey(a *operations.Activity) bool { return a.HasID && a.GUID == "" }

// IsGUID reports whether a key was made of a GUID, and returns the GUID. A GUID that was too long for a key, or that
// looked like another kind of key, is in it as a hash only; then the key is one of a GUID, but the GUID is "".
func IsGUID(key string) (guid string, ok bool) {
	switch {
	case strings.HasPrefix(key, "id:"), strings.HasPrefix(key, "row:"):
		return "", false
	case strings.HasPrefix(key, "guid:"):
		return "", true
	}
	return key, true
}

// Split parts the activities of a commit into plain ones, each with a key to itself, and those that share a key
// although they say different things. Of equal ones only the last is returned: a page may repeat a record, and a
// database refuses to write one row twice in a statement. In a mixed copy all are returned as shared, because there
// even a key of its own does not tell which row an activity is.
//
// Hardly any commit has shared keys, so the usual case returns the slice that was given and allocates one map.
func Split(all []store.ActivityRow, mixed bool) (plain, shared []store.ActivityRow) {
	if mixed {
		return nil, all
	}
	last := make(map[string]int, len(all))
	var repeated map[string]bool
	for i := range all {
		row := &all[i]
		if j, ok := last[row.Key]; ok && hasRecordKey(&row.Activity) && row.Digest != all[j].Digest {
			if repeated == nil {
				repeated = map[string]bool{}
			}
			repeated[row.Key] = true
		}
		last[row.Key] = i
	}
	if len(last) == len(all) {
		return all, nil
	}
	plain = make([]store.ActivityRow, 0, len(last))
	for i := range all {
		switch key := all[i].Key; {
		case repeated[key]:
			shared = append(shared, all[i])
		case last[key] == i:
			plain = append(plain, all[i])
		}
	}
	return plain, shared
}

// Clear parts the activities of a commit into those whose key tells which row they are, once each, the last of equal
// ones, and those that have to be resolved, whatever rows the copy has.
func Clear(all []store.ActivityRow, mixed bool) (clear, unclear []store.ActivityRow) {
	clear, unclear = Split(all, mixed)
	var rest []store.ActivityRow
	for i := range clear {
		if hasRecordKey(&clear[i].Activity) {
			unclear = append(unclear, clear[i])
		} else {
			rest = append(rest, clear[i])
		}
	}
	return rest, unclear
}

// Resolved is an activity together with the key of its row, which need not be the key that it was read with.
type Resolved struct {
	store.ActivityRow
	Was string // the key that the row has and is to lose to Key; empty: it has Key, or is new
}

// Resolver finds rows for the activities of a commit.
type Resolver struct {
	Index  Index
	Mixed  bool // the copy has rows with GUIDs and without
	Window *store.Window

	tail *store.Tail // of the position before the commit
}

// group are the activities of one record (see Record) with the rows that the copy has of that record. Rows and
// activities are matched only inside a group, which mostly has one of each.
type group struct {
	rows  []*store.ActivityRow
	known []Known
	taken []bool
	of    []int // index in known, by row; -1: none yet
}

// Resolve returns each of the activities once, with the key of its row; no two have the same key. It matches
// activities and rows in four steps, from what is certain to what is likely: first by GUID, then by equal content,
// and only what then remains on both sides can be a row and its changed version, or what another endpoint has shown
// with another id. The order matters: if changes were looked for first, an activity could take the row of another one
// that is still there unchanged.
func (r *Resolver) Resolve(ctx context.Context, all []store.ActivityRow) ([]Resolved, error) {
	r.tail = r.Window.Position.Tail()
	if r.tail != nil && !r.tail.GUIDs && !slices.ContainsFunc(all, func(row store.ActivityRow) bool { return row.GUID == "" }) {
		r.tail = nil // another endpoint goes on, which may bring again what this one has brought, with GUIDs
	}
	groups, order := groupsOf(all)
	if err := r.find(ctx, groups, order); err != nil {
		return nil, err
	}
	resolved := make([]Resolved, 0, len(all))
	for _, record := range order {
		g := groups[record]
		g.matchGUIDs()
		g.matchEqual()
		r.takeOver(g, true)
	}
	if err := r.takeUnnumbered(ctx, groups, order); err != nil {
		return nil, err
	}
	for _, record := range order {
		r.takeOver(groups[record], false)
		resolved = groups[record].appendTo(resolved)
	}
	return resolved, nil
}

// groupsOf returns the activities in groups by Record, and the records in the order of their first activities, so
// that equal input gives equal keys. Of equal activities the last one counts.
func groupsOf(all []store.ActivityRow) (groups map[string]*group, order []string) {
	type same struct {
		record, key string
		digest      store.Digest
	}
	last := make(map[same]int, len(all))
	sameOf := func(row *store.ActivityRow, record string) same {
		if hasRecordKey(&row.Activity) {
			return same{record, row.Key, row.Digest}
		}
		return same{key: row.Key}
	}
	records := make([]string, len(all))
	for i := range all {
		records[i] = Record(&all[i].Activity)
		last[sameOf(&all[i], records[i])] = i
	}
	groups = map[string]*group{}
	for i := range all {
		if last[sameOf(&all[i], records[i])] != i {
			continue
		}
		g := groups[records[i]]
		if g == nil {
			g = &group{}
			groups[records[i]] = g
			order = append(order, records[i])
		}
		g.rows, g.of = append(g.rows, &all[i]), append(g.of, -1)
	}
	return groups, order
}

// find fills in the rows that the copy has. A copy that is not mixed can be asked by keys, which all stores have an
// index for; a mixed one has to be asked for whole records, since a row may be there under a key of another kind.
func (r *Resolver) find(ctx context.Context, groups map[string]*group, order []string) error {
	if !r.Mixed {
		return r.findNumbered(ctx, groups, order)
	}
	activities := make([]*operations.Activity, len(order))
	for i, record := range order {
		activities[i] = &groups[record].rows[0].Activity
	}
	known, err := r.Index.ByRecord(ctx, activities)
	if err != nil {
		return err
	}
	found := make(map[string]bool, len(known))
	for _, k := range known {
		found[k.Key] = true
		if g := groups[k.Record]; g != nil {
			g.know(k)
		}
	}
	return r.findGUIDs(ctx, groups, order, found)
}

// findGUIDs finds the rows of GUIDs that the copy knows with another id, second or type than the activity has now. A
// GUID is stronger than all of those, so such a row belongs to the group of the activity.
func (r *Resolver) findGUIDs(ctx context.Context, groups map[string]*group, order []string, found map[string]bool) error {
	of := map[string]*group{}
	var keys []string
	for _, record := range order {
		for _, row := range groups[record].rows {
			if row.GUID != "" && !found[row.Key] {
				keys, of[row.Key] = append(keys, row.Key), groups[record]
			}
		}
	}
	known, err := r.Index.ByKey(ctx, keys)
	for _, k := range known {
		of[k.Key].know(k)
	}
	return err
}

// findNumbered asks for the keys that the rows of each record can have, one number after the other until there is
// none: numbers have no gaps. Nearly all records have one row at most, so a whole commit takes two questions.
func (r *Resolver) findNumbered(ctx context.Context, groups map[string]*group, order []string) error {
	for n := 1; len(order) > 0; n++ {
		of := make(map[string]string, len(order))
		keys := make([]string, len(order))
		for i, record := range order {
			keys[i] = store.RecordKey(&groups[record].rows[0].Activity, n)
			of[keys[i]] = record
		}
		known, err := r.Index.ByKey(ctx, keys)
		if err != nil {
			return err
		}
		order = order[:0:0]
		for _, k := range known {
			groups[of[k.Key]].know(k)
			order = append(order, of[k.Key])
		}
	}
	return nil
}

// know adds a row of the copy to the group; it is not taken yet.
func (g *group) know(k Known) {
	g.known, g.taken = append(g.known, k), append(g.taken, false)
}

func (g *group) take(row, known int) { g.of[row], g.taken[known] = known, true }

// matchGUIDs gives the activities with GUIDs the rows that have them.
func (g *group) matchGUIDs() {
	byKey := make(map[string]int, len(g.known))
	for j := range g.known {
		if g.known[j].HasGUID {
			byKey[g.known[j].Key] = j
		}
	}
	for i, row := range g.rows {
		if j, ok := byKey[row.Key]; ok && row.GUID != "" {
			g.take(i, j)
		}
	}
}

// matchEqual gives each activity a row that says the same. Activities without id and GUID may be indistinguishable;
// of those the nth activity is the nth row, so that reading the same second again adds none.
func (g *group) matchEqual() {
	equal := make(map[store.Digest][]int, len(g.known))
	for j := range g.known {
		equal[g.known[j].Digest] = append(equal[g.known[j].Digest], j)
	}
	for i, row := range g.rows {
		rows := equal[row.Digest]
		if g.of[i] >= 0 {
			continue
		}
		if row.GUID == "" && !row.HasID {
			if n := number(row.Key); n < len(rows) {
				g.take(i, rows[n])
			}
			continue
		}
		for len(rows) > 0 && g.of[i] < 0 {
			if g.fits(row, rows[0]) {
				g.take(i, rows[0])
			}
			rows = rows[1:]
		}
		equal[row.Digest] = rows
	}
}

// number is the number in the key of an activity without id and GUID, which NewActivityRow has written there.
func number(key string) int {
	n, _ := strconv.Atoi(key[strings.LastIndexByte(key, ':')+1:]) // NewActivityRow writes it
	return n
}

// fits reports whether a row is free for an activity whose GUID, if any, no row has. A row with another GUID is
// certainly another activity.
func (g *group) fits(row *store.ActivityRow, known int) bool {
	return !g.taken[known] && (row.GUID == "" || !g.known[known].HasGUID)
}

// takeOver gives activities that are left rows that are left: such a row is taken to be an earlier version of the
// activity, from before leads were merged or something was renamed. Rows of the same lead come first, since one of
// another lead can only be meant if the two leads were merged. Rows whose content the tail of the position has are no
// earlier versions: they were read just before, in the same second, so the service has them besides this activity.
func (r *Resolver) takeOver(g *group, sameLead bool) {
	for i, row := range g.rows {
		for j := 0; j < len(g.known) && g.of[i] < 0; j++ {
			k := &g.known[j]
			if row.HasID && g.fits(row, j) && (k.Lead == row.LeadID) == sameLead && r.mayTake(row, k) &&
				!r.tail.Has(Record(&row.Activity), k.Digest) {
				g.take(i, j)
			}
		}
	}
}

// mayTake reports whether a row may be an earlier version of an activity that says something else. The stream LeadActivity
// reads one lead at a time, so it is no surprise that the rows of another lead are missing in what was read; they may only be
// replaced if the history reports that the other lead was merged into this one. That the other lead is gone is not
// enough: it may have been deleted, and ids repeat.
func (r *Resolver) mayTake(row *store.ActivityRow, k *Known) bool {
	return r.Window.Stream != store.LeadActivity || k.Lead == row.LeadID || slices.Contains(row.Merged, k.Lead)
}

// unmatched is an activity with a GUID that has no row yet.
type unmatched struct {
	*group

	row int // index in rows
}

// takeUnnumbered gives activities with a GUID that are left the rows that were written without one and with another
// id, or none. Not all endpoints agree about ids: those of the REST API may leave out the id that an earlier one of
// the SOAP API has shown, and show one that it has not, and a copy that moves from one to the other knows an activity
// by its lead, second and type alone.
func (r *Resolver) takeUnnumbered(ctx context.Context, groups map[string]*group, order []string) error {
	if !r.Mixed {
		return nil
	}
	left, taken := map[string][]unmatched{}, map[string]bool{}
	var asked []*operations.Activity
	for _, record := range order {
		g := groups[record]
		for i, row := range g.rows {
			switch moment := Moment(&row.Activity); {
			case g.of[i] >= 0:
				taken[g.known[g.of[i]].Key] = true
			case row.GUID != "":
				if left[moment] == nil {
					asked = append(asked, &row.Activity)
				}
				left[moment] = append(left[moment], unmatched{g, i})
			}
		}
	}
	if len(asked) == 0 {
		return nil
	}
	known, err := r.Index.ByMoment(ctx, asked)
	known = slices.DeleteFunc(known, func(k Known) bool { return taken[k.Key] || r.readBefore(&k) })
	for _, same := range []func(*store.ActivityRow, *Known) bool{isNumbered, isEqual, mayBeNumbered} {
		known = slices.DeleteFunc(known, func(k Known) bool {
			i := slices.IndexFunc(left[k.Record], func(u unmatched) bool { return u.of[u.row] < 0 && same(u.rows[u.row], &k) })
			if i >= 0 {
				u := left[k.Record][i]
				u.know(k)
				u.of[u.row], taken[k.Key] = len(u.known)-1, true
			}
			return i >= 0
		})
	}
	for _, g := range groups { // another one may know the row too
		for j := range g.known {
			g.taken[j] = g.taken[j] || taken[g.known[j].Key]
		}
	}
	return err
}

// readBefore reports whether a row without a GUID was read just before, in the same second: then the service has it
// besides the activities of this commit.
func (r *Resolver) readBefore(k *Known) bool {
	if !strings.HasPrefix(k.Key, "id:") {
		return r.tail != nil && r.tail.Equal[k.Digest.String()] > 0
	}
	id, _, _ := strings.Cut(strings.TrimPrefix(k.Key, "id:"), ":")
	_, moment, _ := strings.Cut(k.Record, ":")
	return r.tail.Has("id:"+id+":"+moment, k.Digest)
}

// isNumbered reports whether the GUID of an activity is the id of a row, as it is of activities from before there were
// GUIDs.
func isNumbered(row *store.ActivityRow, k *Known) bool {
	return strings.HasPrefix(k.Key, "id:"+row.GUID+":")
}

func isEqual(row *store.ActivityRow, k *Known) bool { return row.Digest == k.Digest }

// mayBeNumbered reports whether no two ids say that an activity and a row are different.
func mayBeNumbered(row *store.ActivityRow, k *Known) bool {
	return !row.HasID || !strings.HasPrefix(k.Key, "id:")
}

// appendTo appends the activities of a group with their keys. A row keeps its key, with one exception: a row without
// a GUID that turns out to have one gets the GUID as its key, since from then on that is the better way to find it.
func (g *group) appendTo(resolved []Resolved) []Resolved {
	used := make(map[string]bool, len(g.known)+len(g.rows))
	for j := range g.known {
		used[g.known[j].Key], used[g.known[j].Taken] = true, true
	}
	for i, row := range g.rows {
		one := Resolved{ActivityRow: *row}
		if j := g.of[i]; j < 0 {
			one.Key = freeKey(row, used)
			used[one.Key] = true
		} else if k := &g.known[j]; row.GUID != "" && !k.HasGUID {
			one.Was = k.Key
		} else {
			one.Key = k.Key
		}
		resolved = append(resolved, one)
	}
	return resolved
}

// freeKey is the key of a new row: the activity's own, or else the first number that no row of the group has.
func freeKey(row *store.ActivityRow, used map[string]bool) string {
	key := row.Key
	for n := 2; row.GUID == "" && used[key]; n++ {
		if row.HasID {
			key = store.RecordKey(&row.Activity, n)
		} else {
			key = row.Key[:strings.LastIndexByte(row.Key, ':')+1] + strconv.Itoa(n)
		}
	}
	return key
}
