package sync

import (
	"fmt"
	"strings"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/leadsync"
)

// writeRepaired writes what a comparison has found and, with --repair, what was done about it and what still differs.
func writeRepaired(a *console.Console, r *leadsync.Repaired) error {
	if err := writeDifferences(a, r.Before); err != nil {
		return err
	}
	for i := range r.Streams {
		if err := output.Printf(a.Stdout, "%s\n", repairText(&r.Streams[i])); err != nil {
			return err
		}
	}
	if len(r.Streams) > 0 && !r.After.Equal {
		if err := output.Printf(a.Stdout, "what still differs:\n"); err != nil {
			return err
		}
		if err := writeDifferences(a, r.After); err != nil {
			return err
		}
	}
	return writeResults(a, r.After)
}

// shownDifferences is the number of differences that the table shows; -o json shows all.
const shownDifferences = 100

// writeDifferences writes a table of the differences, one row for each day and type, or for each lead. The count of
// changed rows is "some" where checksums differ although no single row is known to.
func writeDifferences(a *console.Console, v *leadsync.Verification) error {
	columns := []output.Column{
		{Title: "STREAM"}, {Title: "DAY"}, {Title: "TYPE"}, {Title: "SOURCE", Right: true}, {Title: "COPY", Right: true},
		{Title: "MISSING", Right: true}, {Title: "EXTRA", Right: true}, {Title: "CHANGED", Right: true}, {Title: "GONE", Right: true},
	}
	var rows [][]string
	for i := range v.Streams {
		for j := range v.Streams[i].Differences {
			d := &v.Streams[i].Differences[j]
			changed := output.Grouped(d.Changed)
			if d.Missing == 0 && d.Extra == 0 && d.Changed == 0 && (d.Day != "" || d.Gone == 0) {
				changed = "some"
			}
			rows = append(rows, []string{
				string(v.Streams[i].Name), d.Day, d.Type, output.Grouped(d.Source), output.Grouped(d.Copy), output.Grouped(d.Missing), output.Grouped(d.Extra), changed, output.Grouped(d.Gone),
			})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	shown := rows[:min(len(rows), shownDifferences)]
	err := output.WriteTable(a.Stdout, a.Width(), withRows(columns, shown))
	if more := len(rows) - len(shown); err == nil && more > 0 {
		err = output.Printf(a.Stdout, "… and %s; -o json has all\n", output.Plural(more, "more difference"))
	}
	return err
}

// writeResults writes one line with the result for each stream, and more lines where something needs an explanation.
func writeResults(a *console.Console, v *leadsync.Verification) error {
	for i := range v.Streams {
		s := &v.Streams[i]
		result := "equal"
		if n := len(s.Differences); n > 0 {
			result = output.Plural(n, "difference")
		}
		err := output.Printf(a.Stdout, "%s: %s; %s in the service, %s in the copy, %s compared, from %s to %s\n", s.Name, result,
			output.Plural(s.Source, "row"), output.Plural(s.Copy, "row"), comparedText(s), output.Utc(s.Since), output.UtcText(s.Until))
		if err != nil {
			return err
		}
		for _, text := range besides(s) {
			if err := output.Printf(a.Stdout, "%s: %s\n", s.Name, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// besides returns what has to be said about a stream apart from its differences.
func besides(s *leadsync.StreamVerification) (texts []string) {
	if s.Gone > 0 {
		texts = append(texts, "no longer in the service: "+output.Plural(s.Gone, "lead")+" of the copy, deleted or merged into others")
	}
	if s.NotLookedUp > 0 {
		texts = append(texts, "not looked up: "+output.Plural(s.NotLookedUp, "lead")+" of the copy, which may be gone; --lookups gives the calls for it, 100 leads each")
	}
	if s.Unreadable > 0 {
		texts = append(texts, "left out: "+output.Plural(s.Unreadable, "record")+" of the service that cannot be read; sync status shows what the copy has of them")
	}
	return texts
}

// comparedText says how much was compared: leads one by one, activities in groups of a day and a type.
func comparedText(s *leadsync.StreamVerification) string {
	if s.Name == leadsync.Leads {
		return output.Plural(s.Source, "lead")
	}
	return output.Plural(s.Groups, "day and type", "days and types")
}

// repairText says what a repair has done to a stream.
func repairText(s *leadsync.StreamRepair) string {
	text := fmt.Sprintf("%s: repaired; %s new, %s changed, %s removed, %s marked as gone, in %s", s.Name,
		output.Plural(s.Counts.Inserted, "row"), output.Grouped(s.Counts.Updated), output.Grouped(s.Removed), output.Plural(s.Counts.Gone, "lead"), output.Plural(s.Counts.Calls, "call"))
	if s.Solved {
		text += "; what could not be read once and is no longer there is forgotten"
	}
	if s.Unsettled > 0 {
		text += "; nothing was removed in " + output.Plural(s.Unsettled, "window") + ", since the service gave something else each time"
	}
	return text
}

// differenceError says that the copy differs from the service, and by which command to mend it.
type differenceError struct {
	target   target
	command  string // that has found it
	hint     string
	repaired bool
}

// Error says that the copy differs and what to do about it: --repair, or after a repair the same command again.
func (e *differenceError) Error() string {
	lines := []string{fmt.Sprintf("%s differs from the service", e.target)}
	if e.repaired {
		lines = append(lines, "what still differs may have changed in the service meanwhile; run the same command again")
	} else {
		lines = append(lines, "to mend it: "+e.command+" --repair")
	}
	if e.hint != "" {
		lines = append(lines, e.hint)
	}
	return strings.Join(lines, "\n")
}

func (*differenceError) ExitCode() int { return exit.Differs }

// repairedJSON is a verification in JSON, with what was done about it.
type repairedJSON struct {
	Equal    bool                     `json:"equal"`
	Streams  []streamVerificationJSON `json:"streams"`
	Before   []streamVerificationJSON `json:"before,omitempty"` // the repair
	Repaired []streamRepairJSON       `json:"repaired,omitempty"`
}

type streamVerificationJSON struct {
	Stream      string           `json:"stream"`
	Since       *string          `json:"since"`
	Until       *string          `json:"until"`
	Source      int64            `json:"source"`
	Copy        int64            `json:"copy"`
	Groups      int              `json:"groups"`
	Calls       int64            `json:"calls"`
	LookUps     int64            `json:"lookUps"`
	Gone        int64            `json:"gone"`
	NotLookedUp int64            `json:"notLookedUp"`
	Unreadable  int64            `json:"unreadable"`
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
	Gone      int64  `json:"gone"`
	SourceSum string `json:"sourceSum"`
	CopySum   string `json:"copySum"`
}

type streamRepairJSON struct {
	Stream    string     `json:"stream"`
	Counts    countsJSON `json:"counts"`
	Removed   int64      `json:"removed"`
	Unsettled int        `json:"unsettled"`
	Solved    bool       `json:"solved"`
}

// newRepairedJSON returns the result in the form of JSON. The state before is there only if something was repaired.
func newRepairedJSON(r *leadsync.Repaired) repairedJSON {
	doc := repairedJSON{Equal: r.After.Equal, Streams: newStreamsJSON(r.After)}
	if len(r.Streams) > 0 {
		doc.Before = newStreamsJSON(r.Before)
	}
	for i := range r.Streams {
		s := &r.Streams[i]
		doc.Repaired = append(doc.Repaired, streamRepairJSON{string(s.Name), countsJSON(s.Counts), s.Removed, s.Unsettled, s.Solved})
	}
	return doc
}

// newStreamsJSON returns the comparisons in the form of JSON.
func newStreamsJSON(v *leadsync.Verification) []streamVerificationJSON {
	streams := []streamVerificationJSON{}
	for i := range v.Streams {
		s := &v.Streams[i]
		part := streamVerificationJSON{
			Stream: string(s.Name), Since: output.JSONTime(s.Since), Until: output.JSONTime(s.Until), Source: s.Source, Copy: s.Copy, Groups: s.Groups,
			Calls: s.Calls, LookUps: s.LookUps, Gone: s.Gone, NotLookedUp: s.NotLookedUp, Unreadable: s.Unreadable, Differences: []differenceJSON{},
		}
		for _, d := range s.Differences {
			part.Differences = append(part.Differences, differenceJSON(d))
		}
		streams = append(streams, part)
	}
	return streams
}
