package gateway_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/leadsync/store"
)

// filled is the copy at the target, which the gateway fills.
func (h *histories) filled() *gateway.Copy {
	c := h.copy()
	if sqlstore.IsPostgres(h.target) {
		c.SQLite, c.Postgres.Env = "", "COPY"
	}
	c.Fill = &gateway.Fill{Since: h.since.UTC().Format(time.RFC3339), Streams: []string{"activities", "leads"}}
	return c
}

// keep has the gateway keep its copies until the function that it returns is called, or the test ends.
func keep(t *testing.T, g *gateway.Gateway) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		g.KeepCopies(ctx)
	}()
	stop = func() { cancel(); <-ended }
	t.Cleanup(stop)
	return stop
}

// Before the first filling there is no copy: that is no reason for a warning.
func TestFill_aboutToBeMade(t *testing.T) {
	t.Parallel()
	h := newHistories(t)
	g, _ := h.serve(t, h.config(h.filled()))
	g.LookAtCopies(t.Context())
	if said := h.log.String(); !strings.Contains(said, "the copy is about to be made") || strings.Contains(said, "does not answer") {
		t.Error(said)
	}
}

// wait waits until the copy stands as it should.
func wait(t *testing.T, g *gateway.Gateway, what string, is func(*gateway.CopyStatus) bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	for {
		s := g.Status(t.Context())[0].Copy
		if s != nil && is(s) {
			return
		}
		select {
		case <-deadline:
			t.Fatalf("%s: %+v", what, s)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func isFull(s *gateway.CopyStatus) bool {
	return s.Problem == "" && s.Filled && s.FillWaiting == "the next round" && time.Since(s.Until) < time.Hour
}

// activities returns how many the copy has.
func (h *histories) activities(t *testing.T) (n int) {
	t.Helper()
	c, err := sqlstore.OpenReadOnly(t.Context(), h.target)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.View(t.Context(), func(s store.Snapshot) error {
		page, err := s.History(t.Context(), store.HistoryQuery{To: time.Now().Add(time.Hour), Limit: 1000})
		n = len(page.Rows)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// A copy that is filled in the process is taken up when it is there, and gives what the REST API does.
func TestFill(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]func(*testing.T) string{
		"sqlite": func(t *testing.T) string { return filepath.Join(t.TempDir(), "leads.db") }, "postgres": func(t *testing.T) string { return pgtest.Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHistories(t)
			h.target = target(t)
			_, rest := h.serve(t, h.config(nil))
			want := whole(t, h.history(), rest)
			g, c := h.serve(t, h.config(h.filled()))
			stop := keep(t, g)
			wait(t, g, "filling", isFull)
			before := h.calls.Load()
			got := whole(t, h.history(), c)
			if diff := cmp.Diff(want, got, anyOrder); diff != "" || !strings.HasPrefix(c.source, "copy;") || h.calls.Load() > before {
				t.Errorf("%q, %d calls: %.2000s", c.source, h.calls.Load()-before, diff)
			}
			notFilled := h.filled()
			notFilled.Fill = nil
			if err := g.Reload(h.config(notFilled)); err != nil {
				t.Fatal(err)
			}
			wait(t, g, "no filling", func(s *gateway.CopyStatus) bool { return !s.Filled && s.Problem == "" })
			if whole(t, h.history(), c); !strings.HasPrefix(c.source, "copy;") {
				t.Errorf("not filled any more: %q", c.source)
			}
			if err := g.Reload(h.config(h.filled())); err != nil {
				t.Fatal(err)
			}
			wait(t, g, "filling again", isFull)
			stop()
			if whole(t, h.history(), c); !strings.HasPrefix(c.source, "copy;") {
				t.Errorf("a call under way at the stop: %q", c.source)
			}
			if log := h.log.String(); strings.Contains(log, "level=ERROR") {
				t.Errorf("the log:\n%s", log)
			}
		})
	}
}

// A stop in the middle of the filling, or one after the other, loses nothing: another gateway goes on.
func TestFill_stopped(t *testing.T) {
	t.Parallel()
	h := newHistories(t)
	g, c := h.serve(t, h.config(h.filled()))
	ctx, cancel := context.WithCancel(t.Context())
	h.onCall = func(n int64) {
		if n == 8 {
			cancel()
		}
	}
	g.KeepCopies(ctx)
	t.Logf("stopped with %d of %d activities", h.activities(t), 3*rows) // what is under way comes to its commit
	if err := g.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if all := whole(t, h.history(), c); len(all) != rows {
		t.Errorf("%d records", len(all))
	}
	h.onCall = nil
	g, c = h.serve(t, h.config(h.filled()))
	keep(t, g)
	wait(t, g, "going on", isFull)
	if all := whole(t, h.history(), c); len(all) != rows || !strings.HasPrefix(c.source, "copy;") {
		t.Errorf("%d records, %q", len(all), c.source)
	}
	if n := h.activities(t); n != 3*rows {
		t.Errorf("%d activities", n)
	}
}

// Two gateways fill a copy in PostgreSQL together, and one of them goes on alone. In SQLite the second one is refused, and answers all
// the same.
func TestFill_two(t *testing.T) {
	t.Parallel()
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		h := newHistories(t)
		h.target = pgtest.Database(t)
		one, _ := h.serve(t, h.config(h.filled()))
		two, c := h.serve(t, h.config(h.filled()))
		stop := keep(t, one)
		keep(t, two)
		wait(t, one, "one", isFull)
		wait(t, two, "two", isFull)
		stop()
		if all := whole(t, h.history(), c); len(all) != rows || h.activities(t) != 3*rows {
			t.Errorf("%d records, %d activities", len(all), h.activities(t))
		}
	})
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		h := newHistories(t)
		one, _ := h.serve(t, h.config(h.filled()))
		keep(t, one)
		wait(t, one, "one", isFull)
		two, c := h.serve(t, h.config(h.filled()))
		keep(t, two)
		wait(t, two, "two", func(s *gateway.CopyStatus) bool {
			return strings.Contains(s.FillProblem, "in use by another process") && s.Problem == ""
		})
		if all := whole(t, h.history(), c); len(all) != rows || !strings.HasPrefix(c.source, "copy;") {
			t.Errorf("%d records, %q", len(all), c.source)
		}
	})
}

// Filling leaves calls of the day to the programs, which are not kept waiting.
func TestFill_reserve(t *testing.T) {
	t.Parallel()
	h := newHistories(t)
	c := h.config(h.filled())
	c.Tenants[0].Copy.Fill.Reserve = 1000
	c.Tenants[0].Copy.Fill.Since = h.since.AddDate(0, -3, 0).Format(time.DateOnly) // many windows
	c.Instances = []gateway.Instance{{Endpoint: h.endpoint, Limits: gateway.Limits{Daily: 1002}}}
	g, caller := h.serve(t, c)
	keep(t, g)
	wait(t, g, "the day", func(*gateway.CopyStatus) bool {
		return strings.Contains(h.log.String(), "waiting for the reset of the day's quota")
	})
	if _, err := caller.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefEMAIL, KeyValue: "lead1@example.com"}}); err != nil {
		t.Error(err)
	}
	in := h.history()
	in.LeadKey.KeyValue = "999999"
	if _, err := caller.GetLeadActivity(t.Context(), &in); err != nil && !errors.Is(err, fault.CodeLeadNotFound) {
		t.Error(err)
	}
}
