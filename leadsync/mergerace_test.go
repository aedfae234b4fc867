package leadsync_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/filestore"
	"github.com/mktows/mktows-go/leadsync/store"
)

// answered is a port that does something once, before it hands out the first answer with the history of a lead.
type answered struct {
	gen.Port
	lead string
	then func()
}

func (p *answered) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	out, err := p.Port.GetLeadActivity(ctx, in)
	if then := p.then; then != nil && in.LeadKey.KeyValue == p.lead {
		p.then = nil
		then()
	}
	return out, err
}

// TestRun_mergedWhileRead: a lead is merged after its history was read and before that is committed. What the
// winner has may be in the copy before, in the same commit, or come later; the next run leaves each record once.
func TestRun_mergedWhileRead(t *testing.T) {
	t.Parallel()
	stores := map[string]func(t *testing.T) store.Store{"SQLite": openStore}
	for name, rows := range map[string]int{"files": 5, "files, in large commits": 1000} {
		stores[name] = func(t *testing.T) store.Store {
			store, err := filestore.Open(t.Context(), t.TempDir(), filestore.Options{CommitRows: rows})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			return store
		}
	}
	ids := map[string]func(int64) (int64, bool){"ids": unique, "ids that repeat": shared, "no ids": none}
	for name, open := range stores {
		for kind, id := range ids {
			for _, changes := range []bool{false, true} {
				for _, leads := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/%s/changes %t/leads %t", name, kind, changes, leads), func(t *testing.T) {
						t.Parallel()
						mergeWhileRead(t, open(t), id, changes, leads)
					})
				}
			}
		}
	}
}

func mergeWhileRead(t *testing.T, store store.Store, ids func(int64) (int64, bool), changes, leads bool) {
	t.Helper()
	sim, e := changing(t)
	e.ids = ids
	p := &answered{Port: e, lead: "102"}
	upper := begin.Add(time.Hour)
	run := func(streams ...leadsync.Stream) {
		c := config(p, store, upper)
		c.Streams = streams
		if _, err := leadsync.RunQuick(t.Context(), c); err != nil {
			t.Error(err)
		}
	}
	histories := leadsync.Stream{Name: leadsync.LeadActivity, Since: begin, Lookback: 48 * time.Hour, LeadKeys: []string{"103", "102", "101"}}
	all := leadsync.Stream{Name: leadsync.Activities, Since: begin, Lookback: 48 * time.Hour}
	if leads {
		run(leadsync.Stream{Name: leadsync.Leads, Since: begin})
	}
	p.then = func() {
		merge(t, sim, 101, 102)
		if changes {
			run(all)
		}
	}
	run(histories)
	upper = upper.Add(time.Minute)
	run(histories)
	run(all)
	if diff := cmp.Diff(sourceRows(t, e), rowsOf(t, store)); diff != "" {
		t.Errorf("(-source +copy)\n%s", diff)
	}
}
