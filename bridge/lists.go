package bridge

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// selectedList returns the id of the list that a selector names. With a name and an id both have to be
// those of one list.
func (w *work) selectedList(sel *gen.StaticListSelector) (int64, error) {
	name := sel.StaticListName.Or("")
	id, hasID := sel.StaticListId.Get()
	switch {
	case name == "" && !hasID:
		return 0, missing("leadSelector has neither staticListName nor staticListId")
	case hasID && id <= 0: // 0 would stand for no list, and so for all leads
		return 0, fault.Newf(fault.CodeListNotFound, "No list found with the id %d", id)
	case name == "":
		return int64(id), nil
	}
	found, err := w.listNamed(name)
	if err == nil && hasID && found.ID != int64(id) {
		return 0, bad("leadSelector: the list %q has the id %d, not %d: give one of the two", name, found.ID, id)
	}
	return found.ID, err
}

// listNamed finds a list by the name that the SOAP API has for it, which is Program.List for one in a
// program. Names repeat across programs in the REST API: what is found has to be the one that is meant.
func (w *work) listNamed(name string) (rest.List, error) {
	found, err := w.listsOf(name, "")
	for i := strings.IndexByte(name, '.'); err == nil && len(found) == 0 && i >= 0; {
		found, err = w.listsOf(name[i+1:], name[:i])
		next := strings.IndexByte(name[i+1:], '.')
		if next < 0 {
			break
		}
		i += next + 1
	}
	switch {
	case err != nil:
		return rest.List{}, err
	case len(found) == 0:
		return rest.List{}, fault.Newf(fault.CodeListNotFound, "No list found with the name %.200s", name)
	case len(found) > 1:
		return rest.List{}, fault.Newf(fault.CodeListNotFound, "%d lists have the name %.200s: name the one that is meant by its id", len(found), name)
	}
	return found[0], nil
}

// listsOf returns the lists of a name in a program, or outside programs.
func (w *work) listsOf(name, program string) ([]rest.List, error) {
	var found []rest.List
	if name == "" {
		return nil, nil
	}
	for page, more := (rest.Page{}), true; more; {
		a, err := w.rest.ListsByName(w, name, program, page)
		if err != nil {
			if said(err, 702) {
				return found, nil
			}
			return nil, err
		}
		for _, l := range a.Records {
			if strings.EqualFold(l.Name, name) && strings.EqualFold(l.ProgramName, program) {
				found = append(found, l)
			}
		}
		page.Token, more = a.Next, a.More
	}
	return found, nil
}

// maxListMembers is how many leads a listOperation takes (Marketo SOAP API, listOperation).
const maxListMembers = 1000

// ListOperation adds leads to a static list, takes them off it, or tells which are on it.
//
// Lost: lists of sales users (keys of the types MKTOSALESUSERID and SFDCLEADOWNERID) are 20110. With
// strict all leads are looked up before anything is written, and one that is missing refuses the call;
// a lead that is deleted just then is not noticed. It costs a call for the name of the list, one for
// each 300 leads and, for keys that are no ids, one for each type and 300.
func (b *Bridge) ListOperation(ctx context.Context, in *gen.ParamsListOperation) (*gen.SuccessListOperation, error) {
	return perform(ctx, b, "listOperation", in, (*work).listOperation)
}

func (w *work) listOperation(in *gen.ParamsListOperation) (*gen.SuccessListOperation, error) {
	if err := w.checkListOperation(in); err != nil {
		return nil, err
	}
	list, err := w.listNamed(in.ListKey.KeyValue)
	switch {
	case err != nil:
		return nil, err
	case list.ProgramName != "":
		return nil, fault.Newf(fault.CodeListNotFound, "list %.200s is inside a program: listOperation only takes lists of the lead database, use importToList", in.ListKey.KeyValue)
	}
	keys, strict := in.ListMemberList.LeadKey, in.Strict.Or(false)
	ids, err := w.members(keys, strict)
	if err != nil {
		return nil, err
	}
	done, err := w.eachMember(in.ListOperation, list.ID, ids)
	if err != nil {
		return nil, err
	}
	success, statuses := true, make([]gen.LeadStatus, len(keys))
	for i := range keys {
		key := keys[i]
		statuses[i] = gen.LeadStatus{LeadKey: &key, Status: done[ids[i]]}
		success = success && statuses[i].Status
	}
	return &gen.SuccessListOperation{Result: &gen.ResultListOperation{
		Success: success, StatusList: gen.Some(gen.ArrayOfLeadStatus{LeadStatus: statuses}),
	}}, nil
}

