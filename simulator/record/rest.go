package record

import "github.com/mktows/mktows-go/gen"

// UsageDay is how many calls of the REST API there were on a day in US Central time.
type UsageDay struct {
	Date   string         `json:"date"`             // such as 2026-01-02
	Users  map[string]int `json:"users,omitempty"`  // calls, by user
	Errors map[string]int `json:"errors,omitempty"` // calls that have failed, by code
}

// DeletedLead tells that a lead was deleted, as its activity Delete Lead does.
type DeletedLead struct {
	ID         int64        `json:"id"`         // of the lead
	ActivityID int64        `json:"activityId"` // which no other activity has
	Time       gen.DateTime `json:"time"`
	Name       string       `json:"name,omitempty"` // the person's
}

// ActivityType is a type of activity that a customer has defined, or that the service has and
// the SOAP API does not know.
type ActivityType struct {
	ID          int64               `json:"id"`
	Name        string              `json:"name"`
	APIName     string              `json:"apiName,omitempty"`
	Description string              `json:"description,omitempty"`
	Primary     *ActivityAttribute  `json:"primary,omitempty"` // nil: it has none, as New Lead
	Attributes  []ActivityAttribute `json:"attributes,omitempty"`
}

// ActivityAttribute is an attribute that a type of activity defines.
type ActivityAttribute struct {
	Name     string `json:"name"`
	APIName  string `json:"apiName,omitempty"`
	DataType string `json:"type"` // such as string, text, integer, boolean, date
}

// Folder is a folder of the tree of assets.
type Folder struct {
	ID          int64        `json:"id"`
	Name        string       `json:"name"`
	Parent      int64        `json:"parent,omitempty"` // 0: none
	Type        string       `json:"type,omitempty"`   // such as Marketing Folder
	Description string       `json:"description,omitempty"`
	Workspace   string       `json:"workspace,omitempty"` // empty: Default
	Archived    bool         `json:"archived,omitempty"`
	Created     gen.DateTime `json:"created,omitempty"`
	Updated     gen.DateTime `json:"updated,omitempty"` // empty: Created
	Tokens      []Attribute  `json:"tokens,omitempty"`
}

// Export is a bulk extract.
type Export struct {
	ID      string            `json:"id"`
	Kind    string            `json:"kind"`             // leads, activities or customobjects
	Object  string            `json:"object,omitempty"` // the type of custom object
	User    string            `json:"user,omitempty"`   // who may see it
	Status  string            `json:"status"`
	Format  string            `json:"format"` // CSV, TSV or SSV
	Fields  []string          `json:"fields,omitempty"`
	Headers map[string]string `json:"headers,omitempty"` // of columns, by field
	Filter  ExportFilter      `json:"filter,omitzero"`

	Created  string   `json:"created"`
	Queued   string   `json:"queued,omitempty"`
	Started  string   `json:"started,omitempty"`
	Finished string   `json:"finished,omitempty"` // or when it will be
	Records  int      `json:"records,omitempty"`
	Blocks   [][]byte `json:"blocks,omitempty"` // of the file, each compressed
	Size     int64    `json:"size,omitempty"`   // in bytes, and checksum, of a file that is kept no longer
	Checksum string   `json:"checksum,omitempty"`
}

// ExportFilter chooses what a bulk extract writes; what is empty chooses all.
type ExportFilter struct {
	Created       *Range   `json:"created,omitempty"`
	Updated       *Range   `json:"updated,omitempty"`
	ListID        int64    `json:"listId,omitempty"`
	SmartListID   int64    `json:"smartListId,omitempty"`
	Types         []int64  `json:"types,omitempty"` // of activities
	PrimaryIDs    []int64  `json:"primaryIds,omitempty"`
	PrimaryValues []string `json:"primaryValues,omitempty"`
}

// SmartList is a saved search for leads, which bulk extracts take as a filter. The simulator searches
// for nothing: the leads that it finds are given. One that does not exist is passed over.
type SmartList struct {
	ID      int64   `json:"id"`
	Name    string  `json:"name"`
	Members []int64 `json:"members,omitempty"` // ids of leads
}

// Range is a range of Unix time, both ends included.
type Range struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
}
