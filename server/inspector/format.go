package inspector

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

func asProblem(err error) (*problem, bool) {
	wrong := new(problem)
	ok := errors.As(err, &wrong)
	return wrong, ok
}

// isGone reports whether the administration has said that there is nothing like that.
func isGone(err error) bool {
	wrong, ok := asProblem(err)
	return ok && wrong.Status == http.StatusNotFound
}

// count is a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// bytesText is a size as people read it.
func bytesText(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

// durationText is a duration with no more digits than matter.
func durationText(text string) string {
	d, err := time.ParseDuration(text)
	if err != nil {
		return text
	}
	for unit := time.Second; unit > time.Nanosecond; unit /= 1000 {
		if d >= unit {
			return d.Round(unit / 100).String()
		}
	}
	return d.String()
}

// stamp is a time with its date, clockText one without.
func stamp(t time.Time) string     { return t.UTC().Format("2006-01-02 15:04:05.000") }
func clockText(t time.Time) string { return t.UTC().Format("15:04:05.000") }
