package operations_test

import (
	"context"
	"slices"
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

var carKey = operations.Attributes{{Name: "vin", Value: "v1"}}

func customStatuses(done gen.SyncStatusEnum) *gen.ArrayOfSyncCustomObjStatus {
	return &gen.ArrayOfSyncCustomObjStatus{SyncCustomObjStatus: []gen.SyncCustomObjStatus{
		{ObjTypeName: "Car", CustomObjKeyList: attributes(attribute("vin", "v1")), Status: done, Error: gen.NilOf[string]()},
		{ObjTypeName: "Car", Status: gen.SyncStatusEnumFAILED, Error: gen.Some("no such field")},
		{ObjTypeName: "Car", Status: "UNCHANGED"},
		{ObjTypeName: "Car", Status: "SKIPPED", Error: gen.Some("exists")},
	}}
}

func customResults(done operations.Outcome) []operations.CustomObjectStatus {
	return []operations.CustomObjectStatus{
		{Index: 0, Type: "Car", Keys: carKey, Outcome: done},
		{Index: 1, Type: "Car", Outcome: operations.OutcomeFailed, Err: &fault.SyncError{Index: 1, Reason: "no such field"}},
		{Index: 2, Type: "Car", Outcome: operations.OutcomeUnchanged},
		{Index: 3, Type: "Car", Outcome: operations.OutcomeSkipped, Err: &fault.SyncError{Index: 3, Reason: "exists"}},
	}
}

func customObjectCalls() []callCase {
	car := operations.CustomObject{Keys: carKey, Attributes: operations.Attributes{{Name: "color", Value: ""}}}
	bare := operations.CustomObject{Keys: carKey}
	list := []gen.CustomObj{{CustomObjKeyList: attributes(attribute("vin", "v1")), CustomObjAttributeList: attributes(attribute("color", ""))}}
	keys := []gen.ArrayOfAttribute{}
	for range 3 {
		list = append(list, gen.CustomObj{CustomObjKeyList: attributes(attribute("vin", "v1"))})
	}
	for range 4 {
		keys = append(keys, gen.ArrayOfAttribute{Attribute: []gen.Attribute{attribute("vin", "v1")}})
	}
	return []callCase{
		{
			name: "CustomObjects.Sync",
			call: func(ctx context.Context, api *operations.API) (any, error) {
				return api.CustomObjects.Sync(ctx, "car", operations.SyncUpdate, []operations.CustomObject{car, bare, bare, bare})
			},
			request: &gen.ParamsSyncCustomObjects{
				ObjTypeName: "car", CustomObjList: &gen.ArrayOfCustomObj{CustomObj: list}, Operation: gen.Some(gen.SyncOperationEnumUPDATE),
			},
			answer: &gen.SuccessSyncCustomObjects{Result: &gen.ResultSyncCustomObjects{SyncCustomObjStatusList: customStatuses(gen.SyncStatusEnumUPDATED)}},
			want:   customResults(operations.OutcomeUpdated),
		},
		{
			name: "CustomObjects.Delete",
			call: func(ctx context.Context, api *operations.API) (any, error) {
				return api.CustomObjects.Delete(ctx, "car", slices.Repeat([]operations.Attributes{carKey}, 4), nil)
			},
			request: &gen.ParamsDeleteCustomObjects{ObjTypeName: "car", CustomObjKeyLists: &gen.ArrayOfKeyList{KeyList: keys}},
			answer:  &gen.SuccessDeleteCustomObjects{Result: &gen.ResultDeleteCustomObjects{DeleteCustomObjStatusList: customStatuses(gen.SyncStatusEnumDELETED)}},
			want:    customResults(operations.OutcomeDeleted),
		},
	}
}

func TestCustomObjects_statusesMissing(t *testing.T) {
	t.Parallel()
	r := &recorder{answer: &gen.SuccessSyncCustomObjects{Result: &gen.ResultSyncCustomObjects{SyncCustomObjStatusList: customStatuses(gen.SyncStatusEnumUPDATED)}}}
	_, err := r.api().CustomObjects.Sync(t.Context(), "car", operations.SyncUpsert, []operations.CustomObject{{Keys: carKey}})
	wantDecodeError(t, err, "syncCustomObjects")
	r.answer = &gen.SuccessDeleteCustomObjects{Result: &gen.ResultDeleteCustomObjects{DeleteCustomObjStatusList: &gen.ArrayOfSyncCustomObjStatus{}}}
	_, err = r.api().CustomObjects.Delete(t.Context(), "car", []operations.Attributes{carKey}, nil)
	wantDecodeError(t, err, "deleteCustomObjects")
}

func customObjectsRefused() []refusedCase {
	sync := func(name string, op operations.SyncOperation, objects ...operations.CustomObject) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) {
			return api.CustomObjects.Sync(ctx, name, op, objects)
		}
	}
	remove := func(name string, keys ...operations.Attributes) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) {
			return api.CustomObjects.Delete(ctx, name, keys, nil)
		}
	}
	page := func(name string, keys operations.Attributes, o operations.CustomObjectOptions) func(context.Context, *operations.API) (any, error) {
		return func(ctx context.Context, api *operations.API) (any, error) {
			return api.CustomObjects.Page(ctx, name, keys, operations.Cursor{}, &o)
		}
	}
	car, up := operations.CustomObject{Keys: carKey}, operations.SyncUpsert
	noValue, noName := operations.Attributes{carKey[0], {Name: "x"}}, operations.Attributes{{Value: "x"}}
	type options = operations.CustomObjectOptions
	const syncs, gets, deletes = "syncCustomObjects", "getCustomObjects", "deleteCustomObjects"
	return []refusedCase{
		{"no type", sync("", up, car), syncs, "objectType", "is empty"},
		{"no operation", sync("car", "", car), syncs, "operation", "is not one of"},
		{"none", sync("car", up), syncs, "objects", "is empty"},
		{"101 records", sync("car", up, slices.Repeat([]operations.CustomObject{car}, 101)...), syncs, "objects", "has 101 records; a call takes at most 100"},
		{"no key", sync("car", up, car, operations.CustomObject{Attributes: carKey}), syncs, "objects[1].Keys", "is empty"},
		{"key without a value", sync("car", up, operations.CustomObject{Keys: noValue}), syncs, "objects[0].Keys[1].Value", "is empty"},
		{"key without a name", sync("car", up, operations.CustomObject{Keys: noName}), syncs, "objects[0].Keys[0].Name", "is empty"},
		{"attribute without a name", sync("car", up, operations.CustomObject{Keys: carKey, Attributes: noName}), syncs, "objects[0].Attributes[0].Name", "is empty"},
		{"no type", remove("", carKey), deletes, "objectType", "is empty"},
		{"none", remove("car"), deletes, "keys", "is empty"},
		{"no key", remove("car", carKey, nil), deletes, "keys[1]", "is empty"},
		{"key without a value", remove("car", noValue), deletes, "keys[0][1].Value", "is empty"},
		{"no type", page(" ", carKey, options{}), gets, "objectType", "is empty"},
		{"no key", page("car", nil, options{}), gets, "keys", "is empty"},
		{"key without a value", page("car", noValue, options{}), gets, "keys[1].Value", "is empty"},
		{"empty field", page("car", carKey, options{Fields: []string{""}}), gets, "CustomObjectOptions.Fields[0]", "is empty"},
		{"batch too large", page("car", carKey, options{BatchSize: 101}), gets, "CustomObjectOptions.BatchSize", "is 101; a page has 1 to 100"},
	}
}
