package record

import "github.com/mktows/mktows-go/gen"

// TagChannel is the type of the tag that names a program's channel.
const TagChannel = "Channel"

// Channel is a channel of programs with the statuses that leads go through.
type Channel struct {
	Name     string              `json:"name"`
	Statuses []ProgressionStatus `json:"statuses,omitempty"`
}

// ProgressionStatus is a status of a lead in a program.
type ProgressionStatus struct {
	Name    string `json:"name"`
	Step    int    `json:"step"`              // need not be unique
	Success bool   `json:"success,omitempty"` // whether the lead has done what the program is for
	// Details are what some channels have besides, such as Check-in Status or Webinar
	// Behavior.
	Details []Attribute `json:"details,omitempty"`
}

// Tag is a type of tag with its values.
type Tag struct {
	Type   string   `json:"type"`
	Values []string `json:"values,omitempty"`
}

// Program is a program.
type Program struct {
	ID          int64  `json:"id,omitempty"`          // 1 to 2147483647
	Name        string `json:"name"`                  // needed, and not that of another program
	Type        string `json:"type,omitempty"`        // such as Event; empty: Default
	Workspace   string `json:"workspace,omitempty"`   // empty: Default
	WorkspaceID int64  `json:"workspaceId,omitempty"` // 0: 1
	TreePath    string `json:"treePath,omitempty"`    // empty: Marketing Activities, the workspace and the name
	Archived    bool   `json:"archived,omitempty"`
	// Start and End are those of an event.
	Start   gen.DateTime `json:"start,omitempty"`
	End     gen.DateTime `json:"end,omitempty"`
	Created gen.DateTime `json:"created,omitempty"`
	Updated gen.DateTime `json:"updated,omitempty"` // empty: Created
	// Tags are type and value; the type of the channel is [TagChannel]. What does not exist
	// is added.
	Tags   []Attribute `json:"tags,omitempty"`
	Tokens []Attribute `json:"tokens,omitempty"` // name, with or without braces, and value
	Costs  []Cost      `json:"costs,omitempty"`

	Description string `json:"description,omitempty"`
	Status      string `json:"status,omitempty"` // of an engagement or email program: on, off, locked
	Folder      int64  `json:"folder,omitempty"` // id of the folder it lies in; 0: none
	CRMID       string `json:"crmId,omitempty"`
	CRMName     string `json:"crmName,omitempty"`
}

// Cost is what a program costs in a month.
type Cost struct {
	ID     int64  `json:"id,omitempty"`
	Month  string `json:"month"` // such as 2013-06
	Amount int64  `json:"amount"`
	Note   string `json:"note,omitempty"`
}

// Campaign is a smart campaign. One with sources has the trigger "Campaign is Requested"
// and can be requested; a batch campaign has none and can be scheduled.
type Campaign struct {
	ID          int64                   `json:"id,omitempty"`      // 1 to 2147483647
	Name        string                  `json:"name"`              // need not be unique, except within a program
	Program     string                  `json:"program,omitempty"` // name of the program it is in; empty: none
	Description string                  `json:"description,omitempty"`
	Batch       bool                    `json:"batch,omitempty"`
	Sources     []gen.ReqCampSourceType `json:"sources,omitempty"` // of the trigger; MKTOWS, SALES or both
	Inactive    bool                    `json:"inactive,omitempty"`
	Created     gen.DateTime            `json:"created,omitempty"` // empty: when it was added
	Updated     gen.DateTime            `json:"updated,omitempty"` // empty: Created
}

// CampaignRun is a run of a smart campaign that was asked for.
type CampaignRun struct {
	CampaignID int64                 `json:"campaignId"`
	Campaign   string                `json:"campaign,omitempty"` // with the program: Program.Campaign
	Source     gen.ReqCampSourceType `json:"source,omitempty"`   // of a request; empty for a scheduled run
	Time       gen.DateTime          `json:"time,omitempty"`     // of the request, or when the run is to begin
	Cloned     bool                  `json:"cloned,omitempty"`   // the program was copied for the run
	Leads      []int64               `json:"leads,omitempty"`    // those of a request, each once; none for a scheduled run
	// Tokens are those that count for the run: the program's own with those of the call in
	// their place. Names have no braces.
	Tokens []Attribute `json:"tokens,omitempty"`
}
