package porttest

import (
	"slices"
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// leadCases are about reading leads: getLead and getMultipleLeads.
func leadCases() []testCase {
	return []testCase{
		{"getLead", positive, "every kind of key", getLeadByKeys},
		{"getLead", positive, "a shared address gives all leads", getLeadShared},
		{"getLead", empty, "a lead without fields", getLeadBare},
		{"getLead", badInput, "keys", getLeadBadKeys},
		{"getMultipleLeads", positive, "by keys, with chosen fields", multipleLeadsByKeys},
		{"getMultipleLeads", positive, "by list", multipleLeadsByList},
		{"getMultipleLeads", positive, "by time of update", multipleLeadsByUpdate},
		{"getMultipleLeads", empty, "keys without leads", multipleLeadsNone},
		{"getMultipleLeads", paged, "in pages of one", multipleLeadsPaged},
		{"getMultipleLeads", badInput, "selectors and positions", multipleLeadsBad},
	}
}

// getLead returns the leads that a key finds, and checks the count of the answer.
func getLead(t testing.TB, f Fixture, k *gen.LeadKey) []gen.LeadRecord {
	t.Helper()
	out := must(f.Port.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: k}))(t)
	list := out.Result.LeadRecordList.Value.LeadRecord
	equal(t, "count", int(out.Result.Count), len(list))
	return list
}

// theLead returns the lead that a key has to find alone.
func theLead(t testing.TB, f Fixture, k *gen.LeadKey) gen.LeadRecord {
	t.Helper()
	list := getLead(t, f, k)
	if len(list) != 1 {
		t.Fatalf("%v finds %d leads, want one", k, len(list))
	}
	return list[0]
}

func leadIDs(list []gen.LeadRecord) []int64 {
	ids := make([]int64, len(list))
	for i := range list {
		ids[i] = int64(list[i].Id.Or(0))
	}
	return ids
}

func leadAttributes(r gen.LeadRecord) []gen.Attribute { return r.LeadAttributeList.Value.Attribute }

// getLeadByKeys states that every kind of key finds the same lead, an address in any case, and that its attributes
// come sorted by name, with characters unharmed that XML has to escape.
func getLeadByKeys(t testing.TB, f Fixture) {
	for _, k := range []*gen.LeadKey{idKey(leadOne), key("EMAIL", emailOne), key("EMAIL", "ONE@example.com"), key("COOKIE", cookieOne)} {
		r := theLead(t, f, k)
		equal(t, "Id", r.Id.Or(0), leadOne)
		equal(t, "Email", r.Email.Or(""), emailOne)
		hasValue(t, leadAttributes(r), "FirstName", firstNameOne)
		hasValue(t, leadAttributes(r), "LastName", "One & Co <1>")
		hasValue(t, leadAttributes(r), "LeadScore", "7")
		if !slices.IsSortedFunc(leadAttributes(r), func(a, b gen.Attribute) int { return slices.Compare([]byte(a.AttrName), []byte(b.AttrName)) }) {
			t.Errorf("attributes are not sorted by name: %v", leadAttributes(r))
		}
	}
}

// getLeadShared states that an address which two leads have finds both.
func getLeadShared(t testing.TB, f Fixture) {
	sameSet(t, "leads", leadIDs(getLead(t, f, key("EMAIL", emailShared))), []int64{leadShared, leadShared2})
}

// getLeadBare states that fields without a value are left out of the answer.
func getLeadBare(t testing.TB, f Fixture) {
	r := theLead(t, f, idKey(leadBare))
	equal(t, "Email", r.Email.Or(""), emailBare)
	for _, a := range leadAttributes(r) {
		if a.AttrValue == "" || a.AttrName == "FirstName" {
			t.Errorf("attribute %v although the lead has none", a)
		}
	}
}

// getLeadBadKeys states the fault for each kind of key that finds nothing. An owner that does not exist has a code of
// its own.
func getLeadBadKeys(t testing.TB, f Fixture) {
	for _, test := range []struct {
		key  *gen.LeadKey
		want fault.Code
	}{
		{key("EMAIL", emailNobody), fault.CodeLeadNotFound},
		{idKey(noLead), fault.CodeLeadNotFound},
		{key("IDNUM", "one hundred"), fault.CodeLeadNotFound},
		{key("COOKIE", "id:0"), fault.CodeLeadNotFound},
		{key("LEADOWNEREMAIL", emailNobody), fault.CodeLeadOwnerNotFound},
		{key("EMAIL", ""), fault.CodeLeadKeyRequired},
	} {
		_, err := f.Port.GetLead(t.Context(), &gen.ParamsGetLead{LeadKey: test.key})
		refused(t, err, test.want)
	}
}

// multipleLeads makes a call of getMultipleLeads and checks the count of the answer.
func multipleLeads(t testing.TB, f Fixture, in *gen.ParamsGetMultipleLeads) *gen.ResultGetMultipleLeads {
	t.Helper()
	r := must(f.Port.GetMultipleLeads(t.Context(), in))(t).Result
	equal(t, "returnCount", int(r.ReturnCount), len(r.LeadRecordList.Value.LeadRecord))
	return r
}

// byKeys selects leads by values of one kind of key.
func byKeys(kind gen.LeadKeyRef, values ...string) *gen.LeadKeySelector {
	return &gen.LeadKeySelector{KeyType: kind, KeyValues: &gen.ArrayOfString{StringItem: values}}
}

