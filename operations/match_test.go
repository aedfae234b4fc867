package operations_test

import (
	"context"
	"errors"
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// nameCase is a write of which an answer names the records: those that were sent, or others.
type nameCase struct {
	name   string
	call   func(context.Context, *operations.API) (any, error)
	answer gen.Message
	other  bool
}

// An answer that names other records than those that were sent, or those in another order, does not tell what became of
// which. Statuses are matched by place only where they do not say whose they are.
func TestCalls_answersAboutOtherRecords(t *testing.T) {
	t.Parallel()
	for name, cases := range map[string][]nameCase{
		"sync": syncNames(), "merge": mergeNames(), "list": listNames(), "objects": objectNames(), "custom objects": customNames(),
	} {
		for _, tt := range cases {
			t.Run(name+" "+tt.name, func(t *testing.T) {
				t.Parallel()
				_, err := tt.call(t.Context(), (&recorder{answer: tt.answer}).api())
				switch {
				case !tt.other && err != nil:
					t.Error(err)
				case tt.other && (!errors.Is(err, fault.ErrUnknownOutcome) || !errors.As(err, new(*fault.DecodeError))):
					t.Errorf("error %v, want an unknown outcome", err)
				}
			})
		}
	}
}

func syncNames() []nameCase {
	one := func(lead operations.Lead) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) { return api.Leads.Sync(ctx, lead, nil) }
	}
	many := func(leads ...operations.Lead) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) {
			return api.Leads.SyncMany(ctx, leads, nil)
		}
	}
	answer := func(status, result, record int32) gen.Message {
		m := syncedLead(gen.SyncStatus{LeadId: status, Status: gen.LeadSyncStatusUPDATED}, gen.Some(gen.LeadRecord{Id: gen.Some(record)}))
		m.Result.LeadId = result
		return m
	}
	status := func(ids ...int32) gen.Message {
		var all []gen.SyncStatus
		for _, id := range ids {
			all = append(all, gen.SyncStatus{LeadId: id, Status: gen.LeadSyncStatusUPDATED})
		}
		return synced(all...)
	}
	byID, byEmail := operations.Lead{ID: 1}, operations.Lead{Email: "a@example.com"}
	byAttribute := operations.Lead{Attributes: operations.Attributes{{Name: "Id", Value: " 1 "}}}
	return []nameCase{
		{"one", one(byID), answer(1, 1, 1), false},
		{"one without ids", one(byID), answer(0, 0, 0), false},
		{"one by address", one(byEmail), answer(7, 7, 7), false},
		{"one, status of another", one(byID), answer(2, 0, 0), true},
		{"one, result of another", one(byID), answer(0, 2, 0), true},
		{"one, record of another", one(byID), answer(0, 0, 2), true},
		{"one by an attribute, another", one(byAttribute), answer(2, 2, 2), true},
		{"one by address, two ids", one(byEmail), answer(7, 8, 0), true},
		{"many", many(byID, byEmail, operations.Lead{ID: 3}), status(1, 2, 3), false},
		{"many without ids", many(byID, byEmail), status(0, 0), false},
		{"many in another order", many(byID, operations.Lead{ID: 3}), status(3, 1), true},
		{"many, one of another", many(byEmail, byID), status(1, 9), true},
		{"many by an attribute, another", many(byAttribute), status(9), true},
	}
}

func mergeNames() []nameCase {
	call := func(ctx context.Context, api *operations.API) (any, error) {
		losers := []operations.LeadKey{{Type: operations.KeyID, Value: "02"}, operations.LeadID(3)}
		return api.Leads.Merge(ctx, operations.LeadID(1), losers, nil)
	}
	answer := func(winner int32, losers ...int32) gen.Message {
		return merged(gen.MergeStatus{
			WinningLeadId: gen.Some(winner), LosingLeadIdList: gen.Some(gen.ArrayOfInteger{IntegerItem: losers}), Status: gen.LeadMergeStatusEnumMERGED,
		})
	}
	return []nameCase{
		{"as asked", call, answer(1, 3, 2), false},
		{"without ids", call, answer(0), false},
		{"with ids that are none", call, answer(0, 0), false},
		{"another winner", call, answer(2, 2, 3), true},
		{"another loser", call, answer(1, 2, 4), true},
		{"one loser only", call, answer(1, 2, 2), true},
		{"more losers", call, answer(1, 2, 3, 4), true},
	}
}

func listNames() []nameCase {
	call := func(keys ...operations.LeadKey) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) {
			return api.Lists.Add(ctx, newsletter, keys, nil)
		}
	}
	answer := func(success bool, keys ...*gen.LeadKey) gen.Message {
		list := gen.ArrayOfLeadStatus{}
		for _, key := range keys {
			list.LeadStatus = append(list.LeadStatus, gen.LeadStatus{LeadKey: key, Status: true})
		}
		return &gen.SuccessListOperation{Result: &gen.ResultListOperation{Success: success, StatusList: gen.Some(list)}}
	}
	key := func(keyType gen.LeadKeyRef, value string) *gen.LeadKey {
		return &gen.LeadKey{KeyType: keyType, KeyValue: value}
	}
	one, two, email := operations.LeadID(1), operations.LeadID(2), operations.Email("A@example.com")
	contact := operations.SFDCContactID("0031000000abcde")
	return []nameCase{
		{"as asked", call(one, email), answer(true, key("IDNUM", "1"), key("EMAIL", " a@EXAMPLE.com")), false},
		{"unnamed", call(one, two), answer(true, nil, key("", "")), false},
		{"an id for an address", call(email), answer(true, key("IDNUM", "7")), false},
		{"a number with zeros", call(operations.LeadKey{Type: operations.KeyID, Value: "01"}), answer(true, key("IDNUM", "1")), false},
		{"the long form of a Salesforce id", call(contact), answer(true, key("SFDCCONTACTID", "0031000000abcdeAAA")), false},
		{"part of a cookie", call(operations.Cookie("id:100-AAA-000&token:x")), answer(true, key("COOKIE", "token:x")), false},
		{"another order", call(one, two), answer(true, key("IDNUM", "2"), key("IDNUM", "1")), true},
		{"another address", call(email), answer(true, key("EMAIL", "b@example.com")), true},
		{"another contact", call(contact), answer(true, key("SFDCCONTACTID", "0031000000abcdf")), true},
		{"no success, and yet all is done", call(one), answer(false, key("IDNUM", "1")), true},
		{"success, and yet not all is done", call(one, email), listed(true, true, false), true},
	}
}

