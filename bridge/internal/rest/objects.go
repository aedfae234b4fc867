package rest

import (
	"context"
	"time"

	"github.com/mktows/mktows-go/fault"
)

// ObjectKind is a kind of object that is read and written in the common way: opportunities, roles,
// companies, sales persons and custom objects. Some have no writes.
type ObjectKind struct {
	read, describe readPath
	sync, delete   writePath
	names          []string // in the paths
}

// The kinds of object. Those of custom objects are made by [Custom].
var (
	Opportunities = ObjectKind{
		read: readPath{"/rest/v1/opportunities.json", objectLimit}, describe: readPath{"/rest/v1/opportunities/describe.json", objectLimit},
		sync: writePath{post, "/rest/v1/opportunities.json", 60 * time.Second}, delete: writePath{post, "/rest/v1/opportunities/delete.json", 60 * time.Second},
	}
	Roles = ObjectKind{
		read: readPath{"/rest/v1/opportunities/roles.json", objectLimit}, describe: readPath{"/rest/v1/opportunities/roles/describe.json", objectLimit},
		sync: writePath{post, "/rest/v1/opportunities/roles.json", 60 * time.Second}, delete: writePath{post, "/rest/v1/opportunities/roles/delete.json", 60 * time.Second},
	}
	Companies = ObjectKind{
		read: readPath{"/rest/v1/companies.json", objectLimit}, describe: readPath{"/rest/v1/companies/describe.json", objectLimit},
		sync: writePath{post, "/rest/v1/companies.json", 60 * time.Second},
	}
	SalesPersons = ObjectKind{
		read: readPath{"/rest/v1/salespersons.json", objectLimit}, describe: readPath{"/rest/v1/salespersons/describe.json", objectLimit},
	}
)

const objectLimit = 30 * time.Second

// Custom is the kind of a type of custom object, by its name in the REST API.
func Custom(name string) ObjectKind {
	return ObjectKind{
		read:     readPath{"/rest/v1/customobjects/{customObjectName}.json", objectLimit},
		describe: readPath{"/rest/v1/customobjects/{customObjectName}/describe.json", objectLimit},
		sync:     writePath{post, "/rest/v1/customobjects/{customObjectName}.json", 120 * time.Second},
		delete:   writePath{post, "/rest/v1/customobjects/{customObjectName}/delete.json", 60 * time.Second},
		names:    []string{name},
	}
}

var customTypesPath = readPath{"/rest/v1/customobjects.json", objectLimit}

// ObjectType describes a kind of object. Its name is in one of two members, and so is the partner of
// a relationship (Marketo REST API, custom objects: the pages differ).
type ObjectType struct {
	Name          string         `json:"name"`
	APIName       string         `json:"apiName"`
	DisplayName   string         `json:"displayName"`
	CreatedAt     string         `json:"createdAt"`
	UpdatedAt     string         `json:"updatedAt"`
	IDField       string         `json:"idField"`
	DedupeFields  []string       `json:"dedupeFields"`
	Searchable    [][]string     `json:"searchableFields"`
	Relationships []Relationship `json:"relationships"`
	Fields        []ObjectField  `json:"fields"`
}

// ObjectField is a field of an object.
type ObjectField struct {
	Name        string `json:"name"`
	DisplayName string `json:"displayName"`
	DataType    string `json:"dataType"`
	Length      int32  `json:"length"`
	Updateable  bool   `json:"updateable"`
}

// Relationship says that a field holds the key of another object.
type Relationship struct {
	Field     string   `json:"field"`
	RelatedTo *Related `json:"relatedTo"`
	Object    *Related `json:"object"`
}

// Related is the other object.
type Related struct {
	Name  string `json:"name"`
	Field string `json:"field"`
}

// CustomTypes returns the types of custom object, without their fields (Marketo REST API, custom
// objects).
func (c *Client) CustomTypes(ctx context.Context) (*Answer[ObjectType], error) {
	return read[ObjectType](ctx, c, newRead(customTypesPath))
}

// DescribeObjects describes a kind of object.
func (c *Client) DescribeObjects(ctx context.Context, k ObjectKind) (*Answer[ObjectType], error) {
	return read[ObjectType](ctx, c, newRead(k.describe, k.names...))
}

// ObjectFilter asks for the objects that have one of some values in a searchable field.
type ObjectFilter struct {
	Field  string
	Values []string // up to [MaxPage]
	Fields []string // to answer; none: keys and dates
	Page
}

// ObjectsByFilter returns a page of objects (Marketo REST API, lead database).
func (c *Client) ObjectsByFilter(ctx context.Context, k ObjectKind, f ObjectFilter) (*Answer[Record], error) {
	r := newRead(k.read, k.names...)
	r.params.add("filterType", f.Field)
	r.params.addList("filterValues", f.Values)
	r.params.addList("fields", f.Fields)
	f.add(&r.params)
	return read[Record](ctx, c, r)
}

// ObjectKeys asks for the objects that have one of some compound keys: all dedupe fields each.
type ObjectKeys struct {
	Keys   []Object // up to [MaxPage]
	Fields []string
	Page
}

// dedupeFields names the fields that make an object what it is, all of them.
const dedupeFields = "dedupeFields"

// ObjectsByKeys returns a page of roles or custom objects, whose keys may be compound. The keys stand in a
// body, on the path of the write, which wants just that: see [Read] (Marketo REST API, custom objects).
func (c *Client) ObjectsByKeys(ctx context.Context, k ObjectKind, q ObjectKeys) (*Answer[Record], error) {
	return read[Record](ctx, c, newRead(k.read, k.names...).withKeys(struct {
		FilterType string   `json:"filterType"`
		Fields     []string `json:"fields,omitempty"`
		Input      []Object `json:"input"`
		BatchSize  int      `json:"batchSize,omitzero"`
		Token      string   `json:"nextPageToken,omitempty"`
	}{dedupeFields, q.Fields, q.Keys, q.Size, q.Token}))
}

// objectSync is the body of a write of objects.
type objectSync struct {
	Action   string   `json:"action,omitempty"`
	DedupeBy string   `json:"dedupeBy,omitempty"`
	DeleteBy string   `json:"deleteBy,omitempty"`
	Input    []Object `json:"input"`
}

// SyncObjects creates and updates up to [MaxPage] objects, each by itself, found by their dedupe
// fields. With CreateOnly the service is not told so: the pages differ on whether it may be, and it
// does that anyway (Marketo REST API, lead database).
func (c *Client) SyncObjects(ctx context.Context, k ObjectKind, action string, in []Object, safety fault.Safety) (*Answer[Outcome], error) {
	body := objectSync{Action: action, DedupeBy: dedupeFields, Input: in}
	if action == CreateOnly {
		body.DedupeBy = ""
	}
	return write[Outcome](ctx, c, newWrite(k.sync, safety, k.names...).withJSON(body))
}

// IDField is the way to find objects by the id that the service gave them.
const IDField = "idField"

// DeleteObjects deletes up to [MaxPage] objects, found by their dedupe fields or, with byID, by their
// id field.
func (c *Client) DeleteObjects(ctx context.Context, k ObjectKind, byID bool, in []Object, safety fault.Safety) (*Answer[Outcome], error) {
	body := objectSync{DeleteBy: dedupeFields, Input: in}
	if byID {
		body.DeleteBy = IDField
	}
	return write[Outcome](ctx, c, newWrite(k.delete, safety, k.names...).withJSON(body))
}
