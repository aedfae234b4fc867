package settings

import (
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
)

// ParseUntil reads the time of --until, which another flag's has to go before.
func ParseUntil(text, sinceFlag string, since time.Time) (time.Time, error) {
	until, err := ParseMoment("--until", text)
	if err == nil && until.Before(since) {
		return until, exit.Usagef("--until: %s is before %s", text, sinceFlag)
	}
	return until, err
}

// ParsePast reads the time of a flag that nothing can come after, unless it is in the past.
func ParsePast(flag, text string) (time.Time, error) {
	at, err := ParseMoment(flag, text)
	if err == nil && at.After(time.Now()) {
		return at, exit.Usagef("%s: %s is in the future", flag, text)
	}
	return at, err
}

// ParseMoment reads the time of a flag.
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
