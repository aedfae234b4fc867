package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/extract"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// Extracts returns the bulk extract of activities as a source of the records that [Bridge.GetLeadChanges] returns: the same
// records by the same conversion, from a file that the service makes in minutes, for a few calls however many they are. It
// needs the permission Read-Only Activity, and Read-Only Campaign for the names of the campaigns.
//
// What differs: the id of a record is that of its GUID, if that is a number, since a file has no ids. The value of a primary
// attribute that is the word null is missing. Deletions of leads are in no file: where they are wanted, as they are without a
// choice of types, Records reads them as GetLeadChanges does, for some calls more, and hands all of them out after the rows of the
// file, whatever rows are skipped, since the service forgets them after two weeks and their numbers would change.
// [extract.Job.Rows] does not count them.
//
// The id of a job is that of the service, with what Records has to know beside it, so that another process can read the file.
// A file is put into a temporary file, which has no name where the system allows that, so that nothing of it remains after a
// crash: see [WithTempFolder]. Jobs of other API users, and those of other kinds of extract, are not counted in Volume, for the
// service does not tell of them.
func (b *Bridge) Extracts() extract.Source { return extracts{b} }

// extracts implements extract.Source.
type extracts struct{ *Bridge }

// exportID is what the id of a job says.
type exportID struct {
	id        string // of the service; empty: no job is needed, as no file has the types that are wanted
	deletions bool
	from, to  int64 // of the deletions
}

// String writes ID, or ID/FROM-TO with deletions.
func (x exportID) String() string {
	if !x.deletions {
		return x.id + "/"
	}
	return fmt.Sprintf("%s/%d-%d", x.id, x.from, x.to)
}

// readExportID reads the id of a job.
func readExportID(text string) (x exportID, err error) {
	id, times, ours := strings.Cut(text, "/")
	x.id, x.deletions = id, times != ""
	if x.deletions {
		from, to, _ := strings.Cut(times, "-")
		var errTo error
		x.from, err = strconv.ParseInt(from, 10, 64)
		x.to, errTo = strconv.ParseInt(to, 10, 64)
		err = errors.Join(err, errTo)
	}
	if !ours || err != nil {
		return x, bad("%.100q is not the id of a job of this source", text)
	}
	return x, nil
}

// nothing is the state of a job that is not needed.
func (x exportID) nothing() extract.Job { return extract.Job{ID: x.String(), State: extract.Completed} }

func (e extracts) work(ctx context.Context, operation string) *work {
	return &work{Context: ctx, Bridge: e.Bridge, operation: operation}
}

// Create implements extract.Source.
func (e extracts) Create(ctx context.Context, q extract.Query) (extract.Job, error) {
	w := e.work(ctx, "createExtract")
	from, to := up(q.From), q.To.Truncate(time.Second)
	if q.From.IsZero() || to.Before(from) || to.Sub(from) > extract.MaxRange {
		return extract.Job{}, w.failed(bad("an extract needs a From and a To that is not before it and at most %d days later", extract.MaxRange/(24*time.Hour)))
	}
	groups, deletions, err := w.groups(activityFilter{Names: q.Types})
	if err != nil {
		return extract.Job{}, w.failed(err)
	}
	x := exportID{deletions: deletions, from: from.Unix(), to: to.Unix()}
	types := slices.Concat(groups...)
	if len(types) == 0 { // a job without types would have all of them
		return x.nothing(), nil
	}
	slices.Sort(types)
	a, err := w.rest.CreateExport(w, rest.ExportFilter{From: from, To: to, Types: types})
	return w.job(x, a, err)
}

// Enqueue implements extract.Source.
func (e extracts) Enqueue(ctx context.Context, id string) error {
	w := e.work(ctx, "enqueueExtract")
	x, err := readExportID(id)
	if err != nil || x.id == "" {
		return w.failedOrNil(err)
	}
	_, err = w.rest.EnqueueExport(w, x.id)
	var what *fault.RESTError
	if errors.As(err, &what) && what.Code == 1029 {
		switch what.Fault() { // which its text tells apart
		case fault.CodeBadParameter: // it is queued already
			return nil
		case fault.CodeConcurrencyLimitExceeded:
			err = both(extract.ErrQueueFull, err)
		}
	}
	return w.failedOrNil(w.exportFailed(err))
}

// Job implements extract.Source.
func (e extracts) Job(ctx context.Context, id string) (extract.Job, error) {
	w := e.work(ctx, "getExtract")
	x, err := readExportID(id)
	switch {
	case err != nil:
		return extract.Job{}, w.failed(err)
	case x.id == "":
		return x.nothing(), nil
	}
	a, err := w.rest.ExportStatus(w, x.id)
	return w.job(x, a, err)
}

