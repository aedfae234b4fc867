package copied

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/position"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// question is what a request asks for. One that a copy does not answer has a reason.
type question struct {
	operation string
	reason    string
	err       error  // of the copy, if that is the reason
	query     string // what a position is bound to

	types, without []string  // names; none: all types
	low, high      time.Time // whole seconds, both included; zero: none
	offset         string
	size           int
}

// leaveIf sets the reason, unless there is one.
func (q *question) leaveIf(when bool, format string, args ...any) {
	if when && q.reason == "" {
		q.reason = fmt.Sprintf(format, args...)
	}
}

// leaveUnread is leaveIf for a copy that cannot be read.
func (q *question) leaveUnread(err error) {
	if err != nil && q.reason == "" {
		q.reason, q.err = fmt.Sprintf("the copy cannot be read: %v", err), err
	}
}

// setPosition reads a position. A time that cannot be read is left to the port, which has a fault for it.
func (q *question) setPosition(at gen.StreamPosition) {
	q.offset = strings.TrimSpace(at.Offset.Or(""))
	q.leaveIf(at.ActivityCreatedAt.Or("") != "", "activityCreatedAt is given, which means nothing to a copy")
	for _, bound := range []struct {
		text gen.DateTime
		to   *time.Time
		up   time.Duration
	}{{at.OldestCreatedAt.Or(""), &q.low, time.Second - 1}, {at.LatestCreatedAt.Or(""), &q.high, 0}} {
		if bound.text == "" {
			continue
		}
		t, err := bound.text.Time()
		q.leaveIf(err != nil, "a time of startPosition cannot be read")
		*bound.to = t.Add(bound.up).Truncate(time.Second)
	}
}

// setTypes reads the filters by type.
func (q *question) setTypes(filter gen.ActivityTypeFilter, names []string) {
	include, exclude := filter.IncludeTypes.Value.ActivityType, filter.ExcludeTypes.Value.ActivityType
	q.leaveIf(len(include) > 0 && len(exclude) > 0, "the filter makes no sense")
	q.types, q.without = slices.Clone(names), nil
	for i, t := range slices.Concat(include, exclude) {
		name := operations.ActivityType(t).Name()
		q.leaveIf(name == "", "a type that is asked for has no name that answers show")
		if i < len(include) {
			q.types = append(q.types, name)
		} else {
			q.without = append(q.without, name)
		}
	}
	if len(q.types) > 0 {
		q.without = nil
	}
}

// setSize sets how many records a page has.
func (q *question) setSize(asked int32, usual, most int) {
	q.size = usual
	if asked > 0 {
		q.size = min(int(asked), most)
	}
}

// bind sets what a position is bound to.
func (q *question) bind(of ...any) {
	text, _ := json.Marshal([]any{of, q.types, q.without}) // texts always encode
	q.query = position.Query(string(text))
}

// has reports whether a stream has the types that are asked for. A stream of all types has those that the SOAP API knew; only
// what was asked for by name has others.
func (q *question) has(e *store.Extent, all []store.Extent) bool {
	if len(q.types) > 0 {
		return !slices.ContainsFunc(q.types, func(name string) bool { return !hasType(e, name) })
	}
	// Without a filter the rows of another stream must not be more than those of this one.
	return len(e.Types) == 0 && !slices.ContainsFunc(all, func(other store.Extent) bool {
		return other.Stream != store.Leads && slices.ContainsFunc(other.Types, func(name string) bool { return !isKnown(name) })
	})
}

func hasType(e *store.Extent, name string) bool {
	if len(e.Types) == 0 {
		return isKnown(name)
	}
	return slices.Contains(e.Types, name)
}

// isKnown reports whether the SOAP API had a value for a type. A name in other letters is left to the port: services
// differ in whether they know it.
func isKnown(name string) bool {
	t, err := operations.ParseActivityType(name)
	return err == nil && t.Name() == name
}

// place is what a position of a copy says beside the bounds.
type place struct {
	Stream store.StreamName `json:"s"`
	Last   store.Place      `json:"l"`
}

func (p place) text() string {
	text, _ := json.Marshal(p) // texts and numbers always encode
	return string(text)
}

func placeOf(text string) (p place, err error) {
	err = json.Unmarshal([]byte(text), &p)
	return p, err
}

// compareRows orders rows as the copy does, oldest first.
func compareRows(a, b store.ActivityRow) int {
	x, y := store.PlaceOf(&a), store.PlaceOf(&b)
	return cmp.Or(cmp.Compare(x.Second, y.Second), cmp.Compare(x.ID, y.ID), cmp.Compare(x.Key, y.Key))
}
