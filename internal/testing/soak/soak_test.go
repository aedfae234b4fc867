//go:build unix

package soak

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

var length = flag.Duration("soak.time", 3*time.Second, "how long the gateway is loaded")

const (
	key          = "example-key"
	clientSecret = "example-client-secret"
	reloads      = 10
	workers      = 5 // of each tenant
)

func userOf(tenant int) string { return fmt.Sprintf("user_%d", tenant) }

// instanceOf tells the instance of a tenant: the first two share one.
func instanceOf(tenant int) int { return tenant / 2 }

// budgets are those of the instances, and what the service refuses more than.
var budgets = []limits.Limits{{Calls: 100, Per: 20 * time.Second, Concurrent: 10, Daily: 50_000}, {Calls: 50, Per: 20 * time.Second, Concurrent: 5, Daily: 25_000}}

// face is an instance of the REST API, which counts.
type face struct {
	sim      *simulator.Simulator
	url      string
	campaign int64
	calls    atomic.Int64
	over     atomic.Int64 // calls that the service has refused, as they were too many
	broken   atomic.Int64 // calls that a rule has broken
}

// newFace serves an instance with faults now and then.
func newFace(t *testing.T, budget limits.Limits) *face {
	t.Helper()
	f := &face{sim: simulator.New()}
	if err := seed(f.sim); err != nil {
		t.Fatal(err)
	}
	var err error
	if f.campaign, err = f.sim.AddCampaign(simulator.Campaign{Name: "Soak", Sources: []gen.ReqCampSourceType{gen.ReqCampSourceTypeMKTOWS}}); err != nil {
		t.Fatal(err)
	}
	var rules endpoint.Rules
	every := func(n int64) func(endpoint.Exchange) bool {
		var seen atomic.Int64
		return func(endpoint.Exchange) bool { return seen.Add(1)%n == 0 }
	}
	rules.Add(endpoint.Rule{Match: every(23), Status: 502})
	rules.Add(endpoint.Rule{Match: every(29), Drop: endpoint.DropAfterWork})
	rules.Add(endpoint.Rule{Match: every(31), Drop: endpoint.DropBeforeWork})
	rules.Add(endpoint.Rule{Match: every(37), Drop: endpoint.DropHalfAnswer})
	handler, err := rest.New(f.sim, rest.WithClient(userOf(0), auth.NewSecret(clientSecret)), rest.WithClient(userOf(1), auth.NewSecret(clientSecret)),
		rest.WithClient(userOf(2), auth.NewSecret(clientSecret)), rest.WithLimits(budget), rest.WithRules(&rules), rest.WithJournal(f.count))
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	f.url = srv.URL + "/rest"
	return f
}

func (f *face) count(e endpoint.Exchange) {
	f.calls.Add(1)
	if e.Scripted {
		f.broken.Add(1)
	}
	if e.Fault != nil && !e.Scripted && (e.Fault.Code == 606 || e.Fault.Code == 607 || e.Fault.Code == 615) {
		f.over.Add(1)
	}
}

// callSeconds is how long a call may take. The short form does not wait long for its last ones.
func callSeconds() int {
	if *length < time.Minute {
		return 1
	}
	return 8
}

// configure writes a configuration; those of odd numbers differ from the others.
func configure(t *testing.T, path string, faces []*face, number int) {
	t.Helper()
	text := fmt.Sprintf("listeners: [{address: '127.0.0.1:0'}]\ncallTime: %ds\ninstances:\n", callSeconds()+number%2)
	for i, f := range faces {
		b := budgets[i]
		text += fmt.Sprintf("- {endpoint: '%s', limits: {calls: %d, per: %s, concurrent: %d, daily: %d}}\n", f.url, b.Calls, b.Per, b.Concurrent, b.Daily)
	}
	text += "tenants:\n"
	for i := range 3 {
		text += fmt.Sprintf("- {userID: %s, key: %s, rest: {endpoint: '%s', clientID: %s, clientSecret: %s}}\n", userOf(i), key, faces[instanceOf(i)].url, userOf(i), clientSecret)
	}
	// A file is replaced as a whole: nobody reads half of it.
	if err := errors.Join(os.WriteFile(path+".new", []byte(text), 0o600), os.Rename(path+".new", path)); err != nil {
		t.Fatal(err)
	}
}

// verdict is what a caller knows of a call in the end.
type verdict int

const (
	undone  verdict = iota // refused before anything was done
	done                   // answered
	unknown                // nobody can know
)

// tally is what became of calls.
type tally struct {
	mu        sync.Mutex
	answers   map[string]int
	campaigns map[int64]verdict // by lead, on requests for it
	emails    map[string]bool
}

// worker is a program that calls until time is up. It goes on where a fault says that it may, as programs do.
type worker struct {
	t     *testing.T
	api   *operations.API
	face  *face
	tally *tally
	name  string
}

// call makes a call until it is answered, or until nobody can know whether it was carried out, or until time is up.
func (w *worker) call(ctx context.Context, what string, safety fault.Safety, do func() error) verdict {
	for {
		err := do()
		w.tally.mu.Lock()
		w.tally.answers[outcome(what, err)]++
		w.tally.mu.Unlock()
		if err == nil {
			return done
		}
		var f *fault.Fault
		if !errors.As(err, &f) {
			w.t.Errorf("%s: a call was lost: %v", what, err)
			return unknown
		}
		_, again := fault.Retryable(err, safety)
		switch {
		case f.Code == fault.CodeServiceInternal && (!again || ctx.Err() != nil):
			return unknown
		case !again:
			w.t.Errorf("%s: no call should end so: %v", what, err)
			return unknown
		case ctx.Err() != nil:
			return undone
		}
		pause(ctx)
	}
}

