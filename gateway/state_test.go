package gateway_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/sqlstate"
	"github.com/mktows/mktows-go/operations"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

func openState(t *testing.T, target string) *sqlstate.State {
	t.Helper()
	s, err := sqlstate.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// started is a gateway over a state until end is called.
func started(t *testing.T, target string, c *gateway.Config, opts ...gateway.Option) (g *gateway.Gateway, base string, end func()) {
	t.Helper()
	state := openState(t, target)
	g, err := gateway.New(c, append([]gateway.Option{gateway.WithState(state)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(g)
	return g, srv.URL, func() {
		srv.Close()
		if err := errors.Join(g.Close(t.Context()), g.Reload(c), state.Close()); err != nil { // Reload closes idle connections
			t.Error(err)
		}
	}
}

func importGuest(t *testing.T, lists *operations.Lists) {
	t.Helper()
	if _, err := lists.Import(t.Context(), operations.Import{
		Program: "Fair", List: "Guests", Mode: operations.ImportUpsertLeads, Header: []string{"Email Address"}, Rows: [][]string{{"guest@example.com"}},
	}); err != nil {
		t.Fatal(err)
	}
}

// A gateway that is started again goes on with the budget of the day, and knows the imports.
func TestWithState_again(t *testing.T) {
	t.Parallel()
	sim, id := seeded(t, "lead@example.com")
	if _, err := sim.AddList(simulator.List{Program: "Fair", Name: "Guests"}); err != nil {
		t.Fatal(err)
	}
	c := &gateway.Config{Tenants: []gateway.Tenant{tenant(face(t, sim))}}
	path := filepath.Join(t.TempDir(), "gateway.db")
	g, base, end := started(t, path, c)
	api := connect(t, base, userID, key)
	importGuest(t, api.Lists)
	if _, err := api.Leads.Get(t.Context(), operations.LeadID(id)); err != nil {
		t.Fatal(err)
	}
	before := g.Status(t.Context())[0]
	if err := g.Reload(c); err != nil {
		t.Fatal(err)
	}
	end()
	g, base, end = started(t, path, c)
	defer end()
	if after := g.Status(t.Context())[0]; before.Calls < 2 || after.Calls != before.Calls || after.State != "" {
		t.Errorf("%+v, then %+v", before, after)
	}
	if status, err := connect(t, base, userID, key).Lists.ImportStatus(t.Context(), "Fair", "Guests"); err != nil || !status.State.Final() {
		t.Errorf("%+v, %v", status, err)
	}
}

// robin gives each call to the next gateway that lives.
type robin struct {
	turn  atomic.Int64
	ports []gen.Port
	dead  atomic.Bool // the last one
}

func (r *robin) call(ctx context.Context, op *gen.Operation, in, out gen.Message) error {
	n := int64(len(r.ports))
	if r.dead.Load() {
		n--
	}
	answer, err := op.Call(ctx, r.ports[r.turn.Add(1)%n], in)
	if err == nil {
		reflect.ValueOf(out).Elem().Set(reflect.ValueOf(answer).Elem())
	}
	return err
}

// killable starts a gateway as a process of its own.
func killable(t *testing.T, target, endpoint string) (base string, kill func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), varState+"="+target, varEndpoint+"="+endpoint)
	cmd.Stderr = os.Stderr
	_, errIn := cmd.StdinPipe()
	out, errOut := cmd.StdoutPipe()
	if err := errors.Join(errIn, errOut, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	kill = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	t.Cleanup(kill)
	base, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(base), kill
}

// soap is a SOAP client of a gateway.
func soap(t *testing.T, base string) *client.Client {
	t.Helper()
	c, err := client.New(base+"/soap/mktows/2_7", auth.Credentials{UserID: userID, Key: auth.NewSecret(key)}, client.WithoutRetry(), client.WithoutLimits())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// pages reads all leads of a list, a few at a time.
func pages(t *testing.T, api *operations.API, list string, between func(page int)) (emails []string) {
	t.Helper()
	n := 0
	for page, err := range api.Leads.Pages(t.Context(), operations.InList(list), &operations.LeadOptions{BatchSize: 3}) {
		if err != nil {
			t.Error(err)
			return nil
		}
		for _, lead := range page.Items {
			emails = append(emails, lead.Email)
		}
		n++
		between(n)
	}
	return emails
}

// Two gateways by turns are as one, also when one is killed in the middle, and never exceed the limits of the service together.
func TestWithState_twoGateways(t *testing.T) {
	t.Parallel()
	target := pgtest.Database(t)
	sim := simulator.New()
	var members []int64
	for i := range 30 {
		id, err := sim.AddLead(simulator.Lead{Email: fmt.Sprintf("lead%d@example.com", i)})
		if err != nil {
			t.Fatal(err)
		}
		members = append(members, id)
	}
	if _, err := sim.AddList(simulator.List{Name: "All", Members: members}); err != nil {
		t.Fatal(err)
	}
	if _, err := sim.AddList(simulator.List{Program: "Fair", Name: "Guests"}); err != nil {
		t.Fatal(err)
	}
	var made atomic.Int64
	address := face(t, sim, rest.WithLimits(jointLimits()), rest.WithJournal(func(e endpoint.Exchange) {
		if strings.Contains(e.Operation, "/rest/") {
			made.Add(1)
		}
		if bytes.Contains(e.RawResponse, []byte(`"code":"606"`)) || bytes.Contains(e.RawResponse, []byte(`"code":"615"`)) || bytes.Contains(e.RawResponse, []byte(`"code":"607"`)) {
			t.Errorf("the service has refused %s: %s", e.Operation, e.RawResponse)
		}
	}))
	g, first, end := started(t, target, sharing(address))
	defer end()
	second, kill := killable(t, target, address)
	turns := &robin{ports: []gen.Port{soap(t, first), soap(t, second)}}
	api := operations.New(gen.PortFunc(turns.call))

	want := pages(t, connect(t, first, userID, key), "All", func(int) {})
	if got := pages(t, api, "All", func(int) {}); len(want) != 30 || !slices.Equal(got, want) {
		t.Errorf("by turns %q, want %q", got, want)
	}

	// An import that one has started is followed at the other, and a position that was changed is found out there.
	importGuest(t, operations.New(turns.ports[1]).Lists)
	if status, err := operations.New(turns.ports[0]).Lists.ImportStatus(t.Context(), "Fair", "Guests"); err != nil || !status.State.Final() {
		t.Errorf("%+v, %v", status, err)
	}
	ask := &gen.ParamsGetMultipleLeads{LeadSelector: &gen.StaticListSelector{StaticListName: gen.Some("All")}, BatchSize: gen.Some[int32](3)}
	page, err := turns.ports[1].GetMultipleLeads(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	position := []byte(page.Result.NewStreamPosition)
	position[len(position)/2] ^= 1
	ask.StreamPosition = gen.Some(string(position))
	if _, err := turns.ports[0].GetMultipleLeads(t.Context(), ask); !errors.Is(err, fault.CodeBadStreamPosition) {
		t.Errorf("a changed position: %v", err)
	}

	// Callers at both, more than there may be at once; then one is killed with calls under way.
	var callers sync.WaitGroup
	for i := range 6 {
		callers.Go(func() {
			_, err := turns.ports[i%2].GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: fmt.Sprint(members[i])}})
			if err != nil && !errors.Is(err, fault.CodeRateLimitExceeded) {
				t.Errorf("caller %d: %v", i, err)
			}
		})
	}
	callers.Wait()
	got := pages(t, api, "All", func(page int) {
		if page == 4 {
			callers.Go(func() { // under way, or about to be
				_, _ = turns.ports[1].GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "1"}})
			})
			kill()
			turns.dead.Store(true)
			callers.Wait()
		}
	})
	if !slices.Equal(got, want) {
		t.Errorf("with one killed %q, want %q", got, want)
	}

	// What is left of the budget is for the other one, and no more than that.
	for range jointLimits().Calls {
		_, err := turns.ports[0].GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: fmt.Sprint(members[0])}})
		if err != nil && !errors.Is(err, fault.CodeRateLimitExceeded) {
			t.Error(err)
		}
	}
	// One that was counted may have been killed before it was sent.
	if status := g.Status(t.Context())[0]; int64(status.Calls) < made.Load() || int64(status.Calls) > made.Load()+1 || status.State != "" {
		t.Errorf("%d calls are counted, %d were made; %s", status.Calls, made.Load(), status.State)
	}
}

