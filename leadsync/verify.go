package leadsync

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"slices"
	"time"

	"github.com/mktows/mktows-go/operations"
)

// VerifyOptions say what Verify compares.
type VerifyOptions struct {
	// Since and Until bound it; the zero times stand for where the copy begins and up to
	// where it is complete. Days count by UTC.
	Since, Until time.Time
	// Progress, unless nil, is told how many rows of the source were read.
	Progress func(stream StreamName, read int64)
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
}

// Difference is a day and a type that are not equal.
type Difference struct {
	Day  string // 2026-03-08, by UTC; empty for leads
	Type string // spaced name of the activities; empty for leads
	// Rows of the source and of the copy.
	Source, Copy int64
	// Missing in the copy, or too many there; Changed of leads are those that say something
	// else. With all three 0, as many rows are there as should be, and what they say differs.
	Missing, Extra, Changed int64
	// Sums of the digests of the rows, which do not depend on their order.
	SourceSum, CopySum string
}

// Verify reads the source again, within the bounds, and compares it with the copy: counts and checksums per day and
// type. It takes as many calls as copying does. What the service has stored, changed or
// deleted since the last run shows as a difference; leads that were updated since are not
// compared.
//
// The error is about the comparison; differences are no error.
func Verify(ctx context.Context, config *Config, o VerifyOptions) (*Verification, error) {
	c := config.withDefaults()
	if err := c.validateFor(false); err != nil {
		return nil, err
	}
	if o.Progress == nil {
		o.Progress = func(StreamName, int64) {}
	}
	status, err := c.Store.Status(ctx)
	if err != nil {
		return nil, err
	}
	v := &Verification{Equal: true}
	for _, s := range c.Streams {
		i := slices.IndexFunc(status.Streams, func(st StreamStatus) bool { return st.Name == s.Name })
		if i < 0 {
			return nil, fmt.Errorf("%s has no stream %s; run it first", c.Store, s.Name)
		}
		part, err := c.verify(ctx, s, status.Streams[i], o)
		if err != nil {
			return nil, fmt.Errorf("verify %s: %w", s.Name, err)
		}
		v.Streams = append(v.Streams, part)
		v.Equal = v.Equal && len(part.Differences) == 0
	}
	return v, nil
}

func (c *Config) verify(ctx context.Context, s Stream, st StreamStatus, o VerifyOptions) (StreamVerification, error) {
	v := StreamVerification{Name: s.Name, Since: latest(wholeSecond(o.Since), st.Since), Until: st.Complete}
	if !o.Until.IsZero() {
		v.Until = earliest(wholeSecond(o.Until), st.Complete)
	}
	if st.Complete.IsZero() || !v.Since.Before(v.Until) {
		return v, errors.New("nothing is copied yet within the bounds")
	}
	if err := s.ParseQuery(st.Query); err != nil {
		return v, err
	}
	cm := &comparison{config: c, stream: s, result: &v, progress: o.Progress}
	if s.Name == Leads {
		return v, cm.leads(ctx)
	}
	return v, cm.activities(ctx)
}

// comparison compares a stream.
type comparison struct {
	config   *Config
	stream   Stream
	result   *StreamVerification
	progress func(StreamName, int64)
	source   map[group]*tally
	of       map[int64]bool // leads that are compared; nil: all
}

type group struct{ day, kind string }

// tally counts rows and adds up their digests, as numbers of 128 bits.
type tally struct {
	rows   int64
	hi, lo uint64
}

func (t *tally) add(d Digest) {
	var carry uint64
	t.rows++
	t.lo, carry = bits.Add64(t.lo, binary.BigEndian.Uint64(d[8:]), 0)
	t.hi, _ = bits.Add64(t.hi, binary.BigEndian.Uint64(d[:8]), carry)
}

func (t *tally) sum() string {
	b := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, t.hi), t.lo)
	return hex.EncodeToString(b)
}

func tallyOf(groups map[group]*tally, a *operations.Activity) *tally {
	g := group{a.Time.UTC().Format(time.DateOnly), a.Type}
	t := groups[g]
	if t == nil {
		t = &tally{}
		groups[g] = t
	}
	return t
}

func (cm *comparison) activities(ctx context.Context) error {
	cm.source = map[group]*tally{}
	if err := cm.readSource(ctx); err != nil {
		return err
	}
	stored := map[group]*tally{}
	for row, err := range cm.config.Store.Activities(ctx, cm.result.Since, cm.result.Until) {
		if err != nil {
			return err
		}
		if cm.of != nil && !cm.of[row.LeadID] ||
			len(cm.stream.Types) > 0 && !slices.Contains(cm.stream.Types, row.Type) {
			continue
		}
		cm.result.Copy++
		tallyOf(stored, &row.Activity).add(row.Digest)
	}
	cm.compare(stored)
	return nil
}

