package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"time"
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
	Calls    int       `json:"calls"`             // that this process has made to the instance today, for all of its tenants
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

// Status returns how all tenants stand, ordered by user id. It asks for a token where there is none that is good.
func (g *Gateway) Status(ctx context.Context) []TenantStatus {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	tenants := g.current.Load().tenants
	all := make([]TenantStatus, 0, len(tenants))
	var mu sync.Mutex
	var asked sync.WaitGroup
	for _, t := range tenants {
		asked.Go(func() {
			s := t.status(ctx)
			mu.Lock()
			defer mu.Unlock()
			all = append(all, s)
		})
	}
	asked.Wait()
	slices.SortFunc(all, func(a, b TenantStatus) int { return cmp.Compare(a.UserID, b.UserID) })
	return all
}

func (t *tenant) status(ctx context.Context) TenantStatus {
	s := TenantStatus{UserID: t.UserID, Instance: t.instance, Optional: t.Optional}
	s.Calls, s.Resets = t.bridge.CallsMade()
	if err := t.bridge.Authenticate(ctx); err != nil {
		s.Problem = errorKind(err)
	}
	s.Ready = s.Problem == ""
	if t.port.copy != nil {
		s.Copy = t.port.copy.status(ctx)
	}
	return s
}

// AdminHandler answers /healthz (200 as long as the process can answer), /readyz (200 if the REST API gives tokens for all tenants
// that are not optional, else 503) and /status (how each tenant stands, in JSON). It is for operators, on an address of its own.
func (g *Gateway) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { writeText(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		text := ""
		for _, s := range g.Status(r.Context()) {
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
		_ = json.NewEncoder(w).Encode(g.Status(r.Context())) // who has gone needs no answer
	})
	return mux
}

func writeText(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // who has gone needs no answer
}
