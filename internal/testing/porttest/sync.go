package porttest

import (
	"strconv"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

const day = 24 * time.Hour

// syncCases are about writing leads: syncLead and syncMultipleLeads.
func syncCases() []testCase {
	return []testCase{
		{"syncLead", positive, "creates, and the others see it", syncLeadCreates},
		{"syncLead", positive, "updates the lead of the Id", syncLeadUpdates},
		{"syncLead", positive, "a foreign id comes before an address", syncLeadForeign},
		{"syncLead", positive, "a cookie identifies", syncLeadCookie},
		{"syncLead", positive, "keys may be attributes", syncLeadAttributeKeys},
		{"syncLead", empty, "a record with nothing but its key", syncLeadKeyOnly},
		{"syncLead", badInput, "records", syncLeadBad},
		{"syncMultipleLeads", positive, "each record by itself, in order", syncManyMixed},
		{"syncMultipleLeads", positive, "without matching, duplicates are made", syncManyDuplicates},
		{"syncMultipleLeads", empty, "no records", syncManyEmpty},
		{"syncMultipleLeads", badInput, "a bad record fails alone", syncManyBad},
		{"syncMultipleLeads", badInput, "an unknown field refuses the call", syncManyUnknownField},
	}
}

// syncLead writes a lead that has to be accepted, asks for it back and checks that all ids in the answer agree.
func syncLead(t testing.TB, f Fixture, r gen.LeadRecord) *gen.ResultSyncLead {
	t.Helper()
	result := must(f.Port.SyncLead(t.Context(), &gen.ParamsSyncLead{LeadRecord: &r, ReturnLead: true}))(t).Result
	equal(t, "syncStatus/leadId", result.SyncStatus.LeadId, result.LeadId)
	equal(t, "the lead's Id", result.LeadRecord.Value.Id.Or(0), result.LeadId)
	return result
}

// syncLeadCreates states that a new address creates a lead, that the other operations see it, and that the same
// address updates it the second time.
func syncLeadCreates(t testing.TB, f Fixture) {
	result := syncLead(t, f, gen.LeadRecord{
		Email: gen.Some("new@example.com"), LeadAttributeList: gen.Some(attributes(attribute("FirstName", "Çelik"))),
	})
	equal(t, "status", result.SyncStatus.Status, gen.LeadSyncStatusCREATED)
	hasValue(t, leadAttributes(result.LeadRecord.Value), "FirstName", "Çelik")
	r := theLead(t, f, key("EMAIL", "new@example.com"))
	equal(t, "Id", r.Id.Or(0), result.LeadId)
	hasValue(t, leadAttributes(r), "FirstName", "Çelik")
	if types := historyTypes(t, f, int64(result.LeadId)); len(types) == 0 || types[len(types)-1] != "New Lead" {
		t.Errorf("history %v, want it to begin with New Lead", types)
	}
	again := syncLead(t, f, gen.LeadRecord{Email: gen.Some("new@example.com")})
	equal(t, "status the second time", again.SyncStatus.Status, gen.LeadSyncStatusUPDATED)
	equal(t, "leadId the second time", again.LeadId, result.LeadId)
}

// syncLeadUpdates states that the lead of an id is updated, its address included, and that the change of a field is
// an activity with the value before and after.
func syncLeadUpdates(t testing.TB, f Fixture) {
	f.Advance(time.Hour)
	result := syncLead(t, f, gen.LeadRecord{
		Id: gen.Some[int32](leadTwo), Email: gen.Some("second@example.com"), LeadAttributeList: gen.Some(attributes(attribute("FirstName", "Second"))),
	})
	equal(t, "leadId", result.LeadId, leadTwo)
	equal(t, "status", result.SyncStatus.Status, gen.LeadSyncStatusUPDATED)
	r := theLead(t, f, idKey(leadTwo))
	equal(t, "Email", r.Email.Or(""), "second@example.com")
	hasValue(t, leadAttributes(r), "FirstName", "Second")
	for _, a := range history(t, f, leadTwo, gen.ActivityTypeChangeDataValue) {
		list := a.ActivityAttributes.Value.Attribute
		if value, _ := valueOf(list, "New Value"); value == "Second" {
			hasValue(t, list, "Old Value", "Two")
			return
		}
	}
	t.Error("no activity Change Data Value tells of the new name")
}

// syncLeadForeign states that a foreign id decides before an address: the lead with that foreign id gets the address,
// even if another lead has it already.
func syncLeadForeign(t testing.TB, f Fixture) {
	foreign := gen.LeadRecord{
		ForeignSysPersonId: gen.Some("crm-1"), ForeignSysType: gen.Some(gen.ForeignSysTypeCUSTOM), Email: gen.Some("crm@example.com"),
	}
	created := syncLead(t, f, foreign)
	equal(t, "status", created.SyncStatus.Status, gen.LeadSyncStatusCREATED)
	foreign.Email = gen.Some(emailBare) // of another lead
	moved := syncLead(t, f, foreign)
	equal(t, "leadId", moved.LeadId, created.LeadId)
	equal(t, "Email", theLead(t, f, idKey(int64(created.LeadId))).Email.Or(""), emailBare)
}

// syncLeadCookie states that a cookie finds the lead, and that the lead is returned only if that was asked for.
func syncLeadCookie(t testing.TB, f Fixture) {
	result := must(f.Port.SyncLead(t.Context(), &gen.ParamsSyncLead{
		LeadRecord:    &gen.LeadRecord{LeadAttributeList: gen.Some(attributes(attribute("LastName", "Renamed")))},
		MarketoCookie: gen.Some(cookieOne),
	}))(t).Result
	equal(t, "leadId", result.LeadId, leadOne)
	if result.LeadRecord.State == gen.Present {
		t.Error("the lead is returned although returnLead is false")
	}
	hasValue(t, leadAttributes(theLead(t, f, idKey(leadOne))), "LastName", "Renamed")
}

// syncLeadAttributeKeys states what was seen in public programs and has to work: keys given as attributes, and a
// foreign id without its type beside an Id, which decides.
func syncLeadAttributeKeys(t testing.TB, f Fixture) {
	for _, r := range []gen.LeadRecord{
		{LeadAttributeList: gen.Some(attributes(attribute("Email", emailOne)))},
		{LeadAttributeList: gen.Some(attributes(attribute("Id", strconv.Itoa(leadOne)), attribute("FirstName", "Uno")))},
		{Id: gen.Some[int32](leadOne), ForeignSysPersonId: gen.Some("crm-9")},
		{Id: gen.Some[int32](leadOne), LeadAttributeList: gen.Some(attributes(attribute("Id", strconv.Itoa(leadTwo))))},
	} {
		result := syncLead(t, f, r)
		equal(t, "leadId", result.LeadId, leadOne)
		equal(t, "status", result.SyncStatus.Status, gen.LeadSyncStatusUPDATED)
	}
}

// syncLeadKeyOnly states that a record with nothing but its key changes nothing and leaves no activity.
func syncLeadKeyOnly(t testing.TB, f Fixture) {
	before := len(historyTypes(t, f, leadOne))
	result := syncLead(t, f, gen.LeadRecord{Id: gen.Some[int32](leadOne)})
	equal(t, "leadId", result.LeadId, leadOne)
	equal(t, "activities", len(historyTypes(t, f, leadOne)), before)
}

// syncLeadBad states what syncLead refuses.
func syncLeadBad(t testing.TB, f Fixture) {
	unknown := gen.Some(attributes(attribute("NoSuchField", "1")))
	for _, test := range []struct {
		name string
		in   gen.LeadRecord
		want []fault.Code
	}{
		{"unknown field", gen.LeadRecord{Email: gen.Some(emailOne), LeadAttributeList: unknown}, []fault.Code{fault.CodeLeadAttributeBad}},
		{"unknown Id", gen.LeadRecord{Id: gen.Some[int32](noLead)}, []fault.Code{fault.CodeLeadNotFound, fault.CodeLeadSyncFailed}},
		{"no key", gen.LeadRecord{LeadAttributeList: gen.Some(attributes(attribute("FirstName", "Nobody")))}, append(missingOrBad, fault.CodeLeadSyncFailed, fault.CodeLeadDetailRequired, fault.CodeLeadKeyRequired)},
		{"foreign id without system", gen.LeadRecord{ForeignSysPersonId: gen.Some("crm-1")}, append(missingOrBad, fault.CodeLeadSyncFailed)},
	} {
		t.Log(test.name)
		_, err := f.Port.SyncLead(t.Context(), &gen.ParamsSyncLead{LeadRecord: &test.in})
		refused(t, err, test.want...)
	}
}

// syncMany writes leads, checks that there is a status for each, and returns the statuses.
func syncMany(t testing.TB, f Fixture, dedup bool, records ...gen.LeadRecord) []gen.SyncStatus {
	t.Helper()
	list := must(f.Port.SyncMultipleLeads(t.Context(), &gen.ParamsSyncMultipleLeads{
		LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: records}, DedupEnabled: gen.Some(dedup),
	}))(t).Result.SyncStatusList.SyncStatus
	if len(list) != len(records) {
		t.Fatalf("%d statuses for %d records", len(list), len(records))
	}
	return list
}

