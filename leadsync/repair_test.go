package leadsync_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/filestore"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// allStores opens a new copy of each kind.
var allStores = map[string]func(t *testing.T) store.Store{
	"SQLite":     func(t *testing.T) store.Store { return openStore(t) },
	"PostgreSQL": func(t *testing.T) store.Store { return openPostgres(t, pgtest.Database(t)) },
	"files": func(t *testing.T) store.Store {
		s, err := filestore.Open(t.Context(), filepath.Join(t.TempDir(), "copy"), filestore.WithCommitRows(50))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	},
}

// engines leaves out, with -short, what tests a rule of the engine on another store than SQLite: the other stores have
// tests of their own, and those of this package that are not about a rule run on all of them.
func engines(t *testing.T, kind string) {
	t.Helper()
	if testing.Short() && kind != "SQLite" {
		t.Skip("with -short on SQLite alone: the rule is the engine's")
	}
}

// hiding is a port that no longer shows some leads, as if they had been deleted.
type hiding struct {
	gen.Port
	hidden map[int32]bool
}

func (p *hiding) GetMultipleLeads(ctx context.Context, in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	out, err := p.Port.GetMultipleLeads(ctx, in)
	if err == nil {
		list := &out.Result.LeadRecordList.Value
		list.LeadRecord = slices.DeleteFunc(list.LeadRecord, func(r gen.LeadRecord) bool { return p.hidden[r.Id.Or(0)] })
		out.Result.ReturnCount = int32(len(list.LeadRecord))
	}
	return out, err
}

func (p *hiding) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	out, err := p.Port.GetLeadChanges(ctx, in)
	if err == nil {
		list := &out.Result.LeadChangeRecordList.Value
		list.LeadChangeRecord = slices.DeleteFunc(list.LeadChangeRecord, func(r gen.LeadChangeRecord) bool { return p.hidden[int32(parseID(r.MktPersonId))] })
		out.Result.ReturnCount = int32(len(list.LeadChangeRecord))
	}
	return out, err
}

func parseID(text string) (id int64) {
	for _, r := range text {
		id = id*10 + int64(r-'0')
	}
	return id
}

// tamper commits what no run would.
func tamper(t *testing.T, dest store.Store, commit store.Commit) {
	t.Helper()
	ctx := t.Context()
	name := statusOf(t, dest).Streams[0].Name
	_, made, err := dest.Plan(ctx, store.Stream{Name: name}, func(store.StreamState) (store.Planned, error) {
		w := store.Window{Stream: name, From: end.Add(-time.Second), To: end, Fresh: end}
		return store.Planned{Upper: end, Windows: []store.Window{w}}, nil
	})
	var w store.Window
	if err == nil {
		w, err = dest.Begin(ctx, made[0].ID)
	}
	if err == nil {
		commit.Fence, commit.Done = w.Fence(), true
		_, err = dest.Commit(ctx, commit)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func merge(t *testing.T, p gen.Port, winner, loser int64) {
	t.Helper()
	key := func(id int64) operations.LeadKey { return operations.LeadID(id) }
	if _, err := operations.New(p).Leads.Merge(t.Context(), key(winner), []operations.LeadKey{key(loser)}, nil); err != nil {
		t.Fatal(err)
	}
}

func verification(t *testing.T, c *leadsync.Config) *leadsync.Verification {
	t.Helper()
	v, err := leadsync.Verify(t.Context(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func goneLeads(t *testing.T, store store.Store) []int64 {
	t.Helper()
	var ids []int64
	for row, err := range store.Leads(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if !row.GoneAt.IsZero() {
			ids = append(ids, row.ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// someActivity is a row of the copy, of a lead.
func someActivity(t *testing.T, dest store.Store, lead int64) store.ActivityRow {
	t.Helper()
	for row, err := range dest.Activities(t.Context(), time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		if row.LeadID == lead {
			return row
		}
	}
	t.Fatalf("there is no activity of lead %d", lead)
	return store.ActivityRow{}
}

// TestRepair: whatever has happened to the source and to the copy, Verify tells and Repair mends it, once.
func TestRepair(t *testing.T) {
	t.Parallel()
	for name, open := range allStores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := &hiding{newPort(t), map[int32]bool{}}
			c := config(p, open(t), end)
			c.Streams = []leadsync.Stream{{Name: leadsync.Activities, Since: begin}, {Name: leadsync.Leads, Since: begin}}
			finish(t, c)
			if v := verification(t, c); !v.Equal || v.Streams[1].Source != 10 {
				t.Fatalf("after the copy: %+v", v)
			}

			merge(t, p, 101, 102)
			p.hidden[103] = true
			if _, err := operations.New(p).Leads.Sync(t.Context(), operations.Lead{ID: 104, Email: "changed@example.com"}, nil); err != nil {
				t.Fatal(err)
			}
			extra := someActivity(t, c.Store, 106).Activity
			extra.GUID, extra.AssetName = "extra", "made up"
			tamper(t, c.Store, store.Commit{
				Removed: []string{someActivity(t, c.Store, 105).Key}, Activities: []store.ActivityRow{store.NewActivityRow(extra, 0)},
			})

			v := verification(t, c)
			if v.Equal || v.Streams[0].Gone != 2 || v.Streams[1].Gone != 2 {
				t.Errorf("before the repair: %+v", v)
			}
			if d := v.Streams[1].Differences[0]; d.Gone != 2 || d.Changed < 1 || d.Missing != 0 {
				t.Errorf("leads: %+v", d)
			}
			var gone int64
			for _, d := range v.Streams[0].Differences {
				gone += d.Gone
			}
			if gone != 120 { // those of 102 are with 101, those of 103 nowhere
				t.Errorf("%d activities of leads that are gone, want 120", gone)
			}

			done, err := leadsync.Repair(t.Context(), c, nil)
			if err != nil || !done.After.Equal || done.Before.Equal || len(done.Streams) != 2 {
				t.Fatalf("%+v, error %v", done, err)
			}
			if a := done.Streams[0]; a.Removed < 61 || a.Unsettled != 0 || a.Counts.Inserted < 1 {
				t.Errorf("activities: %+v", a)
			}
			if got := goneLeads(t, c.Store); !slices.Equal(got, []int64{102, 103}) {
				t.Errorf("gone are %v", got)
			}
			before := statusOf(t, c.Store)
			again, err := leadsync.Repair(t.Context(), c, nil)
			if err != nil || !again.After.Equal || len(again.Streams) != 0 {
				t.Errorf("second repair: %+v, error %v", again, err)
			}
			if after := statusOf(t, c.Store); after.Activities != before.Activities || len(after.Runs) != len(before.Runs) || !after.Streams[0].Complete.Equal(end) {
				t.Errorf("the second repair made %+v of %+v", after, before)
			}
			finish(t, c)
			if v := verification(t, c); !v.Equal {
				t.Errorf("after another run: %+v", v)
			}
		})
	}
}
