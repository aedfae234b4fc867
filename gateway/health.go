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

	"github.com/mktows/mktows-go/fault"
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
	if err := t.authenticate(ctx); err != nil {
		s.Problem = errorKind(err)
	}
	s.Ready = s.Problem == ""
	return s
}

// note notes whether a call got an answer of the REST API, good or bad. One whose caller has gone tells nothing.
func (t *tenant) note(ctx context.Context, err error) {
	var f *fault.Fault
	switch {
	case err == nil:
		t.away.Store(false)
	case errors.As(err, &f) && !errors.Is(err, fault.ErrServer), errors.Is(context.Cause(ctx), context.Canceled):
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
