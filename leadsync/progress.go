package leadsync

import (
	"context"
	"sync"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// progress tells Config.Progress how the runs get on. It asks the store, because other workers may take part in a
// run. The lock guards follows, waiting, until and problem; told belongs to the goroutine that reports.
type progress struct {
	engine *engine
	dirty  chan struct{}

	mu      sync.Mutex
	follows map[StreamName]store.RunStatus
	waiting string
	until   time.Time
	problem string // why it is waited for

	told map[StreamName]Progress // of one goroutine at a time
}

func newProgress(e *engine) *progress {
	return &progress{engine: e, dirty: make(chan struct{}, 1), follows: map[StreamName]store.RunStatus{}, told: map[StreamName]Progress{}}
}

// touch asks for a report. It never blocks: a report that is already asked for will show the same.
func (p *progress) touch() {
	select {
	case p.dirty <- struct{}{}:
	default:
	}
}

// follow makes r the run of its stream.
func (p *progress) follow(r store.RunStatus) {
	p.mu.Lock()
	p.follows[r.Stream] = r
	p.mu.Unlock()
	p.touch()
}

// waitFor sets what the run waits for, and why if that is an error; an empty what ends the waiting.
func (p *progress) waitFor(what string, until time.Time, why error) {
	problem := ""
	if why != nil {
		problem = why.Error()
	}
	p.mu.Lock()
	changed := p.waiting != what || p.problem != problem
	p.waiting, p.until, p.problem = what, until, problem
	p.mu.Unlock()
	if changed {
		if what != "" {
			p.engine.Logger.Info("waiting for "+what, "until", until.Format(time.RFC3339), "problem", problem)
		}
		p.touch()
	}
}

// nextRound is what a run waits for that has done its work.
const nextRound = "the next round"

// goesOn ends the waiting after a commit. It does not end that for the next round: the run may have seen the last commit before the
// goroutine that made it gets here.
func (p *progress) goesOn() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.waiting != nextRound {
		p.waiting, p.until, p.problem = "", time.Time{}, ""
	}
}

// keep reports whenever something has changed, until ctx ends. It pauses ten times as long as a report takes, so that
// looking at the store takes at most a tenth of the time.
func (p *progress) keep(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.dirty:
		}
		begun := time.Now()
		p.report(ctx)
		if !pause(ctx, max(p.engine.poll, 10*time.Since(begun))) {
			return
		}
	}
}

// report tells what has changed since the last report.
func (p *progress) report(ctx context.Context) {
	left := p.quota(ctx)
	for _, s := range p.engine.Streams {
		now, ok := p.of(ctx, s.Name)
		if !ok {
			continue
		}
		now.QuotaLeft = left
		if s.Source == Bulk {
			now.VolumeUsed, now.VolumeLimit = p.engine.volume.ofDay()
		}
		if p.told[s.Name] != now {
			p.told[s.Name] = now
			p.engine.Progress(now)
		}
	}
}

// quota tells the observer, and returns what is left of the day.
func (p *progress) quota(ctx context.Context) int {
	if p.engine.Limiter == nil {
		return -1
	}
	q, err := p.engine.Limiter.Quota(ctx)
	if err != nil {
		return -1
	}
	p.engine.Observer.Quota(ctx, q)
	return q.Left()
}

// of returns how far the run of a stream is. While the store cannot be asked, its last answer is used.
func (p *progress) of(ctx context.Context, name StreamName) (Progress, bool) {
	p.mu.Lock()
	r, ok := p.follows[name]
	waiting := Progress{Stream: name, CallsLeft: -1, Waiting: p.waiting, WaitUntil: p.until, Problem: p.problem}
	p.mu.Unlock()
	if !ok { // nothing is planned yet
		return waiting, waiting.Waiting != "" || p.told[name].Waiting != ""
	}
	if asked, err := p.engine.Store.Run(ctx, r.ID); err == nil && asked.ID != 0 {
		asked.Resumed = r.Resumed
		r = asked
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.follows[name].ID == r.ID {
		p.follows[name] = r
	}
	now := Progress{
		Stream: name, Run: r.ID, Upper: r.Upper, Windows: r.Windows, Done: r.Done, Failed: r.Failed, Counts: r.Counts,
		CallsLeft: callsLeft(r), Waiting: p.waiting, WaitUntil: p.until, Problem: p.problem, Finished: r.Windows > 0 && r.Done == r.Windows,
	}
	if p.engine.lease.lost() {
		now.Waiting, now.WaitUntil = "the database", time.Time{}
	}
	return now, true
}

// callsLeft projects the calls so far onto the windows that are left; -1 before the first one is done.
func callsLeft(r store.RunStatus) int {
	left := r.Windows - r.Done - r.Failed
	if left <= 0 {
		return 0
	}
	if r.Done == 0 {
		return -1
	}
	return int((r.Counts.Calls*int64(left) + int64(r.Done) - 1) / int64(r.Done))
}
