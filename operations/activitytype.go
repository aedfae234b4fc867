package operations

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/activitytype"
)

// ActivityTypes returns all types that can be asked for, in the order of the schema.
func ActivityTypes() []ActivityType {
	all := make([]ActivityType, len(activityTypes))
	for i, t := range activityTypes {
		all[i] = t.value
	}
	return all
}

// Name returns the type as [Activity.Type] spells it, such as "Visit Webpage" for
// VisitWebpage; empty where that is not known.
func (t ActivityType) Name() string {
	for i := range activityTypes {
		if activityTypes[i].value == t {
			return activityTypes[i].name
		}
	}
	return ""
}

// Valid reports whether the schema lists the type. Letter case counts.
func (t ActivityType) Valid() bool { return gen.ActivityType(t).Valid() }

// ParseActivityType returns the type with that value or that spaced name, in any
// letter case: "NewLead", "New Lead" and "new lead" are the same. White space around
// it is dropped. The error is an *ArgumentError with an *UnknownTypeError inside. It says that
// no filter of types can hold s; an activityNameFilter still can: see [ActivityName].
func ParseActivityType(s string) (ActivityType, error) {
	s = strings.TrimSpace(s)
	for _, t := range activityTypes {
		if strings.EqualFold(s, string(t.value)) || t.name != "" && strings.EqualFold(s, t.name) {
			return t.value, nil
		}
	}
	return "", &ArgumentError{"activity type", unknownActivityType(s)}
}

// ActivityName returns how [Activity.Type] and [ChangeOptions.Names] spell a type that is known,
// given in the manner of [ParseActivityType]: "Visit Webpage" for "visitwebpage". Every other
// text is returned as it is, without the white space around it: names of activities are free
// text on the wire, as customers define types of their own.
func ActivityName(s string) string {
	s = strings.TrimSpace(s)
	if t, err := ParseActivityType(s); err == nil {
		return cmp.Or(t.Name(), string(t))
	}
	return cmp.Or(unfilteredName(s), s)
}

// unfilteredName returns the spelling of a type that the schema does not list.
func unfilteredName(s string) string {
	for _, name := range activitytype.Unfiltered {
		if strings.EqualFold(name, s) {
			return name
		}
	}
	return ""
}

// UnknownTypeError says that a text is none of the types that the schema lists.
type UnknownTypeError struct {
	Text string
	// Near are the types that the text is close to, the closest first, three at most.
	Near []ActivityType
	// InAnswers tells that activities of that name are known all the same: the service has more
	// types than its schema.
	InAnswers bool
}

// Error says how such activities can be had, or what the text is close to.
func (e *UnknownTypeError) Error() string {
	if e.InAnswers {
		return fmt.Sprintf("%q occurs in answers, but the schema has no value for it that a filter of types could hold; "+
			"getLeadChanges takes the name (ChangeOptions.Names), elsewhere choose by Activity.Type", e.Text)
	}
	if len(e.Near) == 0 {
		return fmt.Sprintf("%.80q is not an activity type that the schema lists; ActivityTypes returns them", e.Text)
	}
	near := make([]string, len(e.Near))
	for i, t := range e.Near {
		near[i] = string(t)
	}
	return fmt.Sprintf("%.80q is not an activity type that the schema lists; similar: %s", e.Text, strings.Join(near, ", "))
}

func checkActivityTypes(field string, types []ActivityType) error {
	for i, t := range types {
		if !t.Valid() {
			return &ArgumentError{fmt.Sprintf("%s[%d]", field, i), unknownActivityType(string(t))}
		}
	}
	return nil
}

func unknownActivityType(s string) *UnknownTypeError {
	if unfilteredName(s) != "" {
		return &UnknownTypeError{Text: s, InAnswers: true}
	}
	return &UnknownTypeError{Text: s, Near: nearActivityTypes(s)}
}

const (
	// maxTypo is more than any type or name has, in bytes: what is longer is not a typing
	// error, and would be slow to compare.
	maxTypo = 60
	// minPart is the least that tells something when it is found inside a type.
	minPart = 3
)

// nearActivityTypes returns up to three types that s may have been meant to be, the
// closest first.
func nearActivityTypes(s string) []ActivityType {
	if len(s) > maxTypo {
		return nil
	}
	type candidate struct {
		value    ActivityType
		distance int
	}
	var near []candidate
	for _, t := range activityTypes {
		d := distance(squash(s), squash(string(t.value)))
		if t.name != "" {
			d = min(d, distance(squash(s), squash(t.name)))
		}
		if d <= len(s)/3 {
			near = append(near, candidate{t.value, d})
		}
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return cmp.Compare(a.distance, b.distance) })
	values := make([]ActivityType, min(len(near), 3))
	for i := range values {
		values[i] = near[i].value
	}
	return values
}

// squash drops what people vary: letter case, spaces and punctuation.
func squash(s string) string {
	return strings.Map(func(c rune) rune {
		if strings.ContainsRune(" -_.", c) {
			return -1
		}
		return unicode.ToLower(c)
	}, s)
}

// distance counts the characters to insert, drop or replace to turn a into b
// (Levenshtein). A part of b is one apart from it.
func distance(a, b string) int {
	if len(a) >= minPart && a != b && strings.Contains(b, a) {
		return 1
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			step := diagonal
			if a[i] != b[j] {
				step++
			}
			diagonal = row[j+1]
			row[j+1] = min(step, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
