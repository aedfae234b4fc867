// Package servicetime reads and shows times by the clock of the service, which is US Central time. Quotas turn at its
// midnight, and answers have its offset.
package servicetime

import (
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/place"
)

// centralStandard is the zone to try first with a time that has none.
var centralStandard = time.FixedZone("CST", -6*3600)

// Central returns the zone that holds at t by the service's clock; see [fault.Central].
func Central(t time.Time) *time.Location { return fault.Central(t) }

// Shown returns t in the zone that answers show it in: the service's own, US
// Central, for a time in UTC or in the machine's zone; any other offset was chosen by
// whoever gave it and is kept.
func Shown(t time.Time) time.Time {
	if t.Location() == time.UTC || t.Location() == time.Local {
		return t.In(Central(t))
	}
	return t
}

// Read reads a time of an attribute: an xs:dateTime, a date, or a time as
// attribute values show it. What has no zone is by the service's clock.
func Read(text string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.DateTime} {
		if t, err := time.ParseInLocation(layout, text, centralStandard); err == nil {
			return time.ParseInLocation(layout, text, Central(t))
		}
	}
	return gen.DateTime(text).Time()
}

// Text is a time in a state: whole seconds, in the zone that answers show.
func Text(t time.Time) gen.DateTime {
	if t.IsZero() {
		return ""
	}
	return gen.NewDateTime(Shown(t.Truncate(time.Second)))
}

// Unix returns the moment of a Unix time.
func Unix(seconds int64) time.Time { return time.Unix(seconds, 0) }

// Parse reads a time of a record; an empty one is the one given. The error names the field.
func Parse(field string, text gen.DateTime, empty time.Time) (time.Time, error) {
	if text == "" {
		return empty, nil
	}
	t, err := text.Time()
	if err != nil {
		return empty, place.Wrong(field, "%q is not a time such as 2015-09-04T16:07:16-05:00", string(text))
	}
	return t, nil
}
