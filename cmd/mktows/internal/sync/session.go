package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/demo"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/extract"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/telemetry"
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
)

// session is the service and a copy of it, connected with each other: the port's limiter is the one of the copy, so
// that all processes which work on the copy keep the limits of the service together.
type session struct {
	leadsync.Config

	access   access
	instance string
	closers  []func()
	first    *firstCalls // of a copy that was not there when the session began

	// What attach makes a port of.
	conn   settings.Connection
	flags  *settings.RemoteFlags
	limits quota.Limits
	seen   *telemetry.Telemetry
}

func (s *session) onClose(f func()) { s.closers = append(s.closers, f) }

// close releases what was opened, the last first.
func (s *session) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		s.closers[i]()
	}
}

// access says what a session does with the copy, and with that where its calls are counted.
type access int

const (
	noAccess  access = iota // there is no copy yet: firstCalls counts them
	readOnly                // the calls of the session do not count for the copy's limits
	readWrite               // they do
)

// openSession connects the service with a copy. The copy is opened last, and created if it does not exist, so that a
// mistake in the settings leaves no empty copy behind. An error has released everything.
func openSession(ctx context.Context, a *console.Console, f *settings.RemoteFlags, t target, how access, limits *limitFlags) (*session, error) {
	s := &session{Config: leadsync.Config{Worker: leadsync.NewWorkerName(), Logger: a.Logger(f.Verbose)}, flags: f}
	err := connect(ctx, a, f, s, limits)
	if err == nil {
		err = attach(ctx, a, s, t, how)
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// newPort returns a port to the service. With a limiter its calls go through that one, which counts the day too.
func (s *session) newPort(a *console.Console, limiter quota.Limiter) (console.Port, error) {
	o := settings.PortOptions{
		Client:   []client.Option{client.WithInterceptors(s.seen.Interceptor())},
		Limits:   limits.Limits{Daily: s.limits.Daily, Reserve: s.limits.Reserve},
		Observer: s.seen,
	}
	if limiter != nil {
		o.Client = append(o.Client, client.WithLimiter(limiter))
		o.Limits, o.Limiter = limits.Limits{Daily: limits.None}, limiter
	}
	return settings.NewPort(a, s.conn, &s.flags.ConnectionFlags, &o)
}

// connect prepares the connection to the service without making a call. A port is built only to find out what is
// wrong with the settings, and thrown away: the real one needs the limiter of the copy, which is not open yet.
func connect(ctx context.Context, a *console.Console, f *settings.RemoteFlags, s *session, lf *limitFlags) error {
	conn, err := syncConnection(ctx, a, f, s)
	if err != nil {
		return err
	}
	seen, shutdown, err := telemetry.FromEnv(ctx, a.Getenv, console.Version())
	if err != nil {
		return exit.AsSettings(err)
	}
	s.onClose(func() {
		if err := shutdown(context.WithoutCancel(ctx)); err != nil {
			a.Warnf("the last metrics and traces were not delivered: %v", err)
		}
	})
	s.conn, s.Observer, s.seen = conn, seen, seen
	s.instance = cmp.Or(lf.instance, s.instance)
	if s.limits, err = lf.limits(conn.REST, f.Demo); err != nil {
		return err
	}
	made, err := s.newPort(a, nil) // finds what is wrong before a copy is opened
	if err != nil {
		return err
	}
	made.CloseIdleConnections()
	return nil
}

// attach opens the copy and builds the port, whose limiter is that of the copy. A session that only reads must not
// write its calls into the copy, so it uses the limits of the process.
func attach(ctx context.Context, a *console.Console, s *session, t target, how access) error {
	s.access = how
	if err := openCopy(ctx, a, s, t); err != nil {
		return err
	}
	if s.access == noAccess {
		s.first = newFirstCalls(s)
		s.Limiter = s.first
	} else if keeper, ok := s.Store.(quota.Keeper); ok {
		s.Limiter = keeper.Limiter(s.instance, s.Worker, s.limits)
	}
	counts := s.countCalls()
	if s.access == readOnly && !s.conn.REST {
		counts = nil
	}
	made, err := s.newPort(a, counts)
	if err != nil {
		return err
	}
	s.onClose(made.CloseIdleConnections)
	s.Port, s.Now = made, askTime(made)
	if x, ok := made.(extractor); ok {
		s.Extracts = x.Extracts()
	}
	return nil
}

// extractor is a port that can make bulk extracts.
type extractor interface{ Extracts() extract.Source }

// askTime returns a function that asks the service for its time.
func askTime(c console.Port) func(context.Context) (time.Time, error) {
	return func(ctx context.Context) (time.Time, error) {
		now, err := c.ServerTime(ctx)
		if err != nil {
			err = exit.AsService(err)
		}
		return now, err
	}
}

// errLooked ends the transaction of Plan before anything is planned.
var errLooked = errors.New("only looked")

// countCalls returns the limiter of the session's calls. Over REST it also counts them for the plan, which learns in that way
// what a page costs; calls of a session that only reads go through the limits of the process then, as others do.
func (s *session) countCalls() quota.Limiter {
	if !s.conn.REST {
		return s.Limiter
	}
	c := &counted{Limiter: s.Limiter}
	if s.access == readOnly || c.Limiter == nil {
		c.Limiter = newFirstCalls(s)
	}
	s.Calls = c.made.Load
	return c
}

// counted is a limiter that counts the calls that were sent.
type counted struct {
	quota.Limiter

	made atomic.Int64
}

// Acquire implements quota.Limiter.
func (c *counted) Acquire(ctx context.Context) (release func(sent bool), err error) {
	end, err := c.Limiter.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	return func(sent bool) {
		if sent {
			c.made.Add(1)
		}
		end(sent)
	}, nil
}

// checkInstance refuses a copy of another Marketo instance before the first call is made: its rows would be compared
// or mixed with those of a stranger. Plan makes this check at its beginning, so it is called and broken off.
func (s *session) checkInstance(ctx context.Context) error {
	status, err := s.Store.Status(ctx)
	if err != nil {
		return err
	}
	look := func(store.StreamState) (store.Planned, error) { return store.Planned{}, errLooked }
	for i := range status.Streams {
		stream := store.Stream{Name: status.Streams[i].Name, Instance: s.instance}
		if _, _, err := s.Store.Plan(ctx, stream, look); err != nil && !errors.Is(err, errLooked) {
			return s.explain(ctx, err)
		}
	}
	return nil
}

// explain adds to an error which flags help.
func (s *session) explain(ctx context.Context, err error) error {
	var quota *fault.QuotaError
	var refused *leadsync.RefusedError
	var volume *leadsync.VolumeError
	switch {
	case errors.As(err, &volume):
		return err
	case errors.As(err, &refused):
		return choiceError{refused, err}
	case errors.Is(err, store.ErrOtherInstance):
		return fmt.Errorf("%w\nif it is the same instance at another address, give --instance with the first of the two names", err)
	case errors.Is(err, store.ErrOtherQuery):
		return fmt.Errorf("%w\n--add-field adds fields to those of the copy; \"mktows sync reset\" forgets a stream, to begin it with another choice", err)
	case s.FailOnQuota && errors.As(err, &quota):
		q, problem := s.Limiter.Quota(ctx)
		if problem != nil {
			return err
		}
		return &dayOverError{q, quota}
	}
	return err
}

// dayOverError says that the calls of the day are used up, to a user who gave --no-wait.
type dayOverError struct {
	quota quota.Status
	cause *fault.QuotaError
}

// Error says who has found the quota used up: the copy, which counts its own calls, or the service, which counts
// those of all programs. The two numbers may differ, so the difference has to be visible.
func (e *dayOverError) Error() string {
	q := e.quota
	used := output.Grouped(q.Used) + " of " + output.Grouped(q.Daily)
	if q.Reserve > 0 {
		used += ", " + output.Grouped(q.Reserve) + " in reserve"
	}
	text := "the day's calls are used up (" + used + ")"
	if e.cause.Fault != nil { // other programs have used them
		text = "the service says that the day's calls are used up (20015; this copy has counted " + used + ")"
	}
	return text + "; the count starts anew at " + output.UtcText(q.ResetsAt) + "; run the same command then"
}

func (e *dayOverError) Unwrap() error { return e.cause }

// openCopy opens the copy in the way that the session's access says. For a session that only reads, an empty
// PostgreSQL database counts as no copy at all, since there is nothing to read in it.
func openCopy(ctx context.Context, a *console.Console, s *session, t target) error {
	var dest store.Store
	var err error
	switch s.access {
	case noAccess:
		return nil
	case readOnly:
		dest, err = t.openReadOnly(ctx)
	case readWrite:
		dest, err = t.open(ctx)
	}
	if s.access == readOnly && t.kind == postgresTarget && errors.Is(err, store.ErrNotCopy) {
		s.access = noAccess
		return nil
	}
	if err != nil {
		return err
	}
	s.Store = dest
	if n, ok := dest.(interface{ Notice() string }); ok && n.Notice() != "" {
		a.Complain(n.Notice())
	}
	s.onClose(func() {
		if err := s.Store.Close(); err != nil {
			a.Warnf("the copy could not be closed; nothing that was committed is lost: %v", err)
		}
	})
	return nil
}

// closeTimeout limits what is done after an interruption, when the context of the command has ended already.
const closeTimeout = 5 * time.Second

// lease is how long this process counts as alive after each heartbeat, for calls outside of a run. A run has its own
// heartbeat.
const lease = 15 * time.Second

// asWorker does work whose calls go through the limiter of the copy. The limiter gives calls to living workers only,
// because what a dead one had reserved is freed; so the process registers as a worker, sends heartbeats while it
// works, and retires at the end. Retiring has a context of its own, so that it also happens after an interruption.
func (s *session) asWorker(ctx context.Context, work func() error) error {
	workers, ok := s.Store.(quota.Registry)
	if !ok {
		return work()
	}
	if err := workers.Heartbeat(ctx, s.Worker, lease); err != nil {
		return err
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-time.After(lease / 3):
				_ = workers.Heartbeat(ctx, s.Worker, lease) // the limiter reports what comes of it
			case <-stop:
				return
			}
		}
	}()
	err := work()
	close(stop)
	<-stopped
	ended, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	return errors.Join(err, workers.Retire(ended, s.Worker))
}

// countFirstCalls enters the calls that were made before the copy existed into its count.
func (s *session) countFirstCalls(ctx context.Context) error {
	return s.asWorker(ctx, func() error { return s.first.moveTo(ctx, s.Limiter) })
}

// syncConnection returns the endpoint and the credentials, and sets the instance. The simulator of --demo is started
// without limits: waiting for them would only make a demonstration slow.
func syncConnection(ctx context.Context, a *console.Console, f *settings.RemoteFlags, s *session) (settings.Connection, error) {
	if err := f.CheckDemo(f.Demo); err != nil {
		return settings.Connection{}, err
	}
	if f.Demo {
		conn, stop, err := settings.DemoConnection(ctx, a, &f.ConnectionFlags, server.WithLimits(limits.Unlimited()))
		if err != nil {
			return conn, err
		}
		s.instance = demo.Instance
		s.onClose(stop)
		return conn, nil
	}
	conn, err := settings.Connect(ctx, a, &f.ConnectionFlags, false)
	s.instance = settings.InstanceOf(conn.Endpoint)
	return conn, err
}
