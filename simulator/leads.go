package simulator

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/mktows/mktows-go/simulator/internal/place"
)

// AddLead adds a lead with its activities and returns its id. It adds all or, with an
// error, nothing: the id is taken or outside its range, a key, a field, a value or an
// activity is not valid, or there is no such workspace.
//
// A lead counts as updated (LastUpdateAtSelector) when its activities happened, and one
// that is added without any when it is added.
func (s *Simulator) AddLead(l Lead) (id int64, err error) {
	defer s.instance.Change()()
	if err := s.instance.Leads.Check(&l); err != nil {
		return 0, named(err, "lead")
	}
	return s.instance.Leads.Add(&l), nil
}

// AddLeads adds leads one after the other, each as by [Simulator.AddLead]. Its error
// joins those of the leads that were not added.
func (s *Simulator) AddLeads(leads ...Lead) error {
	var errs []error
	for _, l := range leads {
		_, err := s.AddLead(l)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Lead returns a copy of a lead, its activities oldest first; false if there is none of
// that id, or not any more.
func (s *Simulator) Lead(id int64) (Lead, bool) {
	defer s.instance.View()()
	return s.instance.Leads.Get(id)
}

// LeadIDs returns the ids of all leads, in ascending order.
func (s *Simulator) LeadIDs() []int64 {
	defer s.instance.View()()
	return s.instance.Leads.AllIDs()
}

// AddField adds a custom field to all leads. The error says that the name or the label
// is missing or taken, or that there is no such data type.
func (s *Simulator) AddField(f LeadField) error {
	defer s.instance.Change()()
	return named(s.instance.Leads.AddField(f), "field")
}

// Fields returns all fields of leads, by name.
func (s *Simulator) Fields() []LeadField {
	defer s.instance.View()()
	return s.instance.Leads.Fields()
}

// AddActivity adds an activity to a lead and returns its id.
func (s *Simulator) AddActivity(leadID int64, a Activity) (id int64, err error) {
	ids, err := s.AddActivities(leadID, a)
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// AddActivities adds activities to a lead, in any order of time, and returns their
// ids. It adds all or, with an error, nothing: there is no such lead, an id is taken, a time
// cannot be read, or a type is missing. Of two records of the same second the one added
// later counts as the newer.
func (s *Simulator) AddActivities(leadID int64, activities ...Activity) (ids []int64, err error) {
	defer s.instance.Change()()
	no, ok := s.instance.Leads.No(leadID)
	if !ok {
		return nil, fmt.Errorf("simulator: there is no lead %d: add it first", leadID)
	}
	if err := s.instance.Activities.Check(activities); err != nil {
		return nil, named(place.In(err, "activities"), "lead")
	}
	return s.instance.Leads.AddActivities(no, activities), nil
}

// AddActivityType adds a type of activity, as the REST API describes it. The error says that it
// has no name, or that name or id are taken. An activity of a type that nobody has added adds
// it, without attributes.
func (s *Simulator) AddActivityType(t ActivityType) error {
	defer s.instance.Change()()
	return named(s.instance.Activities.Define(t), "activity type")
}

// AddList adds a static list and returns its id. It adds nothing and returns an error
// if the name is missing or taken, the id is taken or outside its range, or there is
// no such lead. Members that are added so have no activity Add to List.
func (s *Simulator) AddList(l List) (id int64, err error) {
	defer s.instance.Change()()
	lists := s.instance.Lists
	if err := cmp.Or(lists.Check(&l), lists.CheckMembers(&l)); err != nil {
		return 0, named(err, fmt.Sprintf("list %q", l.FullName()))
	}
	return lists.Add(&l), nil
}

// Lists returns copies of all static lists, by id.
func (s *Simulator) Lists() []List {
	defer s.instance.View()()
	return s.instance.Lists.Snapshot()
}

// ImportedTokens returns the values of the token columns that imports have brought for
// a campaign, in the order of the rows, and forgets them: they are for one run.
func (s *Simulator) ImportedTokens(program, campaign string) []ImportedTokens {
	defer s.instance.Change()()
	return s.instance.Imports.TakeTokens(program, campaign)
}
