package leadsync_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
)

// Histories that several workers read over the REST API share their requests: three windows cost little more than one.
func TestRun_joinedHistories(t *testing.T) {
	t.Parallel()
	synctest.Test(t, joinHistories) // where joining waits as long on any machine
}

func joinHistories(t *testing.T) {
	s := mktowstest.NewServer(t, mktowstest.WithoutLimits())
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	s.Clock().Advance(now.Sub(s.Clock().Now()))
	const leads = 120
	keys := make([]string, leads)
	for i := range keys {
		made := now.AddDate(0, 0, -10)
		id := s.Seed(simulator.Lead{Email: fmt.Sprintf("one%d@example.com", i), Activities: []simulator.Activity{
			{Type: gen.ActivityTypeNewLead, Time: simulator.At(made)}, {Type: gen.ActivityTypeVisitWebpage, AssetName: "Pricing", Time: simulator.At(made.Add(time.Hour))},
		}})[0]
		keys[i] = fmt.Sprint(id)
	}
	calls := make(map[time.Duration]int)
	for _, wait := range []time.Duration{0, 50 * time.Millisecond} {
		store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "leads.db"))
		if err != nil {
			t.Fatal(err)
		}
		before := len(s.Exchanges(""))
		report, err := leadsync.Run(t.Context(), &leadsync.Config{
			Port: s.Bridge(bridge.WithJoining(wait)), Store: store, Concurrency: 4, Now: func(context.Context) (time.Time, error) { return now, nil },
			Streams: []leadsync.Stream{{Name: leadsync.LeadActivity, Since: now.AddDate(0, 0, -20), LeadKeys: keys, Types: []string{"New Lead", "Visit Webpage"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if calls[wait] = len(s.Exchanges("")) - before; report.Runs[0].Counts.Inserted != 2*leads {
			t.Errorf("%+v", report.Runs[0].Counts)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
	alone, joined := calls[0], calls[50*time.Millisecond]
	t.Logf("%d histories: %d calls alone, %d joined", leads, alone, joined)
	if joined > alone*3/4 {
		t.Errorf("%d calls, and %d alone", joined, alone)
	}
}
