package sync

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
)

const syncStatusLong = `Show how far a copy has come: its streams, windows, runs and workers, and the calls of the day.
It can be asked while other processes work on the copy.

A stream is complete up to a time when everything before it is copied, as far as the service
had it. CALLS are those of operations: by pages over REST, each takes several of the calls of the day.

` + targetHelp

type syncStatusFlags struct {
	targetFlags

	form *output.Format
}

func (f *syncStatusFlags) bind(fs *pflag.FlagSet) {
	f.targetFlags.bind(fs)
	f.form.Bind(fs)
}

// syncStatusCommand makes "mktows sync status".
func syncStatusCommand(a *console.Console) *cobra.Command {
	f := syncStatusFlags{form: output.DocumentFormat()}
	cmd := &cobra.Command{
		Use:     "status",
		Short:   "Show how far a copy has come",
		Long:    syncStatusLong,
		Example: "  mktows sync status --to leads.db\n  mktows sync status --to leads.db -o json",
		Args:    settings.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return syncStatus(cmd.Context(), a, &f) },
	}
	f.bind(cmd.Flags())
	return cmd
}

// syncStatus prints how far a copy has come. It opens the copy for reading only, so that it can be asked while other
// processes work on it.
func syncStatus(ctx context.Context, a *console.Console, f *syncStatusFlags) error {
	t, err := newTarget(a, &f.targetFlags)
	if err != nil {
		return err
	}
	store, err := t.openReadOnly(ctx)
	if err != nil {
		return err
	}
	defer store.Close() //nolint:errcheck // it was only read
	status, err := store.Status(ctx)
	if err != nil {
		return err
	}
	extracts, err := leadsync.Extracts(ctx, store)
	if err != nil {
		return err
	}
	if f.form.Value == output.JSON {
		doc := newSyncStatusJSON(&status)
		for _, x := range extracts {
			doc.Extracts = append(doc.Extracts, extractJSON{
				From: output.JSONTime(x.From), Until: output.JSONTime(x.To), Failed: x.Failed, Job: x.Job, Rows: x.Rows, Of: x.Of, Bytes: x.Bytes,
				Waiting: x.Waiting, WaitUntil: output.JSONTime(x.WaitUntil),
			})
		}
		return output.WriteJSON(a.Stdout, doc)
	}
	return cmp.Or(writeStatus(a, &status), writeExtracts(a, extracts))
}

// writeExtracts writes a table of the windows that are read by bulk extract and not done.
func writeExtracts(a *console.Console, extracts []leadsync.Extract) error {
	if len(extracts) == 0 {
		return nil
	}
	columns := []output.Column{
		{Title: "BULK EXTRACT FROM"}, {Title: "UNTIL"}, {Title: "JOB"}, {Title: "MB", Right: true}, {Title: "ROWS", Right: true}, {Title: "OF", Right: true}, {Title: "WAITING"}, {Title: "WAIT UNTIL"},
	}
	var rows [][]string
	for _, x := range extracts {
		rows = append(rows, []string{
			output.Utc(x.From), output.Utc(x.To), output.Visible(x.Job), output.Grouped(x.Bytes >> 20), output.Grouped(x.Rows), output.Grouped(x.Of), x.Waiting, output.Utc(x.WaitUntil),
		})
	}
	if err := output.Printf(a.Stdout, "\n"); err != nil {
		return err
	}
	return output.WriteTable(a.Stdout, a.Width(), withRows(columns, rows))
}

// shownRuns is how many runs are shown, the latest first. With --every 15m there are a hundred in a day.
const shownRuns = 10

// writeStatus writes the status as a few tables with an empty line before each, and then what needs attention.
func writeStatus(a *console.Console, s *store.Status) error {
	w, width := a.Stdout, a.Width()
	leads := output.Plural(s.Leads, "lead")
	if s.Gone > 0 {
		leads += ", " + output.Grouped(s.Gone) + " of them gone from the service"
	}
	if err := output.Printf(w, "%s: %s, %s; times are UTC\n", output.Visible(s.Copy), output.Plural(s.Activities, "activity", "activities"), leads); err != nil {
		return err
	}
	if len(s.Streams) == 0 {
		return output.Printf(w, "nothing is copied yet\n")
	}
	for _, table := range [][]output.Column{streamTable(s), runTable(s), workerTable(s), quotaTable(s)} {
		if len(table[0].Cells) == 0 {
			continue
		}
		if err := output.Printf(w, "\n"); err != nil {
			return err
		}
		if err := output.WriteTable(w, width, table); err != nil {
			return err
		}
	}
	for i := range s.Streams {
		if st := &s.Streams[i]; st.Problem != "" {
			if err := output.Printf(w, "\n%s is held back: %s\n", st.Name, output.Visible(st.Problem)); err != nil {
				return err
			}
		}
	}
	return writeProblems(w, s)
}

