package telemetry

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/mktowstest"
	"github.com/mktows/mktows-go/simulator"
)

// A whole run: every call belongs to a window, and the rows are those of the copy.
func TestRun(t *testing.T) {
	t.Parallel()
	r, s := record(t), mktowstest.NewServer(t)
	s.Seed(simulator.Lead{Email: email, Activities: []simulator.Activity{{Type: "VisitWebpage", AssetName: "Pricing"}}})
	s.Clock().Advance(time.Minute)
	store, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "leads.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	worker := leadsync.NewWorkerName()
	limiter := store.Limiter("example", worker, quota.Limits{})
	c := s.Client(client.WithLimiter(limiter), client.WithInterceptors(r.Interceptor()))
	report, err := leadsync.Run(t.Context(), &leadsync.Config{
		Port: c, Store: store, Now: c.ServerTime, Worker: worker, Limiter: limiter, Observer: r.Telemetry,
		Streams: []leadsync.Stream{{Name: leadsync.Activities, Since: s.Clock().Now().Add(-72 * time.Hour)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	windows := make(map[string]bool)
	calls := 0
	for _, span := range r.exporter.GetSpans() {
		if span.Name == "mktows.sync.window" {
			windows[span.SpanContext.SpanID().String()] = true
		}
	}
	for _, span := range r.exporter.GetSpans() {
		if span.Name != "mktows.getLeadChanges" {
			continue
		}
		calls++
		if !windows[span.Parent.SpanID().String()] {
			t.Error("a call is in no window")
		}
	}
	if len(windows) != report.Runs[0].Windows || calls != len(s.Exchanges("getLeadChanges")) || calls == 0 {
		t.Errorf("spans of %d windows and %d calls, expected %d and %d", len(windows), calls, report.Runs[0].Windows, len(s.Exchanges("")))
	}
	got := r.counts(t)
	if n := got["mktows.sync.rows mktows.sync.kind=inserted,mktows.sync.stream=activities"]; n < 1 || int64(n) != report.Runs[0].Counts.Inserted {
		t.Errorf("%v rows were counted, %d inserted", n, report.Runs[0].Counts.Inserted)
	}
	if left, used := got["mktows.quota.left "], len(s.Exchanges("")); left < float64(10000-used) || left > 10000 {
		t.Errorf("%v calls left after %d", left, used)
	}
}
