package soap

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/customobjects"
	"github.com/mktows/mktows-go/simulator/record"
)

// GetCustomObjects returns a page of the records of a custom object.
func (s Service) GetCustomObjects(ctx context.Context, in *gen.ParamsGetCustomObjects) (*gen.SuccessGetCustomObjects, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsGetCustomObjects)
	}
	defer s.View()()
	t, err := s.customType(in.ObjTypeName)
	if err != nil {
		return nil, err
	}
	query, err := readCustomKeys(t, in.CustomObjKeyList.Value)
	if err != nil {
		return nil, err
	}
	included, err := readIncluded(t, in.IncludeAttributes)
	if err != nil {
		return nil, err
	}
	at, err := readStreamPosition(in.StreamPosition.Or(""), fingerprint("getCustomObjects", t.Name(), keptAll(in.CustomObjKeyList.Value)))
	if err != nil {
		return nil, err
	}
	return &gen.SuccessGetCustomObjects{Result: s.customAnswer(t, at, s.PageSize(in.BatchSize.Or(0), maxObjects), query, included)}, nil
}

// readIncluded returns for each of the type's other fields whether it is asked for.
func readIncluded(t *customobjects.Type, list *gen.ArrayOfString) ([]bool, error) {
	included := make([]bool, len(t.Fields()))
	if list == nil {
		list = new(gen.ArrayOfString)
	}
	for _, name := range list.StringItem {
		i := customobjects.FieldIndex(t.Fields(), strings.TrimSpace(name))
		switch {
		case i >= 0:
			included[i] = true
		case customobjects.FieldIndex(t.Keys(), strings.TrimSpace(name)) < 0:
			return nil, fault.Newf(fault.CodeBadParameter, "includeAttributes: %s has no field %q", t.Name(), name)
		}
	}
	for i := range included {
		included[i] = included[i] || len(list.StringItem) == 0
	}
	return included, nil
}

// customAnswer makes the answer for one page of records.
func (s Service) customAnswer(t *customobjects.Type, at streamPosition, size int, query customobjects.Query, included []bool) *gen.ResultGetCustomObjects {
	page := t.Page(at.after, size, query)
	if n := s.Shorten(len(page.Objects), true); n < len(page.Objects) {
		page.Left += len(page.Objects) - n
		page.Objects, page.Reached = page.Objects[:n], at.after
		if n > 0 {
			page.Reached = page.Objects[n-1].Number()
		}
	}
	list := make([]gen.CustomObj, len(page.Objects))
	for i, r := range page.Objects {
		list[i] = customObj(t, r, included)
	}
	answer := &gen.ResultGetCustomObjects{
		ObjTypeName:       t.Name(),
		ReturnCount:       int32(len(list)),                     //nolint:gosec // at most maxObjects
		RemainingCount:    int32(min(page.Left, math.MaxInt32)), //nolint:gosec // just bounded
		NewStreamPosition: at.next(page.Reached, page.Left > 0).String(),
		CustomObjList:     gen.NilOf[gen.ArrayOfCustomObj](),
	}
	if len(list) > 0 {
		answer.CustomObjList = gen.Some(gen.ArrayOfCustomObj{CustomObj: list})
	}
	return answer
}

// customObj returns a record as answers show it, fields in the order of the definition.
func customObj(t *customobjects.Type, r *customobjects.Object, included []bool) gen.CustomObj {
	keys, values := r.Values()
	shown := gen.CustomObj{CustomObjAttributeList: gen.NilOf[gen.ArrayOfAttribute]()}
	shown.CustomObjKeyList = gen.Some(gen.ArrayOfAttribute{Attribute: withNames(t.Keys(), keys, nil)})
	if list := withNames(t.Fields(), values, included); len(list) > 0 {
		shown.CustomObjAttributeList = gen.Some(gen.ArrayOfAttribute{Attribute: list})
	}
	return shown
}

// withNames returns values with the names of their fields, those that are included (nil:
// all) and not empty.
func withNames(fields []record.Field, values []string, included []bool) []gen.Attribute {
	var list []gen.Attribute
	for i, value := range values {
		if value != "" && (included == nil || included[i]) {
			list = append(list, gen.Attribute{AttrName: fields[i].Name, AttrType: gen.NilOf[string](), AttrValue: value})
		}
	}
	return list
}

// readCustomKeys returns what a key list asks for.
func readCustomKeys(t *customobjects.Type, keys gen.ArrayOfAttribute) (customobjects.Query, error) {
	if len(keys.Attribute) == 0 {
		return customobjects.Query{}, fault.New(fault.CodeParameterRequired, "customObjKeyList is missing or empty")
	}
	list := make([]record.Attribute, len(keys.Attribute))
	for i, key := range keys.Attribute {
		list[i] = record.Attribute{Name: key.AttrName, Value: key.AttrValue}
	}
	query, err := t.Ask(list)
	if err != nil {
		return query, fault.Newf(fault.CodeBadParameter, "customObjKeyList: %v", err)
	}
	return query, nil
}