// shownProblems is how many unreadable records are shown, and shownRecord how much of each.
const (
	shownProblems = 5
	shownRecord   = 300
)

// writeProblems writes the latest records that could not be read, cut to a length that helps to recognise them.
func writeProblems(w io.Writer, s *store.Status) error {
	var n int64
	for i := range s.Streams {
		n += s.Streams[i].Unreadable
	}
	if n == 0 {
		return nil
	}
	shown := s.Problems[:min(len(s.Problems), shownProblems)]
	which := ""
	if int64(len(shown)) < n {
		which = fmt.Sprintf("; the latest %d are", len(shown))
	}
	err := output.Printf(w, "\n%s of the service could not be read; table sync_problems has what came%s:\n", output.Plural(n, "record"), which)
	for i := range shown {
		p := &shown[i]
		if err != nil {
			return err
		}
		record := []rune(p.Record)
		if len(record) > shownRecord {
			record = append(record[:shownRecord], '…')
		}
		err = output.Printf(w, "  %s, %s: %s\n    %s\n", p.Stream, output.Utc(p.Found), output.Visible(p.Text), output.Visible(string(record)))
	}
	return err
}

// streamTable has one row for each stream, with the sums over all of its runs.
func streamTable(s *store.Status) []output.Column {
	columns := []output.Column{
		{Title: "STREAM"}, {Title: "SINCE"}, {Title: "COMPLETE UNTIL"}, {Title: "DONE", Right: true},
		{Title: "PENDING", Right: true}, {Title: "FAILED", Right: true}, {Title: "INSERTED", Right: true}, {Title: "UPDATED", Right: true},
		{Title: "LATE", Right: true}, {Title: "UNREADABLE", Right: true}, {Title: "CALLS", Right: true}, {Title: "ONLY"},
	}
	var rows [][]string
	for i := range s.Streams {
		st := &s.Streams[i]
		rows = append(rows, []string{
			string(st.Name), output.Utc(st.Since), output.Utc(st.Complete), output.Grouped(st.Done), output.Grouped(st.Pending), output.Grouped(st.Failed),
			output.Grouped(st.Counts.Inserted), output.Grouped(st.Counts.Updated), output.Grouped(st.Counts.Late), output.Grouped(st.Unreadable),
			output.Grouped(st.Counts.Calls), only(st.Query),
		})
	}
	return withRows(columns, rows)
}

// only describes what a stream is limited to: its types or fields. A stored query in an unknown form is shown as it
// is.
func only(query string) string {
	var s store.Stream
	if err := s.ParseQuery(query); err != nil {
		return query
	}
	return strings.Join(append(s.Types, s.Fields...), ", ")
}

// runTable has one row for each of the latest runs.
func runTable(s *store.Status) []output.Column {
	columns := []output.Column{
		{Title: "RUN", Right: true}, {Title: "STREAM"}, {Title: "STARTED"}, {Title: "TIME", Right: true}, {Title: "UNTIL"}, {Title: "WINDOWS", Right: true},
		{Title: "DONE", Right: true}, {Title: "FAILED", Right: true}, {Title: "SEEN", Right: true}, {Title: "INSERTED", Right: true},
		{Title: "LATE", Right: true}, {Title: "CALLS", Right: true},
	}
	var rows [][]string
	for i := range s.Runs[:min(len(s.Runs), shownRuns)] {
		r := &s.Runs[i]
		took := "unfinished"
		if !r.Finished.IsZero() {
			took = output.About(r.Finished.Sub(r.Started))
		}
		rows = append(rows, []string{
			output.Grouped(r.ID), string(r.Stream), output.Utc(r.Started), took, output.Utc(r.Upper), output.Grouped(r.Windows), output.Grouped(r.Done), output.Grouped(r.Failed),
			output.Grouped(r.Counts.Seen), output.Grouped(r.Counts.Inserted), output.Grouped(r.Counts.Late), output.Grouped(r.Counts.Calls),
		})
	}
	return withRows(columns, rows)
}

// workerTable has one row for each process that is or was at work. A worker is gone when its lease has run out
// without a heartbeat.
func workerTable(s *store.Status) []output.Column {
	columns := []output.Column{{Title: "WORKER"}, {Title: "STATE"}, {Title: "UNTIL"}}
	var rows [][]string
	for _, w := range s.Workers {
		state := "gone"
		if w.Alive {
			state = "alive"
		}
		rows = append(rows, []string{w.Name, state, output.Utc(w.Until)})
	}
	return withRows(columns, rows)
}

// quotaTable has one row for each instance whose calls the copy has counted today.
func quotaTable(s *store.Status) []output.Column {
	columns := []output.Column{{Title: "INSTANCE"}, {Title: "USED", Right: true}, {Title: "RESETS AT"}}
	var rows [][]string
	for _, q := range s.Quotas {
		rows = append(rows, []string{q.Instance, output.Grouped(q.Used), output.Utc(q.ResetsAt)})
	}
	return withRows(columns, rows)
}

