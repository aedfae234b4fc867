package copied_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/copied"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/mktowstest"
)

// Over the REST API the histories from a copy are those of the bridge, with no call at all.
func TestPort_overREST(t *testing.T) {
	t.Parallel()
	s := mktowstest.NewServer(t, mktowstest.WithDemo(), mktowstest.WithoutLimits())
	now := time.Date(2015, 12, 1, 0, 0, 0, 0, time.UTC)
	s.Clock().Advance(now.Sub(s.Clock().Now()))
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "leads.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	b := s.Bridge()
	_, err = leadsync.Run(t.Context(), &leadsync.Config{
		Port: b, Store: store, Now: func(context.Context) (time.Time, error) { return now, nil },
		Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC), Instance: "demo"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := copied.New(t.Context(), b, store, copied.WithInstance("demo"), copied.WithMaxAge(time.Hour), copied.WithClock(s.Clock().Now))
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"318815", "318817", "318820"} {
		in := historyOf(id)
		in.StartPosition = gen.Some(at(now.AddDate(0, -10, 0), now.Add(-time.Second)))
		want := whole(t, in, nothing, b)
		before := len(s.Exchanges(""))
		got := whole(t, in, nothing, p)
		if calls := len(s.Exchanges("")) - before; calls > 0 {
			t.Errorf("lead %s: %d calls", id, calls)
		}
		if diff := cmp.Diff(want, got, anyOrder); diff != "" || len(got) == 0 {
			t.Errorf("lead %s: %.2000s", id, diff)
		}
	}
}