// checkListOperation finds what is wrong with a request, whatever there is.
func (w *work) checkListOperation(in *gen.ParamsListOperation) error {
	switch {
	case in.ListOperation == "":
		return missing("listOperation is missing")
	case !in.ListOperation.Valid():
		return bad("listOperation: %q is not one of %v", in.ListOperation, in.ListOperation.Values())
	case in.ListKey == nil || in.ListKey.KeyValue == "":
		return missing("listKey is missing or has no keyValue")
	case !in.ListKey.KeyType.Valid():
		return bad("listKey/keyType: %q is not one of %v", in.ListKey.KeyType, in.ListKey.KeyType.Values())
	case in.ListKey.KeyType != gen.ListKeyTypeMKTOLISTNAME:
		return bad("listKey/keyType %s: the REST API has no lists of sales users; use a static list, with MKTOLISTNAME", in.ListKey.KeyType)
	case in.ListMemberList == nil || len(in.ListMemberList.LeadKey) == 0:
		return missing("listMemberList has no leadKey")
	case len(in.ListMemberList.LeadKey) > maxListMembers:
		return bad("listMemberList has %d lead keys: %d are allowed", len(in.ListMemberList.LeadKey), maxListMembers)
	}
	for i := range in.ListMemberList.LeadKey {
		if err := w.checkKey(&in.ListMemberList.LeadKey[i]); err != nil {
			return err
		}
	}
	return nil
}

// members returns the lead that each key means, of several the one added last, 0 for none. With strict
// each has to mean one; otherwise ids are believed as they are.
func (w *work) members(keys []gen.LeadKey, strict bool) ([]int64, error) {
	ids := make([]int64, len(keys))
	var others []gen.LeadKey
	var places []int
	for i := range keys {
		if id, isID := idOf(&keys[i]); isID && !strict {
			ids[i] = id
			continue
		}
		others, places = append(others, keys[i]), append(places, i)
	}
	if len(others) == 0 {
		return ids, nil
	}
	found, err := w.keyedLeads(others)
	if err != nil {
		return nil, err
	}
	for n, i := range places {
		if ids[i] = last(found[n]); ids[i] == 0 && strict {
			return nil, noLead(&keys[i])
		}
	}
	return ids, nil
}

// eachMember does the operation for leads, 300 at a time, and returns for which it is true now.
func (w *work) eachMember(operation gen.ListOperationType, list int64, ids []int64) (map[int64]bool, error) {
	wanted := slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id == 0 })
	slices.Sort(wanted)
	call, word := w.rest.MembersOfList, "memberof"
	switch operation {
	case gen.ListOperationTypeADDTOLIST:
		call, word = w.rest.AddToList, ""
	case gen.ListOperationTypeREMOVEFROMLIST:
		call, word = w.rest.RemoveFromList, ""
	}
	done := make(map[int64]bool)
	for part := range slices.Chunk(slices.Compact(wanted), rest.MaxPage) {
		a, err := call(w, list, part)
		if err != nil {
			return nil, err
		}
		for i := range a.Records {
			o := &a.Records[i]
			is := !o.Skipped() && (word == "" || strings.EqualFold(o.Status, word))
			if problem := o.Err(a.RequestID); problem != nil && operation == gen.ListOperationTypeREMOVEFROMLIST && problem.Code == 1015 {
				is = true // it is off the list, which was asked for
			}
			id := o.ID
			if id == 0 && len(a.Records) == len(part) {
				id = part[i] // answers come in the order of the request
			}
			if o.Status != "" || o.Skipped() { // else nothing is said
				done[id] = is
			}
		}
		if slices.ContainsFunc(part, func(id int64) bool { _, told := done[id]; return !told }) {
			if err = w.untold(); operation == gen.ListOperationTypeISMEMBEROFLIST {
				err = errors.Unwrap(err) // nothing was written
			}
			return nil, err
		}
	}
	return done, nil
}
