package bridge

import (
	"context"
	"errors"
	"slices"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
)

// PermissionCheck says whether the role of the API user has a permission.
type PermissionCheck struct {
	Name    string          // as [Permission] has it
	State   PermissionState // what is known
	Read    string          // the call that was made for it; empty: none
	Needed  bool            // operations of the bridge need it; see [Operations]
	Unknown error           // why a read told nothing
}

// PermissionState is what is known of a permission.
type PermissionState string

// What is known of a permission. One that only writes ask for is never checked.
const (
	PermissionGranted    PermissionState = "granted"
	PermissionMissing    PermissionState = "missing"
	PermissionNotChecked PermissionState = "not checked"
)

// Permissions that no operation of the bridge needs, and that programs beside it may.
const (
	readCompany     = "Read-Only Company"
	readSalesPerson = "Read-Only Sales Person"
	schemaFields    = "Read-Write Schema Standard Field or Custom Field"
)

// probe is the cheapest read that asks for a permission.
type probe struct {
	permission string
	read       string // empty: only writes ask for it
	ask        func(ctx context.Context, b *Bridge) error
}

// someID is an id in reads whose answer does not matter: nothing has to have it.
const someID = 1

// probes are in the order in which permissions are told. One to read and write does for one to read, so
// of the former only that of leads is asked for by a read: whether a lead is on a list (Marketo REST API,
// endpoint reference).
var probes = []probe{
	{readLead, "GET /rest/v1/leads.json", func(ctx context.Context, b *Bridge) error {
		_, err := b.rest.LeadsByFilter(ctx, rest.LeadFilter{Field: "id", Values: []string{"1"}, Fields: []string{"id"}, Page: rest.Page{Size: 1}})
		return err
	}},
	{writeLead, "GET /rest/v1/lists/{listId}/leads/ismember.json", func(ctx context.Context, b *Bridge) error {
		_, err := b.rest.MembersOfList(ctx, someID, []int64{someID})
		return err
	}},
	{readActivity, "GET /rest/v1/activities/pagingtoken.json", func(ctx context.Context, b *Bridge) error {
		_, err := b.rest.PagingToken(ctx, b.config.rest.Now())
		return err
	}},
	{readCampaign, "GET /rest/v1/campaigns.json", func(ctx context.Context, b *Bridge) error {
		_, err := b.rest.Campaigns(ctx, rest.CampaignFilter{Page: rest.Page{Size: 1}})
		return err
	}},
	{executeCampaign, "", nil},
	{readOpportunity, "GET /rest/v1/opportunities/describe.json", describes(rest.Opportunities)},
	{writeOpportunity, "", nil},
	{readCustomObject, "GET /rest/v1/customobjects.json", func(ctx context.Context, b *Bridge) error {
		_, err := b.rest.CustomTypes(ctx)
		return err
	}},
	{writeCustomObject, "", nil},
	{readAssets, "GET /rest/asset/v1/channels.json", func(ctx context.Context, b *Bridge) error {
		_, err := b.rest.Channels(ctx, 0)
		return err
	}},
	{writeAssets, "", nil},
	{readCompany, "GET /rest/v1/companies/describe.json", describes(rest.Companies)},
	{readSalesPerson, "GET /rest/v1/salespersons/describe.json", describes(rest.SalesPersons)},
	{schemaFields, "GET /rest/v1/leads/schema/fields.json", func(ctx context.Context, b *Bridge) error {
		_, err := b.rest.LeadSchema(ctx, rest.Page{Size: 1})
		return err
	}},
}

func describes(kind rest.ObjectKind) func(context.Context, *Bridge) error {
	return func(ctx context.Context, b *Bridge) error {
		_, err := b.rest.DescribeObjects(ctx, kind)
		return err
	}
}

// Permissions returns the names of all permissions that [Bridge.CheckPermission] knows.
func Permissions() []string {
	list := make([]string, len(probes))
	for i := range probes {
		list[i] = probes[i].permission
	}
	return list
}

// CheckPermission finds out whether the API user has a permission, by one read that needs it and changes nothing. One that
// only writes need is not checked, nor is one that [Permissions] does not have.
func (b *Bridge) CheckPermission(ctx context.Context, name string) PermissionCheck {
	out := PermissionCheck{Name: name, State: PermissionNotChecked, Needed: isNeeded(name)}
	i := slices.IndexFunc(probes, func(p probe) bool { return p.permission == name })
	if i < 0 || probes[i].ask == nil {
		return out
	}
	out.Read = probes[i].read
	err := probes[i].ask(ctx, b)
	var said *fault.RESTError
	switch isSaid := errors.As(err, &said); {
	case err == nil, isSaid && said.Code >= firstOfData:
		out.State = PermissionGranted
	case isSaid && said.Code == 603:
		out.State = PermissionMissing
	default:
		out.Unknown = (&work{Bridge: b, operation: "checkPermission"}).failed(err)
	}
	return out
}

// firstOfData is the lowest code that the service gives once it has let a call in, such as for a list that
// there is not (Marketo REST API, error codes).
const firstOfData fault.RESTCode = 700

func isNeeded(permission string) bool {
	return slices.ContainsFunc(table, func(op Operation) bool {
		return slices.ContainsFunc(op.Permissions, func(p Permission) bool { return p.Name == permission })
	})
}

// CallsToday returns how many calls of the REST API the service has counted today, from all programs that use the
// instance. It is a call itself, and one that no permission is needed for.
func (b *Bridge) CallsToday(ctx context.Context) (int, error) {
	a, err := b.rest.UsageToday(ctx)
	if err != nil {
		return 0, (&work{Bridge: b, operation: "callsToday"}).failed(err)
	}
	calls := 0
	for _, day := range a.Records {
		calls += day.Total
	}
	return calls, nil
}
