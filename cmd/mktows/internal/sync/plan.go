package sync

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
)

const syncPlanLong = `Show what "mktows sync run" with the same flags would do, and do nothing.

It asks the service how much there is, which takes a call for each stream, and for leads one for
each 30 days; over REST some more. Those are not among the calls that the copy counts for the day,
since nothing is written: a copy that does not exist is not created. The numbers of rows and calls
are estimates. Over REST they are REST calls, of which a page takes several. With --source bulk the
plan tells how much of the day's volume of extracts is used and needed.`

const syncPlanExample = `  mktows sync plan --since 2015-09-01 --to demo.db --demo
  mktows sync plan --stream activities,leads --since 2026-01-01 --to leads.db -o json`

// syncPlanCommand makes "mktows sync plan".
func syncPlanCommand(a *console.Console) *cobra.Command {
	f := syncFlags{form: output.DocumentFormat()}
	cmd := &cobra.Command{
		Use:     "plan",
		Short:   "Show what a run would do",
		Long:    syncPlanLong,
		Example: syncPlanExample,
		Args:    settings.FlagsOnly(f.check),
		RunE:    func(cmd *cobra.Command, _ []string) error { return syncPlan(cmd.Context(), a, &f) },
	}
	f.bind(cmd)
	f.form.Bind(cmd.Flags())
	return cmd
}

// syncPlan makes the same estimate as a run and prints it. The copy is opened for reading only, so it can be planned
// while another process is at work on it, and a copy that does not exist is not created.
func syncPlan(ctx context.Context, a *console.Console, f *syncFlags) error {
	t, err := newTarget(a, &f.targetFlags)
	if err != nil {
		return err
	}
	how := readOnly
	there, err := t.holdsCopy(ctx)
	if err != nil {
		return err
	}
	if !there {
		how = noAccess
	}
	s, err := openStreams(ctx, a, f, t, how)
	if err != nil {
		return err
	}
	defer s.close()
	forecast, err := estimate(ctx, a, s)
	if err != nil {
		return err
	}
	if f.form.Value == output.JSON {
		return output.WriteJSON(a.Stdout, newForecastJSON(t, forecast))
	}
	return output.Printf(a.Stdout, "%s", forecastText(t, forecast, s.conn.REST, a.Width()))
}

