package copied

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/internal/position"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// The operations that are answered.
const (
	opActivity = "getLeadActivity"
	opChanges  = "getLeadChanges"
)

// Port is a port with a copy beside it. Make it with [New]. It is safe for concurrent use.
type Port struct {
	gen.Port // that calls go to which the copy does not answer

	config
	copied    store.Histories
	positions *position.Codec
}

var (
	_ gen.Port          = (*Port)(nil)
	_ operations.Marked = (*Port)(nil)
)

// config is what the options set.
type config struct {
	instance   string
	lookback   time.Duration
	maxAge     time.Duration
	retention  time.Duration
	keys       []auth.Secret
	emails     bool
	unreadable bool
	now        func() time.Time
	observe    func(context.Context, Answer)
}

// Option sets one thing about a [Port].
type Option func(*config) error

// defaultLookback is leadsync.DefaultLookback: that package links what a reader does not need.
const defaultLookback = 2 * time.Hour

// WithInstance names the instance that the port calls, as the copy knows it: by the host of its endpoint. A stream of another
// one is not read. Default: not checked.
func WithInstance(name string) Option {
	return func(c *config) error {
		c.instance = name
		return nil
	}
}

// WithLookback sets how late the service stores activities at most; it is that of the runs. Default: 2 hours.
func WithLookback(d time.Duration) Option {
	return func(c *config) error {
		c.lookback = d
		return notNegative("WithLookback", d)
	}
}

// WithMaxAge lets the copy answer what asks for more than it covers, up to the present mostly, as long as the upper bound of
// its last run is not longer ago than d. Default: 0, which leaves such questions to the port.
func WithMaxAge(d time.Duration) Option {
	return func(c *config) error {
		c.maxAge = d
		return notNegative("WithMaxAge", d)
	}
}

// WithRetention says that the service has no activities older than d, so that a history without a beginning is covered by a
// copy that begins earlier; the REST API keeps them for 25 months at most. Default: 0, it is not known.
func WithRetention(d time.Duration) Option {
	return func(c *config) error {
		c.retention = d
		return notNegative("WithRetention", d)
	}
}

func notNegative(option string, d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("copied: %s: the time is %s, must be at least 0", option, d)
	}
	return nil
}

// WithPositionKeys sets what positions are signed with: the first key signs and all of them verify. Processes that are to
// continue each other's readings need the same. Default: a random key, so that positions end with the process.
func WithPositionKeys(keys ...auth.Secret) Option {
	return func(c *config) error {
		c.keys = keys
		return nil
	}
}

// WithStoredEmails finds leads by their addresses in the stream leads of the copy, if it covers the time that is asked for and
// exactly one lead has the address. A lead that has not changed since that stream began is not in the copy: so use it if the
// stream began before the first lead was made. Default: the port is asked, with one call.
func WithStoredEmails() Option {
	return func(c *config) error {
		c.emails = true
		return nil
	}
}

// WithUnreadable lets a copy answer although it has records that could not be read and are missing in answers. [Answer] tells
// how many. Default: the port is asked.
func WithUnreadable() Option {
	return func(c *config) error {
		c.unreadable = true
		return nil
	}
}

// WithClock sets the clock by which the age of a copy is measured. Default: time.Now.
func WithClock(now func() time.Time) Option {
	return func(c *config) error {
		if c.now = now; now == nil {
			return errors.New("copied: WithClock: the clock is nil")
		}
		return nil
	}
}

// WithObserver has a function called for each call of getLeadActivity and getLeadChanges, with its context, before its answer
// is returned or the port is asked. It may be called by several goroutines. Default: none.
func WithObserver(observe func(context.Context, Answer)) Option {
	return func(c *config) error {
		c.observe = observe
		return nil
	}
}

// Answer tells where the answer of a call comes from.
type Answer struct {
	Operation string
	// Stream is the stream of the copy that answers; empty: the port is asked.
	Stream store.StreamName
	// Until is the time before which the answer has everything. Unreadable is how many records of the stream could not be read:
	// some of them may be missing.
	Until      time.Time
	Unreadable int
	// Reason is why the port is asked; empty for an answer of the copy.
	Reason string
	// Err is the error with which the copy could not be read, if that is the reason.
	Err error
}

// IsPosition reports whether the offset of a stream position is one that a port with a copy gave: no other can go on from there.
func IsPosition(offset string) bool { return position.Copy.Gave(offset) }

