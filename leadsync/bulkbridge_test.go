package leadsync_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// TestBulk_bridge copies the demonstration data over REST by both sources: the rows and their keys are the same, whatever ids
// the service gives, and neither writes anything after the other.
func TestBulk_bridge(t *testing.T) {
	t.Parallel()
	for name, quirks := range map[string]rest.Quirks{"plain": {}, "missing ids": {MissingIDs: 3}, "repeated ids": {RepeatedIDs: 4}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithoutLimits(), mktowstest.WithREST(rest.WithQuirks(quirks)))
			b := s.Bridge()
			s.Clock().Advance(time.Until(time.Date(2015, 12, 31, 0, 0, 0, 0, time.UTC))) // the data are of that year
			copyBy := func(dest string, source leadsync.Source) *leadsync.Config {
				return &leadsync.Config{
					Port: b, Extracts: b.Extracts(), Store: openAt(t, dest),
					Now: func(context.Context) (time.Time, error) {
						s.Clock().Advance(time.Minute)
						return s.Clock().Now(), nil
					},
					Streams: []leadsync.Stream{{
						Name: leadsync.Activities, Source: source, Since: time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC), Window: 30 * 24 * time.Hour, Lookback: 365 * 24 * time.Hour,
					}},
				}
			}
			folder := t.TempDir()
			byPages, byBulk := copyBy(folder+"/pages.db", leadsync.Pages), copyBy(folder+"/bulk.db", leadsync.Bulk)
			for _, c := range []*leadsync.Config{byPages, byBulk} {
				if _, err := leadsync.CopySteps(t.Context(), c); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(digestsOf(t, byPages.Store), digestsOf(t, byBulk.Store)); diff != "" {
				t.Errorf("-pages +bulk\n%s", diff)
			}
			byPages.Streams[0].Source, byBulk.Streams[0].Source = leadsync.Bulk, leadsync.Pages
			for _, c := range []*leadsync.Config{byPages, byBulk} {
				copied, err := leadsync.CopySteps(t.Context(), c)
				if quirks.RepeatedIDs > 0 { // a file has the numbers of GUIDs in place of ids
					copied.Updated = 0
				}
				if err != nil || copied.Inserted+copied.Updated > 0 || copied.Seen == 0 {
					t.Errorf("the other source: %+v, %v", copied, err)
				}
			}
		})
	}
}

// calls is a limiter of a bridge that counts.
type calls struct{ made atomic.Int64 }

func (c *calls) Acquire(context.Context) (func(bool), error) {
	c.made.Add(1)
	return func(bool) {}, nil
}

// TestBulk_calls: many activities take fewer REST calls by bulk extract than by pages, and few take fewer by pages.
func TestBulk_calls(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		activities, days int
		types            []string
		bulk             bool // is cheaper
	}{
		{3_000, 28, nil, true},
		{3_000, 28, []string{"Visit Webpage"}, true},
		{600, 1, nil, true},
		{50, 1, []string{"Visit Webpage"}, false},
	} {
		s := mktowstest.NewServer(t, mktowstest.WithoutLimits())
		s.Clock().Advance(time.Until(begin.AddDate(0, 0, test.days)))
		lead := simulator.Lead{ID: 1, Email: "ann@example.com"}
		step := time.Duration(test.days) * 24 * time.Hour / time.Duration(test.activities)
		for i := range test.activities {
			at := simulator.At(begin.Add(time.Duration(i) * step))
			lead.Activities = append(lead.Activities, simulator.Activity{Type: "VisitWebpage", Time: at})
		}
		if _, err := s.Sim().AddLead(lead); err != nil {
			t.Fatal(err)
		}
		made := map[leadsync.Source]int64{}
		for _, source := range []leadsync.Source{leadsync.Pages, leadsync.Bulk} {
			n := &calls{}
			b := s.Bridge(bridge.WithLimiter(n))
			copied, err := leadsync.CopySteps(t.Context(), &leadsync.Config{
				Port: b, Extracts: b.Extracts(), Store: openStore(t),
				Now: func(context.Context) (time.Time, error) {
					s.Clock().Advance(time.Minute)
					return s.Clock().Now(), nil
				},
				Streams: []leadsync.Stream{{Name: leadsync.Activities, Source: source, Since: begin, Types: test.types}},
			})
			if err != nil || copied.Inserted < int64(test.activities) {
				t.Fatalf("%+v, %v", copied, err)
			}
			made[source] = n.made.Load()
		}
		t.Logf("%d activities in %d days, types %v: by pages %d calls, by bulk extract %d", test.activities, test.days, test.types, made[leadsync.Pages], made[leadsync.Bulk])
		if test.bulk != (made[leadsync.Bulk] < made[leadsync.Pages]) {
			t.Errorf("%+v: %v", test, made)
		}
	}
}