func byList(name string) *gen.StaticListSelector {
	return &gen.StaticListSelector{StaticListName: gen.Some(name)}
}

// multipleLeadsByKeys states that a key without a lead is left out without a fault, unlike in getLead, and that only
// the fields asked for are returned. The address is always there, as it is no attribute of a lead.
func multipleLeadsByKeys(t testing.TB, f Fixture) {
	r := multipleLeads(t, f, &gen.ParamsGetMultipleLeads{
		LeadSelector:      byKeys("EMAIL", emailOne, emailNobody, "two@example.com"),
		IncludeAttributes: gen.Some(gen.ArrayOfString{StringItem: []string{"FirstName", "Email"}}),
	})
	list := r.LeadRecordList.Value.LeadRecord
	equal(t, "remainingCount", r.RemainingCount, 0)
	sameSet(t, "leads", leadIDs(list), []int64{leadOne, leadTwo})
	for _, lead := range list {
		if len(leadAttributes(lead)) != 1 || leadAttributes(lead)[0].AttrName != "FirstName" {
			t.Errorf("attributes %v, want FirstName alone", leadAttributes(lead))
		}
		if lead.Email.Or("") == "" {
			t.Errorf("lead %d has no Email", lead.Id.Value)
		}
	}
}

// multipleLeadsByList states that a list is found by its name and by its id.
func multipleLeadsByList(t testing.TB, f Fixture) {
	for _, selector := range []gen.LeadSelector{
		byList(listNewsletter), &gen.StaticListSelector{StaticListId: gen.Some[int32](newsletterID)},
	} {
		r := multipleLeads(t, f, &gen.ParamsGetMultipleLeads{LeadSelector: selector})
		sameSet(t, "leads", leadIDs(r.LeadRecordList.Value.LeadRecord), []int64{leadOne, leadTwo, leadThree})
	}
}

// multipleLeadsByUpdate states that a lead counts as updated when a field of it has changed.
func multipleLeadsByUpdate(t testing.TB, f Fixture) {
	f.Advance(2 * day)
	syncLead(t, f, gen.LeadRecord{Id: gen.Some[int32](leadBare), LeadAttributeList: gen.Some(attributes(attribute("FirstName", "Changed")))})
	r := multipleLeads(t, f, &gen.ParamsGetMultipleLeads{LeadSelector: &gen.LastUpdateAtSelector{
		OldestUpdatedAt: gen.NewDateTime(now.Add(day)), LatestUpdatedAt: gen.Some(gen.NewDateTime(now.Add(3 * day))),
	}})
	sameSet(t, "leads", leadIDs(r.LeadRecordList.Value.LeadRecord), []int64{leadBare})
}

func multipleLeadsNone(t testing.TB, f Fixture) {
	for _, selector := range []gen.LeadSelector{byKeys("EMAIL", emailNobody), byList(listNobody)} {
		r := multipleLeads(t, f, &gen.ParamsGetMultipleLeads{LeadSelector: selector})
		equal(t, "returnCount", r.ReturnCount, 0)
		equal(t, "remainingCount", r.RemainingCount, 0)
	}
}

// multipleLeadsPaged states that pages of one bring all leads, and that a position which was tampered with is
// refused.
func multipleLeadsPaged(t testing.TB, f Fixture) {
	in := &gen.ParamsGetMultipleLeads{LeadSelector: byList(listNewsletter), BatchSize: gen.Some[int32](1)}
	read := func(at string) (page[string], error) {
		request := *in
		if at != "" {
			request.StreamPosition = gen.Some(at)
		}
		out, err := f.Port.GetMultipleLeads(t.Context(), &request)
		if err != nil {
			return page[string]{}, err
		}
		if out.Result.ReturnCount > 1 {
			t.Errorf("%d leads on a page of one", out.Result.ReturnCount)
		}
		return page[string]{leadIDs(out.Result.LeadRecordList.Value.LeadRecord), out.Result.NewStreamPosition, out.Result.RemainingCount > 0}, nil
	}
	all := readAll(t, "", read)
	sameSet(t, "leads", all.ids, []int64{leadOne, leadTwo, leadThree})
	all.again(t, f, read)
	_, err := read(tampered(all.positions[0]))
	refused(t, err, fault.CodeBadStreamPosition)
}

// multipleLeadsBad states what getMultipleLeads refuses.
func multipleLeadsBad(t testing.TB, f Fixture) {
	month := &gen.LastUpdateAtSelector{
		OldestUpdatedAt: gen.NewDateTime(now.Add(-31 * day)), LatestUpdatedAt: gen.Some(gen.NewDateTime(now)),
	}
	for _, test := range []struct {
		name string
		in   gen.ParamsGetMultipleLeads
		want []fault.Code
	}{
		{"no selector", gen.ParamsGetMultipleLeads{}, missing},
		{"more than 30 days", gen.ParamsGetMultipleLeads{LeadSelector: month}, []fault.Code{fault.CodeTimeRangeExceeded}},
		{"unknown list", gen.ParamsGetMultipleLeads{LeadSelector: byList("No Such List")}, []fault.Code{fault.CodeListNotFound}},
		{"made-up position", gen.ParamsGetMultipleLeads{LeadSelector: byList(listNewsletter), StreamPosition: gen.Some("made up")}, []fault.Code{fault.CodeBadStreamPosition}},
	} {
		t.Log(test.name)
		_, err := f.Port.GetMultipleLeads(t.Context(), &test.in)
		refused(t, err, test.want...)
	}
}
