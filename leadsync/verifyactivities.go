package leadsync

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

const secondsOfDay = 24 * 60 * 60

// group is the activities of a day and a type.
type group struct {
	day  int64 // since 1970, by UTC
	kind string
}

// tally counts rows and adds up their digests as 128-bit numbers. A sum does not depend on the order of the rows,
// which differs between service and copy; unlike an exclusive or, it notices a row that is there twice.
type tally struct {
	rows   int64
	hi, lo uint64
}

func (t *tally) add(d store.Digest) {
	var carry uint64
	t.rows++
	t.lo, carry = bits.Add64(t.lo, binary.BigEndian.Uint64(d[8:]), 0)
	t.hi, _ = bits.Add64(t.hi, binary.BigEndian.Uint64(d[:8]), carry)
}

func (t *tally) sum() string {
	b := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, t.hi), t.lo)
	return hex.EncodeToString(b)
}

// pair has the rows of one group, in the source and in the copy.
type pair struct{ source, stored tally }

// balance is the rows of a lead, there and here. It has the rows of all days.
type balance = pair

// compareActivities compares the activities of each day and type. It may read the source twice: if a GUID comes with
// different content, any of these will do, and which one the copy has is only known after the first comparison.
func (cm *comparison) compareActivities(ctx context.Context) error {
	windows, err := cm.windows(ctx)
	if err != nil {
		return err
	}
	if err := cm.readAndCompare(ctx, windows); err != nil {
		return err
	}
	if len(cm.versions) > 0 && cm.unequal() { // the copy may have others than those that came first
		cm.aside = true
		if err := cm.readAndCompare(ctx, windows); err != nil {
			return err
		}
	}
	if cm.stream.Name == Activities && cm.mayHaveLate() {
		if err := cm.readBeyond(ctx); err != nil {
			return err
		}
	}
	cm.settleActivities()
	return cm.lookUpActors(ctx)
}

// readAndCompare reads the source from the beginning and then the copy.
func (cm *comparison) readAndCompare(ctx context.Context, windows []store.Window) error {
	cm.groups, cm.result.Source, cm.actor = map[group]*pair{}, 0, 0
	for _, lead := range cm.leads {
		*lead = balance{}
	}
	if cm.leads != nil {
		cm.done = map[int64]bool{}
	}
	cm.rows = cm.config.rows(cm.stream)
	for _, w := range windows {
		if err := cm.read(ctx, cm.rows, w, cm.addSource); err != nil {
			return err
		}
	}
	return cm.compareCopy(ctx)
}

// compareCopy adds up the rows of the copy.
func (cm *comparison) compareCopy(ctx context.Context) error {
	cm.result.Copy = 0
	for _, p := range cm.groups {
		p.stored = tally{}
	}
	for _, lead := range cm.leads {
		lead.stored = tally{}
	}
	for row, err := range cm.stored(ctx, cm.result.Since, cm.result.Until) {
		if err != nil {
			return err
		}
		cm.countAside(row)
		if cm.late[row.Digest] > 0 {
			cm.late[row.Digest]--
			cm.count(versionOf(row))
		}
		cm.result.Copy++
		cm.pair(groupOf(&row.Activity)).stored.add(row.Digest)
		if cm.leads != nil {
			cm.leads[row.LeadID].stored.add(row.Digest)
		}
	}
	if cm.aside {
		for _, known := range cm.versions { // the copy has none of them
			cm.count(known[0])
		}
		clear(cm.versions)
	}
	return nil
}

// unequal reports whether any group differs.
func (cm *comparison) unequal() bool {
	for _, p := range cm.groups {
		if p.source != p.stored {
			return true
		}
	}
	return false
}

// mayHaveLate reports whether a difference can come from rows that the source gives only beyond the bounds: the copy
// has at least as many rows as the source.
func (cm *comparison) mayHaveLate() bool {
	for _, p := range cm.groups {
		if p.source != p.stored && p.stored.rows >= p.source.rows {
			return true
		}
	}
	return false
}

