package simulator

import "fmt"

// AddProgram adds a program and returns its id. It adds nothing and returns an error if
// the name is missing or taken, the id is taken or outside its range, a time cannot be read,
// or a tag, a token or a cost is not complete.
func (s *Simulator) AddProgram(p Program) (id int64, err error) {
	defer s.instance.Change()()
	if err := s.instance.Programs.Check(&p); err != nil {
		return 0, named(err, fmt.Sprintf("program %q", p.Name))
	}
	return s.instance.Programs.Add(&p), nil
}

// AddFolder adds a folder of assets and returns its id. It adds nothing and returns an error if
// the name is missing, the id is taken or outside its range, or there is no such parent.
func (s *Simulator) AddFolder(f Folder) (id int64, err error) {
	defer s.instance.Change()()
	id, err = s.instance.Folders.Add(f)
	return id, named(err, "folder")
}

// AddSmartList adds a smart list, which bulk extracts can name, and returns its id. The error says
// that the name is missing or the id taken.
func (s *Simulator) AddSmartList(l SmartList) (id int64, err error) {
	defer s.instance.Change()()
	id, err = s.instance.SmartLists.Add(l)
	return id, named(err, "smart list")
}

// AddCompany adds a company, as the REST API knows companies: its fields by their names there,
// externalCompanyId among them. The error says that a field is missing, unknown or does not fit.
func (s *Simulator) AddCompany(externalID string, attributes []Attribute) error {
	defer s.instance.Change()()
	return named(s.instance.Companies.Insert([]Attribute{{Name: "externalCompanyId", Value: externalID}}, attributes), "company")
}

// AddSalesPerson adds a sales person of the REST API, likewise.
func (s *Simulator) AddSalesPerson(externalID string, attributes []Attribute) error {
	defer s.instance.Change()()
	return named(s.instance.SalesPersons.Insert([]Attribute{{Name: "externalSalesPersonId", Value: externalID}}, attributes), "sales person")
}

// AddChannel adds a channel. The error says that it or a status has no name, or that
// there is a channel of that name.
func (s *Simulator) AddChannel(c Channel) error {
	defer s.instance.Change()()
	return named(s.instance.Programs.AddChannel(c), "channel")
}

// AddTag adds a type of tag with values, or values to a type that exists. The error
// says that the type or a value has no name, or that the type is Channel.
func (s *Simulator) AddTag(kind string, values ...string) error {
	defer s.instance.Change()()
	return named(s.instance.Programs.AddTag(Tag{Type: kind, Values: values}), "tag")
}

// AddCampaign adds a smart campaign and returns its id. It adds nothing and returns an
// error if the name is missing, or taken within the program, if there is no such
// program, if the id is taken or outside its range, or if a source is not one.
func (s *Simulator) AddCampaign(c Campaign) (id int64, err error) {
	defer s.instance.Change()()
	if err := s.instance.Campaigns.Check(&c); err != nil {
		return 0, named(err, fmt.Sprintf("campaign %q", c.Name))
	}
	return s.instance.Campaigns.Add(&c), nil
}

// CampaignRuns returns the runs that requestCampaign and scheduleCampaign have asked
// for, in the order of the calls. The simulator does not carry out what a campaign does.
func (s *Simulator) CampaignRuns() []CampaignRun {
	defer s.instance.View()()
	return s.instance.Campaigns.Runs()
}

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
