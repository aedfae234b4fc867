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
