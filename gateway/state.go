package gateway

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync/quota"
)

// State says where it is kept what gateways share, and what outlives one: the budgets of REST instances, and which imports were
// started. At most one member is set. The command line opens what it names; a program does so by itself and gives it to [WithState].
// Without either it is in memory.
type State struct {
	// File is the path of a SQLite file, for one gateway.
	File string `yaml:"file"`
	// Postgres is the URL of a PostgreSQL database, for any number of gateways.
	Postgres Secret `yaml:"postgres"`
	// Memory keeps it in memory, so that each start begins with a whole budget.
	Memory bool `yaml:"memory"`
}

// is reports whether both are the same.
func (s State) is(other State) bool {
	one, two := s.Postgres, other.Postgres
	return s.File == other.File && s.Memory == other.Memory && one.Env == two.Env && one.File == two.File && one.Value.Reveal() == two.Value.Reveal()
}

// StateStore is what [State] is kept in, such as a State of package sqlstate. One that has a method Sole that returns true
// ([quota.Sole]) is for this process alone.
type StateStore interface {
	quota.Keeper
	bridge.ImportStore
}

// WithState sets where budgets and imports are kept. It stays the caller's, who closes it after the last call. Budgets then are those of
// [Config.Instances], whatever [WithBridgeOptions] says. Default: in memory.
func WithState(s StateStore) Option {
	return func(o *options) error {
		if s == nil {
			return errors.New("gateway: WithState: the state is nil")
		}
		o.state = s
		return nil
	}
}

// StateTarget returns what the configuration wants its state kept in: the path of a SQLite file, or the URL of a PostgreSQL database;
// empty if it names none. The error is a *ConfigError.
func (c *Config) StateTarget(getenv func(string) string) (auth.Secret, error) {
	p := &problems{config: c, getenv: getenv}
	target := p.state()
	return target, p.err()
}

// state checks where the state is kept.
func (p *problems) state() (target auth.Secret) {
	s := &p.config.State
	given := 0
	database := s.Postgres != Secret{}
	for _, is := range []bool{s.File != "", database, s.Memory} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		p.add("state", "has more than one of file, postgres and memory: leave one")
	case database:
		return p.secret("state.postgres", "URL of the database", s.Postgres)
	case s.File != "":
		return auth.NewSecret(p.config.resolve(s.File))
	}
	return auth.Secret{}
}

const (
	// stateRetry is how long a store that has failed is left alone.
	stateRetry = time.Second
	// stateTimeout is how long the store may take where nothing is waited for but itself.
	stateTimeout = 5 * time.Second
	// leaseMargin is how much longer than its calls a gateway counts as alive. Signs of life are that far apart at least.
	leaseMargin = 15 * time.Second
	// leaseLeast is how long a request may take at least that several calls share, and whose context does not say so.
	leaseLeast = time.Minute
)

// errStateAway is why a call ends that waited for the state.
var errStateAway = errors.New("the state of the gateway cannot be reached")

// shared is a StateStore at work for one process.
type shared struct {
	store  StateStore
	sole   bool
	worker string
	log    *slog.Logger

	callTime atomic.Int64   // how long calls may take
	telling  sync.WaitGroup // what the store is told while calls go on

	beating chan struct{} // held while a sign of life is given; guards lease
	lease   time.Time     // until when the store takes the process for alive, at least

	mu      sync.Mutex
	problem error     // why the store cannot be used; nil: it can
	again   time.Time // it is not asked before
	budgets map[budgetKey]*budget
	missing map[string]*missing   // by instance
	notes   map[string]importNote // of imports, which the store does not have
	noting  bool                  // somebody will try again to store them
}

func newShared(s StateStore, log *slog.Logger) *shared {
	host, _ := os.Hostname() // the rest tells processes apart
	sole, _ := s.(quota.Sole)
	return &shared{
		store: s, sole: sole != nil && sole.Sole(), log: log, worker: fmt.Sprintf("gateway %s %d %s", host, os.Getpid(), rand.Text()),
		beating: make(chan struct{}, 1), budgets: make(map[budgetKey]*budget), missing: make(map[string]*missing), notes: make(map[string]importNote),
	}
}