// named returns a record with an address and a first name.
func named(email, firstName string) gen.LeadRecord {
	return gen.LeadRecord{Email: gen.Some(email), LeadAttributeList: gen.Some(attributes(attribute("FirstName", firstName)))}
}

// syncManyMixed states that each record is dealt with by itself and in order: an address that is new in the first
// record exists for the third.
func syncManyMixed(t testing.TB, f Fixture) {
	list := syncMany(t, f, true, named("many@example.com", "Many"), named(emailOne, "Uno"), named("many@example.com", "Twice"))
	equal(t, "first status", list[0].Status, gen.LeadSyncStatusCREATED)
	equal(t, "second status", list[1].Status, gen.LeadSyncStatusUPDATED)
	equal(t, "second leadId", list[1].LeadId, leadOne)
	equal(t, "third leadId", list[2].LeadId, list[0].LeadId)
	hasValue(t, leadAttributes(theLead(t, f, key("EMAIL", "many@example.com"))), "FirstName", "Twice")
}

// syncManyDuplicates states that without deduplication a second lead with the same address is created.
func syncManyDuplicates(t testing.TB, f Fixture) {
	list := syncMany(t, f, false, named(emailOne, "Double"))
	equal(t, "status", list[0].Status, gen.LeadSyncStatusCREATED)
	sameSet(t, "leads", leadIDs(getLead(t, f, key("EMAIL", emailOne))), []int64{leadOne, int64(list[0].LeadId)})
}

