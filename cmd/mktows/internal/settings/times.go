package settings

import (
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
)

// ParseUntil parses the value of --until, which must not be before since, the value of the flag sinceFlag.
func ParseUntil(text, sinceFlag string, since time.Time) (time.Time, error) {
	until, err := ParseMoment("--until", text)
	if err == nil && until.Before(since) {
		return until, exit.Usagef("--until: %s is before %s", text, sinceFlag)
	}
	return until, err
}

// ParsePast parses the value of a flag and refuses a time in the future, for flags where it would select nothing.
func ParsePast(flag, text string) (time.Time, error) {
	at, err := ParseMoment(flag, text)
	if err == nil && at.After(time.Now()) {
		return at, exit.Usagef("%s: %s is in the future", flag, text)
	}
	return at, err
}

// ParseMoment parses the time of a flag: a full timestamp with its offset, or a date, which means midnight UTC. There
// is no form without an offset: the user's zone and that of the Marketo instance differ often, and guessing one
// shifts data.
func ParseMoment(flag, text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil && !day.IsZero() { // the zero time stands for none
		return day, nil
	}
	at, err := auth.ParseTimestamp(text)
	if err != nil || at.IsZero() {
		return at, exit.Usagef("%s: %q is not like 2017-03-09T17:40:00-08:00 or 2017-03-09, which is midnight UTC", flag, text)
	}
	return at, nil
}
