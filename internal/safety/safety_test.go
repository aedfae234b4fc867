package safety

import (
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// Each operation has a row for all requests, after those for some of them, and each row says why.
func TestTable_coversTheWSDL(t *testing.T) {
	t.Parallel()
	closed := make(map[string]bool)
	for i, r := range table {
		switch {
		case gen.OperationByName(r.operation) == nil:
			t.Errorf("row %d: %q is no operation", i, r.operation)
		case closed[r.operation]:
			t.Errorf("row %d is never reached: %s", i, r.operation)
		case (r.when == "") != (r.holds == nil), r.safety == fault.Unknown, r.why == "":
			t.Errorf("row %d does not say everything: %+v", i, r)
		case r.safety == fault.ReadOnly && r.why != "it asks":
			t.Errorf("row %d: a request that changes nothing is one that asks: %+v", i, r)
		}
		closed[r.operation] = closed[r.operation] || r.holds == nil
	}
	for _, op := range gen.Operations() {
		if !closed[op.Name] || Of(op.Name, nil) == fault.Unknown || Of(op.Name, op.NewInput()) == fault.Unknown {
			t.Errorf("%s has no rule for all requests", op.Name)
		}
	}
	if got := Of("getNothing", nil); got != fault.Unknown {
		t.Errorf("an unknown operation is %s", got)
	}
}

// Like operations go by like rules.
func TestTable_likeOperationsAlike(t *testing.T) {
	t.Parallel()
	upsert := &gen.ParamsSyncMObjects{Operation: gen.SyncOperationEnumUPSERT, MObjectList: &gen.ArrayOfMObject{MObject: []gen.MObject{
		{ExternalKey: gen.Some(gen.Attrib{Name: "k", Value: "v"})},
	}}}
	byEmail := &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Email: gen.Some("a@example.com")}}
	if Of("syncMObjects", upsert) != Of("syncLead", byEmail) {
		t.Error("an external key and an address may both be shared")
	}
	if Of("deleteMObjects", nil) != Of("deleteCustomObjects", nil) {
		t.Error("of both deletions nobody knows how what is gone already is reported")
	}
}