// Cancel implements extract.Source.
func (e extracts) Cancel(ctx context.Context, id string) error {
	w := e.work(ctx, "cancelExtract")
	x, err := readExportID(id)
	if err != nil || x.id == "" {
		return w.failedOrNil(err)
	}
	if _, err = w.rest.CancelExport(w, x.id); said(err, 1003) { // a job that has ended leaves nothing to give up
		if job, unknown := e.Job(ctx, id); unknown == nil && job.State >= extract.Completed {
			return nil
		}
	}
	return w.failedOrNil(w.exportFailed(err))
}

// Volume implements extract.Source.
func (e extracts) Volume(ctx context.Context) (used, limit int64, err error) {
	w := e.work(ctx, "getExtractVolume")
	today := fault.NextReset(w.config.rest.Now())
	var page rest.Page
	for more := true; more; {
		a, err := w.rest.Exports(w, page)
		if err != nil {
			return 0, 0, w.failed(w.exportFailed(err))
		}
		for _, job := range a.Records {
			ended, err := w.readTime(job.FinishedAt)
			if err == nil && job.Size != nil && fault.NextReset(ended).Equal(today) {
				used += *job.Size
			}
		}
		page.Token, more = a.Next, a.Next != "" && len(a.Records) > 0
	}
	return used, w.extractVolume, nil
}

// states are those of jobs by what the service calls them, in small letters.
var states = map[string]extract.State{
	"created": extract.Created, "queued": extract.Queued, "processing": extract.Processing, "completed": extract.Completed,
	"failed": extract.Failed, "canceled": extract.Canceled, "cancelled": extract.Canceled,
}

// job returns the job of an answer.
func (w *work) job(x exportID, a *rest.Answer[rest.Export], err error) (extract.Job, error) {
	if err != nil {
		return extract.Job{}, w.failed(w.exportFailed(err))
	}
	one, err := oneExport(a)
	if err != nil {
		return extract.Job{}, w.failed(err)
	}
	x.id = one.ID
	out := extract.Job{ID: x.String(), State: states[strings.ToLower(one.Status)], Problem: clean(one.Error)}
	if one.Records != nil {
		out.Rows = *one.Records
	}
	if one.Size != nil {
		out.Bytes = *one.Size
	}
	return out, nil
}

// oneExport returns the job that an answer is about.
func oneExport(a *rest.Answer[rest.Export]) (rest.Export, error) {
	if len(a.Records) != 1 || a.Records[0].ID == "" || strings.Contains(a.Records[0].ID, "/") {
		return rest.Export{}, fault.NewContentError(errors.New("the answer does not tell of one job of an extract with its id"))
	}
	if _, known := states[strings.ToLower(a.Records[0].Status)]; !known {
		return rest.Export{}, fault.NewContentError(fmt.Errorf("the state %.100q of the job %.100s is none of those known", a.Records[0].Status, a.Records[0].ID))
	}
	return a.Records[0], nil
}

// both returns an error that matches another one as well, and says that first.
func both(what, err error) error { return fmt.Errorf("%w: %w", what, err) }

// failedOrNil is failed, but nil for nil.
func (w *work) failedOrNil(err error) error {
	if err == nil {
		return nil
	}
	return w.failed(err)
}

// exportFailed says what an error means for an extract. No write of one is of unknown outcome: one that is done twice leaves what
// one leaves, but for a job that is never queued.
func (w *work) exportFailed(err error) error {
	var call *rest.CallError
	if errors.As(err, &call) && call.Unknown {
		known := *call
		known.Unknown = false
		err = &known
	}
	switch {
	case said(err, 1013, 702):
		return both(extract.ErrGone, err)
	case rest.IsDamage(err):
		return both(extract.ErrDamaged, err)
	case said(err, 603):
		return both(errors.New("a bulk extract needs the permission Read-Only Activity"), err)
	case said(err, 610, 616, 703, 1035):
		return both(errors.New("the subscription does not have the bulk extract of activities: read them by pages"), err)
	}
	return err
}

// fileSoon is how long after the end of a job its file may not be there yet.
const fileSoon = 10 * time.Minute

// Bounds of a batch of records.
const (
	maxExtractRows  = 1000
	maxExtractBytes = 1 << 20
)

// Records implements extract.Source.
func (e extracts) Records(ctx context.Context, job extract.Job, skip int64) iter.Seq2[[]gen.LeadChangeRecord, error] {
	return func(yield func([]gen.LeadChangeRecord, error) bool) {
		w := e.work(ctx, "getExtractFile")
		x, err := readExportID(job.ID)
		more := true
		if err == nil && x.id != "" {
			more, err = w.exportRows(x.id, skip, yield)
		}
		if err == nil && more && x.deletions {
			more, err = w.exportDeletions(x, yield)
		}
		if err != nil && more {
			yield(nil, w.failed(w.exportFailed(err)))
		}
	}
}

