package gateway

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/limit"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/limits"
)

// How long filling pauses after it has failed as a whole: the first time, and at most.
const (
	firstPause   = 5 * time.Second
	longestPause = 5 * time.Minute
)

// filler fills the copy of a tenant over a bridge of its own, which takes no more than a share of the budget.
type filler struct {
	*fillSettings

	tenant string
	target string
	bridge *bridge.Bridge
	port   gen.Port
	now    func() time.Time
	keeper *keeper
	log    *slog.Logger
	of     filledFrom
}

// filledFrom is everything that a filler is made of: one that is made of the same goes on when the configuration is read again.
type filledFrom struct {
	tenant Tenant // without secrets, which cannot be compared
	target string
	secret [sha256.Size]byte
	budget limits.Limits
	names  [sha256.Size]byte
}

func (p *problems) filledFrom(t *tenant, target string, secret auth.Secret, budget limits.Limits) filledFrom {
	f := filledFrom{tenant: t.Tenant, target: target, secret: sha256.Sum256([]byte(secret.Reveal())), budget: budget}
	place := *t.Copy
	place.Postgres = Secret{}
	f.tenant.Copy, f.tenant.Key, f.tenant.REST.ClientSecret = &place, Secret{}, Secret{}
	if t.Names != "" {
		text, _, _ := read(p.config.resolve(t.Names)) // the bridge tells what is wrong with it
		f.names = sha256.Sum256(text)
	}
	return f
}

// filler makes what fills the copy of a tenant.
func (p *problems) filler(field string, t *tenant, c *copySettings, secret auth.Secret, budget limits.Limits, opts []bridge.Option) *filler {
	f := &filler{
		fillSettings: c.fill, tenant: t.UserID, target: c.target, now: p.now, keeper: p.keeper, log: t.log.With(slog.String("tenant", t.UserID)),
		of: p.filledFrom(t, c.target, secret, budget),
	}
	for i := range f.streams {
		f.streams[i].Instance = c.instance
	}
	share, reserve := p.share(budget), t.Copy.Fill.Reserve
	daily := budget.Or(limits.REST()).Daily
	if reserve == 0 {
		reserve = daily / 2
	}
	if daily > 0 && reserve >= daily {
		p.add(field+".reserve", "is %d, and the instance has %d calls a day (instances[].limits.daily): nothing would be filled", reserve, daily)
	}
	b, err := bridge.New(t.REST.Endpoint, bridge.Credentials{ClientID: t.REST.ClientID, ClientSecret: secret},
		append(opts[:len(opts):len(opts)], bridge.WithInterceptors(sharing(limit.Key{Instance: t.instance, User: "filling"}, share)))...)
	if err != nil {
		return nil // as the bridge of the tenant's calls has told
	}
	f.bridge, f.port = b, &sparing{Bridge: b, budget: t.budget, most: daily - reserve, limited: daily > 0}
	return f
}

// shareOf returns how much of a budget filling may take: half of the calls at any time, so that the other half is left to programs,
// which wait behind few calls of the filling.
func shareOf(budget limits.Limits) limits.Limits {
	most := limits.REST() // of which one program takes half; see bridge.WithLimits
	most.Calls, most.Concurrent = most.Calls/2, most.Concurrent/2
	share := budget.Or(most)
	share.Calls, share.Concurrent = max(share.Calls/2, 1), max(share.Concurrent/2, 1)
	return share
}

// sharing makes each call wait for its turn within a share of the budget, before it waits for one within the budget itself: calls of
// the filling are never many in that queue.
func sharing(key limit.Key, share limits.Limits) bridge.Interceptor {
	turn := limit.Limiter{Key: key, Limits: share}
	return func(next bridge.Handler) bridge.Handler {
		return func(ctx context.Context, call *bridge.Call) error {
			if release, err := turn.Acquire(ctx); err == nil { // else the call fails as well, for ctx has ended
				defer release(true)
			}
			return next(ctx, call)
		}
	}
}

// sparing leaves calls of the day to the programs.
type sparing struct {
	*bridge.Bridge

	budget  *budget // nil: only this process is known to make calls
	most    int     // calls of the day, by all who are known, with which it stops
	limited bool
}

