package simulator

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/ordered"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// Activity is a record of a lead's history.
type Activity struct {
	// ID is unique among all activities of the simulator; 0: the next free one is given,
	// the one after the highest as long as there is such a one.
	ID int64
	// Time is cut to whole seconds, as the service writes them. Its offset is kept,
	// except that a time in UTC or in the machine's zone is shown in US Central time,
	// the service's own. The zero time is now, by the simulator's clock.
	Time time.Time
	// Type is needed: a value of the schema such as [gen.ActivityTypeNewLead], or the
	// name that answers show, such as "New Lead" or "Add to Nurture".
	Type gen.ActivityType
	// AssetName is the page, form or other asset concerned, if there is one.
	AssetName string
	// Attributes appear in this order. An attribute Lead ID is added at the end,
	// unless there is one.
	Attributes []Attribute
	// Campaign is the smart campaign that caused it, if one did.
	Campaign string
}

// Attribute is a detail of an activity. Values are not checked: one that XML cannot
// carry makes the answer fail, as may be wanted in a test.
type Attribute struct{ Name, Value string }

// attrLeadID is the attribute that ends the list of every activity.
const attrLeadID = "Lead ID"

// AddActivity adds an activity to a lead and returns its id.
func (s *Simulator) AddActivity(leadID int64, a Activity) (id int64, err error) {
	ids, err := s.AddActivities(leadID, a)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// AddActivities adds activities to a lead, in any order of time, and returns their
// ids. It adds all or, with an error, nothing: there is no such lead, an id is taken, or
// a type is missing. Of two records of the same second the one added later counts as
// the newer.
func (s *Simulator) AddActivities(leadID int64, activities ...Activity) (ids []int64, err error) {
	defer s.change()()
	no, ok := s.leads.byID[leadID]
	if !ok {
		return nil, fmt.Errorf("simulator: there is no lead %d: add it first", leadID)
	}
	if err := s.store.check(activities); err != nil {
		return nil, err
	}
	return s.addActivities(no, activities), nil
}

// check finds what would keep activities from being added.
func (st *store) check(activities []Activity) error {
	given := make(map[int64]bool)
	for i := range activities {
		a := &activities[i]
		if err := a.check(); err != nil {
			return fmt.Errorf("simulator: activity %d: %w", i+1, err)
		}
		if a.ID == 0 {
			continue
		}
		if _, taken := st.byID[a.ID]; taken || given[a.ID] {
			return fmt.Errorf("simulator: activity %d: the id %d is taken: give another, or none", i+1, a.ID)
		}
		given[a.ID] = true
	}
	if uint64(st.n)+uint64(len(activities)) > maxRecords {
		return errors.New("simulator: no room for more activities")
	}
	return nil
}

func (a *Activity) check() error {
	year := a.Time.Year()
	switch {
	case a.Type == "":
		return errors.New("the type is missing")
	case a.ID < 0:
		return fmt.Errorf("the id %d is negative", a.ID)
	case year < 1 || year > 9999:
		return fmt.Errorf("the year %d cannot be written as an xs:dateTime of four digits", year)
	case len(a.Attributes) > math.MaxUint16:
		return fmt.Errorf("%d attributes are more than %d", len(a.Attributes), math.MaxUint16)
	}
	return nil
}

// addActivities adds activities that check has passed.
func (s *Simulator) addActivities(no leadNo, activities []Activity) []int64 {
	s.store.reserve(activities)
	ids := make([]int64, len(activities))
	lead := s.leads.at(no)
	history := &lead.history
	latest := int64(math.MinInt64)
	for i := range activities {
		a := &activities[i]
		at := a.Time
		if at.IsZero() {
			at = s.now()
		}
		number, r := s.store.add(a, servicetime.Shown(at), no)
		history.add(r.kind, ordered.Entry{At: r.at, Ref: number})
		s.timelines.insert(r.kind, ordered.Entry{At: r.at, Ref: number})
		for _, l := range lead.lists {
			l.timelines.insert(r.kind, ordered.Entry{At: r.at, Ref: number})
		}
		latest = max(latest, r.at)
		ids[i] = r.id
	}
	if len(activities) > 0 {
		s.leads.touch(no, latest)
	}
	history.sort()
	return ids
}

// activitiesOf returns a lead's activities, oldest first, as they could be added again.
func (s *Simulator) activitiesOf(l *lead) []Activity {
	found, _ := l.history.newest(math.MaxInt, ordered.Everything, allTypesWanted)
	list := make([]Activity, len(found))
	for i := range found {
		r := s.store.get(found[len(found)-1-i].Ref)
		list[i] = Activity{
			ID: r.id, Time: time.Unix(r.at, 0).In(r.zone()), Type: gen.ActivityType(s.store.names.text(r.kind)),
			AssetName: s.store.names.text(r.asset), Campaign: s.store.names.text(r.campaign),
		}
		for packed := r.attributes; packed != ""; {
			number, value, rest := nextAttribute(packed)
			list[i].Attributes = append(list[i].Attributes, Attribute{s.store.names.text(number), value})
			packed = rest
		}
	}
	return list
}
