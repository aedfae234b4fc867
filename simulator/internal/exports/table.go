// Package exports is the table of bulk extracts. A job waits in a queue, runs for a while by the simulator's clock,
// and leaves a file. Nothing runs in the background: what should have happened by now is done when somebody looks, so
// that a test with a clock of its own sees the same each time.
package exports

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/place"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// The states of a job (Marketo REST API, bulk extract).
const (
	Created    = "Created"
	Queued     = "Queued"
	Processing = "Processing"
	Cancelled  = "Cancelled"
	Completed  = "Completed"
	Failed     = "Failed"
)

// Bounds of the queue (Marketo REST API, bulk extract).
const (
	maxQueued  = 10 // those that run among them
	maxRunning = 2
)

// How long a job and its file are kept after its end (Marketo REST API, bulk extract: of the file, the
// shorter of the two that are named).
const (
	jobLife  = 30 * 24 * time.Hour
	fileLife = 7 * 24 * time.Hour
)

// Reasons why a job is not put into the queue.
var (
	ErrFull   = errors.New("too many jobs in queue")
	ErrQueued = errors.New("job already queued")
	ErrVolume = errors.New("the volume of the day is used up")
)

// Job is a bulk extract.
type Job struct {
	record.Export

	CreatedAt, QueuedAt, StartedAt, FinishedAt time.Time // zero: not yet; a running one has when it will finish
	File                                       *File     // nil: there is none yet

	making sync.Mutex // held by who makes the file, without the lock of the table
}

// StatusAt returns the state in which a job was at a moment, if it was in the queue then. One
// that was cancelled is so at once.
func (j *Job) StatusAt(at time.Time) string {
	switch {
	case j.Status != Processing && j.Status != Completed || j.FinishedAt.IsZero():
		return j.Status
	case j.StartedAt.After(at):
		return Queued
	case j.FinishedAt.After(at):
		return Processing
	}
	return j.Status
}

// Table holds the jobs. Make it with [New]. Whoever uses it holds the lock.
type Table struct {
	now  func() time.Time
	all  []*Job // in the order they were made
	byID map[string]*Job
	made int // how many there were ever
}

// New returns an empty table with a clock.
func New(now func() time.Time) *Table { return &Table{now: now, byID: make(map[string]*Job)} }

// Create adds a job and gives it an id.
func (t *Table) Create(e record.Export) *Job {
	for e.ID = ""; e.ID == "" || t.byID[e.ID] != nil; t.made++ {
		e.ID = fmt.Sprintf("%08x-5e4a-4c1d-9b7f-%012x", t.made+1, t.now().UnixMilli())
	}
	e.Status = Created
	job := &Job{Export: e, CreatedAt: t.now()}
	t.enter(job)
	return job
}

func (t *Table) enter(job *Job) {
	t.all = append(t.all, job)
	t.byID[job.ID] = job
}

// Find returns the job of an id, or nil.
func (t *Table) Find(id string) *Job { return t.byID[id] }

// All returns the jobs in the order they were made. They are the table's.
func (t *Table) All() []*Job { return t.all }

// in returns the jobs in a state, in the order of a time that they have.
func (t *Table) in(status string, when func(*Job) time.Time) []*Job {
	list := slices.DeleteFunc(slices.Clone(t.all), func(j *Job) bool { return j.Status != status })
	slices.SortStableFunc(list, func(a, b *Job) int { return when(a).Compare(when(b)) })
	return list
}

func queuedAt(j *Job) time.Time   { return j.QueuedAt }
func finishedAt(j *Job) time.Time { return j.FinishedAt }

// Enqueue puts a job that was made into the queue. The error is one of those above.
func (t *Table) Enqueue(job *Job, volume int64) error {
	switch {
	case job.Status != Created:
		return ErrQueued
	case len(t.in(Queued, queuedAt))+len(t.in(Processing, queuedAt)) >= maxQueued: // those whose file is made among them
		return ErrFull
	case t.Volume(t.now()) >= volume:
		return ErrVolume
	}
	job.Status, job.QueuedAt = Queued, t.now()
	return nil
}

// Cancel cancels a job that has not ended, and reports whether it could.
func (t *Table) Cancel(job *Job) bool {
	if job.Status == Completed || job.Status == Failed || job.Status == Processing && !job.FinishedAt.After(t.now()) {
		return false
	}
	job.Status, job.FinishedAt = Cancelled, time.Time{}
	return true
}

// Volume is how many bytes the jobs have written that have ended on the day of a moment, in US
// Central time.
func (t *Table) Volume(now time.Time) (bytes int64) {
	for _, job := range t.all {
		if job.Status == Completed && day(job.FinishedAt) == day(now) {
			bytes += job.File.Size()
		}
	}
	return bytes
}

func day(t time.Time) string { return t.In(servicetime.Central(t)).Format(time.DateOnly) }