// readSource reads what a run would read, in windows of the same kind.
func (cm *comparison) readSource(ctx context.Context) error {
	windows, err := cm.windows(ctx)
	if err != nil {
		return err
	}
	for _, w := range windows {
		for p, err := range cm.config.everyRow(ctx, cm.stream, w) {
			if err != nil {
				return err
			}
			for i := range p.activities {
				row := &p.activities[i]
				tallyOf(cm.source, &row.Activity).add(row.Digest)
				if cm.of != nil {
					cm.of[row.LeadID] = true
				}
			}
			cm.result.Source += int64(len(p.activities))
			cm.progress(cm.stream.Name, cm.result.Source)
		}
	}
	return nil
}

func (cm *comparison) windows(ctx context.Context) ([]Window, error) {
	v := cm.result
	if cm.stream.Name == Activities {
		return []Window{{Stream: Activities, From: v.Since, To: v.Until}}, nil // fewest calls
	}
	cm.of = map[int64]bool{}
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
		if key, err := operations.ParseLeadKey(text); err == nil && key.Type == operations.KeyID {
			var id int64
			if _, err := fmt.Sscan(key.Value, &id); err == nil {
				cm.of[id] = true
			}
		}
	}
	return cm.stream.leadWindows(StreamState{Since: v.Since}, v.Since, v.Until, keys), nil
}

// leadsRead returns the keys of the leads whose histories were copied.
func (c *Config) leadsRead(ctx context.Context, s Stream) ([]string, error) {
	var keys []string
	_, err := c.Store.Plan(ctx, s, func(st StreamState) (Planned, error) {
		for key := range st.LeadUppers {
			keys = append(keys, key)
		}
		return Planned{}, errDry
	}, nil)
	if errors.Is(err, errDry) {
		err = nil
	}
	return keys, err
}

func (cm *comparison) compare(stored map[group]*tally) {
	none := &tally{}
	all := map[group]bool{}
	for g := range cm.source {
		all[g] = true
	}
	for g := range stored {
		all[g] = true
	}
	cm.result.Groups = len(all)
	for g := range all {
		want, have := none, none
		if t := cm.source[g]; t != nil {
			want = t
		}
		if t := stored[g]; t != nil {
			have = t
		}
		if *want == *have {
			continue
		}
		cm.result.Differences = append(cm.result.Differences, Difference{
			Day: g.day, Type: g.kind, Source: want.rows, Copy: have.rows,
			Missing: max(want.rows-have.rows, 0), Extra: max(have.rows-want.rows, 0),
			SourceSum: want.sum(), CopySum: have.sum(),
		})
	}
	slices.SortFunc(cm.result.Differences, compareDays)
}

func compareDays(a, b Difference) int {
	return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Type, b.Type))
}

// leads compares the leads that were last updated within the bounds with those of the
// same ids in the copy.
func (cm *comparison) leads(ctx context.Context) error {
	stored := map[int64]Digest{}
	for row, err := range cm.config.Store.Leads(ctx) {
		if err != nil {
			return err
		}
		stored[row.ID] = row.Digest
	}
	var want, have tally
	d := Difference{}
	seen := map[int64]bool{}
	cm.stream.Window = operations.MaxUpdatedRange - 2*edge // fewest calls
	for _, w := range cm.stream.cut(cm.result.Since, cm.result.Until, cm.result.Since, nil) {
		for p, err := range cm.config.everyRow(ctx, cm.stream, w) {
			if err != nil {
				return err
			}
			for i := range p.leads {
				row := &p.leads[i]
				if seen[row.ID] {
					continue // in two windows: they overlap by a second
				}
				seen[row.ID] = true
				want.add(row.Digest)
				digest, ok := stored[row.ID]
				switch {
				case !ok:
					d.Missing++
					continue
				case digest != row.Digest:
					d.Changed++
				}
				have.add(digest)
			}
			cm.progress(cm.stream.Name, want.rows)
		}
	}
	cm.result.Source, cm.result.Copy, cm.result.Groups = want.rows, have.rows, 1
	if want != have {
		d.Source, d.Copy, d.SourceSum, d.CopySum = want.rows, have.rows, want.sum(), have.sum()
		cm.result.Differences = []Difference{d}
	}
	return nil
}
