package leadsync_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mktows/mktows-go/examples/memorystore"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
)

// TestChoice_refusedWindowIsDropped: a type that worked is taken no more: its window fails and its run is refused. Its user leaves the type out: the window is
// dropped, and the others of the run have to go on.
func TestChoice_refusedWindowIsDropped(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*testing.T) store.Store{
		"SQLite": func(t *testing.T) store.Store { return openStore(t) },
		"memory": func(t *testing.T) store.Store {
			s, err := memorystore.New(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = s.Close() })
			return s
		},
	} {
		t.Run(name, func(t *testing.T) { dropRefused(t, open(t)) })
	}
}

func dropRefused(t *testing.T, dest store.Store) {
	t.Parallel()
	h := &hostile{recs: []hostileRecord{{id: 1, guid: "g", at: begin.Add(time.Minute), stored: begin.Add(time.Minute), lead: 1, say: "a"}}}
	var refuse atomic.Bool
	port := gen.PortFunc(func(ctx context.Context, op *gen.Operation, in, out gen.Message) error {
		if x, ok := in.(*gen.ParamsGetLeadChanges); ok && refuse.Load() && len(x.ActivityNameFilter.Value.StringItem) > 0 {
			return fault.New(fault.CodeBadParameter, "no such type")
		}
		return h.call(ctx, op, in, out)
	})
	upper := begin.Add(10 * time.Hour)
	c := config(port, dest, upper)
	c.Now = func(context.Context) (time.Time, error) { return upper, nil }
	c.Concurrency = 1
	c.Streams[0].Window = time.Hour
	c.Streams[0].LookbackByType = map[string]time.Duration{"Custom Type": 5 * time.Hour}
	for range 2 { // the second run asks for the type
		if _, err := leadsync.RunQuick(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		upper = upper.Add(time.Minute)
	}
	refuse.Store(true)
	upper = upper.Add(time.Minute)
	if _, err := leadsync.RunQuick(t.Context(), c); err == nil {
		t.Fatal("no error")
	}
	c.Streams[0].LookbackByType = nil
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var plans atomic.Int64
	c.Now = func(context.Context) (time.Time, error) {
		if plans.Add(1) > 5 { // it would go on for ever
			cancel()
		}
		return upper, nil
	}
	_, err := leadsync.RunQuick(ctx, c)
	if err != nil || plans.Load() > 5 {
		t.Errorf("error %v after %d plans; %+v", err, plans.Load(), statusOf(t, c.Store).Streams[0])
	}
}
