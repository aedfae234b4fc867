package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/metric"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/limits"
)

// readyTimeout is how long a tenant's REST API may take for a token before the gateway counts as not ready for it.
const readyTimeout = 10 * time.Second

// TenantStatus is how a tenant stands.
type TenantStatus struct {
	UserID   string    `json:"userID"`
	Instance string    `json:"instance"` // the host of the REST API
	Optional bool      `json:"optional,omitempty"`
	Ready    bool      `json:"ready"`             // the REST API has given a token, or gave one that is still good
	Problem  string    `json:"problem,omitempty"` // why it is not ready
	Calls    int       `json:"calls"`             // made to the instance today, for all of its tenants: by this process, or by all that share the state
	State    string    `json:"state,omitempty"`   // why the state, which all tenants share, cannot be used
	Left     *int      `json:"left,omitempty"`    // of the day's budget; absent: it is not limited
	Resets   time.Time `json:"resets"`            // when the day of the instance turns

	Copy *CopyStatus `json:"copy,omitempty"` // nil: the tenant has none
}

// CopyStatus is how the copy of a tenant stands.
type CopyStatus struct {
	Problem string `json:"problem,omitempty"` // why it does not answer; the REST API does
	// Until is up to when all activities have been read. The zero time: none.
	Until time.Time `json:"until,omitzero"`
	// Filled reports that this process fills it. FillProblem is what is in the way of that at the moment, and FillWaiting what it waits
	// for, such as the next round or the reset of the day's quota.
	Filled      bool   `json:"filled,omitempty"`
	FillProblem string `json:"fillProblem,omitempty"`
	FillWaiting string `json:"fillWaiting,omitempty"`
}

// Overview is what an operator wants to know of a gateway.
type Overview struct {
	Version string         `json:"version,omitempty"`
	Since   time.Time      `json:"since"` // when the gateway was made
	Reloads Reloads        `json:"reloads"`
	Tenants []TenantStatus `json:"tenants"`
}

// Reloads tells how often the configuration was read again, and how that went.
type Reloads struct {
	OK       int        `json:"ok"`
	Failed   int        `json:"failed"`
	Last     *time.Time `json:"last,omitempty"`     // nil: never
	Problem  string     `json:"problem,omitempty"`  // of the last one that failed, unless one went well since then
	FailedAt *time.Time `json:"failedAt,omitempty"` // when that was
}

// history is what has become of a gateway since it was made.
type history struct {
	since time.Time

	mu      sync.Mutex
	reloads Reloads
}

// reloaded notes how reading a configuration again has gone.
func (g *Gateway) reloaded(err error) {
	now, outcome := g.options.now(), outcomeOK
	g.history.mu.Lock()
	r := &g.history.reloads
	r.Last = &now
	if err == nil {
		r.OK++
		r.Problem, r.FailedAt = "", nil
	} else {
		outcome = outcomeFailed
		r.Failed++
		r.Problem, r.FailedAt = err.Error(), &now
	}
	g.history.mu.Unlock()
	g.meters.reloads.Add(context.Background(), 1, metric.WithAttributes(keyOutcome.String(outcome)))
}

// Overview returns how the gateway stands.
func (g *Gateway) Overview(ctx context.Context) Overview {
	tenants := g.Status(ctx)
	g.history.mu.Lock()
	defer g.history.mu.Unlock()
	return Overview{Version: g.options.version, Since: g.history.since, Reloads: g.history.reloads, Tenants: tenants}
}

// Status returns how all tenants stand, ordered by user id. It asks for a token where there is none that is good.
func (g *Gateway) Status(ctx context.Context) []TenantStatus { return g.ask(ctx, (*tenant).status) }

// ask asks all tenants at once, and returns what they say, ordered by user id.
func (g *Gateway) ask(ctx context.Context, status func(*tenant, context.Context) TenantStatus) []TenantStatus {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	tenants := g.current.Load().tenants
	all := make([]TenantStatus, 0, len(tenants))
	var mu sync.Mutex
	var asked sync.WaitGroup
	for _, t := range tenants {
		asked.Go(func() {
			s := status(t, ctx)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, s)
		})
	}
	asked.Wait()
	slices.SortFunc(all, func(a, b TenantStatus) int { return cmp.Compare(a.UserID, b.UserID) })
	return all
}

// readiness tells whether a tenant is ready. It asks neither the state nor the copy, on which that does not depend.
func (t *tenant) readiness(ctx context.Context) TenantStatus {
	s := TenantStatus{UserID: t.UserID, Instance: t.instance, Optional: t.Optional}
	if err := t.authenticate(ctx); err != nil {
		s.Problem = tokenProblem(err)
	}
	s.Ready = s.Problem == ""
	return s
}

