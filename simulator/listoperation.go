package simulator

import (
	"context"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// maxListMembers is how many leads a listOperation takes.
const maxListMembers = 1000

// ListOperation adds leads to a static list, takes them off it, or tells which are on
// it (Marketo SOAP API, listOperation; WSDL: ParamsListOperation).
//
// A key of any type means one lead, of several the one added last. The status of a lead
// is true if afterwards the lead is on the list, or off it, as was asked; so it is true
// also where nothing had to be done, and false where there is no such lead, or where
// ISMEMBEROFLIST is denied. success is true if every status is. Who is put on the list
// or taken off it gets an activity Add to List or Remove from List.
//
// With strict, which is false by default, a key that no lead has is a fault, and nothing
// is done. Only lists of the lead database are found, and only by name, for no list
// belongs to a sales user here.
//
// Faults: 20101 and 20102 for a bad key, 20103 and 20108 with strict, 20109 for what is
// missing, 20110 for an unknown operation or type of list key and for more than 1,000
// leads, 20111 for an unknown list.
func (s *Simulator) ListOperation(ctx context.Context, in *gen.ParamsListOperation) (*gen.SuccessListOperation, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkListOperation(in); err != nil {
		return nil, err
	}
	defer s.change()()
	l, err := s.listByKey(in.ListKey)
	if err != nil {
		return nil, err
	}
	keys := in.ListMemberList.LeadKey
	leads, found, err := s.listMembers(keys, in.Strict.Or(false))
	if err != nil {
		return nil, err
	}
	success := true
	statuses := make([]gen.LeadStatus, len(keys))
	for i := range keys {
		key := keys[i]
		statuses[i] = gen.LeadStatus{LeadKey: &key, Status: found[i] && s.listMember(l, leads[i], in.ListOperation)}
		success = success && statuses[i].Status
	}
	return &gen.SuccessListOperation{Result: &gen.ResultListOperation{
		Success: success, StatusList: gen.Some(gen.ArrayOfLeadStatus{LeadStatus: statuses}),
	}}, nil
}

// checkListOperation finds what is wrong with a request, whatever there is.
func checkListOperation(in *gen.ParamsListOperation) error {
	switch {
	case in == nil || in.ListOperation == "":
		return fault.New(fault.CodeParameterRequired, "listOperation is missing")
	case !in.ListOperation.Valid():
		return fault.Newf(fault.CodeBadParameter, "listOperation: %q is not one of %v", in.ListOperation, in.ListOperation.Values())
	case in.ListKey == nil || in.ListKey.KeyValue == "":
		return fault.New(fault.CodeParameterRequired, "listKey is missing or has no keyValue")
	case !in.ListKey.KeyType.Valid():
		return fault.Newf(fault.CodeBadParameter, "listKey/keyType: %q is not one of %v", in.ListKey.KeyType, in.ListKey.KeyType.Values())
	case in.ListMemberList == nil || len(in.ListMemberList.LeadKey) == 0:
		return fault.New(fault.CodeParameterRequired, "listMemberList has no leadKey")
	case len(in.ListMemberList.LeadKey) > maxListMembers:
		return fault.Newf(fault.CodeBadParameter, "listMemberList has %d lead keys: %d are allowed", len(in.ListMemberList.LeadKey), maxListMembers)
	}
	return nil
}

// listByKey returns the list of the lead database that a key names.
func (s *Simulator) listByKey(key *gen.ListKey) (*list, error) {
	l, ok := s.lists.byName[key.KeyValue]
	switch {
	case !ok || key.KeyType != gen.ListKeyTypeMKTOLISTNAME:
		return nil, listNotFound("No list found with %s = %s", key.KeyType, key.KeyValue)
	case l.program != "":
		return nil, listNotFound("list %s is inside a program: listOperation only takes lists of the lead database, use importToList", key.KeyValue)
	}
	return l, nil
}

// listMembers returns the leads of keys, and which were found. With strict all have to.
func (s *Simulator) listMembers(keys []gen.LeadKey, strict bool) ([]leadNo, []bool, error) {
	leads, found := make([]leadNo, len(keys)), make([]bool, len(keys))
	for i := range keys {
		if err := checkKey(&keys[i]); err != nil {
			return nil, nil, err
		}
		no, err := s.leads.find(&keys[i])
		if err != nil && strict {
			return nil, nil, err
		}
		leads[i], found[i] = no, err == nil
	}
	return leads, found, nil
}

// listMember does the operation for one lead and returns its status.
func (s *Simulator) listMember(l *list, no leadNo, operation gen.ListOperationType) bool {
	switch operation {
	case gen.ListOperationTypeISMEMBEROFLIST:
		return l.members.Has(s.member(no))
	case gen.ListOperationTypeADDTOLIST:
		if s.setMember(l, no, true) {
			s.addActivities(no, []Activity{l.listActivity(gen.ActivityTypeAddToList, listByService)})
		}
	default:
		if s.setMember(l, no, false) {
			s.addActivities(no, []Activity{l.listActivity(gen.ActivityTypeRemoveFromList, listByService)})
		}
	}
	return true
}
