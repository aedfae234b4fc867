package leadsync

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/mktows/mktows-go/extract"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// Config says what to copy, from where and to where. The zero value of a field stands
// for its default. Port and Store are needed, and Streams for all but Work.
type Config struct {
	Port gen.Port
	// Store stays open; whoever opened it closes it.
	Store store.Store
	// Streams are copied side by side. No two may have the same name.
	Streams []Stream
	// Extracts makes the files of streams that are read by bulk extract (Stream.Source), and reads them. A worker without it
	// leaves the windows of such streams to others.
	Extracts extract.Source
	// ExtractInterval is how often the service is asked about a job of Extracts, in whole seconds, from one second to 30
	// minutes. A longer one takes fewer calls; a shorter one than the default is for a mock, as the service renews the state
	// of a job no earlier. Default: extract.PollInterval.
	ExtractInterval time.Duration

	// Now returns the time by the server's clock, to the second or better; it is the upper bound of what a run reads.
	// The method ServerTime of client.Client does that. Default: this machine's clock. If that is ahead of the
	// server's by more than the lookback, rows may be missed: their time counts as read before they exist.
	Now func(context.Context) (time.Time, error)
	// Worker is the name of this process among the workers. No other process may have the same name at the same time.
	// Default: NewWorkerName().
	Worker string
	// Limiter is the limiter that the calls of Port go through already, if any (see quota.Limited). Run does not apply it
	// to the calls, but asks it how much of the quota is left. It has to be that of the same Worker.
	Limiter quota.Limiter
	// Calls, unless nil, tells how many calls of the service were made so far. It is for a Port of which a call may be several,
	// as one over the REST API: Estimate measures by it what a page costs.
	Calls func() int64
	// Concurrency is how many windows this process reads at once, 1 to 100. Default: 4.
	Concurrency int
	// BatchSize is how many records a page has at most, and how many rows of a file are read before they are committed.
	// Default: 1,000 changes, 100 activities of a lead, 300 leads; no page has more.
	BatchSize int
	// Lease is how long the calls of a worker still count for the limits after its last sign of life. If several
	// processes share a copy, the windows of a process that has died are continued by others after three times this
	// duration and about half a minute. Default: 15 s.
	Lease time.Duration
	// StopTimeout is how long calls in flight may continue once the context has ended. Default: 10 s.
	StopTimeout time.Duration
	// MaxAttempts is how often a window is tried before it fails. Default: 12, which takes at least
	// about 20 minutes.
	MaxAttempts int
	// FirstRetry is the wait before a failed window is tried again. It doubles with each attempt, up to 5 minutes. After
	// a failure no other window is begun for that time either, because the reason is often the service as a whole;
	// that pause doubles with each further failure, up to a minute, until something is committed. Default: 1 s.
	FirstRetry time.Duration

	// Every makes Run start a new round at this interval, counted from the first one, until the context ends. 0: one
	// round.
	Every time.Duration
	// Strict makes a record that cannot be read hold its stream back, until the service returns a readable one in its
	// place. Otherwise such a record is kept as a Problem and the stream continues.
	Strict bool
	// FailOnQuota makes Run return the *fault.QuotaError when the day's calls are used up,
	// instead of waiting for the reset.
	FailOnQuota bool

	// Progress, unless nil, is called after each commit and whenever anything else in Progress changes, by one goroutine
	// at a time.
	Progress func(Progress)
	// Logger gets events. Default: none.
	Logger *slog.Logger
	// Observer sees windows, commits and the quota, for metrics and traces. Default: none.
	Observer Observer

	pace   *pace   // of Activities; of this process
	merged *merged // of LeadActivity; of this process
	volume *volume // of bulk extracts; of this process
}

// Observer is told what happens. It is called by several goroutines.
type Observer interface {
	// Window is called when the copying of a window begins. The context that it returns is used for the calls of the
	// window, so that a trace can connect them. end is called once, with the counts of this attempt.
	Window(ctx context.Context, w store.Window) (inner context.Context, end func(store.Counts, error))
	// Committed is called after each commit. lag is how far the committed rows are behind the present by the server's
	// clock; 0: not known.
	Committed(ctx context.Context, stream StreamName, added store.Counts, lag time.Duration)
	// Quota is called from time to time with the state of the quota.
	Quota(ctx context.Context, q quota.Status)
}

// Progress is how far the run of a stream has come.
type Progress struct {
	Stream  StreamName
	Run     int64
	Upper   time.Time // of the run
	Windows int       // of the run
	Done    int
	Failed  int
	Counts  store.Counts // of the run, by all workers
	// CallsLeft is an estimate of the calls until the end; -1: not known yet.
	CallsLeft int
	// Quota is what is left of the day; -1: no quota is kept.
	QuotaLeft int
	// VolumeUsed is how many bytes of bulk extracts were made today, and VolumeLimit how many a day allows, as the service last
	// told this process; 0: it was not asked, or does not tell.
	VolumeUsed, VolumeLimit int64
	// Waiting says what the run waits for, such as the reset of the quota, and WaitUntil how long. It is empty if the
	// run does not wait.
	Waiting   string
	WaitUntil time.Time
	Problem   string // the error because of which it waits
	Finished  bool   // nothing is left to do in this run
}

