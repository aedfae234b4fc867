package leadsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// VerifyOptions say what [Verify] and [Repair] compare; nil stands for the zero value.
type VerifyOptions struct {
	// Since and Until are the bounds of the comparison. The zero times stand for the beginning of the copy and for the
	// time up to which it is complete. Days are those of UTC.
	Since, Until time.Time
	// LookUps is the greatest number of calls spent to find out whether leads that the copy has, and that the service
	// has not returned, are gone; a call looks up 100 leads. 0 stands for as many calls as the reading has taken, but
	// at least 100; a negative number for none.
	LookUps int
	// Progress, unless nil, is told how many rows of the source were read.
	Progress func(stream StreamName, read int64)
	// LookUp, unless nil, is called before leads are looked up, with their number and the number of calls.
	LookUp func(stream StreamName, leads, calls int)
}

// Verification is what a comparison has found.
type Verification struct {
	Streams []StreamVerification
	Equal   bool
}

// StreamVerification is the comparison of a stream.
type StreamVerification struct {
	Name         StreamName
	Since, Until time.Time
	Source, Copy int64 // rows
	Groups       int   // days and types compared
	Differences  []Difference
	// Calls is how many calls the comparison took, and LookUps how many of them looked up leads.
	Calls, LookUps int64
	// Gone are the leads that the source no longer has and that are not marked as gone in the copy. For Leads these are
	// leads of the copy, for the other streams leads with rows among the differences.
	Gone int64
	// NotLookedUp are the leads for which the calls of VerifyOptions.LookUps did not suffice. They
	// may be gone.
	NotLookedUp int64
	// Unreadable are the records of the source that cannot be read, each counted once. They count neither in Source nor
	// in Copy.
	Unreadable int64
}

// Difference is a day and a type that are not equal.
type Difference struct {
	Day  string // 2026-03-08, by UTC; empty for leads
	Type string // spaced name of the activities; empty for leads
	// Rows of the source and of the copy.
	Source, Copy int64
	// Missing rows are missing in the copy, Extra ones are too many there. Changed, which is counted for leads only,
	// are rows with another content. If these three and Gone are 0, the copy has as many rows as it should have, but
	// their content differs.
	Missing, Extra, Changed int64
	// Gone are rows of the copy that belong to leads which the source no longer has: those leads themselves, or their
	// activities, which in the source may now belong to another lead.
	Gone int64
	// SourceSum and CopySum are sums of the digests of the rows. They do not depend on the order of the rows.
	SourceSum, CopySum string
}

// Verify reads the source again, within the bounds, and compares it with the copy: counts and checksums per day and type.
// It takes as many calls as copying does. Whatever the service has stored, changed or deleted since the last run shows as a
// difference, except that leads which were updated since then are not compared. If the source does not return a lead of the
// copy within the bounds, the lead was updated before or after them or is gone; such leads are looked up by their ids, 100
// in a call (VerifyOptions.LookUps), unless they are marked as gone already.
//
// The bounds themselves cause no differences. A service may select activities by the time at which it stored them; it then
// returns those that it stored after Until in no earlier range. If the copy may have such activities, Verify reads on up to
// the present and counts those that the copy has. A GUID belongs to one activity; if the source returns several versions
// of it, the copy may have any of them. To find out which one it has, such a source is read a second time.
//
// The error is about the comparison itself; differences are not an error.
func Verify(ctx context.Context, config *Config, o *VerifyOptions) (*Verification, error) {
	c := config.withDefaults()
	if err := c.validateFor(false); err != nil {
		return nil, err
	}
	v, _, err := c.compare(ctx, o)
	return v, err
}

// compare is Verify, and returns the comparisons too, for what else they know.
func (c *Config) compare(ctx context.Context, given *VerifyOptions) (*Verification, []*comparison, error) {
	var o VerifyOptions
	if given != nil {
		o = *given
	}
	if o.Progress == nil {
		o.Progress = func(StreamName, int64) {}
	}
	if o.LookUp == nil {
		o.LookUp = func(StreamName, int, int) {}
	}
	status, err := c.Store.Status(ctx)
	if err != nil {
		return nil, nil, err
	}
	v := &Verification{Equal: true}
	var parts []*comparison
	for _, s := range c.Streams {
		i := slices.IndexFunc(status.Streams, func(st store.StreamStatus) bool { return st.Name == s.Name })
		if i < 0 {
			return nil, nil, fmt.Errorf("%s has no stream %s; run it first", c.Store, s.Name)
		}
		cm, err := c.compareStream(ctx, s, &status, status.Streams[i], o)
		if err != nil {
			return nil, nil, fmt.Errorf("verify %s: %w", s.Name, err)
		}
		parts = append(parts, cm)
		v.Streams = append(v.Streams, cm.result)
		v.Equal = v.Equal && len(cm.result.Differences) == 0
	}
	return v, parts, nil
}

