package operations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/mktows/mktows-go/gen"
)

const opListOperation = "listOperation"

// MaxListMembers is the greatest number of leads in a call of Add, Remove or Members
// (Marketo SOAP API, listOperation).
const MaxListMembers = 1000

// ListKeyType is a kind of value that names a static list (WSDL: ListKeyType).
type ListKeyType string

// The types of list key.
const (
	ListKeyName            ListKeyType = "MKTOLISTNAME"    // name of the list
	ListKeySalesUserID     ListKeyType = "MKTOSALESUSERID" // id of a sales user
	ListKeySFDCLeadOwnerID ListKeyType = "SFDCLEADOWNERID" // Salesforce id of an owner of leads
)

// ListKeyTypes returns all types of list key, in the order of the schema.
func ListKeyTypes() []ListKeyType {
	return []ListKeyType{ListKeyName, ListKeySalesUserID, ListKeySFDCLeadOwnerID}
}

// ListKey names a static list of the lead database. The zero ListKey names nothing and
// is refused.
type ListKey struct {
	Type  ListKeyType
	Value string
}

// ListName is the key of the static list with that name.
func ListName(name string) ListKey { return ListKey{ListKeyName, name} }

// Validate refuses an unknown type and an empty value. The error is an *ArgumentError.
func (k ListKey) Validate() error {
	return cmp.Or(checkText("ListKey.Value", k.Value), checkChoice("ListKey.Type", k.Type, ListKeyTypes()))
}

// ListOptions are how Add and Remove go about it. A nil *ListOptions is the zero value.
type ListOptions struct {
	// Strict makes one failure fail the whole call. Otherwise what can be done is done and
	// the rest is reported.
	Strict bool
}

// MemberStatus is what became of one of the leads of Add or Remove.
type MemberStatus struct {
	Index int     // place of the lead in the request, from 0
	Key   LeadKey // as in the request
	Err   error   // a *fault.SyncError if it was not done; the service gives no reasons
}

// Membership is the answer of Members about one lead.
type Membership struct {
	Index  int     // place of the lead in the request, from 0
	Key    LeadKey // as in the request
	Member bool    // whether the lead is on the list
}

// Lists changes static lists and imports into them. Get it from [New].
type Lists struct{ port gen.Port }

// Add puts up to MaxListMembers leads on a static list of the lead database; for one
// inside a program use Import. KeyID is the one type of key that is documented to be
// taken, though the schema has them all. The answer has one status for each lead, in their
// order.
//
// Errors of the call: an *ArgumentError before anything is sent, for a list, key or
// number of leads that cannot be used; those of package fault, such as fault.ErrNotFound for an
// unknown list (20111) or, with Strict, an unknown lead (20103).
//
// Wire: listOperation. Idempotent.
func (l *Lists) Add(ctx context.Context, list ListKey, leads []LeadKey, o *ListOptions) ([]MemberStatus, error) {
	return l.change(ctx, gen.ListOperationTypeADDTOLIST, list, leads, o)
}

// Remove takes up to MaxListMembers leads off a static list of the lead database. The
// answer has one status for each lead, in their order. Keys and errors are as for Add.
//
// Wire: listOperation. Idempotent.
func (l *Lists) Remove(ctx context.Context, list ListKey, leads []LeadKey, o *ListOptions) ([]MemberStatus, error) {
	return l.change(ctx, gen.ListOperationTypeREMOVEFROMLIST, list, leads, o)
}

// Members tells which of up to MaxListMembers leads are on a static list of the lead
// database, in their order. A lead that is not a member is not an error. Keys and errors are as for
// Add.
//
// Wire: listOperation. Read-only.
func (l *Lists) Members(ctx context.Context, list ListKey, leads []LeadKey) ([]Membership, error) {
	done, err := l.operate(ctx, gen.ListOperationTypeISMEMBEROFLIST, list, leads, false)
	if err != nil {
		return nil, err
	}
	members := make([]Membership, len(leads))
	for i, key := range leads {
		members[i] = Membership{i, key, done[i]}
	}
	return members, nil
}

func (l *Lists) change(ctx context.Context, what gen.ListOperationType, list ListKey, leads []LeadKey, o *ListOptions) ([]MemberStatus, error) {
	done, err := l.operate(ctx, what, list, leads, cmp.Or(o, &ListOptions{}).Strict)
	if err != nil {
		return nil, err
	}
	statuses := make([]MemberStatus, len(leads))
	for i, key := range leads {
		statuses[i] = MemberStatus{Index: i, Key: key}
		if !done[i] {
			statuses[i].Err = told{i, key.id(), OutcomeFailed, ""}.failure(opListOperation, nil)
		}
	}
	return statuses, nil
}

// id is the Marketo id that the key names, or 0.
func (k LeadKey) id() int64 {
	if k.Type != KeyID {
		return 0
	}
	id, _ := strconv.ParseInt(k.Value, 10, 64)
	return id
}

// operate makes the call and returns, for each lead in the order of the request, whether the service has done what it
// was asked, or whether the lead is a member.
func (l *Lists) operate(ctx context.Context, what gen.ListOperationType, list ListKey, leads []LeadKey, strict bool) ([]bool, error) {
	err := cmp.Or(checkPort(l.port), under("list", list.Validate()),
		checkCount("leads", len(leads), MaxListMembers, "leads"), checkEach("leads", leads, LeadKey.Validate))
	if err != nil {
		return nil, opError(opListOperation, 0, err)
	}
	in := &gen.ParamsListOperation{
		ListOperation:  what,
		ListKey:        &gen.ListKey{KeyType: gen.ListKeyType(list.Type), KeyValue: list.Value},
		ListMemberList: wireKeys(leads),
		// Always sent: what its absence means is not documented.
		Strict: gen.Some(strict),
	}
	result, err := call(ctx, opListOperation, l.port.ListOperation, in,
		func(out *gen.SuccessListOperation) *gen.ResultListOperation { return out.Result })
	if err != nil {
		return nil, err
	}
	return memberStatuses(in, result, leads)
}

func wireKeys(keys []LeadKey) *gen.ArrayOfLeadKey {
	list := make([]gen.LeadKey, len(keys))
	for i, key := range keys {
		list[i] = *key.wire()
	}
	return &gen.ArrayOfLeadKey{LeadKey: list}
}

// memberStatuses takes success for all leads where the list is nil, which the schema
// allows; it is true if it is true of all, and only then.
func memberStatuses(in *gen.ParamsListOperation, r *gen.ResultListOperation, leads []LeadKey) ([]bool, error) {
	list, sent := r.StatusList.Value.LeadStatus, len(leads)
	if len(list) == 0 && (r.Success || sent == 1) {
		return slices.Repeat([]bool{r.Success}, sent), nil
	}
	differs := func(i int) error { return leads[i].differs(list[i].LeadKey) }
	if err := matchEach(opListOperation, in, len(list), sent, differs); err != nil {
		return nil, err
	}
	done := make([]bool, sent)
	for i := range list {
		done[i] = list[i].Status
	}
	if all := !slices.Contains(done, false); all != r.Success {
		return nil, unclear(opListOperation, in, fmt.Errorf("its success is %t, and yet its statuses are true of all leads: %t", r.Success, all))
	}
	return done, nil
}

// errNotTaken is for answers that are nothing but a flag.
var errNotTaken = errors.New("the service did not take the request (success is false) and gave no reason")
