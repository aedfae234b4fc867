package rest

import (
	"context"
	"time"

	"github.com/mktows/mktows-go/fault"
)

// Paths of leads.
var (
	leadsPath       = readPath{"/rest/v1/leads.json", 60 * time.Second}
	leadsOfListPath = readPath{"/rest/v1/lists/{listId}/leads.json", 60 * time.Second}
	describePath    = readPath{"/rest/v1/leads/describe.json", 30 * time.Second}
	describe2Path   = readPath{"/rest/v1/leads/describe2.json", 30 * time.Second}
	leadSchemaPath  = readPath{"/rest/v1/leads/schema/fields.json", 30 * time.Second}
	partitionsPath  = readPath{"/rest/v1/leads/partitions.json", 30 * time.Second}
	syncLeadsPath   = writePath{post, "/rest/v1/leads.json", 90 * time.Second}
	mergeLeadsPath  = writePath{post, "/rest/v1/leads/{leadId}/merge.json", 180 * time.Second}
	associatePath   = writePath{post, "/rest/v1/leads/{leadId}/associate.json", 60 * time.Second}
)

// Most records or values of a call (Marketo REST API, lead database and leads).
const (
	MaxPage   = 300 // records of a page, records of a write, values of a filter
	MaxLosers = 25  // of a merge
	// MaxMatches is how many leads a filter may mean in all: 1003 otherwise.
	MaxMatches = 1000
)

// LeadFilter asks for the leads that have one of some values in a field.
type LeadFilter struct {
	Field  string   // such as id, email or cookies
	Values []string // up to [MaxPage]
	Fields []string // to answer; none: a few
	Page
}

// Page says which page of an answer is wanted.
type Page struct {
	Size  int    // up to [MaxPage]; 0: that many
	Token string // of an answer; empty: the first page
}

// tokenParam is the parameter that says where a page begins.
const tokenParam = "nextPageToken"

func (p Page) add(to *params) {
	to.addNumber("batchSize", int64(p.Size))
	to.addText(tokenParam, p.Token)
}

// LeadsByFilter returns a page of leads (Marketo REST API, leads).
func (c *Client) LeadsByFilter(ctx context.Context, f LeadFilter) (*Answer[Record], error) {
	return read[Record](ctx, c, leadsByFilter(f))
}

func leadsByFilter(f LeadFilter) *Read {
	r := newRead(leadsPath)
	r.params.add("filterType", f.Field)
	r.params.addList("filterValues", f.Values)
	r.params.addList("fields", f.Fields)
	f.add(&r.params)
	return r
}

// LeadsOfList returns a page of the leads on a static list (Marketo REST API, static lists).
func (c *Client) LeadsOfList(ctx context.Context, list int64, fields []string, p Page) (*Answer[Record], error) {
	r := newRead(leadsOfListPath, number(list))
	r.params.addList("fields", fields)
	p.add(&r.params)
	return read[Record](ctx, c, r)
}

// Actions of a write (Marketo REST API, lead database).
const (
	CreateOnly      = "createOnly"
	UpdateOnly      = "updateOnly"
	CreateOrUpdate  = "createOrUpdate"
	CreateDuplicate = "createDuplicate" // of leads alone
)

// LeadSync writes leads. All are found by one field.
type LeadSync struct {
	Action      string   `json:"action"`
	LookupField string   `json:"lookupField,omitempty"`
	Partition   string   `json:"partitionName,omitempty"` // not with UpdateOnly
	Input       []Object `json:"input"`                   // up to [MaxPage]
}

// SyncLeads creates and updates leads, each by itself, and returns what became of them in their
// order (Marketo REST API, leads).
func (c *Client) SyncLeads(ctx context.Context, in LeadSync, safety fault.Safety) (*Answer[Outcome], error) {
	return write[Outcome](ctx, c, newWrite(syncLeadsPath, safety).withJSON(in))
}

// MergeLeads merges up to [MaxLosers] leads into one. The parameters stand in the URL, joined by
// commas (Marketo REST API, leads).
func (c *Client) MergeLeads(ctx context.Context, winner int64, losers []int64, inCRM bool, safety fault.Safety) error {
	w := newWrite(mergeLeadsPath, safety, number(winner))
	var ids []string
	for _, id := range losers {
		ids = append(ids, number(id))
	}
	w.params.addList("leadIds", ids)
	if inCRM {
		w.params.add("mergeInCRM", "true")
	}
	return do(ctx, c, w)
}

// AssociateLead gives a lead the cookie of a browser (Marketo REST API, leads).
func (c *Client) AssociateLead(ctx context.Context, lead int64, cookie string) error {
	w := newWrite(associatePath, fault.Idempotent, number(lead))
	w.params.add("cookie", cookie)
	return do(ctx, c, w)
}

// APIName is the name that a field has in one of the APIs.
type APIName struct {
	Name     string `json:"name"`
	ReadOnly bool   `json:"readOnly"`
}

// LeadField is a field of leads. A name is there only where the field is valid for that API.
type LeadField struct {
	ID          int64    `json:"id"`
	DisplayName string   `json:"displayName"`
	DataType    string   `json:"dataType"`
	Length      int32    `json:"length"`
	REST        *APIName `json:"rest"`
	SOAP        *APIName `json:"soap"`
}

// DescribeLeads returns the fields of leads with their names in both APIs (Marketo REST API, leads).
func (c *Client) DescribeLeads(ctx context.Context) (*Answer[LeadField], error) {
	return read[LeadField](ctx, c, newRead(describePath))
}

// SearchableLead says by which fields leads are found. Each is a list of one name.
type SearchableLead struct {
	Name             string        `json:"name"`
	SearchableFields [][]string    `json:"searchableFields"`
	Fields           []ObjectField `json:"fields"`
}

// DescribeLeads2 returns the fields of leads by their names in the REST API, and by which of them
// leads are found (Marketo REST API, leads).
func (c *Client) DescribeLeads2(ctx context.Context) (*Answer[SearchableLead], error) {
	return read[SearchableLead](ctx, c, newRead(describe2Path))
}

// SchemaField is a field in the schema of an object.
type SchemaField struct {
	Name   string `json:"name"` // in the REST API
	Custom bool   `json:"isCustom"`
}

// LeadSchema returns a page of the schema of leads. It needs the permission Read-Write Schema
// Standard Field or Custom Field (Marketo REST API, lead schema).
func (c *Client) LeadSchema(ctx context.Context, p Page) (*Answer[SchemaField], error) {
	r := newRead(leadSchemaPath)
	p.add(&r.params)
	return read[SchemaField](ctx, c, r)
}

// Partition is a partition of leads.
type Partition struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Partitions returns the partitions of leads (Marketo REST API, lead partitions).
func (c *Client) Partitions(ctx context.Context) (*Answer[Partition], error) {
	return read[Partition](ctx, c, newRead(partitionsPath))
}
