package leadsync_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/filestore"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
)

// endpoint is a port as an endpoint shows it whose records change.
type endpoint struct {
	gen.Port
	guids  bool // as from 3_1 on
	ids    func(id int64) (int64, bool)
	rename func(asset string) string
}

func (e *endpoint) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	out, err := e.Port.GetLeadChanges(ctx, in)
	if err != nil {
		return nil, err
	}
	records := out.Result.LeadChangeRecordList.Value.LeadChangeRecord
	for i := range records {
		e.show(&records[i].Id, &records[i].MarketoGUID, &records[i].MktgAssetName)
	}
	return out, nil
}

func (e *endpoint) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	out, err := e.Port.GetLeadActivity(ctx, in)
	if err != nil {
		return nil, err
	}
	records := out.LeadActivityList.ActivityRecordList.Value.ActivityRecord
	for i := range records {
		e.show(&records[i].Id, &records[i].MarketoGUID, &records[i].MktgAssetName)
	}
	return out, nil
}

func (e *endpoint) show(id *gen.Opt[int64], guid *string, asset *gen.Opt[string]) {
	if n, ok := e.ids(id.Or(0)); ok {
		*id = gen.Some(n)
	} else {
		*id = gen.Opt[int64]{}
	}
	if !e.guids {
		*guid = ""
	}
	*asset = gen.Some(e.rename(asset.Or("")))
}

// rowsOf are rows as text, in order.
func rowsOf(t *testing.T, store store.Store) []string {
	t.Helper()
	var texts []string
	for row, err := range store.Activities(t.Context(), time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, fmt.Sprint(row.Time.Unix(), " ", row.Type, " ", row.LeadID, " ", row.AssetName))
	}
	slices.Sort(texts)
	return texts
}

// sourceRows are what the copy should have.
func sourceRows(t *testing.T, p gen.Port) []string {
	t.Helper()
	var texts []string
	for a, err := range operations.New(p).Changes.All(t.Context(), begin, nil) {
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, fmt.Sprint(a.Time.Unix(), " ", a.Type, " ", a.LeadID, " ", a.AssetName))
	}
	slices.Sort(texts)
	return texts
}

func unique(id int64) (int64, bool) { return id, true }
func shared(int64) (int64, bool)    { return 7, true }
func none(int64) (int64, bool)      { return 0, false }

// TestRun_copyEqualsSource changes the source between runs, inside the lookback: leads are merged, an asset gets another
// name, the endpoint another version. The copy has the rows of the source, none of them twice.
func TestRun_copyEqualsSource(t *testing.T) {
	t.Parallel()
	stores := map[string]func(t *testing.T) store.Store{
		"SQLite":     func(t *testing.T) store.Store { return openStore(t) },
		"PostgreSQL": func(t *testing.T) store.Store { return openPostgres(t, pgtest.Database(t)) },
		"files": func(t *testing.T) store.Store {
			store, err := filestore.Open(t.Context(), t.TempDir(), filestore.WithCommitRows(7))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			return store
		},
	}
	streams := map[string]leadsync.Stream{
		"activities": {Name: leadsync.Activities, Window: 10 * time.Minute},
		"histories":  {Name: leadsync.LeadActivity, LeadKeys: []string{"101", "102", "103", "104"}},
		"some types": {Name: leadsync.LeadActivity, LeadKeys: []string{"101", "102", "103", "104"}, Types: []string{"Visit Webpage"}},
	}
	ids := map[string]func(int64) (int64, bool){"ids": unique, "ids that repeat": shared, "no ids": none}
	for kindOfStore, open := range stores {
		for stream, s := range streams {
			for kind, id := range ids {
				if kindOfStore != "SQLite" && (kind != "ids that repeat" || s.Types != nil) {
					continue // the rules are the same, and the statements those of the others
				}
				t.Run(kindOfStore+"/"+stream+"/"+kind, func(t *testing.T) {
					if stream != "activities" {
						engines(t, kindOfStore)
					}
					t.Parallel()
					changeAndRun(t, open(t), s, id, func(c *leadsync.Config) (store.Counts, error) {
						report, err := leadsync.RunQuick(t.Context(), c)
						if err != nil {
							return store.Counts{}, err
						}
						return report.Copied[0], nil
					})
				})
			}
		}
	}
}

func changeAndRun(t *testing.T, dest store.Store, s leadsync.Stream, ids func(int64) (int64, bool), run func(*leadsync.Config) (store.Counts, error)) {
	t.Helper()
	sim, e := changing(t)
	e.ids = ids
	s.Since, s.Lookback = begin, 48*time.Hour
	upper := begin.Add(time.Hour)
	check := func(what string) {
		t.Helper()
		upper = upper.Add(time.Minute)
		for _, want := range []string{what, what + ", again"} {
			c := config(e, dest, upper)
			c.Streams, c.BatchSize = []leadsync.Stream{s}, 2
			counts, err := run(c)
			if err != nil {
				t.Fatal(want, err)
			}
			if want != what && counts.Inserted+counts.Updated > 0 {
				t.Errorf("%s: %d inserted, %d updated", want, counts.Inserted, counts.Updated)
			}
			upper = upper.Add(time.Second)
		}
		wanted := slices.DeleteFunc(sourceRows(t, e), func(text string) bool {
			return len(s.Types) > 0 && !strings.Contains(text, s.Types[0])
		})
		if diff := cmp.Diff(wanted, rowsOf(t, dest)); diff != "" {
			t.Errorf("%s: (-source +copy)\n%s", what, diff)
		}
	}
	check("first")
	if _, known := ids(1); known { // else nothing tells what a record was
		merge(t, sim, 101, 102)
		check("merged")
		e.rename = func(asset string) string { return strings.Replace(asset, "page 1", "Pricing", 1) }
		check("renamed")
	}
	e.guids = true
	check("3_1")
	merge(t, sim, 104, 103)
	e.rename = func(asset string) string { return strings.Replace(asset, "page", "Page", 1) }
	check("changed with GUIDs")
	e.guids = false
	check("2_7 again")
	e.guids = true
	check("3_1 again")
	v, err := leadsync.Verify(t.Context(), &leadsync.Config{Port: e, Store: dest, Streams: []leadsync.Stream{s}}, nil)
	if err != nil || !v.Equal {
		t.Errorf("verification %+v, error %v", v, err)
	}
}

// changing is a source of four leads. Three visit a page in the same second, in ten seconds; pages and commits cut them.
func changing(t *testing.T) (*simulator.Simulator, *endpoint) {
	t.Helper()
	sim := simulator.New(simulator.WithClock(func() time.Time { return begin.Add(50 * time.Minute) }))
	for lead := range int64(4) {
		l := simulator.Lead{ID: 101 + lead, Email: fmt.Sprintf("lead%d@example.com", lead)}
		for i := range 10 {
			if lead == int64(i%4) {
				continue
			}
			l.Activities = append(l.Activities, simulator.Activity{
				Type: "VisitWebpage", Time: simulator.At(begin.Add(time.Duration(i) * time.Minute)), AssetName: fmt.Sprint("page ", (int64(i)+lead)%3),
			})
		}
		if _, err := sim.AddLead(l); err != nil {
			t.Fatal(err)
		}
	}
	return sim, &endpoint{Port: sim, ids: unique, rename: func(asset string) string { return asset }}
}
