package cli

import (
	"fmt"
	"strings"

	"github.com/mktows/mktows-go/leadsync"
)

// writeRepaired writes what a comparison has found, and what was done about it.
func (a *app) writeRepaired(r *leadsync.Repaired) error {
	if err := a.writeDifferences(r.Before); err != nil {
		return err
	}
	for i := range r.Streams {
		if err := printf(a.stdout, "%s\n", repairText(&r.Streams[i])); err != nil {
			return err
		}
	}
	if len(r.Streams) > 0 && !r.After.Equal {
		if err := printf(a.stdout, "what still differs:\n"); err != nil {
			return err
		}
		if err := a.writeDifferences(r.After); err != nil {
			return err
		}
	}
	return a.writeResults(r.After)
}

// shownDifferences is how many differences a table has at most.
const shownDifferences = 100

func (a *app) writeDifferences(v *leadsync.Verification) error {
	columns := []column{
		{title: "STREAM"}, {title: "DAY"}, {title: "TYPE"}, {title: "SERVICE", right: true}, {title: "COPY", right: true},
		{title: "MISSING", right: true}, {title: "TOO MANY", right: true}, {title: "CHANGED", right: true}, {title: "GONE", right: true},
	}
	var rows [][]string
	for i := range v.Streams {
		for j := range v.Streams[i].Differences {
			d := &v.Streams[i].Differences[j]
			changed := grouped(d.Changed)
			if d.Missing == 0 && d.Extra == 0 && d.Changed == 0 && (d.Day != "" || d.Gone == 0) {
				changed = "some"
			}
			rows = append(rows, []string{
				string(v.Streams[i].Name), d.Day, d.Type, grouped(d.Source), grouped(d.Copy), grouped(d.Missing), grouped(d.Extra), changed, grouped(d.Gone),
			})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	shown := rows[:min(len(rows), shownDifferences)]
	err := writeTable(a.stdout, wideTable, withRows(columns, shown))
	if more := len(rows) - len(shown); err == nil && more > 0 {
		err = printf(a.stdout, "… and %s; -o json has all\n", plural(more, "more difference"))
	}
	return err
}

// writeResults writes a line or a few for each stream.
func (a *app) writeResults(v *leadsync.Verification) error {
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
		for _, text := range besides(s) {
			if err := printf(a.stdout, "%s: %s\n", s.Name, text); err != nil {
				return err
			}
		}
	}
	return nil
}

// besides is what there is to say of a stream, where there is something.
func besides(s *leadsync.StreamVerification) (texts []string) {
	if s.Gone > 0 {
		texts = append(texts, "no longer in the service: "+plural(s.Gone, "lead")+" of the copy, deleted or merged into others")
	}
	if s.NotLookedUp > 0 {
		texts = append(texts, "not looked up: "+plural(s.NotLookedUp, "lead")+" of the copy, which may be gone; --lookups gives the calls for it, 100 leads each")
	}
	if s.Unreadable > 0 {
		texts = append(texts, "left out: "+plural(s.Unreadable, "record")+" of the service that cannot be read; sync status shows what the copy has of them")
	}
	return texts
}

func comparedText(s *leadsync.StreamVerification) string {
	if s.Name == leadsync.Leads {
		return plural(s.Source, "lead")
	}
	return plural(s.Groups, "day and type", "days and types")
}

func repairText(s *leadsync.StreamRepair) string {
	text := fmt.Sprintf("%s: repaired; %s new, %s changed, %s removed, %s marked as gone, in %s", s.Name,
		plural(s.Counts.Inserted, "row"), grouped(s.Counts.Updated), grouped(s.Removed), plural(s.Counts.Gone, "lead"), plural(s.Counts.Calls, "call"))
	if s.Solved {
		text += "; what could not be read once and is no longer there is forgotten"
	}
	if s.Unsettled > 0 {
		text += "; nothing was removed in " + plural(s.Unsettled, "window") + ", since the service gave something else each time"
	}
	return text
}

// differenceError says that a copy is not equal to the service, and what to do.
type differenceError struct {
	target   target
	command  string // that has found it
	hint     string
	repaired bool
}

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

func (*differenceError) exitCode() int { return exitDiffers }

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

func newStreamsJSON(v *leadsync.Verification) []streamVerificationJSON {
	streams := []streamVerificationJSON{}
	for i := range v.Streams {
		s := &v.Streams[i]
		part := streamVerificationJSON{
			Stream: string(s.Name), Since: jsonTime(s.Since), Until: jsonTime(s.Until), Source: s.Source, Copy: s.Copy, Groups: s.Groups,
			Calls: s.Calls, LookUps: s.LookUps, Gone: s.Gone, NotLookedUp: s.NotLookedUp, Unreadable: s.Unreadable, Differences: []differenceJSON{},
		}
		for _, d := range s.Differences {
			part.Differences = append(part.Differences, differenceJSON(d))
		}
		streams = append(streams, part)
	}
	return streams
}
