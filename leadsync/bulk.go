package leadsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/mktows/mktows-go/extract"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// Source tells by what a stream is read.
type Source int

// The sources.
const (
	// Pages reads with getLeadChanges and its like, page by page.
	Pages Source = iota
	// Bulk reads with the bulk extract of the REST API, of which Config.Extracts makes use: a file for each window. It is
	// for Activities alone.
	Bulk
)

const (
	// maxExtracts is how many jobs of a copy wait or run at the service at once: as many as it runs at the same time for all
	// programs together (Marketo REST API, Bulk Extract).
	maxExtracts = 2
	// maxFailedExtracts is how many jobs one after the other may bring no file before their window fails.
	maxFailedExtracts = 3
	// maxFileReadings is how often a file may be found damaged before there is another job: the first time may be the fault of what is
	// between.
	maxFileReadings = 2
	// turnWait is how long a window waits at most before it looks again whether it may have a job, if it is the next one.
	turnWait = 15 * time.Second
	// volumeWait is how long a window waits at most before it asks again for the volume of the day: somebody may have bought
	// more.
	volumeWait = 30 * time.Minute
)

// extraction is how far the reading of a window by bulk extract has come. The zero value is its beginning.
//
// A job is committed before it is put into the service's queue, so that whoever continues the window goes on with the
// same one: a job that was made and is not known is never done, and takes no volume.
type extraction struct {
	Job    string `json:"job,omitempty"`    // its id at the service
	Queued bool   `json:"queued,omitempty"` // the service has taken it into its queue
	File   bool   `json:"file,omitempty"`   // there is its file
	Of     int64  `json:"of,omitempty"`     // rows of the file
	Bytes  int64  `json:"bytes,omitempty"`  // of the file
	Rows   int64  `json:"rows,omitempty"`   // of the file, from its beginning, that are committed
	// Keyless tells that some of these have neither id nor GUID. They are numbered in the order of the file, so it is read
	// from its beginning again after an interruption.
	Keyless bool `json:"keyless,omitempty"`
	Failed  int  `json:"failed,omitempty"`  // jobs before this one that have brought no file
	Damaged int  `json:"damaged,omitempty"` // how often the file was not what the service says
	// Until is the Unix time, by the server's clock, before which the service is not asked about the window, and For what is
	// waited for.
	Until int64  `json:"until,omitempty"`
	For   string `json:"for,omitempty"`
}

// occupies reports whether the job waits or runs at the service, as far as is known.
func (x *extraction) occupies() bool { return x.Job != "" && !x.File }

// byBulk is the position of a window at its start that is to be read by bulk extract.
func byBulk() store.Position { return position{Extract: &extraction{}}.text() }

// readByBulk reports whether a window is read by bulk extract. A position that cannot be read is an error for whoever
// copies the window.
func readByBulk(w *store.Window) bool {
	at, err := parsePosition(w.Position)
	return err == nil && at.Extract != nil
}

// What windows wait for.
const (
	forTurn   = "other bulk extracts of this copy"
	forRoom   = "room in the service's queue of bulk jobs"
	forFile   = "a bulk extract"
	forVolume = "the reset of the day's volume of bulk extracts"
	forWorker = "a worker that can read bulk extracts"
)

// waiting says that nothing is to be done about a window for some time. Its job goes back to the queue until then.
type waiting struct {
	what string // it waits for
	wait time.Duration
	used *fault.QuotaError // that of the volume; nil: it is something else
}

func (w *waiting) Error() string { return fmt.Sprintf("waiting %s for %s", w.wait, w.what) }

