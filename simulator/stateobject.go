package simulator

import "github.com/mktows/mktows-go/gen"

// ProgramState is a [Program].
type ProgramState struct {
	ID          int64        `json:"id,omitempty"`
	Name        string       `json:"name"`
	Type        string       `json:"type,omitempty"`
	Workspace   string       `json:"workspace,omitempty"`
	WorkspaceID int64        `json:"workspaceId,omitempty"`
	TreePath    string       `json:"treePath,omitempty"`
	Archived    bool         `json:"archived,omitempty"`
	Start       gen.DateTime `json:"start,omitempty"`
	End         gen.DateTime `json:"end,omitempty"`
	Created     gen.DateTime `json:"created,omitempty"`
	Updated     gen.DateTime `json:"updated,omitempty"`
	// Tags are type and value; the type of the channel is Channel. What does not exist
	// is added.
	Tags   []NamedValue `json:"tags,omitempty"`
	Tokens []NamedValue `json:"tokens,omitempty"`
	Costs  []CostState  `json:"costs,omitempty"`
}

// CostState is a [Cost].
type CostState struct {
	ID     int64  `json:"id,omitempty"`
	Month  string `json:"month"` // such as 2013-06
	Amount int64  `json:"amount"`
	Note   string `json:"note,omitempty"`
}

// CampaignState is a [Campaign].
type CampaignState struct {
	ID          int64                   `json:"id,omitempty"`
	Name        string                  `json:"name"`
	Program     string                  `json:"program,omitempty"`
	Description string                  `json:"description,omitempty"`
	Batch       bool                    `json:"batch,omitempty"`
	Sources     []gen.ReqCampSourceType `json:"sources,omitempty"`
}

// CampaignRunState is a [CampaignRun].
type CampaignRunState struct {
	CampaignID int64                 `json:"campaignId"`
	Campaign   string                `json:"campaign,omitempty"`
	Source     gen.ReqCampSourceType `json:"source,omitempty"`
	Time       gen.DateTime          `json:"time,omitempty"`
	Leads      []int64               `json:"leads,omitempty"`
	Tokens     []NamedValue          `json:"tokens,omitempty"`
}

// ObjectFieldState is a custom field of Opportunity or OpportunityPersonRole.
type ObjectFieldState struct {
	Object string `json:"object"`
	Name   string `json:"name"`
	Type   string `json:"type,omitempty"` // see Field; empty: string
}

// OpportunityState is an [Opportunity].
type OpportunityState struct {
	ID          int64         `json:"id,omitempty"`
	ExternalKey *NamedValue   `json:"externalKey,omitempty"`
	Company     *CompanyState `json:"company,omitempty"`
	Created     gen.DateTime  `json:"created,omitempty"`
	Updated     gen.DateTime  `json:"updated,omitempty"`
	Attributes  []NamedValue  `json:"attributes,omitempty"`
}

// CompanyState is the company that an opportunity is associated with, by id or by
// external key.
type CompanyState struct {
	ID          *int32      `json:"id,omitempty"`
	ExternalKey *NamedValue `json:"externalKey,omitempty"`
}

// OpportunityRoleState is an [OpportunityRole].
type OpportunityRoleState struct {
	ID            int64        `json:"id,omitempty"`
	OpportunityID int64        `json:"opportunityId"`
	LeadID        int64        `json:"leadId"`
	Created       gen.DateTime `json:"created,omitempty"`
	Updated       gen.DateTime `json:"updated,omitempty"`
	Attributes    []NamedValue `json:"attributes,omitempty"`
}

// CustomObjectState is a [CustomObjectType] with its records, in the order they were made.
type CustomObjectState struct {
	Name      string              `json:"name"`
	Keys      []ObjectField       `json:"keys"`
	Fields    []ObjectField       `json:"fields,omitempty"`
	LinkField string              `json:"linkField,omitempty"`
	Records   []CustomRecordState `json:"records,omitempty"`
	// LastNumber is the highest number of a record, where that record is gone.
	LastNumber int64 `json:"lastNumber,omitempty"`
}

// ObjectField is a [Field].
type ObjectField struct {
	Name     string `json:"name"`
	DataType string `json:"type,omitempty"`
}

// CustomRecordState is a custom object. Number is what positions of getCustomObjects
// count; it is left out where it is one more than that of the record before.
type CustomRecordState struct {
	Number     int64             `json:"number,omitempty"`
	Keys       map[string]string `json:"keys"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// ImportState is an import into a static list.
type ImportState struct {
	ListID    int64                    `json:"listId"`
	Mode      gen.ImportToListModeEnum `json:"mode"`
	ClearList bool                     `json:"clearList,omitempty"`
	Campaign  string                   `json:"campaign,omitempty"`
	// Columns are names of fields in the SOAP API, and tokens such as {{my.message}}.
	Columns []string     `json:"columns,omitempty"`
	Rows    []string     `json:"rows,omitempty"` // as CSV, of one that goes on
	Started gen.DateTime `json:"started,omitempty"`
	Ended   gen.DateTime `json:"ended,omitempty"` // or when it will end
	Done    bool         `json:"done,omitempty"`

	Imported int32 `json:"imported,omitempty"` // rows
	Failed   int32 `json:"failed,omitempty"`
	Ignored  int32 `json:"ignored,omitempty"`
}

// ImportedTokensState is what imports have brought a lead for a campaign, which is named
// Program.Campaign: an [ImportedTokens].
type ImportedTokensState struct {
	Campaign string       `json:"campaign"`
	LeadID   int64        `json:"leadId"`
	Tokens   []NamedValue `json:"tokens"`
}