// spare returns a *fault.QuotaError where no more calls may be made on this day.
func (s *sparing) spare(ctx context.Context) error {
	if !s.limited {
		return nil
	}
	made, resets := s.CallsMade()
	if s.budget != nil {
		ctx, cancel := context.WithTimeout(ctx, stateTimeout)
		defer cancel()
		if all, until, err := s.budget.used(ctx); err == nil { // else calls wait for the state
			made, resets = all, until
		}
	}
	if made >= s.most {
		return &fault.QuotaError{ResetsAt: resets}
	}
	return nil
}

// GetLeadChanges implements gen.Port.
func (s *sparing) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	if err := s.spare(ctx); err != nil {
		return nil, err
	}
	return s.Bridge.GetLeadChanges(ctx, in)
}

// GetMultipleLeads implements gen.Port.
func (s *sparing) GetMultipleLeads(ctx context.Context, in *gen.ParamsGetMultipleLeads) (*gen.SuccessGetMultipleLeads, error) {
	if err := s.spare(ctx); err != nil {
		return nil, err
	}
	return s.Bridge.GetMultipleLeads(ctx, in)
}

// filling is a filler at work.
type filling struct {
	*filler

	stop  context.CancelFunc
	ended chan struct{}

	mu               sync.Mutex
	problem, waiting string
}

// fill has those copies filled that an installation says, and no others.
func (k *keeper) fill(ctx context.Context, in *installation) {
	k.mu.Lock()
	defer k.mu.Unlock()
	before := k.fillers
	k.fillers = make(map[string]*filling, len(before))
	for id, t := range in.tenants {
		f := t.filler
		if f == nil || ctx.Err() != nil {
			continue
		}
		was := before[id]
		if was != nil && reflect.DeepEqual(was.of, f.of) {
			k.fillers[id] = was
			delete(before, id)
			continue
		}
		begun := &filling{filler: f, ended: make(chan struct{})}
		var inner context.Context
		inner, begun.stop = context.WithCancel(ctx)
		k.fillers[id] = begun
		after := k.last[f.target]
		k.last[f.target] = begun
		k.filling.Go(func() { begun.run(inner, after) })
	}
	for _, f := range before {
		f.stop()
	}
}

// stopFilling waits until nothing is filled any more.
func (k *keeper) stopFilling() {
	k.mu.Lock()
	for _, f := range k.fillers {
		f.stop()
	}
	k.fillers = nil
	k.mu.Unlock()
	k.filling.Wait()
}

// fillingOf returns what fills the copy of a tenant; nil: nothing.
func (k *keeper) fillingOf(tenant string) *filling {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.fillers[tenant]
}

// run fills until ctx ends, once another filling of the same copy, nil if there was none, has ended.
func (f *filling) run(ctx context.Context, after *filling) {
	defer close(f.ended)
	defer f.bridge.CloseIdleConnections()
	if after != nil {
		<-after.ended
	}
	for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, longestPause) {
		begun := time.Now()
		err := f.once(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(begun) > longestPause {
			pause = firstPause // it went well for some time
		}
		f.tell(errorKind(err), "the next attempt")
		f.log.Error("filling the copy has failed, and is tried again", "error", errorKind(err), "pause", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// once fills until ctx ends or something is in the way.
func (f *filling) once(ctx context.Context) error {
	opening, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	opened, err := f.keeper.copies.Open(opening, f.target, true)
	if err != nil {
		return err
	}
	defer func() {
		if err := opened.Close(); err != nil {
			f.log.Warn("a copy could not be closed; nothing that was committed is lost", "error", err.Error())
		}
	}()
	f.keeper.wake()
	_, err = leadsync.Run(ctx, &leadsync.Config{
		Port: f.port, Store: opened, Streams: f.streams, Extracts: f.bridge.Extracts(), Every: f.interval, Logger: newSeldom(f.log), Progress: f.progress,
		Now: func(context.Context) (time.Time, error) { return f.now(), nil },
	})
	if err == nil {
		err = fmt.Errorf("it has ended") // which it does not, with Every
	}
	return err
}

// progress notes what the filling waits for.
func (f *filling) progress(p leadsync.Progress) { f.tell(p.Problem, p.Waiting) }

// tell notes what is in the way and what is waited for; empty: nothing.
func (f *filling) tell(problem, waiting string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.problem, f.waiting = problem, waiting
}

// status returns what tell has noted.
func (f *filling) status() (problem, waiting string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.problem, f.waiting
}