// openStreams opens a session for the streams that the flags name and checks them against what the copy holds. All
// checks that need no call are made before the service is asked for anything.
func openStreams(ctx context.Context, a *console.Console, f *syncFlags, t target, how access) (*session, error) {
	if f.since == "" && how == noAccess {
		return nil, sinceMissing(t, f.parsed[0].Name)
	}
	settings.HintNames(a, "--type", f.types)
	settings.HintNames(a, "--lookback-type", slices.Sorted(maps.Keys(f.parsedLookbacks)))
	streams, err := f.streams(ctx, a)
	if err != nil {
		return nil, err
	}
	s, err := openSession(ctx, a, &f.RemoteFlags, t, how, &f.limitFlags)
	if err != nil {
		return nil, err
	}
	for i := range streams {
		streams[i].Instance = s.instance
	}
	if sources[f.source] == leadsync.Bulk && s.Extracts == nil {
		s.close()
		return nil, exit.Usagef("--source bulk is for the REST API alone: set %s, or leave it out", settings.VarRESTEndpoint)
	}
	s.Streams, s.Concurrency, s.Every, s.FailOnQuota, s.Strict = streams, f.concurrency, f.every, f.noWait, f.strict
	if err := checkAgainstCopy(ctx, a, s, t); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// checkAgainstCopy refuses what cannot be done because of what the copy already holds.
func checkAgainstCopy(ctx context.Context, a *console.Console, s *session, t target) error {
	var status store.Status
	if s.Store != nil {
		var err error
		if status, err = s.Store.Status(ctx); err != nil {
			return err
		}
	}
	for _, stream := range s.Streams {
		if err := checkAddFields(stream, &status, t); err != nil {
			return err
		}
	}
	return checkSince(a, s, &status, t)
}

// checkAddFields refuses --add-field if the copy has no stream of leads yet, so that there is nothing to add to, or
// if it has all fields already.
func checkAddFields(stream leadsync.Stream, status *store.Status, t target) error {
	if len(stream.AddFields) == 0 {
		return nil
	}
	for i := range status.Streams {
		if st := &status.Streams[i]; st.Name == stream.Name && st.Query != "" {
			had := store.Stream{Name: st.Name}
			if err := had.ParseQuery(st.Query); err != nil || len(had.Fields) > 0 {
				return err
			}
			return exit.Usagef("--add-field: %s has all fields already: leave it out", t)
		}
	}
	return exit.Usagef("--add-field: %s has no stream %s yet: use --field, or neither for all fields", t, stream.Name)
}

// checkSince requires --since for streams that are new to the copy. For streams that it already has, a later --since
// changes nothing, and the user is told so; an earlier one makes the run copy what lies between.
func checkSince(a *console.Console, s *session, status *store.Status, t target) error {
	begun := make(map[leadsync.StreamName]time.Time)
	for i := range status.Streams {
		begun[status.Streams[i].Name] = status.Streams[i].Since
	}
	var earlier []string
	for _, stream := range s.Streams {
		since, known := begun[stream.Name]
		switch {
		case !known && stream.Since.IsZero():
			return sinceMissing(t, stream.Name)
		case known && stream.Since.After(since):
			earlier = append(earlier, fmt.Sprintf("%s at %s", stream.Name, output.UtcText(since)))
		}
	}
	if len(earlier) > 0 {
		a.Complain("--since is ignored: the copy begins earlier, " + strings.Join(earlier, ", "))
	}
	return nil
}

// sinceMissing returns the error for a new stream without --since. There is no default: "everything" can be years of
// data and thousands of calls.
func sinceMissing(t target, name leadsync.StreamName) error {
	return exit.Usagef("--since is missing: %s has no stream %s yet; give a time such as 2026-01-01", t, name)
}

// forecastText returns the plan as text: a table of the streams, the calls that are left today, and the expected end. The
// table is fitted to width.
func forecastText(t target, f *leadsync.Forecast, rest bool, width int) string {
	names, from, upto := output.Column{Title: "STREAM"}, output.Column{Title: "FROM"}, output.Column{Title: "UNTIL"}
	windows, rows, calls := output.Column{Title: "WINDOWS", Right: true}, output.Column{Title: "ROWS", Right: true}, output.Column{Title: callsTitle(rest), Right: true}
	work := 0
	for _, s := range f.Streams {
		work += s.Windows
		amount := "?"
		if s.RowsKnown {
			amount = output.Grouped(s.Rows)
		}
		add := func(c *output.Column, cell string) { c.Cells = append(c.Cells, cell) }
		add(&names, string(s.Name))
		add(&from, output.Utc(s.From))
		add(&upto, output.Utc(s.Upper))
		add(&windows, output.Grouped(s.Windows))
		add(&rows, amount)
		add(&calls, output.Grouped(s.Calls))
	}
	var b strings.Builder
	b.WriteString("plan for " + output.Visible(t.String()) + "; times are UTC, rows and calls estimates\n")
	_ = output.WriteTable(&b, width, []output.Column{names, from, upto, windows, rows, calls}) // a Builder takes everything
	if work == 0 {
		b.WriteString("nothing to do\n")
		return b.String()
	}
	b.WriteString("calls left today: " + quotaText(f.Quota) + "\n")
	b.WriteString(volumeText(f))
	b.WriteString("expected end: " + output.Utc(f.End) + ", in " + output.About(f.Duration))
	if f.Resets > 0 {
		b.WriteString(", with " + output.Plural(f.Resets, "wait") + " for the calls of the next day")
	}
	for _, s := range f.Streams {
		if s.Resumes > 0 {
			b.WriteString("\n" + string(s.Name) + " goes on with " + output.Plural(s.Resumes, "window") + " of an earlier run first")
		}
	}
	return b.String() + "\n"
}

// callsTitle is the title of a column of calls. Over REST, an operation may take several.
func callsTitle(rest bool) string {
	if rest {
		return "REST CALLS"
	}
	return "CALLS"
}

// volumeText is a line about the volume of bulk extracts, or "" if none is needed.
func volumeText(f *leadsync.Forecast) string {
	for _, s := range f.Streams {
		if s.Bytes == 0 {
			continue
		}
		of := ""
		if f.VolumeLimit > 0 {
			of = " of " + megabytes(f.VolumeLimit)
		}
		return "bulk extracts today: " + megabytes(f.VolumeUsed) + of + "; this takes about " + megabytes(s.Bytes) + "\n"
	}
	return ""
}

// megabytes is a size as the service counts it.
func megabytes(bytes int64) string { return output.Grouped((bytes+1<<20-1)>>20) + " MB" }

// quotaText describes the calls that are left today.
func quotaText(q quota.Status) string {
	if q.Daily < 0 {
		return "no quota is kept"
	}
	text := output.Grouped(q.Left()) + " of " + output.Grouped(q.Daily)
	if q.Reserve > 0 {
		text += ", and " + output.Grouped(q.Reserve) + " in reserve"
	}
	if !q.ResetsAt.IsZero() {
		text += "; next reset " + output.Utc(q.ResetsAt)
	}
	return text
}

// forecastJSON is a plan in JSON. In the stream of events of "sync run -o jsonl" it is one event among others.
type forecastJSON struct {
	Event   string               `json:"event,omitempty"` // where events are told
	Copy    string               `json:"copy"`
	Streams []streamForecastJSON `json:"streams"`
	Calls   int                  `json:"calls"`
	Quota   quotaJSON            `json:"quota"`
	Seconds int64                `json:"seconds"`
	End     *string              `json:"end"`
	Resets  int                  `json:"resets"`
	// Of bulk extracts, in bytes; absent: none are needed.
	VolumeUsed  int64 `json:"volumeUsed,omitempty"`
	VolumeLimit int64 `json:"volumeLimit,omitempty"`
}

type streamForecastJSON struct {
	Stream  string  `json:"stream"`
	From    *string `json:"from"`
	Until   *string `json:"until"`
	Resumes int     `json:"resumes"`
	Windows int     `json:"windows"`
	Rows    *int    `json:"rows"`
	Calls   int     `json:"calls"`
	Bytes   int64   `json:"bytes,omitempty"` // of bulk extracts
}

type quotaJSON struct {
	Daily    int     `json:"daily"`
	Reserve  int     `json:"reserve"`
	Used     int     `json:"used"`
	Left     int     `json:"left"`
	ResetsAt *string `json:"resetsAt"`
}

// newForecastJSON returns a plan in the form of JSON. Rows are null if the service gave no count.
func newForecastJSON(t target, f *leadsync.Forecast) forecastJSON {
	doc := forecastJSON{
		Copy: t.String(), Streams: []streamForecastJSON{}, Calls: f.Calls, Quota: newQuotaJSON(f.Quota),
		Seconds: int64(f.Duration.Seconds()), End: output.JSONTime(f.End), Resets: f.Resets,
		VolumeUsed: f.VolumeUsed, VolumeLimit: f.VolumeLimit,
	}
	for _, s := range f.Streams {
		part := streamForecastJSON{
			Stream: string(s.Name), From: output.JSONTime(s.From), Until: output.JSONTime(s.Upper),
			Resumes: s.Resumes, Windows: s.Windows, Calls: s.Calls, Bytes: s.Bytes,
		}
		if s.RowsKnown {
			part.Rows = &s.Rows
		}
		doc.Streams = append(doc.Streams, part)
	}
	return doc
}

func newQuotaJSON(q quota.Status) quotaJSON {
	return quotaJSON{q.Daily, q.Reserve, q.Used, q.Left(), output.JSONTime(q.ResetsAt)}
}
