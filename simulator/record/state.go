package record

// State is all that a simulator holds.
//
// What options set is not part of it: page sizes, rough counts, how long an import takes,
// the clock.
type State struct {
	// Workspaces are those that the leads may be in, the default one first. Load adds none:
	// the simulator has to be made with them.
	Workspaces []string `json:"workspaces,omitempty"`
	// Fields are the custom fields of leads.
	Fields []LeadField `json:"fields,omitempty"`
	// Leads are in the order they were added: where several share a key, it means the last.
	Leads     []Lead     `json:"leads,omitempty"`
	Lists     []List     `json:"lists,omitempty"`
	Channels  []Channel  `json:"channels,omitempty"`
	Tags      []Tag      `json:"tags,omitempty"`
	Programs  []Program  `json:"programs,omitempty"`
	Campaigns []Campaign `json:"campaigns,omitempty"`
	// CampaignRuns are those that calls have asked for, in their order.
	CampaignRuns []CampaignRun `json:"campaignRuns,omitempty"`
	// ObjectFields are the custom fields of Opportunity and OpportunityPersonRole.
	ObjectFields []ObjectField `json:"objectFields,omitempty"`
	// Opportunities and roles are by id, except that of several with one external key the
	// last is the one that the key means.
	Opportunities    []Opportunity      `json:"opportunities,omitempty"`
	OpportunityRoles []OpportunityRole  `json:"opportunityRoles,omitempty"`
	CustomObjects    []CustomObjectType `json:"customObjects,omitempty"`
	// Imports are those that go on, and the last one of each list.
	Imports        []Import         `json:"imports,omitempty"`
	ImportedTokens []ImportedTokens `json:"importedTokens,omitempty"`
	// Companies and sales persons are those of the REST API. Their key is an external id; Number is
	// their id.
	Companies    []CustomObject `json:"companies,omitempty"`
	SalesPersons []CustomObject `json:"salesPersons,omitempty"`
	Folders      []Folder       `json:"folders,omitempty"`
	// Exports are bulk extracts with their files, in the order they were made.
	Exports []Export `json:"exports,omitempty"`
	// SmartLists are the saved searches that bulk extracts can name.
	SmartLists []SmartList `json:"smartLists,omitempty"`
	// ActivityTypes are those that were added to the service's.
	ActivityTypes []ActivityType `json:"activityTypes,omitempty"`
	// DeletedLeads are those that the REST API has deleted, oldest first.
	DeletedLeads []DeletedLead `json:"deletedLeads,omitempty"`
	// Usage are the calls of the REST API of the latest days.
	Usage []UsageDay `json:"usage,omitempty"`
	// LastIDs are the highest ids ever given: that of something that is gone is not given
	// again. Load takes the highest id that is there for one that is lower.
	LastIDs LastIDs `json:"lastIds,omitzero"`
}

// LastIDs are the highest ids ever given.
type LastIDs struct {
	Lead            int64 `json:"lead,omitempty"`
	Activity        int64 `json:"activity,omitempty"`
	List            int64 `json:"list,omitempty"`
	Program         int64 `json:"program,omitempty"`
	Cost            int64 `json:"cost,omitempty"`
	Campaign        int64 `json:"campaign,omitempty"`
	Opportunity     int64 `json:"opportunity,omitempty"`
	OpportunityRole int64 `json:"opportunityRole,omitempty"`
}

// Attribute is a name and a value, where the order of several counts: a detail of an
// activity, an attribute of an object, a tag or a token of a program. Values of activities
// are not checked: one that XML cannot carry makes the answer fail, as may be wanted in a
// test.
type Attribute struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
