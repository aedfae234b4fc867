package simulator

import "fmt"

// AddOpportunity adds an opportunity and returns its id. It adds nothing and returns an
// error if the id is taken or outside its range, if an attribute is unknown, or if a
// value does not fit its type.
func (s *Simulator) AddOpportunity(o Opportunity) (id int64, err error) {
	defer s.instance.Change()()
	if err := s.instance.Objects.CheckOpportunity(&o); err != nil {
		return 0, named(err, "opportunity")
	}
	return s.instance.Objects.AddOpportunity(&o), nil
}

// AddOpportunityRole adds a role and returns its id. It adds nothing and returns an
// error if there is no such opportunity or lead, or for a reason of
// [Simulator.AddOpportunity].
func (s *Simulator) AddOpportunityRole(r OpportunityRole) (id int64, err error) {
	defer s.instance.Change()()
	if err := s.instance.Objects.CheckRole(&r); err != nil {
		return 0, named(err, "role")
	}
	return s.instance.Objects.AddRole(&r), nil
}

// AddObjectField adds a custom field to Opportunity or OpportunityPersonRole. The error
// says that there is no such type, that it has the field already, or that the data
// type is unknown.
func (s *Simulator) AddObjectField(objectName string, f Field) error {
	defer s.instance.Change()()
	return named(s.instance.Objects.AddField(ObjectField{Object: objectName, Name: f.Name, DataType: f.DataType}), "object field")
}

// AddCustomObjectType adds a type of custom object with its records. The error says what is
// wrong with it: no name, one that is taken, no key, more than 50 fields, two fields of one
// name, a link field that is none of them, or a record that does not fit.
func (s *Simulator) AddCustomObjectType(t CustomObjectType) error {
	defer s.instance.Change()()
	return named(s.instance.CustomObjects.Add(&t), "custom object")
}

// AddCustomObject adds a record of a type, with all its keys. The error says that there
// is no such type, that a field is missing or unknown, that a value does not fit, or
// that a record has these keys already.
func (s *Simulator) AddCustomObject(typeName string, keys, attributes []Attribute) error {
	defer s.instance.Change()()
	t := s.instance.CustomObjects.Find(typeName)
	if t == nil {
		return fmt.Errorf("simulator: there is no custom object %q: add the type first", typeName)
	}
	return named(t.Insert(keys, attributes), "custom object "+t.Name())
}
