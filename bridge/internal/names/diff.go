package names

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Change is one difference between two files of names.
type Change struct {
	Object string `json:"object"`         // ObjectField or ObjectActivityType
	Name   string `json:"name"`           // in the SOAP API, else in the REST API
	Change string `json:"change"`         // Added, Removed or Changed
	Part   string `json:"part,omitempty"` // of what was changed, such as "data type"
	Old    string `json:"old,omitempty"`
	New    string `json:"new,omitempty"`
}

// What a [Change] is about, and what it is.
const (
	ObjectField        = "field"
	ObjectActivityType = "activity type"

	Added   = "added"
	Removed = "removed"
	Changed = "changed"
)

// Parts that a file has no empty value for: what is not written there means something.
const (
	partSOAPRight = "right to write it by SOAP"
	partRESTRight = "right to write it by REST"
	partOrigin    = "origin of the SOAP name"
)

// Given reports whether the older file has said what is different now. One that was written by hand need not say
// everything.
func (c Change) Given() bool {
	return c.Old != "" && c.Part != partSOAPRight && c.Part != partRESTRight && c.Part != partOrigin
}

// String tells the change in a sentence.
func (c Change) String() string {
	subject := fmt.Sprintf("%s %q", c.Object, c.Name)
	what := "The " + c.Part + " of the " + subject
	switch {
	case c.Part == "" && c.Change == Added:
		return "The " + subject + " is new" + inBrackets(c.New) + "."
	case c.Part == "" && c.Change == Removed:
		return "The " + subject + " is gone" + inBrackets(c.Old) + "."
	case c.Change == Added:
		return what + " is new" + inBrackets(c.New) + "."
	case c.Change == Removed:
		return what + " is gone" + inBrackets(c.Old) + "."
	case c.Old == "":
		return fmt.Sprintf("%s is now %q; there was none.", what, c.New)
	case c.New == "":
		return fmt.Sprintf("%s was %q; there is none now.", what, c.Old)
	}
	return fmt.Sprintf("%s is now %q; it was %q.", what, c.New, c.Old)
}

func inBrackets(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

// Diff returns what is different in b: fields by name, then types of activity by id, the new ones last. Fields are the same
// if they have the same REST name, else the same id, else the same SOAP name; types, if they have the same
// id. When the names were taken makes no difference, and what is gone counts as absent.
func Diff(a, b *File) []Change {
	var list []Change
	for old, now := range paired(present(a.Fields, Field.gone), present(b.Fields, Field.gone), fieldKeys) {
		list = append(list, fieldChanges(old, now)...)
	}
	slices.SortStableFunc(list, func(a, b Change) int { return cmp.Compare(a.Name, b.Name) })
	var types []Change
	for old, now := range paired(byID(a.ActivityTypes), byID(b.ActivityTypes), typeKeys) {
		types = append(types, typeChanges(old, now)...)
	}
	return append(list, types...)
}

func byID(list []ActivityType) []ActivityType {
	return slices.SortedFunc(slices.Values(present(list, ActivityType.gone)), func(a, b ActivityType) int { return cmp.Compare(a.ID, b.ID) })
}

// present returns what of a list is not gone.
func present[T any](list []T, gone func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), gone)
}

func (f Field) gone() bool        { return f.Gone }
func (t ActivityType) gone() bool { return t.Gone }
func (a Attribute) gone() bool    { return a.Gone }

// fieldKeys are by what fields of two files are the same, the surest first.
var fieldKeys = []func(Field) string{
	func(f Field) string { return f.REST },
	func(f Field) string { return number(f.ID) },
	func(f Field) string { return f.SOAP },
}

var typeKeys = []func(ActivityType) string{func(t ActivityType) string { return number(t.ID) }}

var attributeKeys = []func(Attribute) string{
	func(a Attribute) string { return a.Name },
	func(a Attribute) string { return a.APIName },
}

// number returns a number as text, none for 0.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// paired yields what is the same in two lists by the first key that tells it, and with nil what is in
// one of them only: what is in a in its order, then the rest of b.
func paired[T any](a, b []T, keys []func(T) string) func(yield func(old, now *T) bool) {
	partner, used := make([]int, len(a)), make([]bool, len(b))
	for i := range partner {
		partner[i] = noPlace
	}
	for _, key := range keys {
		places := make(map[string][]int, len(b)) // several, where a key is there twice
		for i := range b {
			if k := key(b[i]); k != "" && !used[i] {
				places[k] = append(places[k], i)
			}
		}
		for i := range a {
			if k := key(a[i]); partner[i] == noPlace && len(places[k]) > 0 {
				partner[i], places[k] = places[k][0], places[k][1:]
				used[partner[i]] = true
			}
		}
	}
	return func(yield func(old, now *T) bool) {
		for i := range a {
			var now *T
			if partner[i] != noPlace {
				now = &b[partner[i]]
			}
			if !yield(&a[i], now) {
				return
			}
		}
		for i := range b {
			if !used[i] && !yield(nil, &b[i]) {
				return
			}
		}
	}
}

