package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
)

const syncPlanLong = `Show what "mktows sync run" with the same flags would do, and do nothing.

It asks the service how much there is, which takes a call for each stream, and for leads one for
each 30 days. Those are not among the calls that the copy counts for the day, since nothing is
written: a copy that is not there is not made. The numbers of rows and calls are estimates.`

const syncPlanExample = `  mktows sync plan --since 2015-09-01 --to demo.db --demo
  mktows sync plan --stream activities,leads --since 2026-01-01 --to leads.db -o json`

func (a *app) syncPlanCommand() *cobra.Command {
	f := syncFlags{form: newFormat("text", "json")}
	cmd := &cobra.Command{
		Use:     "plan",
		Short:   "Show what a run would do",
		Long:    syncPlanLong,
		Example: syncPlanExample,
		Args:    f.args,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.syncPlan(cmd.Context(), &f) },
	}
	f.bind(cmd)
	f.form.bind(cmd.Flags())
	return cmd
}

// args checks the command line.
func (f *syncFlags) args(cmd *cobra.Command, args []string) error {
	if err := noArgs(cmd, args); err != nil {
		return err
	}
	return f.check()
}

func (a *app) syncPlan(ctx context.Context, f *syncFlags) error {
	t, err := a.target(&f.targetFlags)
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
	s, err := a.openStreams(ctx, f, t, how)
	if err != nil {
		return err
	}
	defer s.close()
	forecast, err := a.estimate(ctx, s)
	if err != nil {
		return err
	}
	if f.form.value == "json" {
		return a.writeJSON(newForecastJSON(t, forecast))
	}
	return printf(a.stdout, "%s", forecastText(t, forecast))
}

// openStreams opens a session for the streams that the flags name.
func (a *app) openStreams(ctx context.Context, f *syncFlags, t target, how access) (*session, error) {
	if f.since == "" && how == noAccess {
		return nil, sinceMissing(t, f.parsed[0].Name)
	}
	a.hintNames("--type", f.types)
	a.hintNames("--lookback-type", slices.Sorted(maps.Keys(f.parsedLookbacks)))
	streams, err := f.streams(ctx, a)
	if err != nil {
		return nil, err
	}
	s, err := a.openSession(ctx, &f.remoteFlags, t, how, &f.limitFlags)
	if err != nil {
		return nil, err
	}
	for i := range streams {
		streams[i].Instance = s.instance
	}
	s.Streams, s.Concurrency, s.Every, s.FailOnQuota, s.Strict = streams, f.concurrency, f.every, f.noWait, f.strict
	if err := a.checkAgainstCopy(ctx, s, t); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// checkAgainstCopy finds what was asked for and cannot be, since the copy is as it is.
func (a *app) checkAgainstCopy(ctx context.Context, s *session, t target) error {
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
	return a.checkSince(s, &status, t)
}

// checkAddFields refuses --add-field where the copy has no fields to add to, or all that there are.
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
			return usagef("--add-field: %s has all fields already: leave it out", t)
		}
	}
	return usagef("--add-field: %s has no stream %s yet: use --field, or neither for all fields", t, stream.Name)
}

// checkSince makes sure that streams which are new to the copy have a beginning, and tells when
// that of others is another one.
func (a *app) checkSince(s *session, status *store.Status, t target) error {
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
			earlier = append(earlier, fmt.Sprintf("%s at %s", stream.Name, utcText(since)))
		}
	}
	if len(earlier) > 0 {
		a.complain("--since is ignored: the copy begins earlier, " + strings.Join(earlier, ", "))
	}
	return nil
}

func sinceMissing(t target, name leadsync.StreamName) error {
	return usagef("--since is missing: %s has no stream %s yet; give a time such as 2026-01-01", t, name)
}

