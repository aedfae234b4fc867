package gateway

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync/copied"
	"github.com/mktows/mktows-go/leadsync/store"
)

const (
	// openTimeout is how long opening a copy may take.
	openTimeout = 15 * time.Second
	// viewTimeout is how long a look into a copy may take before the REST API is asked.
	viewTimeout = 10 * time.Second
)

// histories is the port of a tenant: its bridge, with a copy in front of it for the operations that read activities.
type histories struct {
	*bridge.Bridge

	copy *tenantCopy // nil: there is none
}

// GetLeadActivity implements gen.Port.
func (h *histories) GetLeadActivity(ctx context.Context, in *gen.ParamsGetLeadActivity) (*gen.SuccessGetLeadActivity, error) {
	return ask(ctx, h, in.StartPosition.Or(gen.StreamPosition{}), func(port gen.Port) (*gen.SuccessGetLeadActivity, error) {
		return port.GetLeadActivity(ctx, in)
	})
}

// GetLeadChanges implements gen.Port.
func (h *histories) GetLeadChanges(ctx context.Context, in *gen.ParamsGetLeadChanges) (*gen.SuccessGetLeadChanges, error) {
	var at gen.StreamPosition
	if in.StartPosition != nil {
		at = *in.StartPosition
	}
	return ask(ctx, h, at, func(port gen.Port) (*gen.SuccessGetLeadChanges, error) { return port.GetLeadChanges(ctx, in) })
}

// ask has a question answered by the copy and the bridge behind it or, if there is no copy at the moment, by the bridge. A reading that
// was begun in a copy cannot be continued by the bridge, which does not know what was read already.
func ask[T any](ctx context.Context, h *histories, at gen.StreamPosition, call func(gen.Port) (T, error)) (out T, err error) {
	begun := copied.IsPosition(at.Offset.Or(""))
	if h.copy == nil {
		if begun {
			return out, cannotGoOn(store.ErrNotCopy)
		}
		return call(h.Bridge)
	}
	port, done, away := h.copy.use()
	switch {
	case away == nil:
		defer done()
	case begun:
		return out, cannotGoOn(away)
	default:
		noteOf(ctx).fromREST(whyAway(away))
		return call(h.Bridge)
	}
	out, err = call(port)
	var f *fault.Fault
	if begun && err != nil && ctx.Err() == nil && !errors.As(err, &f) {
		h.copy.away(ctx, err)
		return out, cannotGoOn(err)
	}
	return out, err
}

// cannotGoOn is the fault of a reading in a copy that does not answer. If the copy may come back, its code makes programs do so too.
func cannotGoOn(away error) error {
	if errors.Is(away, store.ErrNotCopy) || errors.Is(away, store.ErrOtherInstance) {
		return fault.New(fault.CodeBadStreamPosition, "startPosition is one of a copy, and the gateway does not have that any more; start without it, from a date")
	}
	return fault.New(fault.CodeRateLimitExceeded, "startPosition is one of a copy, whose database does not answer at the moment: call again in a minute, with the same position")
}

// Why a copy does not answer.
var (
	errNotLooked = errors.New("the copy has not been looked at yet")
	errClosed    = errors.New("the copy was closed")
)

// whyAway describes for callers, who are not to see more of a database, why a copy does not answer.
func whyAway(err error) string {
	switch {
	case errors.Is(err, store.ErrNotCopy):
		return "there is no copy yet"
	case errors.Is(err, store.ErrOtherInstance):
		return "the copy is of another instance"
	case errors.Is(err, errNotLooked):
		return errNotLooked.Error()
	}
	return "the copy cannot be read"
}

// tenantCopy is the copy of a tenant. Its port is made anew whenever the copy is opened anew.
type tenantCopy struct {
	*copySettings

	tenant  string
	bridge  *bridge.Bridge
	options []copied.Option
	keeper  *keeper
	log     *slog.Logger

	mu   sync.Mutex
	port *copied.Port
	in   *handle // that the port reads
	err  error   // why it does not answer; nil: it does
	told string  // to the log
}

