package sync

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
)

const (
	barEvery    = 200 * time.Millisecond
	workerEvery = 5 * time.Second
	// rateOver is how far back speeds are averaged. It equals the window of the service's rate limit; a shorter one
	// would show a burst of 100 calls and then nothing, over and over.
	rateOver = 20 * time.Second
)

// How long nothing is said of work that goes on. Tests that look at all that is said wait longer, as they may run on a slow
// machine.
var (
	LineEvery    = 5 * time.Second
	PlanPatience = settings.LongWait
)

// progress shows how far the streams have come. Update is called by package leadsync, from several goroutines.
type progress interface {
	ticking

	update(p leadsync.Progress)
	// settle replaces, at the end, the counts of a stream by what this process has copied. Until then the counts are
	// those of the run, to which other processes or an earlier attempt may have contributed.
	settle(name leadsync.StreamName, copied store.Counts)
}

// ticking shows at each tick what has changed since the previous one.
type ticking interface{ tick() }

// showProgress calls p.tick at intervals until stop is called. Stop makes one last tick, so that the final state is
// always shown, and returns only when that is done.
func showProgress(p ticking, every time.Duration) (stop func()) {
	ticker := time.NewTicker(every)
	stopping, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-ticker.C:
				p.tick()
			case <-stopping:
				ticker.Stop()
				p.tick()
				return
			}
		}
	}()
	return func() { close(stopping); <-stopped }
}

// tracker remembers the progress of the streams, in the order in which they first appeared. Its lock is also that of
// the types which embed it.
type tracker struct {
	mu      sync.Mutex
	now     func() time.Time
	streams []*streamProgress
}

// streamProgress is the progress of one stream, with samples of the recent past from which its speed is computed.
type streamProgress struct {
	leadsync.Progress

	samples []sample // oldest first
	changed bool     // since it was shown
}

// sample is the state of a stream at one moment.
type sample struct {
	at    time.Time
	rows  int64
	calls int64
	done  int
}

// put stores what was reported and returns the stream together with its state before. The samples start afresh with a
// new run. A change in the quota alone is not worth a line, since other programs use the same quota all the time. The
// caller holds t.mu.
func (t *tracker) put(p leadsync.Progress) (s *streamProgress, before leadsync.Progress) {
	i := slices.IndexFunc(t.streams, func(s *streamProgress) bool { return s.Stream == p.Stream })
	if i < 0 {
		i = len(t.streams)
		t.streams = append(t.streams, &streamProgress{})
	}
	s = t.streams[i]
	before = s.Progress
	if before.Run != p.Run {
		s.samples, before = nil, leadsync.Progress{Stream: p.Stream}
	}
	if p.Finished && p.WaitUntil.IsZero() {
		p.Waiting = "" // who is done waits for the next run and nothing else
	}
	same := s.Progress
	same.QuotaLeft = p.QuotaLeft // other programs use it too
	s.Progress, s.changed = p, s.changed || same != p
	s.sample(t.now())
	return s, before
}

// settle implements progress.
func (t *tracker) settle(name leadsync.StreamName, copied store.Counts) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, s := range t.streams {
		if s.Stream == name && s.Finished {
			s.Counts = copied
		}
	}
}

// sample adds a sample, at most one per second, and drops those that are older than rateOver, except for the one that
// the average starts from.
func (s *streamProgress) sample(now time.Time) {
	n := len(s.samples)
	if n > 0 && now.Sub(s.samples[n-1].at) < time.Second {
		return
	}
	for len(s.samples) > 1 && now.Sub(s.samples[1].at) >= rateOver {
		s.samples = s.samples[1:]
	}
	s.samples = append(s.samples, sample{now, s.Counts.Seen, s.Counts.Calls, s.Done})
}

// share returns how much of the run is done, from 0 to 1, counted in windows.
func (s *streamProgress) share() float64 {
	switch {
	case s.Finished:
		return 1
	case s.Windows == 0:
		return 0
	}
	return min(float64(s.Done)/float64(s.Windows), 1)
}