// forecastText is the plan as a block of lines.
func forecastText(t target, f *leadsync.Forecast) string {
	names, from, upto := column{title: "STREAM"}, column{title: "FROM"}, column{title: "UP TO"}
	windows, rows, calls := column{title: "WINDOWS", right: true}, column{title: "ROWS", right: true}, column{title: "CALLS", right: true}
	work := 0
	for _, s := range f.Streams {
		work += s.Windows
		amount := "?"
		if s.RowsKnown {
			amount = grouped(s.Rows)
		}
		add := func(c *column, cell string) { c.cells = append(c.cells, cell) }
		add(&names, string(s.Name))
		add(&from, utc(s.From))
		add(&upto, utc(s.Upper))
		add(&windows, grouped(s.Windows))
		add(&rows, amount)
		add(&calls, grouped(s.Calls))
	}
	var b strings.Builder
	b.WriteString("plan for " + visible(t.String()) + "; times are UTC, rows and calls estimates\n")
	_ = writeTable(&b, wideTable, []column{names, from, upto, windows, rows, calls}) // a Builder takes everything
	if work == 0 {
		b.WriteString("nothing to do\n")
		return b.String()
	}
	b.WriteString("calls left today: " + quotaText(f.Quota) + "\n")
	b.WriteString("expected end: " + utc(f.End) + ", in " + about(f.Duration))
	if f.Resets > 0 {
		b.WriteString(", with " + plural(f.Resets, "wait") + " for the calls of the next day")
	}
	for _, s := range f.Streams {
		if s.Resumes > 0 {
			b.WriteString("\n" + string(s.Name) + " goes on with " + plural(s.Resumes, "window") + " of an earlier run first")
		}
	}
	return b.String() + "\n"
}

// wideTable is for tables that nobody has to cut.
const wideTable = 1000

func quotaText(q quota.Status) string {
	if q.Daily < 0 {
		return "no quota is kept"
	}
	text := grouped(q.Left()) + " of " + grouped(q.Daily)
	if q.Reserve > 0 {
		text += ", and " + grouped(q.Reserve) + " in reserve"
	}
	if !q.ResetsAt.IsZero() {
		text += "; next reset " + utc(q.ResetsAt)
	}
	return text
}

// forecastJSON is a plan in JSON.
type forecastJSON struct {
	Event   string               `json:"event,omitempty"` // where events are told
	Copy    string               `json:"copy"`
	Streams []streamForecastJSON `json:"streams"`
	Calls   int                  `json:"calls"`
	Quota   quotaJSON            `json:"quota"`
	Seconds int64                `json:"seconds"`
	End     *string              `json:"end"`
	Resets  int                  `json:"resets"`
}

type streamForecastJSON struct {
	Stream  string  `json:"stream"`
	From    *string `json:"from"`
	Until   *string `json:"until"`
	Resumes int     `json:"resumes"`
	Windows int     `json:"windows"`
	Rows    *int    `json:"rows"`
	Calls   int     `json:"calls"`
}

type quotaJSON struct {
	Daily    int     `json:"daily"`
	Reserve  int     `json:"reserve"`
	Used     int     `json:"used"`
	Left     int     `json:"left"`
	ResetsAt *string `json:"resetsAt"`
}

func newForecastJSON(t target, f *leadsync.Forecast) forecastJSON {
	doc := forecastJSON{
		Copy: t.String(), Streams: []streamForecastJSON{}, Calls: f.Calls, Quota: newQuotaJSON(f.Quota),
		Seconds: int64(f.Duration.Seconds()), End: jsonTime(f.End), Resets: f.Resets,
	}
	for _, s := range f.Streams {
		part := streamForecastJSON{
			Stream: string(s.Name), From: jsonTime(s.From), Until: jsonTime(s.Upper),
			Resumes: s.Resumes, Windows: s.Windows, Calls: s.Calls,
		}
		if s.RowsKnown {
			part.Rows = &s.Rows
		}
		doc.Streams = append(doc.Streams, part)
	}
	return doc
}

func newQuotaJSON(q quota.Status) quotaJSON {
	return quotaJSON{q.Daily, q.Reserve, q.Used, q.Left(), jsonTime(q.ResetsAt)}
}
