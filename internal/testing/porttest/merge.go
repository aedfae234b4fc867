package porttest

import (
	"strconv"
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

func mergeCases() []testCase {
	return []testCase{
		{"mergeLeads", positive, "the losers are gone", mergePositive},
		{"mergeLeads", empty, "no losers", mergeEmpty},
		{"mergeLeads", badInput, "keys", mergeBad},
	}
}

// mergeRequest merges leads by id.
func mergeRequest(winner int64, losers ...int64) *gen.ParamsMergeLeads {
	byID := func(id int64) gen.ArrayOfAttribute { return attributes(attribute("IDNUM", strconv.FormatInt(id, 10))) }
	won := byID(winner)
	in := &gen.ParamsMergeLeads{WinningLeadKeyList: &won, LosingLeadKeyLists: new(gen.ArrayOfKeyList)}
	for _, id := range losers {
		in.LosingLeadKeyLists.KeyList = append(in.LosingLeadKeyLists.KeyList, byID(id))
	}
	return in
}

// mergePositive states that the losers are gone after a merge, that the winner keeps its values, and that the merge
// is an activity.
func mergePositive(t testing.TB, f Fixture) {
	status := must(f.Port.MergeLeads(t.Context(), mergeRequest(leadOne, leadTwo, leadThree)))(t).Result.MergeStatus
	equal(t, "status", status.Status, gen.LeadMergeStatusEnumMERGED)
	equal(t, "winningLeadId", status.WinningLeadId.Or(0), leadOne)
	sameSet(t, "losingLeadIdList", status.LosingLeadIdList.Value.IntegerItem, []int32{leadTwo, leadThree})
	for _, id := range []int64{leadTwo, leadThree} {
		_, err := f.Port.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: idKey(id)})
		refused(t, err, fault.CodeLeadNotFound)
	}
	hasValue(t, leadAttributes(theLead(t, f, idKey(leadOne))), "FirstName", firstNameOne)
	if len(history(t, f, leadOne, gen.ActivityTypeMergeLeads)) != 1 {
		t.Error("the winner has not one activity Merge Leads")
	}
}

func mergeEmpty(t testing.TB, f Fixture) {
	_, err := f.Port.MergeLeads(t.Context(), mergeRequest(leadOne))
	refused(t, err, append(missingOrBad, fault.CodeLeadKeyRequired)...)
}

// mergeBad states what mergeLeads refuses, and that a refused merge does nothing.
func mergeBad(t testing.TB, f Fixture) {
	cookie := mergeRequest(leadOne, leadTwo)
	cookie.WinningLeadKeyList = &gen.ArrayOfAttribute{Attribute: []gen.Attribute{attribute("COOKIE", cookieOne)}}
	for _, test := range []struct {
		name string
		in   *gen.ParamsMergeLeads
		want []fault.Code
	}{
		{"unknown winner", mergeRequest(noLead, leadTwo), []fault.Code{fault.CodeLeadNotFound}},
		{"unknown loser", mergeRequest(leadOne, noLead), []fault.Code{fault.CodeLeadNotFound}},
		{"a cookie", cookie, append(bad, fault.CodeLeadKeyBad)},
	} {
		t.Log(test.name)
		_, err := f.Port.MergeLeads(t.Context(), test.in)
		refused(t, err, test.want...)
	}
	theLead(t, f, idKey(leadTwo)) // nothing was done
}