func objectNames() []nameCase {
	object := operations.Object{Type: operations.ObjectOpportunity, ID: 5, ExternalKey: operations.ExternalKey{Name: "DealId", Value: "d1"}}
	sync := func(how operations.SyncOperation) func(context.Context, *operations.API) (any, error) {
		return syncObjects(how, object)
	}
	remove := func(ctx context.Context, api *operations.API) (any, error) {
		return api.Objects.Delete(ctx, []operations.ObjectRef{{Type: operations.ObjectOpportunity, ID: 1}, {Type: operations.ObjectOpportunity, ID: 2}}, nil)
	}
	answer := func(status gen.MObjStatusEnum, id int32, name, value string) gen.Message {
		return &gen.SuccessSyncMObjects{Result: &gen.ResultSyncMObjects{MObjStatusList: objectStatuses(
			gen.MObjStatus{Id: gen.Some(id), ExternalKey: gen.Some(gen.Attrib{Name: name, Value: value}), Status: status})}}
	}
	deleted := func(ids ...int32) gen.Message {
		list := &gen.ArrayOfMObjStatus{}
		for _, id := range ids {
			list.MObjStatus = append(list.MObjStatus, gen.MObjStatus{Id: gen.Some(id), Status: gen.MObjStatusEnumDELETED})
		}
		return &gen.SuccessDeleteMObjects{Result: &gen.ResultDeleteMObjects{MObjStatusList: list}}
	}
	return []nameCase{
		{"as asked", sync(operations.SyncUpsert), answer("UPDATED", 5, "dealid", "D1 "), false},
		{"unnamed", sync(operations.SyncUpsert), answer("UPDATED", 0, "", ""), false},
		{"by another field", sync(operations.SyncUpsert), answer("UPDATED", 5, "Code", "x"), false},
		{"a new id", sync(operations.SyncInsert), answer("CREATED", 9, "DealId", "d1"), false},
		{"another id", sync(operations.SyncUpsert), answer("UPDATED", 6, "DealId", "d1"), true},
		{"another key", sync(operations.SyncInsert), answer("CREATED", 9, "DealId", "d2"), true},
		{"deleted", remove, deleted(1, 2), false},
		{"deleted, unnamed", remove, deleted(0, 0), false},
		{"deleted in another order", remove, deleted(2, 1), true},
		{"another deleted", remove, deleted(1, 3), true},
	}
}

func customNames() []nameCase {
	keys := []operations.Attributes{{{Name: "vin", Value: "v1"}, {Name: "year", Value: "7"}}, {{Name: "vin", Value: "v2"}, {Name: "year", Value: "7.50"}}}
	sync := func(ctx context.Context, api *operations.API) (any, error) {
		return api.CustomObjects.Sync(ctx, "car", operations.SyncUpsert, []operations.CustomObject{{Keys: keys[0]}, {Keys: keys[1]}})
	}
	remove := func(ctx context.Context, api *operations.API) (any, error) {
		return api.CustomObjects.Delete(ctx, "car", keys, nil)
	}
	list := func(status gen.SyncStatusEnum, name string, all ...gen.Opt[gen.ArrayOfAttribute]) *gen.ArrayOfSyncCustomObjStatus {
		list := &gen.ArrayOfSyncCustomObjStatus{}
		for _, keys := range all {
			list.SyncCustomObjStatus = append(list.SyncCustomObjStatus, gen.SyncCustomObjStatus{ObjTypeName: name, CustomObjKeyList: keys, Status: status})
		}
		return list
	}
	first, second := attributes(attribute("VIN", "V1"), attribute("year", "07")), attributes(attribute("year", "7.5"), attribute("vin", "v2 "))
	synced := func(name string, all ...gen.Opt[gen.ArrayOfAttribute]) gen.Message {
		return &gen.SuccessSyncCustomObjects{Result: &gen.ResultSyncCustomObjects{SyncCustomObjStatusList: list("UPDATED", name, all...)}}
	}
	deleted := func(name string, all ...gen.Opt[gen.ArrayOfAttribute]) gen.Message {
		return &gen.SuccessDeleteCustomObjects{Result: &gen.ResultDeleteCustomObjects{DeleteCustomObjStatusList: list("DELETED", name, all...)}}
	}
	none := gen.NilOf[gen.ArrayOfAttribute]()
	return []nameCase{
		{"as asked", sync, synced("Car", first, second), false},
		{"unnamed", sync, synced("", none, none), false},
		{"a field besides", sync, synced("Car", attributes(attribute("id", "5")), second), false},
		{"another order", sync, synced("Car", second, first), true},
		{"another record", sync, synced("Car", first, attributes(attribute("vin", "v3"))), true},
		{"another type", sync, synced("Bike", first, second), true},
		{"deleted", remove, deleted("CAR", first, second), false},
		{"deleted in another order", remove, deleted("CAR", second, first), true},
		{"deleted, another type", remove, deleted("Bike", none, none), true},
	}
}
