package cli

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/leadsync"
)

const syncVerifyLong = `Compare a copy with the service: counts and checksums of the rows, per day and type.

The service is read again, from where the copy begins up to where it is complete, or between
--since and --until; that takes as many calls as copying does. What the service has stored,
changed or deleted since the last run shows as a difference. Nothing is changed.

The exit code is 0 if all is equal, 10 if not.

` + targetHelp

type syncVerifyFlags struct {
	remoteFlags
	targetFlags
	leadChoiceFlags
	limitFlags

	since, until string
	names        []string
	form         *format
	options      leadsync.VerifyOptions
}

func (a *app) syncVerifyCommand() *cobra.Command {
	f := syncVerifyFlags{form: newFormat("text", "json")}
	cmd := &cobra.Command{
		Use:     "verify",
		Short:   "Compare a copy with the service",
		Long:    syncVerifyLong,
		Example: "  mktows sync verify --to leads.db\n  mktows sync verify --since 2026-03-01 --until 2026-04-01 --to leads.db -o json",
		Args: func(cmd *cobra.Command, args []string) error {
			if err := noArgs(cmd, args); err != nil {
				return err
			}
			return f.check()
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return a.syncVerify(cmd.Context(), &f) },
	}
	fs := cmd.Flags()
	f.remoteFlags.bind(fs)
	f.targetFlags.bind(fs)
	f.leadChoiceFlags.bind(fs)
	f.limitFlags.bind(fs)
	fs.StringVar(&f.since, "since", "", "compare from this `TIME` on (default: where the copy begins)")
	fs.StringVar(&f.until, "until", "", "compare until this `TIME` (default: where the copy is complete)")
	fs.StringSliceVar(&f.names, "stream", nil, "compare only this `STREAM`; several by commas or by repeating the flag (default: all of the copy)")
	f.form.bind(fs)
	return cmd
}

func (f *syncVerifyFlags) check() (err error) {
	if f.since != "" {
		if f.options.Since, err = parseMoment("--since", f.since); err != nil {
			return err
		}
	}
	if f.until != "" {
		if f.options.Until, err = parseMoment("--until", f.until); err != nil {
			return err
		}
	}
	for _, name := range f.names {
		if !slices.Contains(leadsync.StreamNames(), leadsync.StreamName(name)) {
			return usagef("--stream: %q is none of %s", name, streamList())
		}
	}
	return f.limitFlags.check()
}

func (a *app) syncVerify(ctx context.Context, f *syncVerifyFlags) error {
	t, err := a.target(&f.targetFlags)
	if err != nil {
		return err
	}
	if !t.exists() {
		return noCopyError{t}
	}
	s, err := a.openSession(ctx, &f.remoteFlags, t, readWrite, &f.limitFlags)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.checkInstance(ctx); err != nil {
		return err
	}
	if s.Streams, err = f.streams(ctx, a, t, s); err != nil {
		return err
	}
	f.options.Progress = a.verifyProgress()
	var v *leadsync.Verification
	err = s.asWorker(ctx, func() (err error) {
		c := s.Config
		c.Store = readable{s.Store}
		v, err = leadsync.Verify(ctx, &c, f.options)
		return err
	})
	if err != nil {
		return err
	}
	if f.form.value == "json" {
		err = a.writeJSON(newVerificationJSON(v))
	} else {
		err = a.writeVerification(v)
	}
	if err != nil || v.Equal {
		return err
	}
	return &differenceError{t, v, f}
}

// streams are those of the copy, or those of them that were asked for.
func (f *syncVerifyFlags) streams(ctx context.Context, a *app, t target, s *session) ([]leadsync.Stream, error) {
	status, err := s.Store.Status(ctx)
	if err != nil {
		return nil, err
	}
	var streams []leadsync.Stream
	for i := range status.Streams {
		st := &status.Streams[i]
		if len(f.names) > 0 && !slices.Contains(f.names, string(st.Name)) {
			continue
		}
		stream := leadsync.Stream{Name: st.Name, Since: st.Since, Instance: s.instance}
		if err := stream.ParseQuery(st.Query); err != nil {
			return nil, err
		}
		if st.Name == leadsync.LeadActivity {
			if err := f.apply(ctx, a, &stream); err != nil {
				return nil, err
			}
			stream.StoredLeads = stream.StoredLeads || !f.chosen()
		}
		streams = append(streams, stream)
	}
	if len(streams) == 0 {
		return nil, fmt.Errorf("%s has no %s to compare", t, strings.Join(append(f.names, "streams")[:max(len(f.names), 1)], " or "))
	}
	return streams, nil
}

// readable is a copy whose rows are read: an error there is one of the copy.
type readable struct{ leadsync.Store }

// Activities implements leadsync.Store.
func (r readable) Activities(ctx context.Context, since, until time.Time) iter.Seq2[leadsync.ActivityRow, error] {
	return marked(ctx, r.Store.Activities(ctx, since, until))
}

// Leads implements leadsync.Store.
func (r readable) Leads(ctx context.Context) iter.Seq2[leadsync.LeadRow, error] {
	return marked(ctx, r.Store.Leads(ctx))
}

func marked[T any](ctx context.Context, rows iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for row, err := range rows {
			if !yield(row, unreadable(ctx, err)) {
				return
			}
		}
	}
}

// verifyProgress tells now and then how far the reading has come.
func (a *app) verifyProgress() func(leadsync.StreamName, int64) {
	last := time.Now()
	return func(stream leadsync.StreamName, read int64) {
		if now := time.Now(); now.Sub(last) >= lineEvery {
			last = now
			a.complain(fmt.Sprintf("%s: %s of the service read", stream, plural(read, "row")))
		}
	}
}