// compareStream compares one stream within the bounds, with the query that the copy has and not the one that the
// Config asks for.
func (c *Config) compareStream(ctx context.Context, s Stream, status *store.Status, st store.StreamStatus, o VerifyOptions) (*comparison, error) {
	cm := &comparison{config: c, stream: s, status: st, options: o, problems: map[string]bool{}, versions: map[string][]version{}}
	v := &cm.result
	*v = StreamVerification{Name: s.Name, Since: latest(wholeSecond(o.Since), st.Since), Until: st.Complete}
	if !o.Until.IsZero() {
		v.Until = earliest(wholeSecond(o.Until), st.Complete)
	}
	if st.Complete.IsZero() || !v.Since.Before(v.Until) {
		return nil, errors.New("nothing is copied yet within the bounds")
	}
	if err := cm.stream.setQuery(st.Query); err != nil {
		return nil, err
	}
	var err error
	if s.Name == Leads {
		err = cm.compareLeads(ctx, int(status.Leads))
	} else {
		err = cm.compareActivities(ctx)
	}
	v.Unreadable = int64(len(cm.problems))
	return cm, err
}

// comparison is the state of comparing one stream.
//
// Activities are compared by sums per day and type, because keeping millions of rows in memory is not possible; the
// sums say that a day differs and not which row. Leads are compared one by one (leadIndex).
type comparison struct {
	config   *Config
	stream   Stream
	status   store.StreamStatus
	options  VerifyOptions
	result   StreamVerification
	problems map[string]bool // keys of those that the reading has met

	versions map[string][]version // by key, of GUIDs of which the source says several things
	aside    bool                 // these count when the copy is read, not before
	rows     *everyRow            // that reads the activities
	late     map[store.Digest]int // activities that the source tells beyond the bounds

	groups map[group]*pair    // of activities
	leads  map[int64]*balance // whose activities are compared; nil: all
	actor  int64              // whose history is being read
	done   map[int64]bool     // whose history was read, under whatever key
	gone   []int64            // leads that the source no longer has
	fetch  []int64            // leads that are to be read again
}

// whole reports whether the stream is compared over its full extent, so that a problem which was not met does not
// exist any more.
func (cm *comparison) whole() bool {
	all := cm.stream.Name != LeadActivity || cm.stream.StoredLeads
	return all && cm.result.Since.Equal(cm.status.Since) && cm.result.Until.Equal(cm.status.Complete)
}

// read reads a window of the source, hands its pages to add and reports the progress.
func (cm *comparison) read(ctx context.Context, rows *everyRow, w store.Window, add func(*piece)) error {
	for p, err := range rows.read(ctx, w) {
		if err != nil {
			return err
		}
		cm.result.Calls += p.calls
		for i := range p.problems {
			cm.problems[p.problems[i].Key] = true
		}
		add(&p)
		cm.options.Progress(cm.stream.Name, cm.result.Source)
	}
	return nil
}

// minLookUps is how many calls may look up leads at least, unless the options say otherwise.
const minLookUps = 100

// lookUp finds out which of the leads are gone, as far as the permitted calls go. The ids are sorted.
func (cm *comparison) lookUp(ctx context.Context, ids []int64) error {
	most := cm.options.LookUps
	if most == 0 {
		most = max(minLookUps, int(cm.result.Calls))
	}
	some := ids[:min(len(ids), max(most, 0)*maxKeys)]
	cm.result.NotLookedUp = int64(len(ids) - len(some))
	if len(some) == 0 {
		return nil
	}
	cm.options.LookUp(cm.stream.Name, len(some), lookUpCalls(len(some)))
	gone, calls, err := cm.config.lookUp(ctx, some)
	cm.result.Calls += calls
	cm.result.LookUps, cm.result.Gone, cm.gone = calls, int64(len(gone)), gone
	return err
}