// Report is what Run has done.
type Report struct {
	// Runs are the last run of each stream, in the order of Config.Streams. With ID 0 there was
	// nothing to do.
	Runs []store.RunStatus
	// Copied is what this process has committed for each stream, in all rounds.
	Copied []store.Counts
	// Stopped reports that the context ended before the work did. The copy is consistent, and the next Run continues
	// from the last commit.
	Stopped bool
}

// NewWorkerName returns a name that no other process has: host, process id and eight
// random letters.
func NewWorkerName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s-%d-%s", host, os.Getpid(), strings.ToLower(rand.Text()[:8]))
}

// withDefaults returns a copy with the defaults filled in and with fresh state of its own, so that one Config may be
// used for several runs, even at the same time.
func (c *Config) withDefaults() *Config {
	d := *c
	if d.Now == nil {
		d.Now = func(context.Context) (time.Time, error) { return time.Now(), nil }
	}
	if d.Worker == "" {
		d.Worker = NewWorkerName()
	}
	d.Concurrency = cmp.Or(d.Concurrency, 4)
	d.Lease = cmp.Or(d.Lease, 15*time.Second)
	d.StopTimeout = cmp.Or(d.StopTimeout, 10*time.Second)
	d.MaxAttempts = cmp.Or(d.MaxAttempts, 12)
	d.FirstRetry = cmp.Or(d.FirstRetry, time.Second)
	d.ExtractInterval = cmp.Or(d.ExtractInterval, extract.PollInterval)
	if d.Progress == nil {
		d.Progress = func(Progress) {}
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	if d.Observer == nil {
		d.Observer = noObserver{}
	}
	d.pace, d.merged, d.volume = &pace{}, &merged{}, &volume{}
	d.warnOfSpelling()
	return &d
}

// warnOfSpelling logs a warning for types that are spelt differently from how answers spell them, since the copy may then get
// no rows of them. They are not refused, as names of activities are free text.
func (c *Config) warnOfSpelling() {
	for _, s := range c.Streams {
		for _, name := range s.Types {
			if known := operations.ActivityName(name); known != name {
				c.Logger.Warn("answers spell this type otherwise", "stream", s.Name, "type", name, "known", known)
			}
		}
	}
}

// validate reports everything that is wrong, joined.
func (c *Config) validate() error {
	var errs []error
	bad := func(field, format string, args ...any) {
		errs = append(errs, &FieldError{Field: field, Problem: fmt.Sprintf(format, args...)})
	}
	if c.Port == nil {
		bad("Port", "is nil; give a client or another gen.Port")
	}
	if c.Store == nil {
		bad("Store", "is nil; open one with package sqlstore or filestore")
	}
	if c.Concurrency < 1 || c.Concurrency > 100 {
		bad("Concurrency", "is %d; it goes from 1 to 100", c.Concurrency)
	}
	if c.BatchSize < 0 || c.BatchSize > operations.MaxChangeBatch {
		bad("BatchSize", "is %d; it goes from 1 to %d, and 0 leaves it to the service", c.BatchSize, operations.MaxChangeBatch)
	}
	if len(c.Worker) > 100 {
		bad("Worker", "has %d characters; River takes 100", len(c.Worker))
	}
	if c.Lease < time.Second {
		bad("Lease", "is %s; the shortest is 1s", c.Lease)
	}
	if c.ExtractInterval < time.Second || c.ExtractInterval > volumeWait {
		bad("ExtractInterval", "is %s; it goes from 1s to %s", c.ExtractInterval, volumeWait)
	}
	if c.StopTimeout < 0 || c.FirstRetry < 0 || c.Every < 0 {
		bad("StopTimeout, FirstRetry or Every", "is negative")
	}
	if c.MaxAttempts < 1 {
		bad("MaxAttempts", "is %d; the least is 1", c.MaxAttempts)
	}
	seen := map[StreamName]bool{}
	for i, s := range c.Streams {
		if seen[s.Name] {
			bad(fmt.Sprintf("Streams[%d]", i), "is the second one of the name %s", s.Name)
		}
		seen[s.Name] = true
		if err := s.Validate(); err != nil {
			errs = append(errs, err)
		}
		if s.Source == Bulk && c.Extracts == nil {
			bad("Extracts", "is nil; the stream %s is read by bulk extract, for which package bridge has a source", s.Name)
		}
	}
	return errors.Join(errs...)
}

type noObserver struct{}

func (noObserver) Window(ctx context.Context, _ store.Window) (context.Context, func(store.Counts, error)) {
	return ctx, func(store.Counts, error) {}
}
func (noObserver) Committed(context.Context, StreamName, store.Counts, time.Duration) {}
func (noObserver) Quota(context.Context, quota.Status)                                {}