func (a *app) writeVerification(v *leadsync.Verification) error {
	columns := []column{
		{title: "STREAM"}, {title: "DAY"}, {title: "TYPE"}, {title: "SERVICE", right: true}, {title: "COPY", right: true},
		{title: "MISSING", right: true}, {title: "TOO MANY", right: true}, {title: "CHANGED", right: true},
	}
	var rows [][]string
	for i := range v.Streams {
		for j := range v.Streams[i].Differences {
			d := &v.Streams[i].Differences[j]
			changed := grouped(d.Changed)
			if d.Missing == 0 && d.Extra == 0 && d.Changed == 0 {
				changed = "some"
			}
			rows = append(rows, []string{
				string(v.Streams[i].Name), d.Day, d.Type, grouped(d.Source), grouped(d.Copy), grouped(d.Missing), grouped(d.Extra), changed,
			})
		}
	}
	if len(rows) > 0 {
		if err := writeTable(a.stdout, wideTable, withRows(columns, rows)); err != nil {
			return err
		}
	}
	for i := range v.Streams {
		s := &v.Streams[i]
		result := "equal"
		if n := len(s.Differences); n > 0 {
			result = plural(n, "difference")
		}
		err := printf(a.stdout, "%s: %s; %s in the service, %s in the copy, %s compared, from %s to %s\n", s.Name, result,
			plural(s.Source, "row"), plural(s.Copy, "row"), comparedText(s), utc(s.Since), utcText(s.Until))
		if err != nil {
			return err
		}
	}
	return nil
}

func comparedText(s *leadsync.StreamVerification) string {
	if s.Name == leadsync.Leads {
		return plural(s.Source, "lead")
	}
	return plural(s.Groups, "day and type", "days and types")
}

// differenceError says that a copy is not equal to the service, and what to do.
type differenceError struct {
	target target
	found  *leadsync.Verification
	flags  *syncVerifyFlags
}

func (e *differenceError) Error() string {
	lines := []string{fmt.Sprintf("%s differs from the service", e.target)}
	var extra int64
	changed := false
	for i := range e.found.Streams {
		s := &e.found.Streams[i]
		if len(s.Differences) == 0 {
			continue
		}
		for _, d := range s.Differences {
			extra += d.Extra
			changed = changed || d.Changed > 0 || d.Missing == 0 && d.Extra == 0
		}
		lines = append(lines, "to read that much again: "+e.remedy(s))
	}
	if hint := e.flags.passwordHint(e.target); hint != "" {
		lines = append(lines, hint)
	}
	if changed {
		lines = append(lines, "rows that still differ after that were changed by something other than sync: begin another copy")
	}
	if extra > 0 {
		lines = append(lines, "rows that the service no longer has stay in the copy; a new copy is without them")
	}
	return strings.Join(lines, "\n")
}

// remedy is the command that reads everything again, from the first difference on. Types and
// fields are those of the copy without saying so.
func (e *differenceError) remedy(s *leadsync.StreamVerification) string {
	const day = 24 * time.Hour
	from := s.Since
	if first, err := time.Parse(time.DateOnly, s.Differences[0].Day); err == nil { // none for leads
		from = first
	}
	hours := int((time.Since(from)+day-1)/day) * 24
	f := e.flags
	words := []string{"mktows", "sync", "run", "--stream", string(s.Name)}
	if f.to != "" || e.target.String() == e.target.place { // else the variable has a password
		words = append(words, "--to", e.target.String())
	}
	words = append(words, "--lookback", fmt.Sprintf("%dh", hours))
	if s.Name == leadsync.LeadActivity {
		words = append(words, f.words()...)
	}
	for _, given := range [][2]string{{"--endpoint", f.endpoint}, {"--user-id", f.userID}, {"--instance", f.instance}} {
		if given[1] != "" {
			words = append(words, given[:]...)
		}
	}
	if f.insecureHTTP {
		words = append(words, "--insecure-http")
	}
	if f.demo {
		words = append(words, "--demo")
	}
	for i := range words {
		words[i] = shellQuote(words[i])
	}
	return strings.Join(words, " ")
}

// verificationJSON is a verification in JSON.
type verificationJSON struct {
	Equal   bool                     `json:"equal"`
	Streams []streamVerificationJSON `json:"streams"`
}

type streamVerificationJSON struct {
	Stream      string           `json:"stream"`
	Since       *string          `json:"since"`
	Until       *string          `json:"until"`
	Source      int64            `json:"source"`
	Copy        int64            `json:"copy"`
	Groups      int              `json:"groups"`
	Differences []differenceJSON `json:"differences"`
}

type differenceJSON struct {
	Day       string `json:"day,omitempty"`
	Type      string `json:"type,omitempty"`
	Source    int64  `json:"source"`
	Copy      int64  `json:"copy"`
	Missing   int64  `json:"missing"`
	Extra     int64  `json:"extra"`
	Changed   int64  `json:"changed"`
	SourceSum string `json:"sourceSum"`
	CopySum   string `json:"copySum"`
}

func newVerificationJSON(v *leadsync.Verification) verificationJSON {
	doc := verificationJSON{Equal: v.Equal, Streams: []streamVerificationJSON{}}
	for i := range v.Streams {
		s := &v.Streams[i]
		part := streamVerificationJSON{
			Stream: string(s.Name), Since: jsonTime(s.Since), Until: jsonTime(s.Until),
			Source: s.Source, Copy: s.Copy, Groups: s.Groups, Differences: []differenceJSON{},
		}
		for _, d := range s.Differences {
			part.Differences = append(part.Differences, differenceJSON(d))
		}
		doc.Streams = append(doc.Streams, part)
	}
	return doc
}
