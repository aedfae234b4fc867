package rest

import (
	"fmt"
	"slices"
	"strings"
)

// Permission is what a role of API users may do, by its name in the administration of the service.
type Permission string

// The permissions that operations ask for (Marketo REST API, endpoint reference). One to read and
// write covers the one to read.
const (
	ReadLead             Permission = "Read-Only Lead" // and static lists
	WriteLead            Permission = "Read-Write Lead"
	ReadActivity         Permission = "Read-Only Activity"
	ReadCampaign         Permission = "Read-Only Campaign"
	ExecuteCampaign      Permission = "Execute Campaign"
	ReadOpportunity      Permission = "Read-Only Opportunity" // and roles
	WriteOpportunity     Permission = "Read-Write Opportunity"
	ReadCompany          Permission = "Read-Only Company"
	WriteCompany         Permission = "Read-Write Company"
	ReadSalesPerson      Permission = "Read-Only Sales Person"
	ReadCustomObject     Permission = "Read-Only Custom Object"
	WriteCustomObject    Permission = "Read-Write Custom Object"
	ReadAssets           Permission = "Read-Only Assets" // programs, folders, smart campaigns and static lists as assets, and the like
	WriteAssets          Permission = "Read-Write Assets"
	SchemaStandardFields Permission = "Read-Write Schema Standard Field"
	SchemaCustomFields   Permission = "Read-Write Schema Custom Field"
)

// areas are the permissions to read and to write what is below a path. The first that fits counts.
// Where the documentation is silent, as for either kind of field in a schema, any one is enough.
var areas = []struct {
	path        string
	read, write []Permission
}{
	{"/rest/v1/leads/schema/", schema, schema},
	{"/rest/v1/opportunities/schema/", schema, schema},
	{"/rest/v1/lists/{listId}/leads/ismember", writeLead, writeLead},
	{"/rest/v1/lead", readLead, writeLead},
	{"/rest/v1/list", readLead, writeLead},
	{"/bulk/v1/leads/export", readLead, readLead},
	{"/bulk/v1/leads", writeLead, writeLead},
	{"/rest/v1/activities", readActivity, nil},
	{"/bulk/v1/activities", readActivity, readActivity},
	{"/rest/v1/campaigns", []Permission{ReadCampaign}, []Permission{ExecuteCampaign}},
	{"/rest/v1/opportunities", []Permission{ReadOpportunity, WriteOpportunity}, []Permission{WriteOpportunity}},
	{"/rest/v1/companies", []Permission{ReadCompany, WriteCompany}, []Permission{WriteCompany}},
	{"/rest/v1/salespersons", []Permission{ReadSalesPerson}, nil},
	{"/rest/v1/customobjects", readCustom, []Permission{WriteCustomObject}},
	{"/bulk/v1/customobjects", readCustom, readCustom},
	{"/rest/asset/", []Permission{ReadAssets, WriteAssets}, []Permission{WriteAssets}},
}

var (
	schema       = []Permission{SchemaStandardFields, SchemaCustomFields}
	readLead     = []Permission{ReadLead, WriteLead}
	writeLead    = []Permission{WriteLead}
	readActivity = []Permission{ReadActivity}
	readCustom   = []Permission{ReadCustomObject, WriteCustomObject}
)

// permissions returns those of which an operation needs one; none for the statistics.
func (op *operation) permissions() []Permission {
	for _, area := range areas {
		switch {
		case !strings.HasPrefix(op.path, area.path):
		case op.method == get:
			return area.read
		default:
			return area.write
		}
	}
	return nil
}

// permit refuses an operation that the client has no permission for with 603.
func (c *call) permit() *problem {
	granted := c.settings.clients[c.user].Permissions
	has := func(p Permission) bool { return slices.Contains(granted, p) }
	if granted == nil || len(c.op.needs) == 0 || slices.ContainsFunc(c.op.needs, has) {
		return nil
	}
	return refusal(codeDenied)
}

// allPermissions returns all permissions.
func allPermissions() []Permission {
	var all []Permission
	for _, area := range areas {
		all = append(append(all, area.read...), area.write...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Check returns an error for a name that no permission has.
func (p Permission) Check() error {
	if all := allPermissions(); !slices.Contains(all, p) {
		return fmt.Errorf("there is no permission %q, only %q", p, all)
	}
	return nil
}
