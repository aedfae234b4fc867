package output

import (
	"fmt"
	"strings"
	"time"
)

// Number returns a number for a cell; 0 means that there is none and gives an empty cell.
func Number(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// Count returns a number for a cell; nil means that it is not known and gives an empty cell.
func Count(n *int) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}

// Grouped writes a number with a comma after every three digits: 1,234,567.
func Grouped[T ~int | ~int64](n T) string {
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

// About writes a duration in its two largest units, such as 3h5m or 2m10s. More would only suggest a precision that
// estimates do not have.
func About(d time.Duration) string {
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

// Plural writes a number with its noun: "1 lead", "2 leads". A plural that is not formed by an s can be given.
func Plural[T ~int | ~int64](n T, noun string, nouns ...string) string {
	switch {
	case n == 1:
	case len(nouns) > 0:
		noun = nouns[0]
	default:
		noun += "s"
	}
	return Grouped(n) + " " + noun
}