// New puts a copy beside a port. It reads what the copy covers: the error joins what is wrong with the options, or is that of the
// copy. One that matches errors.ErrUnsupported is that of a store that cannot be asked for histories, such as one in files. One
// that matches store.ErrOtherInstance says that the copy is of another instance than WithInstance names.
func New(ctx context.Context, port gen.Port, copied store.Histories, opts ...Option) (*Port, error) {
	p := &Port{Port: port, copied: copied, config: config{lookback: defaultLookback, now: time.Now, observe: func(context.Context, Answer) {}}}
	var errs []error
	for _, set := range opts {
		errs = append(errs, set(&p.config))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(p.keys) == 0 {
		p.keys = []auth.Secret{auth.NewSecret(rand.Text())}
	}
	var err error
	if p.positions, err = position.New(position.Copy, p.instance, p.keys...); err != nil {
		return nil, fmt.Errorf("copied: %w", err)
	}
	extents, err := p.extents(ctx)
	if err != nil {
		return nil, fmt.Errorf("copied: %w", err)
	}
	for i := range extents {
		if e := &extents[i]; p.foreign(e) {
			return nil, fmt.Errorf("copied: %s: stream %s: %w: it is of %s, the port calls %s", copied, e.Stream, store.ErrOtherInstance, e.Instance, p.instance)
		}
	}
	return p, nil
}

func (p *Port) extents(ctx context.Context) (extents []store.Extent, err error) {
	err = p.copied.View(ctx, func(s store.Snapshot) (err error) {
		extents, err = s.Extents(ctx)
		return err
	})
	return extents, err
}

// foreign reports whether a stream is that of another instance.
func (c *config) foreign(e *store.Extent) bool {
	return c.instance != "" && e.Instance != "" && e.Instance != c.instance
}

// Unwrap returns the port that is asked where the copy does not answer.
func (p *Port) Unwrap() gen.Port { return p.Port }

// CursorMark is that of the port; see [operations.Marked].
func (p *Port) CursorMark() string {
	if m, ok := p.Port.(operations.Marked); ok {
		return m.CursorMark()
	}
	return ""
}

// String names the port and the copy.
func (p *Port) String() string { return fmt.Sprintf("%v, with the copy %s", p.Port, p.copied) }

// Coverage is what a copy covers of a stream.
type Coverage struct {
	Stream   store.StreamName
	Instance string   // empty: not known
	Types    []string // names of activities; none: all. Of the stream leads none are said
	Since    time.Time
	// Until is up to when everything has been read; Settled up to when records that the service stores late are there too. The
	// zero time: nothing. Of lead-activity each lead has a time of its own, so that both are those of the stream, which a lead
	// that is read anew may not have reached.
	Until, Settled time.Time
	// Unreadable is how many records could not be read.
	Unreadable int
}

// Coverage tells what the copy covers now, by stream.
func (p *Port) Coverage(ctx context.Context) ([]Coverage, error) {
	extents, err := p.extents(ctx)
	if err != nil {
		return nil, fmt.Errorf("copied: %w", err)
	}
	all := make([]Coverage, len(extents))
	for i := range extents {
		e := &extents[i]
		all[i] = Coverage{Stream: e.Stream, Instance: e.Instance, Types: e.Types, Since: e.Since, Until: e.Until, Unreadable: e.Unreadable}
		if settled := e.Until.Add(-p.lookback); settled.After(e.Since) {
			all[i].Settled = settled
		}
	}
	return all, nil
}

// begin has read answer a question from the copy as it is at one moment. Where that cannot be, for a reason that q has already, that read
// returns or that the copy cannot be read, q has the reason afterwards: the port is to be asked. Either is told. The error is the end of
// the caller's context.
func (p *Port) begin(ctx context.Context, q *question, read func(*view) (c *cover, reason string, err error)) error {
	var from *cover
	if q.reason == "" {
		err := p.look(ctx, func(v *view) error {
			c, reason, err := read(v)
			q.leaveIf(reason != "", "%s", reason)
			from = c
			return err
		})
		if ended := httpcall.Ended(ctx); err != nil && ended != nil {
			return failed(q.operation, ended)
		}
		q.leaveUnread(err)
	}
	if q.reason != "" {
		p.observe(ctx, Answer{Operation: q.operation, Reason: q.reason, Err: q.err})
		return nil
	}
	p.tell(ctx, q, from)
	return nil
}

// goOn has read continue in the copy what the position of a question began, and tells so.
func (p *Port) goOn(ctx context.Context, q *question, read func(*view, *cover, position.Position) error) error {
	var from *cover
	at, err := p.positions.Read(position.Request{Operation: q.operation, Query: q.query, Text: q.offset})
	if err == nil {
		err = p.look(ctx, func(v *view) (err error) {
			if from, err = v.again(q, &at); err != nil {
				return err
			}
			return read(v, from, at)
		})
	}
	if err != nil {
		return failed(q.operation, err)
	}
	p.tell(ctx, q, from)
	return nil
}

// tell tells that the copy answers.
func (p *Port) tell(ctx context.Context, q *question, c *cover) {
	p.observe(ctx, Answer{Operation: q.operation, Stream: c.Stream, Until: c.to, Unreadable: c.Unreadable})
}

// failed is the error of an operation.
func failed(operation string, err error) error { return &fault.OpError{Op: operation, Err: err} }

// idOf returns the id that a key is; 0: it is none.
func idOf(kind gen.LeadKeyRef, value string) int64 {
	id, err := strconv.ParseInt(value, 10, 64)
	if kind != gen.LeadKeyRefIDNUM || err != nil || id < 1 {
		return 0
	}
	return id
}
