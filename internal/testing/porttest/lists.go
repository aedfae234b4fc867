package porttest

import (
	"slices"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

func listCases() []testCase {
	return []testCase{
		{"listOperation", positive, "add, ask, remove", listPositive},
		{"listOperation", empty, "a list without members", listEmpty},
		{"listOperation", badInput, "lists and keys", listBad},
	}
}

// listRequest returns a request about leads and a list of the lead database.
func listRequest(op gen.ListOperationType, list string, leads ...int64) *gen.ParamsListOperation {
	members := new(gen.ArrayOfLeadKey)
	for _, id := range leads {
		members.LeadKey = append(members.LeadKey, *idKey(id))
	}
	return &gen.ParamsListOperation{
		ListOperation: op, ListKey: &gen.ListKey{KeyType: gen.ListKeyTypeMKTOLISTNAME, KeyValue: list}, ListMemberList: members,
	}
}

// listCall makes a call and checks its statuses, which come in the order of the request; success is true only if all
// of them are.
func listCall(t testing.TB, f Fixture, in *gen.ParamsListOperation, want ...bool) {
	t.Helper()
	r := must(f.Port.ListOperation(t.Context(), in))(t).Result
	var got []bool
	for i, status := range r.StatusList.Value.LeadStatus {
		got = append(got, status.Status)
		equal(t, "leadKey", *status.LeadKey, in.ListMemberList.LeadKey[i])
	}
	sameList(t, "statuses", got, want)
	equal(t, "success", r.Success, !slices.Contains(want, false))
}

// listPositive states that leads are put on a list and taken off it, that both leave an activity, and that
// getMultipleLeads sees the same members.
func listPositive(t testing.TB, f Fixture) {
	listCall(t, f, listRequest(gen.ListOperationTypeISMEMBEROFLIST, listNewsletter, leadOne, leadBare), true, false)
	listCall(t, f, listRequest(gen.ListOperationTypeADDTOLIST, listNewsletter, leadBare), true)
	listCall(t, f, listRequest(gen.ListOperationTypeISMEMBEROFLIST, listNewsletter, leadOne, leadBare), true, true)
	sameList(t, "history", historyTypes(t, f, leadBare), []string{"Add to List"})
	f.Advance(time.Minute)
	listCall(t, f, listRequest(gen.ListOperationTypeREMOVEFROMLIST, listNewsletter, leadBare, leadOne), true, true)
	listCall(t, f, listRequest(gen.ListOperationTypeISMEMBEROFLIST, listNewsletter, leadOne, leadBare, leadTwo), false, false, true)
	sameList(t, "history", historyTypes(t, f, leadBare), []string{"Remove from List", "Add to List"})
	r := multipleLeads(t, f, &gen.ParamsGetMultipleLeads{LeadSelector: byList(listNewsletter)})
	sameSet(t, "members", leadIDs(r.LeadRecordList.Value.LeadRecord), []int64{leadTwo, leadThree})
}

// listEmpty states that asking about a list without members is not a fault, and that a request without leads is one.
func listEmpty(t testing.TB, f Fixture) {
	listCall(t, f, listRequest(gen.ListOperationTypeISMEMBEROFLIST, listNobody, leadOne), false)
	_, err := f.Port.ListOperation(t.Context(), listRequest(gen.ListOperationTypeADDTOLIST, listNobody))
	refused(t, err, append(missing, fault.CodeLeadKeyRequired)...)
}

// listBad states that with strict one bad lead fails the whole call, which then does nothing, and without strict
// fails alone.
func listBad(t testing.TB, f Fixture) {
	_, err := f.Port.ListOperation(t.Context(), listRequest(gen.ListOperationTypeADDTOLIST, "No Such List", leadOne))
	refused(t, err, fault.CodeListNotFound)
	strict := listRequest(gen.ListOperationTypeADDTOLIST, listNobody, leadOne, noLead)
	strict.Strict = gen.Some(true)
	_, err = f.Port.ListOperation(t.Context(), strict)
	refused(t, err, fault.CodeLeadNotFound)
	listCall(t, f, listRequest(gen.ListOperationTypeISMEMBEROFLIST, listNobody, leadOne), false) // nothing was done
	strict.Strict = gen.Some(false)
	listCall(t, f, strict, true, false)
	listCall(t, f, listRequest(gen.ListOperationTypeISMEMBEROFLIST, listNobody, leadOne), true)
}