// extract takes a window that is read by bulk extract as far as it comes without waiting: a job is made, put into the
// queue of the service and asked about until there is its file, which is read then.
func (b *batch) extract(ctx context.Context) error {
	if b.config.Extracts == nil {
		return &waiting{what: forWorker, wait: b.config.ExtractInterval}
	}
	for done := false; !done; {
		var err error
		switch x := b.at.Extract; {
		case x.File:
			done, err = b.readFile(ctx)
		case x.Job == "":
			err = b.makeJob(ctx)
		case !x.Queued:
			err = b.enqueue(ctx)
		default:
			err = b.ask(ctx)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// due returns the time by the server's clock if the service may be asked now, or else a *waiting. A time that is too far
// ahead comes from a clock that has been set back since.
func (b *batch) due(ctx context.Context) (time.Time, error) {
	now, err := b.config.Now(ctx)
	if err != nil {
		return now, fmt.Errorf("asking for the server's time: %w", err)
	}
	wait := time.Unix(b.at.Extract.Until, 0).Sub(now)
	if wait <= 0 || wait > volumeWait {
		return now, nil
	}
	idle := &waiting{what: b.at.Extract.For, wait: wait}
	if idle.what == forVolume {
		idle.used = &fault.QuotaError{ResetsAt: fault.NextReset(now)}
	}
	return now, idle
}

// goTo commits that the extraction has come to x.
func (b *batch) goTo(ctx context.Context, x extraction) error {
	b.at = position{Extract: &x}
	return b.write(ctx, false)
}

// putOff commits that the service is not to be asked again for some time, and returns the *waiting for that.
func (b *batch) putOff(ctx context.Context, now time.Time, w waiting) error {
	x := *b.at.Extract
	x.Until, x.For = now.Add(w.wait).Unix(), w.what
	if err := b.goTo(ctx, x); err != nil {
		return err
	}
	return &w
}

// query is what the service is asked for: as much beyond the ends of the window as pages ask for. Both ends of an
// extract are inclusive; what lies beyond is left out when the rows are read.
func (b *batch) query() extract.Query {
	return extract.Query{From: b.window.From.Add(-edge), To: b.window.To, Types: wantedTypes(b.stream, b.window)}
}

// makeJob makes a job, if the window may have one now, and commits it.
func (b *batch) makeJob(ctx context.Context) error {
	if b.at.Extract.Until > 0 {
		if _, err := b.due(ctx); err != nil {
			return err
		}
	}
	now, err := b.mayHaveJob(ctx)
	if err != nil {
		return err
	}
	b.commit.Counts.Calls++
	job, err := b.config.Extracts.Create(ctx, b.query())
	if err != nil {
		return b.refused(ctx, now, err)
	}
	return b.goTo(ctx, extraction{Job: job.ID, Failed: b.at.Extract.Failed})
}

// enqueue puts the job into the queue of the service. Doing so a second time changes nothing, so it does not matter
// whether a process died in between.
func (b *batch) enqueue(ctx context.Context) error {
	now, err := b.due(ctx)
	if err != nil {
		return err
	}
	b.commit.Counts.Calls++
	x := *b.at.Extract
	if err := b.config.Extracts.Enqueue(ctx, x.Job); err != nil {
		return b.refused(ctx, now, err)
	}
	x.Queued = true
	b.at.Extract = &x
	return b.putOff(ctx, now, waiting{what: forFile, wait: b.config.ExtractInterval})
}

// refused decides what follows when the service takes no job. A full queue, and a volume that is used up, are waited for.
func (b *batch) refused(ctx context.Context, now time.Time, err error) error {
	var used *fault.QuotaError
	switch {
	case errors.Is(err, extract.ErrQueueFull):
		return b.putOff(ctx, now, waiting{what: forRoom, wait: b.config.ExtractInterval})
	case errors.Is(err, extract.ErrGone):
		return b.replace(ctx, err)
	case errors.As(err, &used) && fault.FromServer(err):
		return b.putOff(ctx, now, b.untilReset(now, used))
	}
	return err
}

// untilReset waits for the volume of the next day.
func (b *batch) untilReset(now time.Time, used *fault.QuotaError) waiting {
	resets := used.ResetsAt
	if !resets.After(now) {
		resets = fault.NextReset(now)
	}
	wait := min(max(resets.Sub(now), b.config.ExtractInterval), volumeWait)
	return waiting{what: forVolume, wait: wait, used: &fault.QuotaError{Fault: used.Fault, ResetsAt: resets}}
}

// ask asks how far the job has come. Whatever the answer is, the service is not asked again before it can have another
// one.
func (b *batch) ask(ctx context.Context) error {
	now, err := b.due(ctx)
	if err != nil {
		return err
	}
	x := *b.at.Extract
	x.Until, x.For = now.Add(b.config.ExtractInterval).Unix(), forFile
	b.at.Extract = &x
	b.commit.Counts.Calls++
	job, err := b.config.Extracts.Job(ctx, x.Job)
	switch {
	case errors.Is(err, extract.ErrGone):
		return b.replace(ctx, err)
	case err != nil && ctx.Err() == nil:
		return errors.Join(err, b.goTo(ctx, x))
	case err != nil:
		return err
	}
	switch job.State {
	case extract.Created:
		return b.goTo(ctx, extraction{Job: x.Job, Failed: x.Failed})
	case extract.Failed, extract.Canceled:
		return b.replace(ctx, endedWithout(job))
	case extract.Completed:
		b.config.volume.note(&b.window, job.Bytes)
		return b.goTo(ctx, extraction{Job: x.Job, Failed: x.Failed, Queued: true, File: true, Of: job.Rows, Bytes: job.Bytes})
	case extract.Queued, extract.Processing:
	}
	return b.putOff(ctx, now, waiting{what: forFile, wait: b.config.ExtractInterval})
}

// endedWithout is why a job has no file.
func endedWithout(job extract.Job) error {
	switch {
	case job.State == extract.Canceled:
		return errors.New("somebody has cancelled it")
	case job.Problem == "":
		return errors.New("the service does not say why")
	}
	return errors.New(job.Problem)
}

// errNoFile says that job after job has brought no file. Another attempt at once would make more of them.
var errNoFile = errors.New("no bulk extract of the window has succeeded")

// replace commits that the job brings no file, so that another one is made, unless there were too many.
func (b *batch) replace(ctx context.Context, why error) error {
	failed := b.at.Extract.Failed + 1
	b.config.Logger.Warn("a bulk extract has brought no file", "window", b.window.String(), "job", b.at.Extract.Job, "number", failed, "problem", why)
	if failed < maxFailedExtracts {
		return b.goTo(ctx, extraction{Failed: failed})
	}
	err := b.goTo(ctx, extraction{}) // the next run begins with new ones
	return errors.Join(fmt.Errorf("%w, in %d attempts; the last one, %s: %w; or read the window by pages",
		errNoFile, failed, b.at.Extract.Job, why), err)
}

// damaged commits that the file was not what the service says of it. It is read once more, and then in that of another job.
func (b *batch) damaged(ctx context.Context, why error) error {
	x := *b.at.Extract
	if x.Damaged++; x.Damaged < maxFileReadings {
		return errors.Join(why, b.goTo(ctx, x))
	}
	return b.replace(ctx, why)
}

// readFile reads the file of the job from the last commit on, and commits as it goes. The window is done then, unless the
// file is gone.
func (b *batch) readFile(ctx context.Context) (done bool, err error) {
	x := *b.at.Extract
	f := b.openFile(x)
	piece := int64(f.reader.batchSize(operations.MaxChangeBatch))
	job := extract.Job{ID: x.Job, State: extract.Completed, Rows: x.Of, Bytes: x.Bytes}
	b.commit.Counts.Calls, b.commit.Counts.Pages = b.commit.Counts.Calls+1, b.commit.Counts.Pages+1
	for records, err := range b.config.Extracts.Records(ctx, job, f.row) {
		if errors.Is(err, extract.ErrGone) {
			return false, b.replace(ctx, err)
		}
		if errors.Is(err, extract.ErrDamaged) {
			return false, b.damaged(ctx, err)
		}
		if err == nil {
			err = f.take(records)
		}
		if err != nil {
			return false, errors.Join(err, b.save(ctx))
		}
		stopping := isClosed(b.stop)
		enough := f.row-x.Rows >= piece && b.rows >= b.config.Store.CommitRows()
		if enough || stopping && f.row > f.from {
			x.Rows = f.row
			err = b.write(ctx, false)
		}
		if err == nil && stopping {
			err = errStopped
		}
		if err != nil {
			return false, err
		}
	}
	if f.row < x.Of { // what comes beyond its rows, such as deletions of leads, is no part of the file
		return false, fmt.Errorf("the file of the bulk extract %s has %d rows, and the service says %d", x.Job, f.row, x.Of)
	}
	return true, b.write(ctx, true)
}

// file is a file that is being read, row by row.
type file struct {
	batch  *batch
	reader *reader
	row    int64 // that comes next
	from   int64 // rows before it are committed
}

// openFile returns a file at the place where it is to be read on. If rows before are numbered, that is its beginning.
func (b *batch) openFile(x extraction) *file {
	whole := position{Range: newRange(Activities, b.window)}
	f := &file{batch: b, reader: b.config.reader(b.stream, b.window, whole), row: x.Rows, from: x.Rows}
	f.reader.at = whole // and not less, as for a page
	if x.Keyless {
		f.row = 0
	}
	f.reader.twins.resume(nil)
	if f.row > 0 {
		f.reader.twins.resume(b.at.Tail)
	}
	return f
}

// take adds records to the batch. Those that are committed already are only looked at, for the numbers of the others.
func (f *file) take(records []gen.LeadChangeRecord) error {
	for len(records) > 0 {
		n := len(records)
		if f.row < f.from {
			n = int(min(int64(n), f.from-f.row))
		}
		p, err := f.piece(records[:n])
		if err != nil {
			return err
		}
		again := f.row < f.from
		f.row, records = f.row+int64(n), records[n:]
		if again {
			continue
		}
		x := *f.batch.at.Extract
		x.Rows = min(f.row, x.Of)
		x.Keyless = x.Keyless || slices.ContainsFunc(p.activities, func(r store.ActivityRow) bool { return !store.HasOwnKey(&r.Activity) })
		p.next = position{Extract: &x, Tail: f.reader.twins.tail()}
		f.batch.add(p)
	}
	return nil
}

// piece converts records to rows, as those of a page are.
func (f *file) piece(records []gen.LeadChangeRecord) (p piece, err error) {
	r := f.reader
	changes, err := operations.ChangesOf(records, r.bad.hook())
	if err == nil {
		p.problems, err = r.bad.take(len(changes))
	}
	if err != nil {
		return p, err
	}
	for i := range changes {
		if r.add(&p, changes[i].Activity()) {
			p.seen++
		}
	}
	r.said.keepSaid(&p, r.at.Range)
	return p, nil
}
