package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

const syncLong = `Copy lead activity and leads into a database or into files, again and again, so that the
copy equals the source after any crash.

Each run goes on where the last one ended, reads the last two hours again for what the service
has stored late, and never writes a row twice.

` + targetHelp

const targetHelp = `--to says where the copy is:

  leads.db           a path: one SQLite file; one process at a time works on it
  postgres://…       PostgreSQL; any number of processes, on any machines, work on it together
  copy/              a folder, or any path with --format: files in segments, with a manifest

MKTOWS_SYNC_TO is the place for it if the URL has a password: others on the machine see the
arguments of its processes. PGPASSWORD and ~/.pgpass are read too, as psql does.`

func (a *app) syncCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sync",
		Short: "Copy lead activity and leads into a database or files",
		Long:  syncLong,
		Args:  cobra.ArbitraryArgs,
		RunE:  showHelp,
	}
	cmd.AddCommand(
		a.syncRunCommand(), a.syncPlanCommand(), a.syncWorkerCommand(),
		a.syncStatusCommand(), a.syncVerifyCommand(), a.syncResetCommand(),
	)
	return cmd
}

// utcForm is how tables show times, which are in UTC there.
const utcForm = time.DateTime

// utc shows a time in a table, - where there is none.
func utc(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(utcForm)
}

// utcText shows a time in a sentence.
func utcText(t time.Time) string { return utc(t) + " UTC" }

// jsonTime shows a time in JSON; the zero time is null.
func jsonTime(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(time.RFC3339)
	return &text
}

// grouped writes a number with a comma before each three digits.
func grouped[T ~int | ~int64](n T) string {
	digits := fmt.Sprint(n)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, r := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return sign + b.String()
}

// about writes a duration in its two largest units: 3h5m, 2m10s, 45s.
func about(d time.Duration) string {
	const day = 24 * time.Hour
	switch d = max(d, 0); {
	case d >= day:
		return fmt.Sprintf("%dd%dh", d/day, d%day/time.Hour)
	case d >= time.Hour:
		return fmt.Sprintf("%dh%dm", d/time.Hour, d%time.Hour/time.Minute)
	case d >= time.Minute:
		return fmt.Sprintf("%dm%ds", d/time.Minute, d%time.Minute/time.Second)
	}
	return d.Round(time.Second).String()
}

// plural writes a number with its noun; nouns is for those that do not just take an s.
func plural[T ~int | ~int64](n T, noun string, nouns ...string) string {
	switch {
	case n == 1:
	case len(nouns) > 0:
		noun = nouns[0]
	default:
		noun += "s"
	}
	return grouped(n) + " " + noun
}
