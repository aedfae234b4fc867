package sync

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
)

// teller reports the plan, the progress and the end of a run, in words or as one JSON object per line.
type teller interface {
	plan(t target, f *leadsync.Forecast, rest bool) error
	progress(s *streamProgress, now time.Time)
	end(end runEnd) error
	// onTerminal reports whether bars may take the place of progress.
	onTerminal() bool
}

func newTeller(a *console.Console, form string) teller {
	if form == output.JSONLines {
		return &jsonTeller{out: a.Stdout}
	}
	return textTeller{a}
}

// runEnd is what is known at the end of a run.
type runEnd struct {
	report   *leadsync.Report
	streams  []streamEnd
	complete time.Time // what all streams are complete up to; the zero time: nothing yet
	quota    quota.Status
}

type streamEnd struct {
	store.RunStatus

	complete time.Time
	took     time.Duration
}

// newRunEnd asks the copy how far it has come. It does so even if ctx has ended, with a deadline of its own, because
// after an interruption the user wants to know just that.
func newRunEnd(ctx context.Context, s *session, t target, report *leadsync.Report, began time.Time) (runEnd, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), closeTimeout)
	defer cancel()
	end := runEnd{report: report}
	status, err := s.Store.Status(ctx)
	if err != nil {
		return end, err
	}
	if end.quota, err = s.Limiter.Quota(ctx); err != nil {
		return end, err
	}
	complete := make(map[leadsync.StreamName]time.Time)
	for i := range status.Streams {
		complete[status.Streams[i].Name] = status.Streams[i].Complete
	}
	for i := range report.Runs {
		e := streamEnd{RunStatus: report.Runs[i]}
		if i < len(s.Streams) {
			e.Stream = s.Streams[i].Name // of one that has done nothing
		}
		e.Counts = copiedCounts(t, report, i)
		e.complete = complete[e.Stream]
		e.took = runTook(t, report, i, began, time.Now())
		if i == 0 || e.complete.Before(end.complete) {
			end.complete = e.complete
		}
		end.streams = append(end.streams, e)
	}
	return end, nil
}

// runTook returns how long the work took that copiedCounts counts: from the beginning of this process if the counts
// are its own, from the beginning of the run otherwise.
func runTook(t target, report *leadsync.Report, i int, began, now time.Time) time.Duration {
	r := &report.Runs[i]
	switch {
	case r.ID == 0:
		return 0
	case ofProcess(t, report, i) && !r.Finished.Before(began):
		return r.Finished.Sub(began)
	case ofProcess(t, report, i):
		return now.Sub(began)
	case r.Finished.IsZero():
		return now.Sub(r.Started)
	}
	return r.Finished.Sub(r.Started)
}

// ofProcess reports whether the counts to be shown for a stream are those of this process.
func ofProcess(t target, report *leadsync.Report, i int) bool {
	return i < len(report.Copied) && (t.kind != postgresTarget || report.Runs[i].Resumed)
}

// copiedCounts returns the counts to be shown for a stream: what this process has copied, including what it finished
// of earlier runs. In PostgreSQL other processes may have helped with the run, and the counts of the whole run are
// shown instead.
func copiedCounts(t target, report *leadsync.Report, i int) store.Counts {
	if ofProcess(t, report, i) {
		return report.Copied[i]
	}
	return report.Runs[i].Counts
}

// textTeller reports in words: the plan and the end on standard output, progress on standard error, so that the
// result can be redirected into a file without the progress.
type textTeller struct{ console *console.Console }

func (t textTeller) onTerminal() bool { return true }

func (t textTeller) plan(to target, f *leadsync.Forecast, rest bool) error {
	return output.Printf(t.console.Stdout, "%s", forecastText(to, f, rest, t.console.Width()))
}

func (t textTeller) progress(s *streamProgress, now time.Time) {
	share := ""
	if !s.Finished {
		share = percent(s.share()) + ", "
	}
	t.console.Complain(string(s.Stream) + ": " + share + strings.Join(s.parts(now), ", "))
}

// end writes a table with one row for each stream, and below it a sentence for everything that deserves an
// explanation.
func (t textTeller) end(end runEnd) error {
	var late, missing, gone, problems int64
	rows := [][]string{}
	for i := range end.streams {
		e := &end.streams[i]
		late += e.Counts.Late
		missing += e.Counts.Missing
		gone += e.Counts.Gone
		problems += e.Counts.Problems
		rows = append(rows, []string{
			string(e.Stream), output.Grouped(e.Counts.Seen), output.Grouped(e.Counts.Inserted), output.Grouped(e.Counts.Updated), output.Grouped(e.Counts.Late),
			output.Grouped(e.Counts.Calls), output.About(e.took), output.Utc(e.complete),
		})
	}
	columns := []output.Column{
		{Title: "STREAM"}, {Title: "SEEN", Right: true}, {Title: "INSERTED", Right: true}, {Title: "UPDATED", Right: true},
		{Title: "LATE", Right: true}, {Title: "CALLS", Right: true}, {Title: "TIME", Right: true}, {Title: "COMPLETE UNTIL"},
	}
	if err := output.WriteTable(t.console.Stdout, t.console.Width(), withRows(columns, rows)); err != nil {
		return err
	}
	if late > 0 {
		text := " had been stored by the service after their time was read; the lookback has found them"
		if err := output.Printf(t.console.Stdout, "%s%s\n", output.Plural(late, "row"), text); err != nil {
			return err
		}
	}
	if missing > 0 {
		t.console.Warnf("left out: %s that the service does not know", output.Plural(missing, "lead"))
	}
	if gone > 0 {
		text := "no longer in the service: %s, marked in the column gone_at; sync verify --repair reads again what may have become of the activities\n"
		if err := output.Printf(t.console.Stdout, text, output.Plural(gone, "lead")); err != nil {
			return err
		}
	}
	if problems > 0 {
		t.console.Warnf("%s could not be read; table sync_problems keeps what came: see mktows sync status", output.Plural(problems, "record"))
	}
	return output.Printf(t.console.Stdout, "calls left today: %s\n", quotaText(end.quota))
}