// syncStatusJSON is a status in JSON.
type syncStatusJSON struct {
	Copy       string             `json:"copy"`
	Version    int                `json:"version"`
	Activities int64              `json:"activities"`
	Leads      int64              `json:"leads"`
	Gone       int64              `json:"gone"`
	Streams    []streamStatusJSON `json:"streams"`
	Runs       []runJSON          `json:"runs"`
	Workers    []workerJSON       `json:"workers"`
	Quotas     []usedJSON         `json:"quotas"`
	Problems   []problemJSON      `json:"problems"`
	Extracts   []extractJSON      `json:"extracts,omitempty"`
}

// extractJSON is a window that is read by bulk extract and not done.
type extractJSON struct {
	From      *string `json:"from"`
	Until     *string `json:"until"`
	Failed    bool    `json:"failed"`
	Job       string  `json:"job"`
	Rows      int64   `json:"rows"`
	Of        int64   `json:"of"`
	Bytes     int64   `json:"bytes"`
	Waiting   string  `json:"waiting,omitempty"`
	WaitUntil *string `json:"waitUntil,omitempty"`
}

type streamStatusJSON struct {
	Stream        string     `json:"stream"`
	Types         []string   `json:"types"`
	Fields        []string   `json:"fields"`
	Since         *string    `json:"since"`
	CompleteUntil *string    `json:"completeUntil"`
	Pending       int        `json:"pending"`
	Failed        int        `json:"failed"`
	Done          int        `json:"done"`
	Counts        countsJSON `json:"counts"`
	Problem       string     `json:"problem,omitempty"`
	Unreadable    int64      `json:"unreadable"`
}

type problemJSON struct {
	Stream  string  `json:"stream"`
	Run     int64   `json:"run"`
	Window  int64   `json:"window"`
	Found   *string `json:"found"`
	Problem string  `json:"problem"`
	Record  string  `json:"record"`
}

type runJSON struct {
	Run      int64      `json:"run"`
	Stream   string     `json:"stream"`
	Until    *string    `json:"until"`
	Started  *string    `json:"started"`
	Finished *string    `json:"finished"`
	Windows  int        `json:"windows"`
	Done     int        `json:"done"`
	Failed   int        `json:"failed"`
	Counts   countsJSON `json:"counts"`
	Error    string     `json:"error,omitempty"`
}

type workerJSON struct {
	Worker string  `json:"worker"`
	Alive  bool    `json:"alive"`
	Until  *string `json:"until"`
}

type usedJSON struct {
	Instance string  `json:"instance"`
	Used     int     `json:"used"`
	ResetsAt *string `json:"resetsAt"`
}

// newSyncStatusJSON returns a status in the form of JSON. All lists are [] if they are empty.
func newSyncStatusJSON(s *store.Status) syncStatusJSON {
	doc := syncStatusJSON{
		Copy: s.Copy, Version: s.Version, Activities: s.Activities, Leads: s.Leads, Gone: s.Gone,
		Streams: []streamStatusJSON{}, Runs: []runJSON{}, Workers: []workerJSON{}, Quotas: []usedJSON{}, Problems: []problemJSON{},
	}
	for i := range s.Streams {
		st := &s.Streams[i]
		asked := store.Stream{Types: []string{}, Fields: []string{}}
		_ = asked.ParseQuery(st.Query) // one of another form is left out
		doc.Streams = append(doc.Streams, streamStatusJSON{
			Stream: string(st.Name), Types: asked.Types, Fields: asked.Fields, Since: output.JSONTime(st.Since), CompleteUntil: output.JSONTime(st.Complete),
			Pending: st.Pending, Failed: st.Failed, Done: st.Done, Counts: countsJSON(st.Counts), Problem: st.Problem,
			Unreadable: st.Unreadable,
		})
	}
	for i := range s.Runs {
		r := &s.Runs[i]
		doc.Runs = append(doc.Runs, runJSON{
			Run: r.ID, Stream: string(r.Stream), Until: output.JSONTime(r.Upper), Started: output.JSONTime(r.Started), Finished: output.JSONTime(r.Finished),
			Windows: r.Windows, Done: r.Done, Failed: r.Failed, Counts: countsJSON(r.Counts), Error: r.Error,
		})
	}
	for _, w := range s.Workers {
		doc.Workers = append(doc.Workers, workerJSON{w.Name, w.Alive, output.JSONTime(w.Until)})
	}
	for _, q := range s.Quotas {
		doc.Quotas = append(doc.Quotas, usedJSON{q.Instance, q.Used, output.JSONTime(q.ResetsAt)})
	}
	for i := range s.Problems {
		p := &s.Problems[i]
		doc.Problems = append(doc.Problems, problemJSON{string(p.Stream), p.Run, p.Window, output.JSONTime(p.Found), p.Text, p.Record})
	}
	return doc
}