func outcome(what string, err error) string {
	var f *fault.Fault
	switch {
	case err == nil:
		return what + " answered"
	case errors.As(err, &f):
		return fmt.Sprintf("%s fault %d", what, f.Code)
	}
	return what + " lost"
}

// pause keeps a worker from trying too often.
func pause(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(100 * time.Millisecond):
	}
}

// work makes calls until ctx ends. Those under way come to their end.
func (w *worker) work(ctx context.Context) {
	calls := context.WithoutCancel(ctx)
	for i := 0; ctx.Err() == nil; i++ {
		email := fmt.Sprintf("%s-%d@example.com", w.name, i%50) // of many calls, few leads: the gateway alone should grow, if anything does
		var id int64
		if w.call(ctx, "syncLead", fault.Idempotent, func() error {
			lead, err := w.api.Leads.Sync(calls, operations.Lead{Email: email, Attributes: operations.Attributes{{Name: "FirstName", Value: fmt.Sprint(i)}}}, nil)
			id = lead.LeadID
			return err
		}) != done {
			continue
		}
		w.call(ctx, "getLead", fault.ReadOnly, func() error { _, err := w.api.Leads.Get(calls, operations.LeadID(id)); return err })
		w.call(ctx, "getLeadActivity", fault.ReadOnly, func() error {
			_, err := w.api.Activities.Page(calls, operations.LeadID(id), operations.Cursor{}, nil)
			return err
		})
		if i >= 50 {
			continue
		}
		known := w.call(ctx, "requestCampaign", fault.NotIdempotent, func() error {
			return w.api.Campaigns.Request(calls, operations.CampaignRequest{CampaignID: w.face.campaign, Leads: []operations.LeadKey{operations.LeadID(id)}})
		})
		w.tally.mu.Lock()
		w.tally.campaigns[id], w.tally.emails[email] = known, true
		w.tally.mu.Unlock()
	}
}

// TestSoak loads a gateway at the limits of its tenants, while its configuration changes and the REST API fails now and then. No call
// is lost, no write is done twice, no budget is exceeded, and nothing is left behind.
func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds")
	}
	faces := []*face{newFace(t, budgets[0]), newFace(t, budgets[1])}
	tallies := []*tally{newTally(), newTally()}
	path := filepath.Join(t.TempDir(), "gateway.yaml")
	configure(t, path, faces, 0)
	p := start(t, job{Config: path})
	ctx, cancel := context.WithTimeout(t.Context(), *length)
	defer cancel()
	var working sync.WaitGroup
	for tenant := range 3 {
		in := instanceOf(tenant)
		for n := range workers {
			c, err := client.New(p.base+"/soap/mktows/2_7", auth.Credentials{UserID: userOf(tenant), Key: auth.NewSecret(key)}, client.WithoutRetry(), client.WithoutLimits())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.CloseIdleConnections)
			w := &worker{t, operations.New(c), faces[in], tallies[in], fmt.Sprintf("t%d-w%d", tenant, n)}
			working.Go(func() { w.work(ctx) })
		}
	}
	seen := disturb(ctx, t, p, path, faces)
	working.Wait()
	last := p.figures(t)
	end := p.stop(t)
	if first := seen[2]; last.Heap > first.Heap+first.Heap/4+4<<20 {
		t.Errorf("the heap has grown from %d to %d bytes", first.Heap, last.Heap)
	}
	if end.Goroutines > restingGoroutines {
		t.Errorf("%d goroutines are left", end.Goroutines)
	}
	if end.Reloads < reloads {
		t.Errorf("%d reloads", end.Reloads)
	}
	for _, f := range append(seen, last, end) {
		t.Logf("heap %d KB, %d goroutines, CPU %s, %d reloads", f.Heap>>10, f.Goroutines, f.CPU.Round(time.Millisecond), f.Reloads)
	}
	for i, f := range faces {
		f.check(t, tallies[i])
	}
}

func newTally() *tally {
	return &tally{answers: make(map[string]int), campaigns: make(map[int64]verdict), emails: make(map[string]bool)}
}

// disturb reloads the configuration, spread over the time, and returns the figures before each time but the first.
func disturb(ctx context.Context, t *testing.T, p *process, path string, faces []*face) (seen []figures) {
	t.Helper()
	for i := range reloads {
		select {
		case <-ctx.Done():
			t.Fatal("time is up before all reloads")
		case <-time.After(*length / (reloads + 2)):
		}
		if i > 0 {
			seen = append(seen, p.figures(t))
		}
		configure(t, path, faces, i+1)
		if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	return seen
}

// check compares what the callers were told with what the instance holds.
func (f *face) check(t *testing.T, told *tally) {
	t.Helper()
	if n := f.over.Load(); n > 0 {
		t.Errorf("%d calls were over the budget", n)
	}
	state := f.sim.Snapshot()
	leads, runs := make(map[string]int), make(map[int64]int)
	for _, l := range state.Leads {
		leads[l.Email]++
	}
	for _, r := range state.CampaignRuns {
		for _, id := range r.Leads {
			runs[id]++
		}
	}
	for email := range told.emails {
		if leads[email] != 1 {
			t.Errorf("%d leads have the address %s", leads[email], email)
		}
	}
	verdicts := make(map[verdict]int)
	for id, known := range told.campaigns {
		verdicts[known]++
		if n := runs[id]; n > 1 || known == done && n != 1 || known == undone && n != 0 {
			t.Errorf("the campaign was run %d times for lead %d, verdict %d", n, id, known)
		}
	}
	t.Logf("%d REST calls, %d of them broken; %d leads, %d campaign requests carried out, %d refused to the end, %d of which nobody can know; %v", f.calls.Load(),
		f.broken.Load(), len(told.emails), verdicts[done], verdicts[undone], verdicts[unknown], told.answers)
}