// withRows fills the rows into the columns. The text is made harmless, as it may come from the service.
func withRows(columns []output.Column, rows [][]string) []output.Column {
	for _, row := range rows {
		for i := range columns {
			columns[i].Cells = append(columns[i].Cells, output.Visible(row[i]))
		}
	}
	return columns
}

// jsonTeller reports everything as events on standard output, for a program that reads them. An error in writing
// progress cannot be returned from there, so it is kept and returned at the end.
type jsonTeller struct {
	out    io.Writer
	broken error // the first error in writing progress
}

func (t *jsonTeller) onTerminal() bool { return false }

func (t *jsonTeller) write(v any) error {
	line, err := output.EncodeJSON(v, "")
	if err != nil {
		return err
	}
	return output.Printf(t.out, "%s\n", line)
}

func (t *jsonTeller) plan(to target, f *leadsync.Forecast, _ bool) error {
	doc := newForecastJSON(to, f)
	doc.Event = "plan"
	return t.write(doc)
}

// progressJSON is a line of progress.
type progressJSON struct {
	Event     string     `json:"event"`
	Stream    string     `json:"stream"`
	Run       int64      `json:"run"`
	Until     *string    `json:"until"`
	Windows   int        `json:"windows"`
	Done      int        `json:"done"`
	Failed    int        `json:"failed"`
	Counts    countsJSON `json:"counts"`
	CallsLeft *int       `json:"callsLeft"`
	QuotaLeft *int       `json:"quotaLeft"`
	// Of bulk extracts, in bytes; absent: not asked.
	VolumeUsed  int64   `json:"volumeUsed,omitempty"`
	VolumeLimit int64   `json:"volumeLimit,omitempty"`
	Waiting     string  `json:"waiting,omitempty"`
	WaitUntil   *string `json:"waitUntil,omitempty"`
	Problem     string  `json:"problem,omitempty"`
	Finished    bool    `json:"finished"`
}

// countsJSON are store.Counts in JSON.
type countsJSON struct {
	Calls    int64 `json:"calls"`
	Pages    int64 `json:"pages"`
	Seen     int64 `json:"seen"`
	Inserted int64 `json:"inserted"`
	Updated  int64 `json:"updated"`
	Late     int64 `json:"late"`
	Missing  int64 `json:"missing"`
	Gone     int64 `json:"gone"`
	Problems int64 `json:"unreadable"`
}

// progress writes one line. The caller, which is the copying itself, has no use for an error of standard output, so
// the first one is kept for end to return.
func (t *jsonTeller) progress(s *streamProgress, _ time.Time) {
	err := t.write(progressJSON{
		Event: "progress", Stream: string(s.Stream), Run: s.Run, Until: output.JSONTime(s.Upper),
		Windows: s.Windows, Done: s.Done, Failed: s.Failed, Counts: countsJSON(s.Counts),
		CallsLeft: known(s.CallsLeft), QuotaLeft: known(s.QuotaLeft), VolumeUsed: s.VolumeUsed, VolumeLimit: s.VolumeLimit,
		Waiting: s.Waiting, WaitUntil: output.JSONTime(s.WaitUntil), Problem: s.Problem, Finished: s.Finished,
	})
	if t.broken == nil {
		t.broken = err
	}
}

// known returns nil for a negative number, which stands for "not known"; JSON shows null.
func known(n int) *int {
	if n < 0 {
		return nil
	}
	return &n
}

type endJSON struct {
	Event   string          `json:"event"`
	Stopped bool            `json:"stopped"`
	Streams []streamEndJSON `json:"streams"`
	Quota   quotaJSON       `json:"quota"`
}

type streamEndJSON struct {
	Stream        string     `json:"stream"`
	Run           *int64     `json:"run"`
	Windows       int        `json:"windows"`
	Done          int        `json:"done"`
	Failed        int        `json:"failed"`
	Counts        countsJSON `json:"counts"`
	Seconds       float64    `json:"seconds"`
	CompleteUntil *string    `json:"completeUntil"`
	Error         string     `json:"error,omitempty"`
}

// end writes the last line, which has the totals of each stream. If an earlier line could not be written it returns
// that error instead: a reader of a stream with a gap should not take its end for a success.
func (t *jsonTeller) end(end runEnd) error {
	if t.broken != nil {
		return t.broken
	}
	doc := endJSON{Event: "end", Stopped: end.report.Stopped, Streams: []streamEndJSON{}, Quota: newQuotaJSON(end.quota)}
	for i := range end.streams {
		e := &end.streams[i]
		part := streamEndJSON{
			Stream: string(e.Stream), Windows: e.Windows, Done: e.Done, Failed: e.Failed, Counts: countsJSON(e.Counts),
			Seconds: e.took.Round(time.Millisecond).Seconds(), CompleteUntil: output.JSONTime(e.complete), Error: e.Error,
		}
		if e.ID != 0 {
			part.Run = &e.ID
		}
		doc.Streams = append(doc.Streams, part)
	}
	return t.write(doc)
}