// tenantCopy makes the copy of a tenant.
func (p *problems) tenantCopy(t *tenant, s *copySettings) *tenantCopy {
	c := &tenantCopy{copySettings: s, tenant: t.UserID, bridge: t.bridge, keeper: p.keeper, log: t.log, err: errNotLooked}
	c.options = []copied.Option{
		copied.WithInstance(s.instance), copied.WithMaxAge(s.maxAge), copied.WithRetention(time.Duration(t.Retention)),
		copied.WithPositionKeys(s.keys...), copied.WithClock(p.now), copied.WithObserver(c.observe),
	}
	if t.Copy.Emails {
		c.options = append(c.options, copied.WithStoredEmails())
	}
	return c
}

// use returns the port, to which done has to be called, or why it does not answer.
func (c *tenantCopy) use() (port *copied.Port, done func(), away error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.err != nil:
		return nil, nil, c.err
	case !c.in.use():
		return nil, nil, errClosed
	}
	return c.port, c.in.done, nil
}

// look finds out whether the copy answers, and opens it if need be.
func (c *tenantCopy) look(ctx context.Context) {
	inner, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	h, port, err := c.ready(inner)
	if ctx.Err() != nil {
		return
	}
	c.mu.Lock()
	if err == nil {
		c.in, c.port = h, port
	}
	c.mu.Unlock()
	c.set(ctx, err)
}

// ready returns the port in an open copy that can be read.
func (c *tenantCopy) ready(ctx context.Context) (*handle, *copied.Port, error) {
	h, err := c.keeper.open(ctx, c.target)
	if err != nil {
		return nil, nil, err
	}
	c.mu.Lock()
	before, port := c.in, c.port
	c.mu.Unlock()
	if before == h {
		_, err := port.Coverage(ctx)
		return h, port, err
	}
	port, err = copied.New(ctx, c.bridge, bounded{h.opened}, c.options...)
	return h, port, err
}

// away notes that the copy could not be read, until it is looked at again.
func (c *tenantCopy) away(ctx context.Context, err error) { c.set(ctx, err) }

// set notes whether the copy answers, and tells the log what is new about that.
func (c *tenantCopy) set(ctx context.Context, err error) {
	why := "it answers"
	if err != nil {
		why = whyAway(err)
	}
	c.mu.Lock()
	c.err = err
	isNew := why != c.told
	c.told = why
	c.mu.Unlock()
	if !isNew {
		return
	}
	if err == nil {
		c.log.LogAttrs(ctx, slog.LevelInfo, "histories come from the copy, where it covers them", slog.String("tenant", c.tenant))
		return
	}
	if c.fill != nil && errors.Is(err, store.ErrNotCopy) {
		c.log.LogAttrs(ctx, slog.LevelInfo, "the copy is about to be made; the REST API is asked until it is there", slog.String("tenant", c.tenant))
		return
	}
	c.log.LogAttrs(ctx, slog.LevelWarn, "the copy does not answer; the REST API is asked until it does", slog.String("tenant", c.tenant), slog.String("problem", why), slog.String("error", err.Error()))
}

// observe implements the observer of the port.
func (c *tenantCopy) observe(ctx context.Context, a copied.Answer) {
	observe(ctx, a)
	if a.Err != nil {
		c.away(ctx, a.Err)
	}
}

// bounded is a copy in which a look does not take for ever, as it would where a network has lost the database.
type bounded struct{ store.Histories }

// View implements store.Histories.
func (b bounded) View(ctx context.Context, read func(store.Snapshot) error) error {
	ctx, cancel := context.WithTimeout(ctx, viewTimeout)
	defer cancel()
	return b.Histories.View(ctx, read)
}

// status tells how the copy stands.
func (c *tenantCopy) status(ctx context.Context) *CopyStatus {
	s := new(CopyStatus)
	if f := c.keeper.fillingOf(c.tenant); f != nil {
		s.Filled = true
		s.FillProblem, s.FillWaiting = f.status()
	}
	port, done, err := c.use()
	if err != nil {
		s.Problem = err.Error()
		return s
	}
	defer done()
	covered, err := port.Coverage(ctx)
	if err != nil {
		s.Problem = err.Error()
	}
	for i := range covered {
		if covered[i].Stream == store.Activities {
			s.Until = covered[i].Until.UTC()
		}
	}
	return s
}
