package memorystore

import (
	"testing"
	"time"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/storetest"
	"github.com/mktows/mktows-go/simulator"
)

func open(t *testing.T) *Store {
	t.Helper()
	s, err := New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// TestStore: a store by somebody else passes the tests of all stores.
func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Exercise(t, func(t *testing.T) (store.Store, func() store.Store) {
		s := open(t)
		return s, func() store.Store { return s } // memory is gone with the store
	})
}

// TestRun copies into it.
func TestRun(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	sim, s := simulator.New(), open(t)
	_, err := sim.AddLead(simulator.Lead{Email: "lead@example.com", Activities: []simulator.Activity{
		{Type: "VisitWebpage", AssetName: "Pricing", Time: simulator.At(noon)}, {Type: "FillOutForm", AssetName: "Contact", Time: simulator.At(noon)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second run finds nothing new
		_, err := leadsync.Run(t.Context(), &leadsync.Config{
			Port: sim, Store: s, Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: noon.Add(-time.Hour)}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	st, err := s.Status(t.Context())
	if err != nil || st.Activities == 0 || len(st.Runs) != 2 || st.Runs[0].Counts.Inserted != 0 || st.Runs[1].Counts.Inserted != st.Activities {
		t.Errorf("the status is %+v, %v", st, err)
	}
}
