package output

import (
	"time"

	"github.com/mktows/mktows-go/gen"
)

// MomentText is a time as the service writes it; none is empty.
func MomentText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return string(gen.NewDateTime(t))
}

// MomentJSON is MomentText in JSON, where no time is null.
func MomentJSON(t time.Time) *string { return optional(MomentText(t)) }

// utcForm is how tables show times, which are in UTC there.
const utcForm = time.DateTime

// Utc shows a time in a table, - where there is none.
func Utc(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(utcForm)
}

// UtcText shows a time in a sentence.
func UtcText(t time.Time) string { return Utc(t) + " UTC" }

// JSONTime shows a time in JSON; the zero time is null.
func JSONTime(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(time.RFC3339)
	return &text
}