// yieldRecords hands a batch out, and reports whether another one is wanted.
type yieldRecords = func([]gen.LeadChangeRecord, error) bool

// exportRows hands out the rows of a job's file, and reports whether more is wanted.
func (w *work) exportRows(id string, skip int64, yield yieldRecords) (more bool, err error) {
	a, err := w.rest.ExportStatus(w, id)
	if err != nil {
		return true, err
	}
	job, err := oneExport(a)
	if err != nil {
		return true, err
	}
	if states[strings.ToLower(job.Status)] != extract.Completed {
		return true, bad("the job %s is %s: it has no file before it is Completed", id, job.Status)
	}
	if job.Records != nil && *job.Records == 0 {
		return true, nil
	}
	file, err := rest.NewFile(w.tempFolder)
	if err != nil {
		return true, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	ended, errEnded := w.readTime(job.FinishedAt)
	patient := errEnded != nil || w.config.rest.Now().Sub(ended) < fileSoon
	if err := w.rest.FetchExport(w, job, patient, file); err != nil {
		if !patient && said(err, http.StatusNotFound) {
			err = both(extract.ErrGone, err)
		}
		return true, err
	}
	return w.fileRows(file, skip, yield)
}

// fileRows hands out the rows of a file.
func (w *work) fileRows(file *rest.File, skip int64, yield yieldRecords) (more bool, err error) {
	rows, err := file.Activities()
	if err != nil {
		return true, err
	}
	if err := rows.Skip(skip); err != nil {
		return true, ignoreEnd(err)
	}
	for {
		batch, errRead := readRows(rows)
		if len(batch) > 0 {
			list, err := w.exported(batch)
			if err != nil {
				return true, err
			}
			if !yield(list, nil) {
				return false, nil
			}
		}
		if errRead != nil {
			return true, ignoreEnd(errRead)
		}
	}
}

func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// readRows reads the rows of a batch. The last one comes with io.EOF.
func readRows(r *rest.ExportReader) (batch []rest.ExportedActivity, err error) {
	for size := 0; len(batch) < maxExtractRows && size < maxExtractBytes; {
		one, err := r.Next()
		if err != nil {
			return batch, err
		}
		batch = append(batch, one)
		size += one.Size
	}
	return batch, nil
}

// exported converts rows as a page of activities is converted. One that cannot be is handed out as it is, and its time tells
// why, so that nobody takes it for a whole record.
func (w *work) exported(batch []rest.ExportedActivity) ([]gen.LeadChangeRecord, error) {
	good := make([]rest.Activity, 0, len(batch))
	for i := range batch {
		if _, err := w.readTime(batch[i].Date); err != nil && batch[i].Problem == nil {
			batch[i].Problem = errors.New("its time cannot be read")
		}
		if batch[i].Problem == nil {
			good = append(good, batch[i].Activity)
		}
	}
	records, err := w.records(good)
	if err != nil {
		return nil, err
	}
	out := make([]gen.LeadChangeRecord, len(batch))
	for i := range batch {
		if batch[i].Problem != nil {
			out[i] = unreadableRow(&batch[i])
			continue
		}
		out[i] = records[0].changeRecord()
		records = records[1:]
	}
	return out, nil
}

// unreadableRow is a row as it came.
func unreadableRow(a *rest.ExportedActivity) gen.LeadChangeRecord {
	return gen.LeadChangeRecord{
		MarketoGUID: clean(a.GUID), MktPersonId: clean(a.LeadText), ActivityType: "Activity type " + strconv.FormatInt(a.TypeID, 10),
		ActivityDateTime: gen.DateTime(clean(fmt.Sprintf("%.40s in a row that cannot be read: %v", a.Date, a.Problem))),
		MktgAssetName:    gen.Some(clean(a.PrimaryValue.Text)),
		ActivityAttributes: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{
			{AttrName: "attributes", AttrType: gen.NilOf[string](), AttrValue: clean(a.Rest)},
		}}),
	}
}

// exportDeletions hands out the deletions of leads of the time of a job.
func (w *work) exportDeletions(x exportID, yield yieldRecords) (more bool, err error) {
	s := &stream{work: w, low: unix(x.from), high: unix(x.to), patient: true, chains: []*chain{{deletions: true}}}
	if err := s.start(s.low); err != nil {
		return true, err
	}
	for done := false; !done; {
		var list []entry
		if list, done, err = s.take(rest.MaxPage); err != nil {
			return true, err
		}
		records, err := w.records(activities(list))
		if err != nil {
			return true, err
		}
		shown := make([]gen.LeadChangeRecord, len(records))
		for i := range records {
			shown[i] = records[i].changeRecord()
		}
		if len(shown) > 0 && !yield(shown, nil) {
			return false, nil
		}
	}
	return true, nil
}