func syncManyEmpty(t testing.TB, f Fixture) {
	_, err := f.Port.SyncMultipleLeads(t.Context(), &gen.ParamsSyncMultipleLeads{LeadRecordList: new(gen.ArrayOfLeadRecord)})
	refused(t, err, append(missing, fault.CodeLeadDetailRequired)...)
}

// syncManyBad states that a bad record fails alone, with the code of the reason in its text.
func syncManyBad(t testing.TB, f Fixture) {
	list := syncMany(t, f, true, gen.LeadRecord{Id: gen.Some[int32](noLead)}, named(emailBare, "Fine"))
	equal(t, "status of the bad one", list[0].Status, gen.LeadSyncStatusFAILED)
	if text := list[0].Error.Or(""); (&fault.SyncError{Reason: text}).Code() == 0 {
		t.Errorf("the error of the bad one has no code: %q", text)
	}
	equal(t, "status of the good one", list[1].Status, gen.LeadSyncStatusUPDATED)
	hasValue(t, leadAttributes(theLead(t, f, idKey(leadBare))), "FirstName", "Fine")
}

// syncManyUnknownField states that an unknown field refuses the whole call, so that no record is written. Which
// fields exist is checked for the call and not for each record (Marketo SOAP API, error codes: 20105).
func syncManyUnknownField(t testing.TB, f Fixture) {
	unknown := gen.LeadRecord{Email: gen.Some(emailOne), LeadAttributeList: gen.Some(attributes(attribute("NoSuchField", "1")))}
	_, err := f.Port.SyncMultipleLeads(t.Context(), &gen.ParamsSyncMultipleLeads{
		LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{named(emailBare, "Fine"), unknown}}, DedupEnabled: gen.Some(true),
	})
	refused(t, err, fault.CodeLeadAttributeBad)
	if name, found := valueOf(leadAttributes(theLead(t, f, idKey(leadBare))), "FirstName"); found && name == "Fine" {
		t.Error("the record before the bad one was written")
	}
}
