package leadsync_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/filestore"
	"github.com/mktows/mktows-go/leadsync/store"
)

// stepped is a port that does something before it asks for the history of a lead, and after.
type stepped struct {
	gen.Port
	before, after map[string]func()
}

func (p *stepped) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	lead := in.LeadKey.KeyValue
	if do := p.before[lead]; do != nil {
		do()
	}
	out, err := p.Port.GetLeadActivity(ctx, in)
	if do := p.after[lead]; do != nil {
		do()
	}
	return out, err
}

// TestRun_mergedWhileRead: the lead 101 is merged into 102 after its history was read and before that is written, while
// the winner's is read in the same window or in another one, which is written first. Each record is there once.
func TestRun_mergedWhileRead(t *testing.T) {
	t.Parallel()
	stores := map[string]func(t *testing.T) store.Store{
		"files": func(t *testing.T) store.Store {
			store, err := filestore.Open(t.Context(), t.TempDir(), filestore.WithCommitRows(1000))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.Close() })
			return store
		},
		"SQLite": func(t *testing.T) store.Store { return openStore(t) },
	}
	ids := map[string]func(int64) (int64, bool){"ids": unique, "ids that repeat": shared, "no ids": none}
	for name, open := range stores {
		for kind, id := range ids {
			if name == "SQLite" && kind == "no ids" {
				continue // the loser's are written at once, and nothing tells later which rows they are
			}
			for _, guids := range []bool{false, true} {
				for _, apart := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s/%s/GUIDs %t/apart %t", name, kind, guids, apart), func(t *testing.T) {
						t.Parallel()
						mergeWhileRead(t, open(t), id, guids, apart)
					})
				}
			}
		}
	}
}

func mergeWhileRead(t *testing.T, store store.Store, ids func(int64) (int64, bool), guids, apart bool) {
	t.Helper()
	sim, e := changing(t)
	e.ids, e.guids = ids, guids
	keys := []string{"101", "102", "103", "104"}
	merged, written := make(chan struct{}), make(chan struct{})
	p := &stepped{Port: e, after: map[string]func(){"101": sync.OnceFunc(func() { merge(t, sim, 102, 101); close(merged) })}}
	proof := config(e, store, begin.Add(time.Minute))
	proof.Streams = []leadsync.Stream{{Name: leadsync.LeadActivity, Since: begin, LeadKeys: []string{"103"}}}
	if _, err := leadsync.RunQuick(t.Context(), proof); err != nil {
		t.Fatal(err)
	}
	c := config(p, store, begin.Add(time.Hour))
	if apart { // 50 leads are a window, in the order of their ids
		const winner = "lead1@example.com"
		keys = []string{"101", "103", "104", "EMAIL:" + winner}
		for i := range 47 {
			keys = append(keys, fmt.Sprint(1001+i))
		}
		p.before = map[string]func(){winner: func() { <-merged }, "1001": func() { <-written }}
		var once sync.Once
		c.Progress = func(p leadsync.Progress) {
			if p.Done > 0 {
				once.Do(func() { close(written) })
			}
		}
	}
	c.Streams = []leadsync.Stream{{Name: leadsync.LeadActivity, Since: begin, LeadKeys: keys}}
	if _, err := leadsync.RunQuick(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	want := sourceRows(t, e)
	if diff := cmp.Diff(want, rowsOf(t, store)); diff != "" {
		t.Errorf("(-source +copy)\n%s", diff)
	}
}