// speed returns the rows per second, and how long the rest will take; 0 if that cannot be said. The estimate goes by
// calls and not by rows, because the limits are on calls: a page takes one call however few rows it has. Ok is false
// until enough time has passed, and while the stream waits.
func (s *streamProgress) speed(now time.Time) (rows float64, left time.Duration, ok bool) {
	if len(s.samples) == 0 || s.Finished || s.Waiting != "" {
		return 0, 0, false
	}
	first := s.samples[0]
	passed := now.Sub(first.at)
	if passed < time.Second {
		return 0, 0, false
	}
	rows = float64(s.Counts.Seen-first.rows) / passed.Seconds()
	var share float64
	switch calls := s.Counts.Calls - first.calls; {
	case s.CallsLeft >= 0 && calls > 0:
		share = float64(s.CallsLeft) / float64(calls)
	case s.Done > first.done:
		share = float64(s.Windows-s.Done) / float64(s.Done-first.done)
	default:
		return rows, 0, true
	}
	return rows, time.Duration(share * float64(passed)), true
}

// happened reports whether something has changed that is worth a line at once, not only at the next tick.
func (s *streamProgress) happened(before leadsync.Progress) bool {
	return s.Waiting != before.Waiting || s.Failed > before.Failed || s.Finished != before.Finished
}

// parts returns the facts about a stream, the most important ones first, for a line that may have to be cut.
func (s *streamProgress) parts(now time.Time) []string {
	if s.Finished {
		return s.finished()
	}
	parts := []string{output.Plural(s.Counts.Seen, "row")}
	if s.VolumeLimit > 0 {
		parts = append(parts, megabytes(s.VolumeUsed)+" of "+megabytes(s.VolumeLimit)+" of bulk extracts used")
	}
	if s.Waiting != "" {
		return append([]string{"waiting" + untilText(s.WaitUntil, now) + " for " + s.Waiting + s.because()}, parts...)
	}
	rows, left, ok := s.speed(now)
	if ok {
		parts = append(parts, output.Grouped(int64(rows))+" rows/s")
	}
	if s.CallsLeft >= 0 {
		parts = append(parts, output.Plural(s.CallsLeft, "call")+" left")
	}
	if ok && left > 0 {
		parts = append(parts, output.About(left)+" left")
	}
	if s.Failed > 0 {
		parts = append(parts, output.Plural(s.Failed, "window")+" failed")
	}
	return parts
}

// because returns the error that makes the stream wait, or "".
func (s *streamProgress) because() string {
	if s.Problem == "" {
		return ""
	}
	return " because of: " + s.Problem
}

// finished returns the facts about a stream whose run has ended. With --every it may be waiting for the next one.
func (s *streamProgress) finished() []string {
	if s.Run == 0 {
		return []string{"nothing to do"}
	}
	c := s.Counts
	parts := []string{output.Plural(c.Seen, "row"), output.Grouped(c.Inserted) + " new"}
	if c.Updated > 0 {
		parts = append(parts, output.Grouped(c.Updated)+" changed")
	}
	if c.Late > 0 {
		parts = append(parts, output.Grouped(c.Late)+" late")
	}
	parts = append(parts, output.Plural(c.Calls, "call"))
	first := "complete up to " + output.UtcText(s.Upper)
	if s.Waiting != "" { // for the next run
		first = s.Waiting + " at " + output.UtcText(s.WaitUntil) + s.because()
	}
	return append([]string{first}, parts...)
}

// untilText says until when a stream waits, and how long that is from now.
func untilText(until, now time.Time) string {
	if until.IsZero() {
		return ""
	}
	return " until " + output.UtcText(until) + " (" + output.About(until.Sub(now)) + ")"
}

// lines shows progress without a terminal: it calls tell for a stream at every tick in which something changed, and
// at once when something important happened.
type lines struct {
	tracker

	tell func(s *streamProgress, now time.Time)
	hold bool // ends are told with the last tick, when they are settled
}

func newLines(now func() time.Time, tell func(*streamProgress, time.Time)) *lines {
	return &lines{tracker: tracker{now: now}, tell: tell}
}

func (l *lines) update(p leadsync.Progress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s, before := l.put(p); s.happened(before) && (!l.hold || !s.Finished) {
		l.show(s)
	}
}

// release lets the ends of streams be told again. It is called before the last tick, when settle has set the final
// counts.
func (l *lines) release() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hold = false
}

func (l *lines) tick() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.streams {
		if s.changed && (!l.hold || !s.Finished) {
			l.show(s)
		}
	}
}

// show tells about a stream. The caller holds l.mu.
func (l *lines) show(s *streamProgress) {
	s.changed = false
	l.tell(s, l.now())
}

// percent rounds down, so that 100% means that all is done.
func percent(share float64) string { return strconv.Itoa(int(share*100)) + "%" }
