package simulator

import (
	"context"
	"errors"
	"slices"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// SyncCustomObjects inserts or updates records of a custom object and tells the outcome
// of each, in the order of the request (Marketo SOAP API, syncCustomObjects; WSDL:
// ParamsSyncCustomObjects). A record has all deduplication fields, and no others, in its
// key list. An update writes the attributes that are given; an empty value clears.
//
// The documentation names the statuses SKIPPED and UNCHANGED, which the schema does not
// allow here. So a record that INSERT finds or UPDATE does not find is FAILED with an
// error that says so, and an update that changes nothing is UPDATED.
//
// Faults: 20109 without type, records or operation, 20110 for an unknown type or
// operation and for more than 100 records.
func (s *Simulator) SyncCustomObjects(ctx context.Context, in *gen.ParamsSyncCustomObjects) (*gen.SuccessSyncCustomObjects, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsSyncCustomObjects)
	}
	defer s.change()()
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
		status, err := t.sync(o, op)
		list[i] = t.status(o.CustomObjKeyList.Value, status, err)
	}
	return &gen.SuccessSyncCustomObjects{Result: &gen.ResultSyncCustomObjects{
		SyncCustomObjStatusList: &gen.ArrayOfSyncCustomObjStatus{SyncCustomObjStatus: list},
	}}, nil
}

// customType returns the type of a name, or the fault for it.
func (s *Simulator) customType(name string) (*customType, error) {
	if name == "" {
		return nil, fault.New(fault.CodeParameterRequired, "objTypeName is missing")
	}
	t := s.custom.find(name)
	if t == nil {
		return nil, fault.Newf(fault.CodeBadParameter, "objTypeName %q is not a custom object of this instance", name)
	}
	return t, nil
}

// sync does what is asked for one record.
func (t *customType) sync(o gen.CustomObj, op gen.SyncOperationEnum) (gen.SyncStatusEnum, error) {
	attributes := keptAll(o.CustomObjAttributeList.Value)
	r, err := t.read(keptAll(o.CustomObjKeyList.Value), attributes)
	if err != nil {
		return "", err
	}
	found := t.byKey[r.key()]
	if err := skipped(op, found != nil); err != nil {
		return "", err
	}
	if found == nil {
		t.add(r)
		return gen.SyncStatusEnumCREATED, nil
	}
	for _, a := range attributes {
		i := fieldIndex(t.Fields, a.Name)
		t.set(found, i, r.values[i])
	}
	return gen.SyncStatusEnumUPDATED, nil
}

// status is the answer for one record of a request.
func (t *customType) status(keys gen.ArrayOfAttribute, status gen.SyncStatusEnum, err error) gen.SyncCustomObjStatus {
	answer := gen.SyncCustomObjStatus{ObjTypeName: t.Name, CustomObjKeyList: t.echo(keys), Status: status, Error: gen.None[string]()}
	if err != nil {
		answer.Status, answer.Error = gen.SyncStatusEnumFAILED, gen.Some(err.Error())
	}
	return answer
}

// echo returns the keys of a request as answers show them, nil for none.
func (t *customType) echo(keys gen.ArrayOfAttribute) gen.Opt[gen.ArrayOfAttribute] {
	if len(keys.Attribute) == 0 {
		return gen.None[gen.ArrayOfAttribute]()
	}
	list := slices.Clone(keys.Attribute)
	for i := range list {
		list[i].AttrType = gen.None[string]()
		if j := fieldIndex(t.Keys, list[i].AttrName); j >= 0 {
			list[i].AttrName = t.Keys[j].Name
		}
	}
	return gen.Some(gen.ArrayOfAttribute{Attribute: list})
}

// DeleteCustomObjects deletes records of a custom object by their keys and tells the
// outcome of each, in the order of the request (Marketo SOAP API, deleteCustomObjects;
// WSDL: ParamsDeleteCustomObjects). A key list has all deduplication fields. A record
// that does not exist is FAILED: the schema does not allow the documented UNCHANGED here.
//
// A call takes any number of them. Faults: 20109 without type or keys, 20110 for an
// unknown type.
func (s *Simulator) DeleteCustomObjects(ctx context.Context, in *gen.ParamsDeleteCustomObjects) (*gen.SuccessDeleteCustomObjects, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsDeleteCustomObjects)
	}
	defer s.change()()
	t, err := s.customType(in.ObjTypeName)
	if err != nil {
		return nil, err
	}
	if in.CustomObjKeyLists == nil || len(in.CustomObjKeyLists.KeyList) == 0 {
		return nil, fault.New(fault.CodeParameterRequired, "customObjKeyLists is missing or empty")
	}
	list := make([]gen.SyncCustomObjStatus, len(in.CustomObjKeyLists.KeyList))
	for i, keys := range in.CustomObjKeyLists.KeyList {
		list[i] = t.status(keys, gen.SyncStatusEnumDELETED, t.delete(keys))
	}
	return &gen.SuccessDeleteCustomObjects{Result: &gen.ResultDeleteCustomObjects{
		DeleteCustomObjStatusList: &gen.ArrayOfSyncCustomObjStatus{SyncCustomObjStatus: list},
	}}, nil
}

func (t *customType) delete(keys gen.ArrayOfAttribute) error {
	r, err := t.read(keptAll(keys), nil)
	if err != nil {
		return err
	}
	found := t.byKey[r.key()]
	if found == nil {
		return errors.New("does not exist")
	}
	t.remove(found)
	return nil
}