// The answer of a write is lost: neither gateway does it a second time, nor says that it failed.
func TestWithState_answersLost(t *testing.T) {
	t.Parallel()
	lead := operations.LeadID(318818)
	for call, test := range map[string]struct {
		ask                  func(*operations.API) error
		leads, members, runs int // how many there are more
	}{
		"POST /rest/v1/leads.json": {func(api *operations.API) error {
			_, err := api.Leads.Sync(t.Context(), operations.Lead{Email: "new@example.com"}, nil)
			return err
		}, 1, 0, 0},
		"POST /rest/v1/leads/{leadId}/merge.json": {func(api *operations.API) error {
			_, err := api.Leads.Merge(t.Context(), lead, []operations.LeadKey{operations.LeadID(318819)}, nil)
			return err
		}, -1, 0, 0},
		"POST /rest/v1/lists/{listId}/leads.json": {func(api *operations.API) error {
			_, err := api.Lists.Add(t.Context(), operations.ListKey{Type: operations.ListKeyName, Value: simulator.DemoList}, []operations.LeadKey{operations.LeadID(simulator.DemoHistoryLeadID)}, nil)
			return err
		}, 0, 1, 0},
		"POST /rest/v1/campaigns/{campaignId}/trigger.json": {func(api *operations.API) error {
			return api.Campaigns.Request(t.Context(), operations.CampaignRequest{CampaignID: 1201, Leads: []operations.LeadKey{lead}})
		}, 0, 0, 1},
	} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			sim := simulator.New()
			if err := sim.LoadDemo(); err != nil {
				t.Fatal(err)
			}
			leads, members, runs := size(sim)
			rules := new(endpoint.Rules)
			rules.Add(endpoint.Rule{Operation: call, Drop: endpoint.DropAfterWork, Times: 1})
			c := &gateway.Config{Tenants: []gateway.Tenant{tenant(face(t, sim, rest.WithRules(rules)))}}
			_, base, end := started(t, filepath.Join(t.TempDir(), "gateway.db"), c)
			defer end()
			if err := test.ask(connect(t, base, userID, key)); err != nil && !errors.Is(err, fault.ErrUnknownOutcome) {
				t.Errorf("%v", err)
			}
			leadsAfter, membersAfter, runsAfter := size(sim)
			if leadsAfter-leads != test.leads || membersAfter-members != test.members || runsAfter-runs != test.runs {
				t.Errorf("%d leads, %d members, %d runs; before %d, %d, %d", leadsAfter, membersAfter, runsAfter, leads, members, runs)
			}
		})
	}
}