// Advance lets jobs start and end that should have done so by now. Two run at a time, each for the given duration,
// and the next one starts when one ends, not when somebody looks. It returns the jobs that have ended and have no
// file yet, for [Make].
func (t *Table) Advance(duration time.Duration) (ended []*Job) {
	now, freed := t.now(), time.Time{}
	t.forget(now)
	running, waiting := t.in(Processing, finishedAt), t.in(Queued, queuedAt)
	for {
		switch {
		case len(running) < maxRunning && len(waiting) > 0:
			next := waiting[0]
			next.Status, next.StartedAt = Processing, next.QueuedAt
			if freed.After(next.StartedAt) {
				next.StartedAt = freed
			}
			next.FinishedAt = next.StartedAt.Add(duration)
			running, waiting = append(running, next), waiting[1:]
			slices.SortStableFunc(running, func(a, b *Job) int { return a.FinishedAt.Compare(b.FinishedAt) })
		case len(running) > 0 && !running[0].FinishedAt.After(now):
			ended, freed = append(ended, running[0]), running[0].FinishedAt
			running = running[1:]
		default:
			return ended
		}
	}
}

// forget takes away the jobs, and the files, that are not kept any longer.
func (t *Table) forget(now time.Time) {
	t.all = slices.DeleteFunc(t.all, func(job *Job) bool {
		if job.Status == Queued || job.Status == Processing {
			return false
		}
		latest := slices.MaxFunc([]time.Time{job.CreatedAt, job.QueuedAt, job.FinishedAt}, time.Time.Compare)
		if job.File != nil && now.Sub(latest) > fileLife {
			job.File = &File{size: job.File.size, sum: job.File.sum}
		}
		old := now.Sub(latest) > jobLife
		if old {
			delete(t.byID, job.ID)
		}
		return old
	})
}

// Make completes a job that has ended: with a file that a function makes, unless another call has
// made it meanwhile. The lock of the table is not held, but by lock for what is short.
func Make(job *Job, lock func() (unlock func()), file func(*Job) (made *File, records int)) {
	job.making.Lock()
	defer job.making.Unlock()
	unlock := lock()
	done := job.Status != Processing
	unlock()
	if done {
		return
	}
	defer func() {
		defer lock()()
		if job.Status == Processing { // it panics: the next call need not try again
			job.Status = Failed
		}
	}()
	made, records := file(job)
	defer lock()()
	job.File, job.Records, job.Status = made, records, Completed
}

// Load fills an empty table.
func (t *Table) Load(list []record.Export) error {
	for i := range list {
		job, err := t.load(&list[i])
		if err != nil {
			return place.In(err, "exports[%d]", i)
		}
		t.enter(job)
	}
	return nil
}

// load checks and returns one job of a state.
func (t *Table) load(in *record.Export) (*Job, error) {
	job := &Job{Export: *in}
	switch {
	case in.ID == "" || t.byID[in.ID] != nil:
		return nil, place.Wrong("id", "a job needs an id that no other has, not %q", in.ID)
	case !slices.Contains([]string{Created, Queued, Processing, Cancelled, Completed, Failed}, in.Status):
		return nil, place.Wrong("status", "%q is not a state of a job", in.Status)
	case !slices.Contains([]string{"leads", "activities", "customobjects"}, in.Kind):
		return nil, place.Wrong("kind", "%q is not leads, activities or customobjects", in.Kind)
	case !slices.Contains([]string{"CSV", "TSV", "SSV"}, in.Format):
		return nil, place.Wrong("format", "%q is not CSV, TSV or SSV", in.Format)
	case in.Kind == "activities" && in.Filter.Created == nil:
		return nil, place.Wrong("filter", "activities are extracted by created")
	}
	var errs error
	read := func(field string, to *time.Time, text string) {
		at, err := servicetime.Parse(field, datetime(text), time.Time{})
		*to, errs = at, errors.Join(errs, err)
	}
	read("created", &job.CreatedAt, in.Created)
	read("queued", &job.QueuedAt, in.Queued)
	read("started", &job.StartedAt, in.Started)
	read("finished", &job.FinishedAt, in.Finished)
	if errs != nil {
		return nil, errs
	}
	if in.Status == Completed {
		file, err := openFile(in.Blocks)
		if err != nil {
			return nil, place.In(err, "blocks")
		}
		if job.File = file; in.Checksum != "" {
			job.File = &File{size: in.Size, sum: in.Checksum}
		}
	}
	job.Blocks = nil
	return job, nil
}

// Snapshot returns all jobs with their files, in the order they were made; nil for none.
func (t *Table) Snapshot() []record.Export {
	var list []record.Export
	for _, job := range t.all {
		out := job.Export
		out.Created, out.Queued = text(job.CreatedAt), text(job.QueuedAt)
		out.Started, out.Finished = text(job.StartedAt), text(job.FinishedAt)
		if job.File != nil {
			out.Blocks = job.File.blocks
			if !job.File.Kept() {
				out.Size, out.Checksum = job.File.size, job.File.sum
			}
		}
		list = append(list, out)
	}
	return list
}
