package operations

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/mktows/mktows-go/gen"
)

// MaxSelectorKeys is the greatest number of keys in a [Selector]. The service ignores
// those beyond it or refuses them, by the operation (Marketo SOAP API, getMultipleLeads and
// getLeadChanges).
const MaxSelectorKeys = 100

// MaxUpdatedRange is the longest range of a [Selector] by time; a longer one is fault
// 20022 (Marketo SOAP API, error codes).
const MaxUpdatedRange = 30 * 24 * time.Hour

// Selector chooses leads: by keys ([ByKey], [ByKeys]), by a static list ([InList],
// [InListID]) or by the time of their last update ([UpdatedSince], [UpdatedBetween]).
// There are no others (WSDL: LeadSelector). Selectors are not changed once made, and
// are safe for concurrent use. What is wrong with one is reported by the call
// that it is given to.
type Selector interface {
	check() error
	wire() gen.LeadSelector
	// parts are what a fingerprint is made of.
	parts() []string
}

// ByKey chooses the leads that have one of up to MaxSelectorKeys keys of one type.
// Several leads may have the same key; keys that no lead has are skipped.
func ByKey(t KeyType, values ...string) Selector {
	keys := make(keySelector, len(values))
	for i, v := range values {
		keys[i] = LeadKey{t, v}
	}
	return keys
}

// ByKeys is ByKey for keys, which must all be of one type.
func ByKeys(keys ...LeadKey) Selector { return keySelector(slices.Clone(keys)) }

// InList chooses the leads on the static list of that name; one inside a program is
// named Program.List.
func InList(name string) Selector { return listSelector{name: name} }

// InListID chooses the leads on the static list with that id.
func InListID(id int64) Selector { return listSelector{id: id, byID: true} }

// UpdatedSince chooses the leads that were updated from oldest on: a field has changed
// or there is a new activity. It may lie at most MaxUpdatedRange before the present,
// by this machine's clock. Fractions of milliseconds are cut off.
func UpdatedSince(oldest time.Time) Selector { return updatedSelector{oldest: oldest, open: true} }

// UpdatedBetween is UpdatedSince with an end, which is at most MaxUpdatedRange later.
func UpdatedBetween(oldest, latest time.Time) Selector {
	return updatedSelector{oldest: oldest, latest: latest}
}

// checkSelector checks one that is needed.
func checkSelector(field string, s Selector) error {
	if s == nil {
		return &ArgumentError{field, errors.New("is nil; choose leads, with ByKey or UpdatedSince for instance (20109)")}
	}
	return under(field, s.check())
}

type keySelector []LeadKey

// check checks the keys of a selector, which have to be of one type, since a request names the type once.
func (s keySelector) check() error {
	if err := checkCount("Selector.keys", len(s), MaxSelectorKeys, "keys"); err != nil {
		return err
	}
	for i, key := range s {
		if err := key.Validate(); err != nil {
			return under(index("Selector.keys", i), err)
		}
		if key.Type != s[0].Type {
			return &ArgumentError{index("Selector.keys", i) + ".Type", fmt.Errorf(
				"is %s and that of the first key is %s; a call takes keys of one type", key.Type, s[0].Type)}
		}
	}
	return nil
}

func (s keySelector) wire() gen.LeadSelector {
	values := make([]string, len(s))
	for i := range s {
		values[i] = s[i].Value
	}
	return &gen.LeadKeySelector{KeyType: gen.LeadKeyRef(s[0].Type), KeyValues: &gen.ArrayOfString{StringItem: values}}
}

func (s keySelector) parts() []string {
	parts := []string{"keys"}
	for _, key := range s {
		parts = append(parts, string(key.Type), key.Value)
	}
	return parts
}

type listSelector struct {
	name string
	id   int64
	byID bool
}

func (s listSelector) check() error {
	if s.byID {
		return checkID("Selector.listID", s.id)
	}
	return checkText("Selector.listName", s.name)
}

func (s listSelector) wire() gen.LeadSelector {
	return &gen.StaticListSelector{StaticListName: optional(s.name), StaticListId: optionalID(s.id)}
}

func (s listSelector) parts() []string { return []string{"list", s.name, strconv.FormatInt(s.id, 10)} }

type updatedSelector struct {
	oldest, latest time.Time
	open           bool // there is no latest
}

// check checks the range of a selector. The service takes 30 days at most; a range without an end counts up to the
// present.
func (s updatedSelector) check() error {
	latest, end := s.latest, "latest"
	if s.open {
		latest, end = time.Now(), "the present"
	}
	switch {
	case s.oldest.IsZero():
		return &ArgumentError{"Selector.oldest", errors.New("is the zero time; give the start of the range")}
	case latest.IsZero():
		return &ArgumentError{"Selector.latest", errors.New("is the zero time; UpdatedSince has no end")}
	case !s.open && latest.Before(s.oldest):
		return &ArgumentError{"Selector.latest", fmt.Errorf("%s is before oldest, %s", text(latest), text(s.oldest))}
	case latest.Sub(s.oldest) > MaxUpdatedRange:
		return &ArgumentError{"Selector.oldest", fmt.Errorf(
			"%s is more than 30 days before %s, which is fault 20022; ask for 30 days at most in one query", text(s.oldest), end)}
	}
	return nil
}

func text(t time.Time) string { return t.Format(time.RFC3339) }

func (s updatedSelector) wire() gen.LeadSelector {
	w := &gen.LastUpdateAtSelector{OldestUpdatedAt: moment(s.oldest)}
	if !s.open {
		w.LatestUpdatedAt = gen.Some(moment(s.latest))
	}
	return w
}

func (s updatedSelector) parts() []string {
	parts := []string{"updated", instant(s.oldest)}
	if !s.open {
		parts = append(parts, instant(s.latest))
	}
	return parts
}

// moment writes no more digits than requests are known to have.
func moment(t time.Time) gen.DateTime { return gen.NewDateTime(t.Truncate(time.Millisecond)) }

// instant tells moments apart, whatever the zone they are written in.
func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return string(moment(t.UTC()))
}

// optionalMoment is absent for the zero time.
func optionalMoment(t time.Time) gen.Opt[gen.DateTime] {
	if t.IsZero() {
		return gen.Opt[gen.DateTime]{}
	}
	return gen.Some(moment(t))
}