// ask has the store count calls, unless it has failed a moment ago. An error that is the store's is wrapped with errStateAway; others say
// that it lets no call through. The first of its errors is told to the log, and that it works again. What only reads does not go this
// way: a store on a full disk can be read.
func (s *shared) ask(ctx context.Context, do func(context.Context) error) error {
	s.mu.Lock()
	problem, rests := s.problem, time.Now().Before(s.again)
	s.mu.Unlock()
	if rests {
		return fmt.Errorf("%w: %w", errStateAway, problem)
	}
	err := do(ctx)
	switch {
	case err == nil, errors.Is(err, fault.ErrQuota), errors.Is(err, quota.ErrNoTurn):
		s.works()
		return err
	case ctx.Err() != nil && !errors.Is(err, errStateAway): // it may have been the limits that took so long
		return err
	}
	s.fails(err)
	return fmt.Errorf("%w: %w", errStateAway, err)
}

func (s *shared) works() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.problem == nil {
		return
	}
	s.log.Info("the state can be used again")
	s.problem, s.again = nil, time.Time{}
	for _, b := range s.budgets {
		s.telling.Go(b.remind)
	}
}

func (s *shared) fails(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.problem == nil {
		meanwhile := "calls wait for it, and get 20023 when their time is over"
		if s.sole {
			meanwhile = "calls are counted in memory"
		}
		s.log.Error("the state cannot be used; until it can, "+meanwhile, "error", err.Error())
	}
	s.problem, s.again = err, time.Now().Add(stateRetry)
}

// away reports whether calls wait for the store.
func (s *shared) away() bool { return !s.sole && s.trouble() != "" }

// trouble tells why the store cannot be used; empty: it can.
func (s *shared) trouble() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.problem == nil {
		return ""
	}
	return s.problem.Error()
}

// patiently asks until the store answers, or the time for the call is over. It does not wait for what would come too late.
func patiently(ctx context.Context, ask func(context.Context) error) error {
	for {
		err := ask(ctx)
		if !errors.Is(err, errStateAway) {
			return err
		}
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= stateRetry {
			return err
		}
		timer := time.NewTimer(stateRetry)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
	}
}

// alive sees to it that the store takes the process for alive until a call ends, so that the call counts that long.
func (s *shared) alive(ctx context.Context) error {
	needed, bounded := ctx.Deadline()
	if !bounded {
		needed = time.Now().Add(max(leaseLeast, time.Duration(s.callTime.Load())))
	}
	select {
	case s.beating <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if !s.lease.Before(needed) {
		<-s.beating
		return nil
	}
	beaten := make(chan error, 1)
	s.telling.Go(func() {
		defer func() { <-s.beating }()
		err := s.beat(context.WithoutCancel(ctx), needed)
		if err != nil {
			s.fails(err) // the call may not wait for it any more
		}
		beaten <- err
	})
	select {
	case err := <-beaten:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// beat gives a sign of life. It is for all calls, not for one that its caller gives up.
func (s *shared) beat(ctx context.Context, needed time.Time) error {
	sent := time.Now() // the store counts from when it is told, which is later
	length := needed.Add(leaseMargin).Sub(sent)
	limited, cancel := context.WithTimeout(ctx, stateTimeout)
	defer cancel()
	if err := s.store.Heartbeat(limited, s.worker, length); err != nil {
		return fmt.Errorf("%w: %w", errStateAway, err)
	}
	s.lease = sent.Add(length)
	return nil
}

// tell tells the store something that a call waits for no longer than a store takes that is well.
func (s *shared) tell(what func()) {
	told := make(chan struct{})
	s.telling.Go(func() {
		defer close(told)
		what()
	})
	patience := time.NewTimer(stateRetry)
	defer patience.Stop()
	select {
	case <-told:
	case <-patience.C:
	}
}

// place waits for a place in the shared limits. A store that does not know the process, such as one that was put back to an earlier
// state, is told again that it lives.
func (s *shared) place(ctx context.Context, l quota.Limiter) (release func(sent bool), err error) {
	for range 2 {
		if err = s.alive(ctx); err != nil {
			return nil, err
		}
		var end func(sent bool)
		if end, err = l.Acquire(ctx); err == nil {
			release = func(sent bool) { s.tell(func() { end(sent) }) }
			if err = s.alive(ctx); err != nil { // it may have waited for long
				release(false)
			}
			return release, err
		}
		if !errors.Is(err, quota.ErrNoWorker) {
			return nil, err
		}
		select {
		case s.beating <- struct{}{}:
			s.lease = time.Time{}
			<-s.beating
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return nil, err
}