// standing tells whether a tenant is ready, and what is used of the budget. It asks for both at once: a state that does not answer does
// not take the time of the other.
func (t *tenant) standing(ctx context.Context) TenantStatus {
	var s TenantStatus
	calls, resets := t.bridge.CallsMade()
	var asked sync.WaitGroup
	asked.Go(func() { s = t.readiness(ctx) })
	if t.budget != nil {
		asked.Go(func() {
			if all, until, err := t.budget.used(ctx); err == nil {
				calls, resets = all, until
			}
		})
	}
	asked.Wait()
	s.Calls, s.Resets = calls, resets
	if t.budget != nil {
		s.State = t.budget.shared.trouble()
	}
	if daily := t.bridge.Limits().Daily; daily != limits.None {
		left := max(0, daily-s.Calls)
		s.Left = &left
	}
	return s
}

// status is standing with how the copy stands, which is asked at the same time.
func (t *tenant) status(ctx context.Context) TenantStatus {
	if t.port.copy == nil {
		return t.standing(ctx)
	}
	copied := make(chan *CopyStatus, 1)
	go func() { copied <- t.port.copy.status(ctx) }()
	s := t.standing(ctx)
	s.Copy = <-copied
	return s
}

// note notes whether a call got an answer of the REST API, good or bad. One whose caller has gone tells nothing, and neither does one that
// was not let through by the budget.
func (t *tenant) note(ctx context.Context, err error) {
	var f *fault.Fault
	switch {
	case err == nil:
		t.away.Store(false)
	case errors.As(err, &f) && !errors.Is(err, fault.ErrServer), errors.Is(context.Cause(ctx), context.Canceled):
	case errors.Is(err, errStateAway), errors.Is(err, fault.ErrQuota):
	default:
		t.away.Store(true)
	}
}

// authenticate returns nil if the REST API gives tokens. That it has given one that is still good counts as long as calls are answered.
func (t *tenant) authenticate(ctx context.Context) error {
	if !t.away.Load() {
		return t.bridge.Authenticate(ctx)
	}
	b, err := t.fresh()
	if err == nil {
		defer b.CloseIdleConnections()
		err = b.Authenticate(ctx)
	}
	if err == nil {
		t.away.Store(false)
	}
	return err
}

// Connection is how the calls of a tenant are carried out, for who looks at an instance from outside of calls, as "mktows gateway check
// --live" does.
type Connection struct {
	Bridge   *bridge.Bridge
	Endpoint string
	Names    string        // path of the file of names; empty: none
	Secrets  []auth.Secret // that no report may show
}

// Connection returns that of a user, and whether there is such a tenant.
func (g *Gateway) Connection(userID string) (Connection, bool) {
	t := g.current.Load().tenants[userID]
	if t == nil {
		return Connection{}, false
	}
	return Connection{t.bridge, t.REST.Endpoint, t.Names, []auth.Secret{t.key, t.secret}}, true
}

// tokenProblem tells why there is no token. Nothing of a call is in it, and what Identity says, by its code, names the client.
func tokenProblem(err error) string {
	said := new(fault.RESTError)
	switch {
	case errors.Is(err, fault.ErrAuth):
		return "Identity refuses client id and client secret: take both anew from Admin > Integration > LaunchPoint, of the instance that the endpoint belongs to"
	case errors.As(err, &said):
		return errorKind(err)
	}
	return err.Error()
}

// AdminHandler answers /healthz (200 as long as the process can answer), /readyz (200 if the REST API gives tokens for all tenants
// that are not optional, else 503), /status (an [Overview], in JSON) and, with [WithMetricsHandler], /metrics, and what is left by the
// inspector, if [Config].Inspector asks for it. It is for operators, on an address of its own.
func (g *Gateway) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		text := ""
		for _, s := range g.ask(r.Context(), (*tenant).readiness) {
			if !s.Ready && !s.Optional {
				text += s.UserID + ": " + s.Problem + "\n"
			}
		}
		if text != "" {
			writeText(w, http.StatusServiceUnavailable, text)
			return
		}
		writeText(w, http.StatusOK, "ready\n")
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(g.Overview(r.Context())) // who has gone needs no answer
	})
	mux.HandleFunc("/", g.inspect)
	if g.options.metrics != nil {
		mux.Handle("GET /metrics", g.options.metrics)
	}
	return mux
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // who has gone needs no answer
}
