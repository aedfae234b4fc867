package simulator

import (
	"context"
	"errors"
	"fmt"

	"github.com/mktows/mktows-go/gen"
)

// DeleteMObjects deletes opportunities and roles by id and tells the outcome of each, in
// the order of the request (Marketo SOAP API, deleteMObjects; WSDL:
// ParamsDeleteMObjects). With an opportunity its roles go. An id that does not exist is
// UNCHANGED, so that a delete can be repeated; a Program, another type and a record
// without id are FAILED.
//
// A call takes any number of them. Fault: 20109 without objects.
func (s *Simulator) DeleteMObjects(ctx context.Context, in *gen.ParamsDeleteMObjects) (*gen.SuccessDeleteMObjects, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsDeleteMObjects)
	}
	objects, err := readObjects(in.MObjectList)
	if err != nil {
		return nil, err
	}
	defer s.change()()
	list := make([]gen.MObjStatus, len(objects))
	for i := range objects {
		status, err := s.deleteObject(&objects[i])
		list[i] = objectStatus(&objects[i], nil, status, err)
	}
	return &gen.SuccessDeleteMObjects{Result: &gen.ResultDeleteMObjects{MObjStatusList: &gen.ArrayOfMObjStatus{MObjStatus: list}}}, nil
}

func (s *Simulator) deleteObject(o *gen.MObject) (gen.MObjStatusEnum, error) {
	if o.Type != typeOpportunity && o.Type != typeRole {
		return "", fmt.Errorf("type %q cannot be deleted: only %s and %s can", o.Type, typeOpportunity, typeRole)
	}
	id, ok := o.Id.Get()
	if !ok {
		return "", errors.New("id is missing")
	}
	set := s.objects.set(o.Type)
	found := set.find(id)
	if found == nil {
		return gen.MObjStatusEnumUNCHANGED, nil
	}
	set.remove(found)
	if o.Type == typeOpportunity {
		for _, role := range s.objects.roles.having(link{kind: typeOpportunity, number: int64(id)}) {
			s.objects.roles.remove(role)
		}
	}
	return gen.MObjStatusEnumDELETED, nil
}
