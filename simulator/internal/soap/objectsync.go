package soap

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/objects"
)

// SyncMObjects inserts or updates objects, each by itself: an object that is refused has a status that says why, and
// the others are written all the same. Only what is wrong with the call as a whole is a fault.
func (s Service) SyncMObjects(ctx context.Context, in *gen.ParamsSyncMObjects) (*gen.SuccessSyncMObjects, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsSyncMObjects)
	}
	given, err := readObjects(in.MObjectList)
	if err != nil {
		return nil, err
	}
	if len(given) > maxObjects {
		return nil, fault.Newf(fault.CodeBadParameter, "mObjectList has %d objects: at most %d are allowed", len(given), maxObjects)
	}
	if err := checkSyncOperation(in.Operation); err != nil {
		return nil, err
	}
	defer s.Change()()
	list := make([]gen.MObjStatus, len(given))
	for i := range given {
		list[i] = s.syncObject(&given[i], in.Operation)
	}
	return &gen.SuccessSyncMObjects{Result: &gen.ResultSyncMObjects{MObjStatusList: &gen.ArrayOfMObjStatus{MObjStatus: list}}}, nil
}

// readObjects returns a list of objects, which must not be empty.
func readObjects(list *gen.ArrayOfMObject) ([]gen.MObject, error) {
	if list == nil || len(list.MObject) == 0 {
		return nil, fault.New(fault.CodeParameterRequired, "mObjectList is missing or empty")
	}
	return list.MObject, nil
}

func checkSyncOperation(op gen.SyncOperationEnum) error {
	switch {
	case op == "":
		return fault.New(fault.CodeParameterRequired, "operation is missing")
	case !op.Valid():
		return fault.Newf(fault.CodeBadParameter, "operation %q is not INSERT, UPDATE or UPSERT", op)
	}
	return nil
}

// syncObject does what is asked for one object.
func (s Service) syncObject(o *gen.MObject, op gen.SyncOperationEnum) gen.MObjStatus {
	var done *objects.Object
	var status gen.MObjStatusEnum
	var err error
	switch o.Type {
	case objects.TypeOpportunity, objects.TypeRole:
		done, status, err = s.Objects.Sync(readObject(o), op)
	case objects.TypeProgram:
		done, status, err = s.Programs.Sync(readObject(o), op)
	default:
		err = fmt.Errorf("type %q is not one of %s, %s, %s", o.Type, objects.TypeOpportunity, objects.TypeRole, objects.TypeProgram)
	}
	return objectStatus(o, done, status, err)
}

// readObject returns an object of a request in the form that the tables take. They keep it, so its strings are
// copied: those of a message share the memory of the whole document, which would otherwise live as long as the
// object.
func readObject(o *gen.MObject) *objects.Input {
	in := &objects.Input{Type: o.Type}
	in.ID, in.HasID = o.Id.Get()
	if key, ok := externalKey(o.ExternalKey); ok {
		in.ExternalKey = kept(key)
	}
	for _, a := range o.AttribList.Value.Attrib {
		in.Attributes = append(in.Attributes, kept(a))
	}
	for _, a := range o.AssociationList.Value.MObjAssociation {
		r := reference(strings.Clone(a.MObjType), a.Id, a.ExternalKey)
		r.Key = kept(gen.Attrib(r.Key))
		in.Associations = append(in.Associations, r)
	}
	for _, d := range o.TypeAttribList.Value.TypeAttrib {
		detail := objects.Detail{Type: d.AttrType, Parts: make(map[string]string)}
		for _, a := range d.AttrList.Value.Attrib {
			detail.Parts[a.Name] = strings.Clone(a.Value)
		}
		in.Details = append(in.Details, detail)
	}
	return in
}

// objectStatus is the answer for one object of a request. An INSERT of what exists and an UPDATE of what does not are
// SKIPPED, which is not an error of the object itself; everything else that goes wrong is FAILED. Keys of the request
// are repeated, so that a program can match statuses with objects that have no id yet.
func objectStatus(o *gen.MObject, done *objects.Object, status gen.MObjStatusEnum, err error) gen.MObjStatus {
	answer := gen.MObjStatus{Id: gen.NilOf[int32](), Status: status}
	if key, ok := externalKey(o.ExternalKey); ok {
		answer.ExternalKey = gen.Some(key)
	}
	switch {
	case done != nil:
		answer.Id = gen.Some(done.ID())
	case o.Id.State == gen.Present:
		answer.Id = o.Id
	}
	switch {
	case errors.Is(err, objects.ErrExists), errors.Is(err, objects.ErrNoObject):
		answer.Status, answer.Error = gen.MObjStatusEnumSKIPPED, gen.Some(err.Error())
	case err != nil:
		answer.Status, answer.Error = gen.MObjStatusEnumFAILED, gen.Some(err.Error())
	}
	return answer
}

// DeleteMObjects deletes opportunities and roles by id.
func (s Service) DeleteMObjects(ctx context.Context, in *gen.ParamsDeleteMObjects) (*gen.SuccessDeleteMObjects, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsDeleteMObjects)
	}
	given, err := readObjects(in.MObjectList)
	if err != nil {
		return nil, err
	}
	defer s.Change()()
	list := make([]gen.MObjStatus, len(given))
	for i := range given {
		status, err := s.deleteObject(&given[i])
		list[i] = objectStatus(&given[i], nil, status, err)
	}
	return &gen.SuccessDeleteMObjects{Result: &gen.ResultDeleteMObjects{MObjStatusList: &gen.ArrayOfMObjStatus{MObjStatus: list}}}, nil
}

// deleteObject deletes one object. One that is not there is UNCHANGED and no error, so that a delete may be repeated
// when its answer was lost.
func (s Service) deleteObject(o *gen.MObject) (gen.MObjStatusEnum, error) {
	if o.Type != objects.TypeOpportunity && o.Type != objects.TypeRole {
		return "", fmt.Errorf("type %q cannot be deleted: only %s and %s can", o.Type, objects.TypeOpportunity, objects.TypeRole)
	}
	id, ok := o.Id.Get()
	if !ok {
		return "", errors.New("id is missing")
	}
	if !s.Objects.Delete(o.Type, id) {
		return gen.MObjStatusEnumUNCHANGED, nil
	}
	return gen.MObjStatusEnumDELETED, nil
}
