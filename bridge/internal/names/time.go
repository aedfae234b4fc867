package names

import (
	"fmt"
	"strings"
	"time"

	"github.com/mktows/mktows-go/fault"
)

// restForm is how the REST API wants times: whole seconds with a zone (Marketo REST API, overview:
// datetimes).
const restForm = "2006-01-02T15:04:05Z"

// zoned are the forms of times with a zone that the REST API answers with and SOAP clients write.
// Fractions of a second are read by all of them.
var zoned = [...]string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02 15:04:05Z07:00"}

// local are the forms without one: by the clock of the subscription.
var local = [...]string{"2006-01-02T15:04:05", time.DateTime, time.DateOnly}

// ParseTime reads a time as the REST API answers with it, such as 2026-01-02T03:04:05Z, with +0000 in
// place of Z, or with both, as assets have it; or as SOAP clients write it. What has no zone is by
// the clock of the subscription; a date is midnight by it.
func (c Converter) ParseTime(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	if head, offset, both := strings.Cut(text, "Z"); both && offset != "" {
		text = head + offset
	}
	for _, form := range zoned {
		if t, err := time.Parse(form, text); err == nil {
			return t, nil
		}
	}
	for _, form := range local {
		if t, err := time.Parse(form, text); err == nil {
			return c.onClock(t), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.60q is no time such as 2026-01-02T03:04:05Z", text)
}

// onClock returns the moment at which the clock of the subscription shows what t shows in UTC. In
// the hour that a clock shows twice it is one of the two.
func (c Converter) onClock(t time.Time) time.Time {
	zone := c.Zone
	if zone == nil {
		const standard = 6 * time.Hour // behind UTC
		zone = fault.Central(t.Add(standard))
	}
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
}

// Shown returns t in the zone that answers show: that of the subscription. Its offset is the one
// that holds at t.
func (c Converter) Shown(t time.Time) time.Time {
	if c.Zone == nil {
		return t.In(fault.Central(t))
	}
	return t.In(c.Zone)
}

// RESTTime returns t as requests to the REST API hold it, rounded down to a second.
func RESTTime(t time.Time) string { return t.UTC().Format(restForm) }
