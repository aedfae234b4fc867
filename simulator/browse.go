package simulator

// Part is a part of what a simulator holds, for [Simulator.SnapshotOf].
type Part int

// The parts. Leads are looked at page by page: [Simulator.FindLeads].
const (
	PartLists     Part = iota // static lists
	PartCampaigns             // campaigns and their runs
	PartPrograms              // programs, channels and tags
	PartObjects               // opportunities with their roles, companies, sales persons and custom objects
	PartJobs                  // imports and exports, without the files of these
)

// SnapshotOf returns a part of what [Simulator.Snapshot] returns; the rest is empty.
func (s *Simulator) SnapshotOf(p Part) (st State) {
	i := s.instance
	defer i.View()()
	switch p {
	case PartLists:
		st.Lists = i.Lists.Snapshot()
	case PartCampaigns:
		st.Campaigns, st.CampaignRuns = i.Campaigns.Snapshot(), i.Campaigns.Runs()
	case PartPrograms:
		i.Programs.Snapshot(&st)
		st.LastIDs = LastIDs{}
	case PartObjects:
		i.Objects.Snapshot(&st)
		st.LastIDs, st.ObjectFields = LastIDs{}, nil
		st.Companies, st.SalesPersons = i.Companies.Record().Records, i.SalesPersons.Record().Records
		st.CustomObjects = i.CustomObjects.Snapshot()
	case PartJobs:
		st.Imports, st.Exports = i.Imports.Snapshot(), i.Exports.Snapshot()
		for j := range st.Exports {
			st.Exports[j].Blocks = nil
		}
	}
	return st
}

// maxLooked bounds how many leads one search looks at, so that it holds up nobody.
const maxLooked = 10_000

// FindLeads returns copies of leads without their activities, in the order they were added: at most n that have the text in their
// id, email, keys or the values of their fields, whatever its letter case; "" is in all. It begins at a place, 0 for the first lead,
// and returns the place to go on at; 0 if there are no more. It looks at 10,000 leads at most, so a page may be short, or empty,
// although more follow.
func (s *Simulator) FindLeads(text string, from, n int) (page []Lead, next int) {
	defer s.instance.View()()
	return s.instance.Leads.Find(text, from, n, maxLooked)
}

// BriefLead returns a copy of a lead without its activities, of which [Simulator.Timeline] has pages; false if there is none of that
// id, or not any more.
func (s *Simulator) BriefLead(id int64) (Lead, bool) {
	defer s.instance.View()()
	return s.instance.Leads.Brief(id)
}

// Timeline returns a page of the activities of a lead, newest first, of which it leaves out so many, and how many there are in all;
// false if there is no such lead.
func (s *Simulator) Timeline(leadID int64, skip, n int) (page []Activity, total int, ok bool) {
	defer s.instance.View()()
	no, ok := s.instance.Leads.No(leadID)
	if !ok {
		return nil, 0, false
	}
	page, total = s.instance.Activities.PageOf(no, skip, n)
	return page, total, true
}