// part is a part of two things that are the same.
type part struct{ name, old, now string }

// changed returns the parts that differ.
func changed(object, name string, parts []part) []Change {
	var list []Change
	for _, p := range parts {
		if p.old != p.now {
			list = append(list, Change{object, name, Changed, p.name, p.old, p.now})
		}
	}
	return list
}

func fieldChanges(old, now *Field) []Change {
	switch {
	case now == nil:
		return []Change{{Object: ObjectField, Name: old.name(), Change: Removed, Old: old.other()}}
	case old == nil:
		return []Change{{Object: ObjectField, Name: now.name(), Change: Added, New: now.other()}}
	}
	return changed(ObjectField, old.name(), []part{
		{"SOAP name", old.SOAP, now.SOAP},
		{"REST name", old.REST, now.REST},
		{"id", number(old.ID), number(now.ID)},
		{"label", old.Label, now.Label},
		{"data type", old.DataType, now.DataType},
		{"length", number(int64(old.Length)), number(int64(now.Length))},
		{partSOAPRight, mayWrite(old.SOAPReadOnly), mayWrite(now.SOAPReadOnly)},
		{partRESTRight, mayWrite(old.RESTReadOnly), mayWrite(now.RESTReadOnly)},
		{partOrigin, origin(old.Guessed), origin(now.Guessed)},
	})
}

func mayWrite(readOnly bool) string {
	if readOnly {
		return "no"
	}
	return "yes"
}

func origin(guessed bool) string {
	if guessed {
		return "guessed"
	}
	return "told"
}

// name is what the field is called in a list of changes.
func (f *Field) name() string { return cmp.Or(f.SOAP, f.REST, number(f.ID)) }

// other is the name that name does not show.
func (f *Field) other() string {
	switch {
	case f.SOAP == "":
		return "only in the REST API"
	case f.REST == "":
		return "only in the SOAP API"
	}
	return "in the REST API " + f.REST
}

func typeChanges(old, now *ActivityType) []Change {
	switch {
	case now == nil:
		return []Change{{Object: ObjectActivityType, Name: old.Shown(), Change: Removed, Old: "id " + number(old.ID)}}
	case old == nil:
		return []Change{{Object: ObjectActivityType, Name: now.Shown(), Change: Added, New: "id " + number(now.ID)}}
	}
	name := old.Shown()
	list := changed(ObjectActivityType, name, []part{
		{"SOAP name", old.Shown(), now.Shown()},
		{"REST name", old.Name, now.Name},
		{"value in filters", string(old.Enum), string(now.Enum)},
		{"API name", old.APIName, now.APIName},
	})
	list = append(list, attributeChanges(name, "primary attribute", single(old.Primary), single(now.Primary))...)
	return append(list, attributeChanges(name, "attribute", old.Attributes, now.Attributes)...)
}

// single returns a list of one attribute, or of none.
func single(a *Attribute) []Attribute {
	if a == nil {
		return nil
	}
	return []Attribute{*a}
}

func attributeChanges(name, what string, old, now []Attribute) []Change {
	var list []Change
	for a, b := range paired(present(old, Attribute.gone), present(now, Attribute.gone), attributeKeys) {
		switch {
		case b == nil:
			list = append(list, Change{ObjectActivityType, name, Removed, what + " " + strconv.Quote(a.Shown()), a.DataType, ""})
		case a == nil:
			list = append(list, Change{ObjectActivityType, name, Added, what + " " + strconv.Quote(b.Shown()), "", b.DataType})
		default:
			quoted := " of the " + what + " " + strconv.Quote(a.Shown())
			list = append(list, changed(ObjectActivityType, name, []part{
				{"SOAP name" + quoted, a.Shown(), b.Shown()},
				{"REST name" + quoted, a.Name, b.Name},
				// The service writes data types in either letter case.
				{"data type" + quoted, strings.ToLower(a.DataType), strings.ToLower(b.DataType)},
			})...)
		}
	}
	return list
}
