package auth

import (
	"fmt"
	"regexp"
	"time"
)

// timestampLayout has -07:00 where RFC 3339 layouts have Z07:00: the service
// writes and documents a numeric offset, also for UTC.
const timestampLayout = "2006-01-02T15:04:05-07:00"

// FormatTimestamp writes t as the service expects it in requestTimestamp: whole
// seconds, cut, not rounded, and t's own offset with a colon, never Z, as in
// 2017-03-09T17:40:00-08:00. The year must lie between 0 and 9999. (Marketo SOAP API,
// authentication signature; W3C Date and Time Formats.)
func FormatTimestamp(t time.Time) string {
	// The format has no place for the seconds of an offset, which the local mean
	// times of the 19th century have; dropping them would name another moment.
	if _, offset := t.Zone(); offset%60 != 0 {
		t = t.In(time.FixedZone("", offset-offset%60))
	}
	return t.Format(timestampLayout)
}

// timestampForm is the form that ParseTimestamp takes: time.Parse alone lets one-digit
// hours, a comma before the fraction and offsets of a day and more pass. The ranges
// of the other numbers are left to it.
var timestampForm = regexp.MustCompile(
	`^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d{1,9})?)(?:Z| ?([+-](?:[01]\d|2[0-3])):?([0-5]\d))?$`)

// ParseTimestamp reads a requestTimestamp. Clients in the wild send the offset with
// a colon, as documented, without one (-0800), or Z, a fraction of a second, and, as
// Ruby writes times, a space in place of T and before the offset: all are taken. The
// offset is kept. Date, time, seconds and offset are all needed, each in full width;
// anything else gives an error that matches [ErrBadTimestamp]. It says so if only the
// offset is missing: the moment could be any of a day.
//
// No text that is taken is the beginning of another one. That matters because the
// signature covers timestamp and user id with nothing between: a joined text can be
// split in one way only.
func ParseTimestamp(s string) (time.Time, error) {
	m := timestampForm.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, badTimestamp(s)
	}
	hours, minutes := m[3], m[4]
	switch {
	case hours != "":
	case s[len(s)-1] == 'Z':
		hours, minutes = "+00", "00"
	default:
		return time.Time{}, fmt.Errorf("%w: %.40q has no offset from UTC, such as -08:00", ErrBadTimestamp, s)
	}
	// In UTC, because time.Parse would prefer the machine's own zone where the offset fits.
	t, err := time.ParseInLocation(timestampLayout, m[1]+"T"+m[2]+hours+":"+minutes, time.UTC)
	if err != nil {
		return time.Time{}, badTimestamp(s)
	}
	return t, nil
}

func badTimestamp(s string) error {
	return fmt.Errorf("%w: %.40q is not like 2017-03-09T17:40:00-08:00", ErrBadTimestamp, s)
}