// readBeyond reads the source from the end of the bounds up to the present, and compares again. A row that the source
// stored after the bounds counts if the copy has it; if not, nobody can say whether it should.
func (cm *comparison) readBeyond(ctx context.Context) error {
	v := &cm.result
	present, err := cm.config.Now(ctx)
	if err != nil || !v.Until.Before(wholeSecond(present)) {
		return err
	}
	cm.late, cm.rows.until = map[store.Digest]int{}, v.Until
	beyond := store.Window{Stream: Activities, From: v.Until, To: wholeSecond(present), Since: v.Since}
	err = cm.read(ctx, cm.rows, beyond, func(p *piece) {
		for i := range p.activities {
			cm.late[p.activities[i].Digest]++
		}
	})
	if err != nil || len(cm.late) == 0 {
		return err
	}
	return cm.compareCopy(ctx)
}

// version is what an activity says, as far as a comparison goes.
type version struct {
	group

	lead   int64
	digest store.Digest
}

func versionOf(row *store.ActivityRow) version {
	return version{groupOf(&row.Activity), row.LeadID, row.Digest}
}

// note keeps one version of a GUID. The strings are copied, as they share their memory with the page that they came
// on.
func (cm *comparison) note(row *store.ActivityRow) {
	v := versionOf(row)
	if known := cm.versions[row.Key]; !slices.Contains(known, v) {
		v.kind = strings.Clone(v.kind)
		cm.versions[strings.Clone(row.Key)] = append(known, v)
	}
}

// addSource counts the rows of a page of the source. Two keys may belong to the same lead, whose history must be
// counted once.
func (cm *comparison) addSource(p *piece) {
	for i := range p.activities {
		row := &p.activities[i]
		if cm.done[row.LeadID] {
			continue // two of the keys are of one lead
		}
		if cm.leads != nil {
			cm.actor = row.LeadID
		}
		if cm.aside && cm.versions[row.Key] != nil {
			cm.note(row)
			continue
		}
		cm.count(versionOf(row))
	}
	for i := range p.versions {
		cm.note(&p.versions[i])
	}
	if len(p.read) > 0 && cm.actor != 0 {
		cm.done[cm.actor], cm.actor = true, 0
	}
}

// count counts one activity of the source.
func (cm *comparison) count(v version) {
	cm.result.Source++
	cm.pair(v.group).source.add(v.digest)
	if cm.leads != nil {
		cm.lead(v.lead).source.add(v.digest)
	}
}

// countAside counts a GUID that has several versions: the version that the copy has, or the first one if it has none
// of them.
func (cm *comparison) countAside(row *store.ActivityRow) {
	if known := cm.versions[row.Key]; cm.aside && known != nil {
		cm.count(known[max(0, slices.Index(known, versionOf(row)))])
		delete(cm.versions, row.Key)
	}
}

func groupOf(a *operations.Activity) group { return group{floorDay(a.Time), a.Type} }

// pair returns the rows of a group. The name of the type is copied, since the map outlives the page whose memory it
// shares.
func (cm *comparison) pair(g group) *pair {
	p := cm.groups[g]
	if p == nil {
		p = &pair{}
		g.kind = strings.Clone(g.kind)
		cm.groups[g] = p
	}
	return p
}

func (cm *comparison) lead(id int64) *balance {
	if cm.leads[id] == nil {
		cm.leads[id] = &balance{}
	}
	return cm.leads[id]
}

// stored yields the rows of the copy that the stream is about.
func (cm *comparison) stored(ctx context.Context, from, to time.Time) func(yield func(*store.ActivityRow, error) bool) {
	return func(yield func(*store.ActivityRow, error) bool) {
		for row, err := range cm.config.Store.Activities(ctx, from, to) {
			if err == nil && (cm.leads != nil && cm.leads[row.LeadID] == nil ||
				len(cm.stream.Types) > 0 && !slices.Contains(cm.stream.Types, row.Type)) {
				continue
			}
			if !yield(&row, err) || err != nil {
				return
			}
		}
	}
}