func TestOf_dependsOnTheRequest(t *testing.T) {
	t.Parallel()
	id := gen.LeadRecord{Id: gen.Some[int32](1)}
	foreign := gen.LeadRecord{ForeignSysPersonId: gen.Some("x")}
	email := gen.LeadRecord{Email: gen.Some("a@example.com")}
	many := func(dedup gen.Opt[bool], records ...gen.LeadRecord) *gen.ParamsSyncMultipleLeads {
		return &gen.ParamsSyncMultipleLeads{DedupEnabled: dedup, LeadRecordList: &gen.ArrayOfLeadRecord{LeadRecord: records}}
	}
	objects := func(op gen.SyncOperationEnum, list ...gen.MObject) *gen.ParamsSyncMObjects {
		return &gen.ParamsSyncMObjects{Operation: op, MObjectList: &gen.ArrayOfMObject{MObject: list}}
	}
	custom := func(op gen.Opt[gen.SyncOperationEnum]) *gen.ParamsSyncCustomObjects {
		return &gen.ParamsSyncCustomObjects{Operation: op}
	}
	cost := func(name, value string) gen.MObject {
		return gen.MObject{Id: gen.Some[int32](1), TypeAttribList: gen.Some(gen.ArrayOfTypeAttrib{TypeAttrib: []gen.TypeAttrib{
			{AttrType: "Cost", AttrList: gen.Some(gen.ArrayOfAttrib{Attrib: []gen.Attrib{{Name: name, Value: value}}})},
		}})}
	}
	numbered, keyed := gen.MObject{Id: gen.Some[int32](1)}, gen.MObject{ExternalKey: gen.Some(gen.Attrib{Name: "k", Value: "v"})}
	for _, test := range []struct {
		operation string
		in        gen.Message
		want      fault.Safety
	}{
		{"listOperation", &gen.ParamsListOperation{ListOperation: gen.ListOperationTypeISMEMBEROFLIST}, fault.ReadOnly},
		{"listOperation", &gen.ParamsListOperation{ListOperation: gen.ListOperationTypeADDTOLIST}, fault.Idempotent},
		{"listOperation", &gen.ParamsListOperation{ListOperation: gen.ListOperationTypeREMOVEFROMLIST}, fault.Idempotent},
		{"listOperation", (*gen.ParamsListOperation)(nil), fault.Idempotent},
		{"syncLead", &gen.ParamsSyncLead{LeadRecord: &id}, fault.Idempotent},
		{"syncLead", &gen.ParamsSyncLead{LeadRecord: &foreign}, fault.Idempotent},
		{"syncLead", &gen.ParamsSyncLead{LeadRecord: &email}, fault.NotIdempotent},
		{"syncLead", &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Id: gen.NilOf[int32](), ForeignSysPersonId: gen.Some("")}}, fault.NotIdempotent},
		{"syncLead", &gen.ParamsSyncLead{MarketoCookie: gen.Some("id:1")}, fault.NotIdempotent},
		{"syncLead", (*gen.ParamsSyncLead)(nil), fault.NotIdempotent},
		{"syncMultipleLeads", many(gen.Some(true), email), fault.NotIdempotent},
		{"syncMultipleLeads", many(gen.Some(false), email), fault.NotIdempotent},
		{"syncMultipleLeads", many(gen.Opt[bool]{}, id, email), fault.NotIdempotent},
		{"syncMultipleLeads", many(gen.Some(false), id, foreign), fault.NotIdempotent},
		{"syncMultipleLeads", many(gen.Some(true), id, foreign), fault.Idempotent},
		{"syncMultipleLeads", many(gen.Opt[bool]{}, id, foreign), fault.Idempotent},
		{"syncMultipleLeads", &gen.ParamsSyncMultipleLeads{}, fault.NotIdempotent},
		{"syncMultipleLeads", (*gen.ParamsSyncMultipleLeads)(nil), fault.NotIdempotent},
		{"syncMObjects", objects(gen.SyncOperationEnumINSERT, numbered), fault.NotIdempotent},
		{"syncMObjects", objects(gen.SyncOperationEnumUPDATE, gen.MObject{}), fault.Idempotent},
		{"syncMObjects", objects(gen.SyncOperationEnumUPDATE, keyed), fault.Idempotent},
		{"syncMObjects", objects(gen.SyncOperationEnumUPSERT, numbered, numbered), fault.Idempotent},
		{"syncMObjects", objects(gen.SyncOperationEnumUPSERT, numbered, keyed), fault.NotIdempotent},
		{"syncMObjects", objects(gen.SyncOperationEnumUPSERT, numbered, gen.MObject{}), fault.NotIdempotent},
		{"syncMObjects", objects(gen.SyncOperationEnumUPDATE, numbered, cost("Month", "2026-01")), fault.NotIdempotent},
		{"syncMObjects", objects(gen.SyncOperationEnumUPDATE, numbered, cost("Id", "7")), fault.Idempotent},
		{"syncMObjects", objects(gen.SyncOperationEnumUPDATE, numbered, cost("Id", "")), fault.NotIdempotent},
		{"syncMObjects", objects(gen.SyncOperationEnumUPSERT, cost("Month", "2026-01")), fault.NotIdempotent},
		{"syncMObjects", &gen.ParamsSyncMObjects{Operation: gen.SyncOperationEnumUPDATE}, fault.NotIdempotent},
		{"syncLead", &gen.ParamsGetLead{}, fault.NotIdempotent},
		{"deleteMObjects", &gen.ParamsDeleteMObjects{}, fault.NotIdempotent},
		{"deleteCustomObjects", &gen.ParamsDeleteCustomObjects{}, fault.NotIdempotent},
		{"syncMObjects", &gen.ParamsSyncMObjects{Operation: gen.SyncOperationEnumUPSERT}, fault.NotIdempotent},
		{"syncMObjects", (*gen.ParamsSyncMObjects)(nil), fault.NotIdempotent},
		{"syncCustomObjects", custom(gen.Some(gen.SyncOperationEnumINSERT)), fault.NotIdempotent},
		{"syncCustomObjects", custom(gen.Some(gen.SyncOperationEnumUPSERT)), fault.Idempotent},
		{"syncCustomObjects", custom(gen.Some(gen.SyncOperationEnumUPDATE)), fault.Idempotent},
		{"syncCustomObjects", custom(gen.Some(gen.SyncOperationEnum("MERGE"))), fault.NotIdempotent},
		{"syncCustomObjects", (*gen.ParamsSyncCustomObjects)(nil), fault.NotIdempotent},
		{"syncCustomObjects", custom(gen.Opt[gen.SyncOperationEnum]{}), fault.NotIdempotent},
		{"importToList", &gen.ParamsImportToList{ClearList: true}, fault.NotIdempotent},
	} {
		if got := Of(test.operation, test.in); got != test.want {
			t.Errorf("%s %+v is %s, expected %s", test.operation, test.in, got, test.want)
		}
	}
}
