package output

import (
	"time"

	"github.com/mktows/mktows-go/gen"
)

// MomentText returns a time as the service writes it, with its offset; "" for the zero time.
func MomentText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return string(gen.NewDateTime(t))
}

// MomentJSON is MomentText for JSON, where the zero time is null.
func MomentJSON(t time.Time) *string { return optional(MomentText(t)) }

// utcForm is the layout of times in tables. They are in UTC there, and the table's caption says so.
const utcForm = time.DateTime

// Utc shows a time in a table, and "-" for the zero time.
func Utc(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format(utcForm)
}

// UtcText shows a time in a sentence, with its zone.
func UtcText(t time.Time) string { return Utc(t) + " UTC" }

// JSONTime shows a time in JSON, in UTC and RFC 3339; the zero time is null.
func JSONTime(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	text := t.UTC().Format(time.RFC3339)
	return &text
}