// windows returns what has to be read of the source. For Activities it is a single window, which takes the fewest
// calls.
func (cm *comparison) windows(ctx context.Context) ([]store.Window, error) {
	v := &cm.result
	if cm.stream.Name == Activities {
		return []store.Window{{Stream: Activities, From: v.Since, To: v.Until}}, nil // fewest calls
	}
	cm.leads, cm.done = map[int64]*balance{}, map[int64]bool{}
	keys, err := cm.config.chooseLeads(ctx, cm.stream)
	if err != nil {
		return nil, err
	}
	if cm.stream.StoredLeads { // leads that are lost whole too
		read, err := cm.config.leadsRead(ctx, cm.stream)
		if err != nil {
			return nil, err
		}
		keys = append(keys, read...)
		slices.SortFunc(keys, compareKeys)
		keys = slices.Compact(keys)
	}
	for _, text := range keys {
		if key, err := operations.ParseLeadKey(text); err == nil && leadOf(key) != 0 {
			cm.lead(leadOf(key))
		}
	}
	return cm.stream.leadWindows(store.StreamState{Since: v.Since}, v.Since, v.Until, keys), nil
}

// leadsRead returns the keys of the leads whose histories the copy has read, including those that have no row left.
func (c *Config) leadsRead(ctx context.Context, s Stream) ([]string, error) {
	var keys []string
	_, _, err := c.Store.Plan(ctx, s.kept(), func(st store.StreamState) (store.Planned, error) {
		for key := range st.LeadUppers {
			keys = append(keys, key)
		}
		return store.Planned{}, errDry
	})
	if errors.Is(err, errDry) {
		err = nil
	}
	return keys, err
}

// settleActivities turns the groups that differ into the result.
func (cm *comparison) settleActivities() {
	cm.result.Groups = len(cm.groups)
	for g, p := range cm.groups {
		if p.source == p.stored {
			continue
		}
		cm.result.Differences = append(cm.result.Differences, Difference{
			Day: dayText(g.day), Type: g.kind, Source: p.source.rows, Copy: p.stored.rows,
			Missing: max(p.source.rows-p.stored.rows, 0), Extra: max(p.stored.rows-p.source.rows, 0),
			SourceSum: p.source.sum(), CopySum: p.stored.sum(),
		})
	}
	slices.SortFunc(cm.result.Differences, compareDays)
}

func compareDays(a, b Difference) int {
	return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Type, b.Type))
}

func dayText(day int64) string { return dayTime(day).Format(time.DateOnly) }

func dayTime(day int64) time.Time { return time.Unix(day*secondsOfDay, 0).UTC() }

// floorDay returns the day of a time, counted from 1970, also for times before that.
func floorDay(t time.Time) int64 {
	s := t.Unix()
	if s < 0 {
		s -= secondsOfDay - 1
	}
	return s / secondsOfDay
}

// differs reports whether the group of an activity is among the differences.
func (cm *comparison) differs(a *operations.Activity) bool {
	p := cm.groups[groupOf(a)]
	return p != nil && p.source != p.stored
}

// lookUpActors finds out how many of the differing rows belong to leads that the source no longer has, most often
// because they were merged. It explains a difference to the user and shows Repair which leads to mark.
func (cm *comparison) lookUpActors(ctx context.Context) error {
	v := &cm.result
	if len(v.Differences) == 0 {
		return nil
	}
	actors := map[int64]bool{}
	for row, err := range cm.stored(ctx, v.Since, v.Until) {
		if err != nil {
			return err
		}
		if cm.differs(&row.Activity) {
			actors[row.LeadID] = true
		}
	}
	if err := cm.lookUp(ctx, slices.Sorted(maps.Keys(actors))); err != nil || len(cm.gone) == 0 {
		return err
	}
	of := map[group]int64{}
	for row, err := range cm.stored(ctx, v.Since, v.Until) {
		if err != nil {
			return err
		}
		if _, gone := slices.BinarySearch(cm.gone, row.LeadID); gone && cm.differs(&row.Activity) {
			g := groupOf(&row.Activity)
			g.kind = strings.Clone(g.kind)
			of[g]++
		}
	}
	for i := range v.Differences {
		day, _ := time.Parse(time.DateOnly, v.Differences[i].Day) // as it was written
		v.Differences[i].Gone = of[group{floorDay(day), v.Differences[i].Type}]
	}
	return nil
}
