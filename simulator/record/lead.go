package record

import "github.com/mktows/mktows-go/gen"

// DataType is the type of a lead's field, as attrType names it in answers.
type DataType string

// The data types of lead fields.
const (
	TypeString   DataType = "string"
	TypeText     DataType = "text"
	TypeEmail    DataType = "email"
	TypePhone    DataType = "phone"
	TypeURL      DataType = "url"
	TypeInteger  DataType = "integer"
	TypeFloat    DataType = "float"
	TypeCurrency DataType = "currency"
	TypeBoolean  DataType = "boolean"
	TypeDate     DataType = "date"
	TypeDateTime DataType = "datetime"
)

// LeadField is a field that leads have.
type LeadField struct {
	Name  string   `json:"name"`            // in the SOAP API: FirstName
	Label string   `json:"label,omitempty"` // in importToList and in Change Data Value: First Name. Empty: the name
	Type  DataType `json:"type,omitempty"`  // empty: TypeString

	// What the REST API shows of it besides.
	ID          int64  `json:"id,omitempty"`       // 0: the next free one, from 1001 on
	REST        string `json:"rest,omitempty"`     // its name there: firstName; empty: the name
	RESTOnly    bool   `json:"restOnly,omitempty"` // the SOAP API does not have it
	Description string `json:"description,omitempty"`
	Hidden      bool   `json:"hidden,omitempty"`
	Sensitive   bool   `json:"sensitive,omitempty"`
	RawHTML     bool   `json:"rawHtml,omitempty"` // is not encoded in emails
}

// Lead is a lead. Every part may be empty. A lead is found by any of its keys; where one
// lead is needed and several share a key, it means the lead that was added last. Addresses
// are compared without regard to letter case, other keys exactly.
type Lead struct {
	ID    int64  `json:"id,omitempty"` // key type IDNUM, 1 to 2147483647
	Email string `json:"email,omitempty"`
	// Keys are all but id and address.
	Keys []LeadKey `json:"keys,omitempty"`
	// ForeignIDs are ids in other systems. One belongs to one lead: that of another lead is
	// taken from it. Answers show the last.
	ForeignIDs []ForeignID `json:"foreignIds,omitempty"`
	// Fields are values by the SOAP API names of their fields, such as FirstName. Email is
	// not among them.
	Fields    map[string]string `json:"fields,omitempty"`
	Workspace string            `json:"workspace,omitempty"` // empty: the default one
	// Added is when a lead was added without activities: that counts as an update. Empty:
	// now, if it has neither activities nor Updated.
	Added gen.DateTime `json:"added,omitempty"`
	// Updated is the latest update, where neither Added nor an activity tells it.
	Updated    gen.DateTime `json:"updated,omitempty"`
	Activities []Activity   `json:"activities,omitempty"` // a snapshot has the oldest first
}

// LeadKey is a key such as COOKIE, LEADOWNEREMAIL or SFDCLEADID. A lead may have several of
// the types COOKIE (values of the Munchkin cookie, such as id:…&token:…) and SFDCOPPTYID,
// one of each other.
type LeadKey struct {
	Type  gen.LeadKeyRef `json:"type"`
	Value string         `json:"value"`
}

// ForeignID is the id of a person in another system (WSDL: ForeignSysPersonId).
type ForeignID struct {
	System gen.ForeignSysType `json:"system"`
	ID     string             `json:"id"`
}

// Activity is a record of a lead's history.
//
// Of two activities of the same second the one added later counts as the newer. Where
// several are loaded, that is the one with the greater Order, then with the greater id; a
// snapshot has Order only where the ids do not tell in which order the activities were
// added.
type Activity struct {
	// ID is unique among all activities of the simulator. Empty: the id after the highest as
	// long as there is such a one, then the lowest that is free.
	ID    int64 `json:"id,omitempty"`
	Order int64 `json:"order,omitempty"`
	// Time is cut to whole seconds, as the service writes them.
	Time gen.DateTime `json:"time,omitempty"`
	// Type is needed: a value of the schema such as [gen.ActivityTypeNewLead], or the name
	// that answers show, such as "New Lead" or "Add to Nurture".
	Type gen.ActivityType `json:"type"`
	// AssetName is the page, form or other asset concerned, if there is one.
	AssetName string `json:"assetName,omitempty"`
	// Campaign is the smart campaign that caused it, if one did.
	Campaign string `json:"campaign,omitempty"`
	// Attributes appear in this order. Answers add an attribute Lead ID at the end, unless
	// there is one.
	Attributes []Attribute `json:"attributes,omitempty"`
}

// List is a static list.
type List struct {
	ID      int64   `json:"id,omitempty"`      // 1 to 2147483647; 0: the next free one, from 1001 on
	Program string  `json:"program,omitempty"` // the program that holds the list; empty: it is in the lead database
	Name    string  `json:"name"`              // unique in its place; compared exactly
	Members []int64 `json:"members,omitempty"` // ids of leads

	Description string       `json:"description,omitempty"`
	Created     gen.DateTime `json:"created,omitempty"` // empty: when it was added
	Updated     gen.DateTime `json:"updated,omitempty"` // empty: Created
}

// FullName is how selectors name the list: Program.Name for one inside a program
// (Marketo SOAP API, StaticListSelector).
func (l *List) FullName() string {
	if l.Program == "" {
		return l.Name
	}
	return l.Program + "." + l.Name
}

// Import is an import into a static list.
type Import struct {
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

	// Of an import that the REST API has asked for: the number of its batch, the field that leads
	// are found by, the workspace of new leads, and rows that have failed with the reason.
	Batch     int32       `json:"batch,omitempty"`
	Lookup    string      `json:"lookup,omitempty"`
	Workspace string      `json:"workspace,omitempty"`
	Failures  []Attribute `json:"failures,omitempty"`
}

// ImportedTokens are the values that an import has brought a lead for a campaign, which is
// named Program.Campaign.
type ImportedTokens struct {
	Campaign string      `json:"campaign"`
	LeadID   int64       `json:"leadId"`
	Tokens   []Attribute `json:"tokens"` // names such as {{my.message}}
}
