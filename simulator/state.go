package simulator

import "github.com/mktows/mktows-go/gen"

// State is all that a [Simulator] holds, as plain data with a readable JSON form. What is
// empty is left out of it.
//
// [Simulator.Snapshot] gives one and [Simulator.Load] takes one, also one that was written
// by hand: ids that are missing are given, as by calls such as [Simulator.AddLead], and a
// missing time means now. Times are xs:dateTime with an offset; one with Z is shown in US
// Central time, the service's own.
//
// What options set is no part of it: page sizes, rough counts, how long an import takes,
// the clock.
type State struct {
	// Workspaces are those that the leads may be in, the default one first. Load adds
	// none: see [WithWorkspaces].
	Workspaces []string `json:"workspaces,omitempty"`
	// Fields are the custom fields of leads.
	Fields []FieldState `json:"fields,omitempty"`
	// Leads are in the order they were added: where several share a key, it means the last.
	Leads     []LeadState     `json:"leads,omitempty"`
	Lists     []ListState     `json:"lists,omitempty"`
	Channels  []ChannelState  `json:"channels,omitempty"`
	Tags      []TagState      `json:"tags,omitempty"`
	Programs  []ProgramState  `json:"programs,omitempty"`
	Campaigns []CampaignState `json:"campaigns,omitempty"`
	// CampaignRuns are those that calls have asked for, in their order.
	CampaignRuns []CampaignRunState `json:"campaignRuns,omitempty"`
	// ObjectFields are the custom fields of Opportunity and OpportunityPersonRole.
	ObjectFields []ObjectFieldState `json:"objectFields,omitempty"`
	// Opportunities and roles are by id, except that of several with one external key
	// the last is the one that the key means.
	Opportunities    []OpportunityState     `json:"opportunities,omitempty"`
	OpportunityRoles []OpportunityRoleState `json:"opportunityRoles,omitempty"`
	CustomObjects    []CustomObjectState    `json:"customObjects,omitempty"`
	// Imports are those that go on, and the last one of each list.
	Imports        []ImportState         `json:"imports,omitempty"`
	ImportedTokens []ImportedTokensState `json:"importedTokens,omitempty"`
	// LastIDs are the highest ids ever given: that of something that is gone is not
	// given again. Load takes the highest id that is there for one that is lower.
	LastIDs LastIDs `json:"lastIds,omitzero"`
}

// NamedValue is a name and a value, where the order of several counts.
type NamedValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// FieldState is a custom field of leads: a [LeadField].
type FieldState struct {
	Name  string   `json:"name"`
	Label string   `json:"label,omitempty"` // empty: the name
	Type  DataType `json:"type,omitempty"`  // empty: TypeString
}

// LeadState is a [Lead].
type LeadState struct {
	ID         int64             `json:"id,omitempty"`
	Email      string            `json:"email,omitempty"`
	Keys       []KeyState        `json:"keys,omitempty"` // all but id and address
	ForeignIDs []ForeignIDState  `json:"foreignIds,omitempty"`
	Fields     map[string]string `json:"fields,omitempty"`
	Workspace  string            `json:"workspace,omitempty"` // empty: the default one
	// Added is when a lead was added without activities: that counts as an update.
	Added gen.DateTime `json:"added,omitempty"`
	// Updated is the latest update, where neither Added nor an activity tells it.
	Updated    gen.DateTime    `json:"updated,omitempty"`
	Activities []ActivityState `json:"activities,omitempty"` // oldest first
}

// KeyState is a lead key such as COOKIE or SFDCLEADID. A lead may have several of the
// types COOKIE and SFDCOPPTYID, one of each other.
type KeyState struct {
	Type  gen.LeadKeyRef `json:"type"`
	Value string         `json:"value"`
}

// ForeignIDState is a [ForeignID]. It belongs to one lead.
type ForeignIDState struct {
	System gen.ForeignSysType `json:"system"`
	ID     string             `json:"id"`
}

// ActivityState is an [Activity].
//
// Of two activities of the same second the one with the greater id counts as the newer,
// and of two without id the later one. Order goes before that: a snapshot has it where
// the ids do not tell in which order the activities were added.
type ActivityState struct {
	ID         int64            `json:"id,omitempty"`
	Order      int64            `json:"order,omitempty"`
	Time       gen.DateTime     `json:"time,omitempty"`
	Type       gen.ActivityType `json:"type"`
	AssetName  string           `json:"assetName,omitempty"`
	Campaign   string           `json:"campaign,omitempty"`
	Attributes []NamedValue     `json:"attributes,omitempty"`
}

// ListState is a [List].
type ListState struct {
	ID      int64   `json:"id,omitempty"`
	Program string  `json:"program,omitempty"`
	Name    string  `json:"name"`
	Members []int64 `json:"members,omitempty"` // ids of leads
}

// ChannelState is a [Channel].
type ChannelState struct {
	Name     string        `json:"name"`
	Statuses []StatusState `json:"statuses,omitempty"`
}

// StatusState is a [ProgressionStatus].
type StatusState struct {
	Name    string       `json:"name"`
	Step    int          `json:"step"`
	Success bool         `json:"success,omitempty"`
	Details []NamedValue `json:"details,omitempty"`
}

// TagState is a type of tag with its values.
type TagState struct {
	Type   string   `json:"type"`
	Values []string `json:"values,omitempty"`
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