// SyncCustomObjects inserts or updates records of a custom object.
func (s Service) SyncCustomObjects(ctx context.Context, in *gen.ParamsSyncCustomObjects) (*gen.SuccessSyncCustomObjects, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsSyncCustomObjects)
	}
	defer s.Change()()
	t, err := s.customType(in.ObjTypeName)
	if err != nil {
		return nil, err
	}
	switch {
	case in.CustomObjList == nil || len(in.CustomObjList.CustomObj) == 0:
		return nil, fault.New(fault.CodeParameterRequired, "customObjList is missing or empty")
	case len(in.CustomObjList.CustomObj) > maxObjects:
		return nil, fault.Newf(fault.CodeBadParameter, "customObjList has %d records: at most %d are allowed", len(in.CustomObjList.CustomObj), maxObjects)
	}
	op := in.Operation.Or("")
	if err := checkSyncOperation(op); err != nil {
		return nil, err
	}
	list := make([]gen.SyncCustomObjStatus, len(in.CustomObjList.CustomObj))
	for i, o := range in.CustomObjList.CustomObj {
		status, err := t.Sync(keptAll(o.CustomObjKeyList.Value), keptAll(o.CustomObjAttributeList.Value), op)
		list[i] = customStatus(t, o.CustomObjKeyList.Value, status, err)
	}
	return &gen.SuccessSyncCustomObjects{Result: &gen.ResultSyncCustomObjects{
		SyncCustomObjStatusList: &gen.ArrayOfSyncCustomObjStatus{SyncCustomObjStatus: list},
	}}, nil
}

// customType returns the type of a name, or the fault for it.
func (s Service) customType(name string) (*customobjects.Type, error) {
	if name == "" {
		return nil, fault.New(fault.CodeParameterRequired, "objTypeName is missing")
	}
	t := s.CustomObjects.Find(name)
	if t == nil {
		return nil, fault.Newf(fault.CodeBadParameter, "objTypeName %q is not a custom object of this instance", name)
	}
	return t, nil
}

// customStatus is the answer for one record of a request.
func customStatus(t *customobjects.Type, keys gen.ArrayOfAttribute, status gen.SyncStatusEnum, err error) gen.SyncCustomObjStatus {
	answer := gen.SyncCustomObjStatus{ObjTypeName: t.Name(), CustomObjKeyList: echoKeys(t, keys), Status: status, Error: gen.NilOf[string]()}
	if err != nil {
		answer.Status, answer.Error = gen.SyncStatusEnumFAILED, gen.Some(err.Error())
	}
	return answer
}

// echoKeys returns the keys of a request as answers show them, nil for none.
func echoKeys(t *customobjects.Type, keys gen.ArrayOfAttribute) gen.Opt[gen.ArrayOfAttribute] {
	if len(keys.Attribute) == 0 {
		return gen.NilOf[gen.ArrayOfAttribute]()
	}
	list := slices.Clone(keys.Attribute)
	for i := range list {
		list[i].AttrType = gen.NilOf[string]()
		if j := customobjects.FieldIndex(t.Keys(), list[i].AttrName); j >= 0 {
			list[i].AttrName = t.Keys()[j].Name
		}
	}
	return gen.Some(gen.ArrayOfAttribute{Attribute: list})
}

// DeleteCustomObjects deletes records of a custom object by their keys.
func (s Service) DeleteCustomObjects(ctx context.Context, in *gen.ParamsDeleteCustomObjects) (*gen.SuccessDeleteCustomObjects, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsDeleteCustomObjects)
	}
	defer s.Change()()
	t, err := s.customType(in.ObjTypeName)
	if err != nil {
		return nil, err
	}
	if in.CustomObjKeyLists == nil || len(in.CustomObjKeyLists.KeyList) == 0 {
		return nil, fault.New(fault.CodeParameterRequired, "customObjKeyLists is missing or empty")
	}
	list := make([]gen.SyncCustomObjStatus, len(in.CustomObjKeyLists.KeyList))
	for i, keys := range in.CustomObjKeyLists.KeyList {
		list[i] = customStatus(t, keys, gen.SyncStatusEnumDELETED, t.Delete(keptAll(keys)))
	}
	return &gen.SuccessDeleteCustomObjects{Result: &gen.ResultDeleteCustomObjects{
		DeleteCustomObjStatusList: &gen.ArrayOfSyncCustomObjStatus{SyncCustomObjStatus: list},
	}}, nil
}
