package output

import (
	"fmt"
	"strings"
	"time"
)

// Number is a number of which 0 means none.
func Number(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// Count shows a number that may not be known; then it is empty.
func Count(n *int) string {
	if n == nil {
		return ""
	}
	return fmt.Sprint(*n)
}

// Grouped writes a number with a comma before each three digits.
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

// About writes a duration in its two largest units: 3h5m, 2m10s, 45s.
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

// Plural writes a number with its noun; nouns is for those that do not just take an s.
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
