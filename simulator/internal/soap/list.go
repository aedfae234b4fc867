package soap

import (
	"context"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/internal/lists"
)

// maxListMembers is how many leads a listOperation takes.
const maxListMembers = 1000

// ListOperation adds leads to a static list, removes them from it, or tells which of them are on it. Keys are looked
// up before the first lead is added, so that with strict an unknown key leaves the list as it was. The write lock is
// taken for ISMEMBEROFLIST as well, for the sake of one path for all three operations.
func (s Service) ListOperation(ctx context.Context, in *gen.ParamsListOperation) (*gen.SuccessListOperation, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkListOperation(in); err != nil {
		return nil, err
	}
	defer s.Change()()
	l, err := s.listByKey(in.ListKey)
	if err != nil {
		return nil, err
	}
	keys := in.ListMemberList.LeadKey
	members, found, err := s.listMembers(keys, in.Strict.Or(false))
	if err != nil {
		return nil, err
	}
	success := true
	statuses := make([]gen.LeadStatus, len(keys))
	for i := range keys {
		key := keys[i]
		statuses[i] = gen.LeadStatus{LeadKey: &key, Status: found[i] && s.listMember(l, members[i], in.ListOperation)}
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

// listByKey returns the list of the lead database that a key names. Lists inside a program are refused with a message
// of their own, because "not found" would be puzzling for a list that the user interface shows.
func (s Service) listByKey(key *gen.ListKey) (*lists.List, error) {
	l := s.Lists.Named(key.KeyValue)
	switch {
	case l == nil || key.KeyType != gen.ListKeyTypeMKTOLISTNAME:
		return nil, listNotFound("No list found with %s = %s", key.KeyType, key.KeyValue)
	case l.Program() != "":
		return nil, listNotFound("list %s is inside a program: listOperation only takes lists of the lead database, use importToList", key.KeyValue)
	}
	return l, nil
}

// listMembers returns the leads of keys, and which of them were found. A malformed key refuses the call in any case;
// a key that no lead has refuses it only with strict, and otherwise becomes a status of false.
func (s Service) listMembers(keys []gen.LeadKey, strict bool) ([]leads.No, []bool, error) {
	members, found := make([]leads.No, len(keys)), make([]bool, len(keys))
	for i := range keys {
		if err := checkKey(&keys[i]); err != nil {
			return nil, nil, err
		}
		no, err := s.find(&keys[i])
		if err != nil && strict {
			return nil, nil, err
		}
		members[i], found[i] = no, err == nil
	}
	return members, found, nil
}

// listMember does the operation for one lead and returns its status. Adding a lead that is on the list already, and
// removing one that is not, is a success too: afterwards the list is what was asked for.
func (s Service) listMember(l *lists.List, no leads.No, operation gen.ListOperationType) bool {
	if operation == gen.ListOperationTypeISMEMBEROFLIST {
		return s.Lists.HasMember(l, no)
	}
	s.Lists.Put(l, no, operation == gen.ListOperationTypeADDTOLIST, lists.ByService, time.Time{})
	return true
}

func listNotFound(format string, args ...any) error {
	return fault.Newf(fault.CodeListNotFound, format, args...)
}