// size tells how much a simulator holds: leads, members of lists and runs of campaigns.
func size(sim *simulator.Simulator) (leads, members, runs int) {
	for _, list := range sim.Lists() {
		members += len(list.Members)
	}
	return len(sim.Snapshot().Leads), members, len(sim.CampaignRuns())
}

// eventually waits for what happens by itself.
func eventually(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !happened(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// PostgreSQL is away: calls wait for it, and end with the reason when their time is over. It is told once, and all works when it is back.
func TestWithState_databaseAway(t *testing.T) {
	t.Parallel()
	db := pgtest.Start(t)
	sim, id := seeded(t, "lead@example.com")
	var made atomic.Int64
	address := face(t, sim, rest.WithJournal(func(endpoint.Exchange) { made.Add(1) }))
	var log lockedBuffer
	c := sharing(address)
	c.CallTime = gateway.Duration(2 * time.Second)
	g, base, end := started(t, db.Database(), c, gateway.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	defer end()
	api := connect(t, base, userID, key)
	read := func() error {
		_, err := api.Leads.Get(t.Context(), operations.LeadID(id))
		return err
	}
	if err := read(); err != nil {
		t.Fatal(err)
	}
	db.Stop(pgtest.Immediate)
	before := made.Load()
	if err := read(); !errors.Is(err, fault.CodeRateLimitExceeded) || !strings.Contains(err.Error(), "cannot reach the state") {
		t.Errorf("while it is away: %v", err)
	}
	if _, err := api.Activities.Page(t.Context(), operations.LeadID(id), operations.Cursor{}, nil); !errors.Is(err, fault.CodeRateLimitExceeded) || !strings.Contains(err.Error(), "cannot reach the state") {
		t.Errorf("a call that shares its requests, while it is away: %v", err)
	}
	if s := g.Status(t.Context())[0]; s.State == "" || made.Load() != before {
		t.Errorf("%d calls, the state is said to be %q", made.Load()-before, s.State)
	}
	answered := make(chan error, 1)
	go func() { answered <- read() }()
	db.Start()
	if err := <-answered; err != nil && !errors.Is(err, fault.CodeRateLimitExceeded) { // a slow machine takes longer than the call may
		t.Error(err)
	}
	eventually(t, "the database", func() bool { return read() == nil })
	db.Pause() // it does not even say that it is away
	if err := read(); !errors.Is(err, fault.CodeRateLimitExceeded) {
		t.Errorf("while it stands still: %v", err)
	}
	db.Resume()
	eventually(t, "the database, which stood still", func() bool { return read() == nil })
	if text := log.String(); strings.Count(text, "the state cannot be used") < 1 || strings.Count(text, "the state can be used again") != strings.Count(text, "the state cannot be used") ||
		strings.Count(text, "the state cannot be used") > 2 {
		t.Errorf("the log:\n%s", text)
	}
}

// hangingState is a state whose database lets questions about the day wait.
type hangingState struct {
	gateway.StateStore

	asked atomic.Int64
}

func (s *hangingState) Limiter(instance, worker string, l quota.Limits) quota.Limiter {
	return hangingLimiter{s.StateStore.Limiter(instance, worker, l), s}
}

type hangingLimiter struct {
	quota.Limiter

	state *hangingState
}

func (l hangingLimiter) Quota(ctx context.Context) (quota.Status, error) {
	l.state.asked.Add(1)
	<-ctx.Done()
	return quota.Status{}, ctx.Err()
}

// Readiness does not depend on the state, also where that does not say no but nothing.
func TestState_hangs(t *testing.T) {
	t.Parallel()
	opened, err := sqlstate.Open(t.Context(), filepath.Join(t.TempDir(), "gateway.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = opened.Close() })
	sim, _ := seeded(t, "lead@example.com")
	state := &hangingState{StateStore: opened}
	g, err := gateway.New(&gateway.Config{Tenants: []gateway.Tenant{tenant(face(t, sim))}}, gateway.WithState(state))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.CloseIdleConnections)
	// The token is asked for before the state, so that it does not take the time.
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if all := g.Status(ctx); !all[0].Ready || state.asked.Load() == 0 {
		t.Errorf("%+v", all)
	}
	state.asked.Store(0)
	w := httptest.NewRecorder()
	g.AdminHandler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
	if w.Code != http.StatusOK || state.asked.Load() > 0 {
		t.Errorf("%d %s, the state was asked %d times", w.Code, w.Body, state.asked.Load())
	}
}
