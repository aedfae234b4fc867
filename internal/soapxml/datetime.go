package soapxml

import (
	"errors"
	"time"
)

const dateTimeForm = "a date and time such as 2015-09-04T16:07:16-05:00 (xs:dateTime)"

var errDateTime = errors.New("expected " + dateTimeForm)

// ParseDateTime parses an xs:dateTime with a year of four digits. The offset becomes the location of the result;
// without one it is UTC. The function time.Parse is not used because it accepts what the schema does not, and because
// dates are parsed often enough for the difference in speed to matter.
func ParseDateTime(s string) (time.Time, error) {
	const form = "2006-01-02T15:04:05"
	if len(s) < len(form) {
		return time.Time{}, errDateTime
	}
	// The fields have fixed places; what stands between them has to be the form's.
	var fields [6]int
	for i, place := range [6][2]int{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}, {17, 19}} {
		n, ok := digits(s[place[0]:place[1]])
		if !ok || place[1] < len(form) && s[place[1]] != form[place[1]] {
			return time.Time{}, errDateTime
		}
		fields[i] = n
	}
	nano, rest, ok := fraction(s[len(form):])
	loc, known := location(rest)
	if !ok || !known || !isDate(fields[0], fields[1], fields[2]) || !isTime(fields[3], fields[4], fields[5], nano) {
		return time.Time{}, errDateTime
	}
	return time.Date(fields[0], time.Month(fields[1]), fields[2], fields[3], fields[4], fields[5], nano, loc), nil
}

// isDate reports whether a day exists.
func isDate(year, month, day int) bool {
	return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

// isTime takes 24:00:00, the end of the day, as XML Schema does.
func isTime(hour, minute, second, nano int) bool {
	endOfDay := hour == 24 && minute == 0 && second == 0 && nano == 0
	return endOfDay || hour < 24 && minute < 60 && second < 60
}

// digits parses decimal digits. Unlike strconv.Atoi it accepts no sign.
func digits(s string) (n int, ok bool) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// fraction parses a fraction of a second, if there is one, and returns the rest of the text. Digits beyond
// nanoseconds are dropped.
func fraction(s string) (nano int, rest string, ok bool) {
	if s == "" || s[0] != '.' {
		return 0, s, true
	}
	i, scale := 1, 100_000_000
	for ; i < len(s) && '0' <= s[i] && s[i] <= '9'; i++ {
		nano += int(s[i]-'0') * scale
		scale /= 10
	}
	return nano, s[i:], i > 1
}

// location parses an offset. XML Schema allows up to 14 hours.
func location(s string) (*time.Location, bool) {
	if s == "" || s == "Z" {
		return time.UTC, true
	}
	if len(s) != 6 || s[0] != '+' && s[0] != '-' || s[3] != ':' {
		return nil, false
	}
	hour, ok1 := digits(s[1:3])
	minute, ok2 := digits(s[4:6])
	offset := hour*3600 + minute*60
	if !ok1 || !ok2 || minute > 59 || offset > 14*3600 {
		return nil, false
	}
	if s[0] == '-' {
		offset = -offset
	}
	return time.FixedZone("", offset), true
}

// FormatDateTime writes t as the service does: a numeric offset, never "Z", and a
// fraction only where there is one.
func FormatDateTime(t time.Time) string { return t.Format("2006-01-02T15:04:05.999999999-07:00") }
