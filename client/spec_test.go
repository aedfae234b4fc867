package client

import (
	"testing"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

func TestSafeties_coverTheWSDL(t *testing.T) {
	t.Parallel()
	for _, op := range gen.Operations() {
		if safeties[op.Name] == fault.Unknown {
			t.Errorf("%s has no safety", op.Name)
		}
		want := Spec{op.Name, op.SOAPAction, safeties[op.Name]}
		if got := SpecOf(op, nil); got != want {
			t.Errorf("spec %+v, expected %+v", got, want)
		}
	}
	if len(safeties) != len(gen.Operations()) {
		t.Errorf("%d safeties for %d operations", len(safeties), len(gen.Operations()))
	}
}

func TestSpecOf_dependsOnTheRequest(t *testing.T) {
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
		{"listOperation", (*gen.ParamsListOperation)(nil), fault.Idempotent},
		{"syncLead", &gen.ParamsSyncLead{LeadRecord: &id}, fault.Idempotent},
		{"syncLead", &gen.ParamsSyncLead{LeadRecord: &foreign}, fault.Idempotent},
		{"syncLead", &gen.ParamsSyncLead{LeadRecord: &email}, fault.NotIdempotent},
		{"syncLead", &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Id: gen.None[int32](), ForeignSysPersonId: gen.Some("")}}, fault.NotIdempotent},
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
		{"syncMObjects", objects(gen.SyncOperationEnumUPSERT, numbered, keyed), fault.Idempotent},
		{"syncMObjects", objects(gen.SyncOperationEnumUPSERT, numbered, gen.MObject{}), fault.NotIdempotent},
		{"syncMObjects", objects(gen.SyncOperationEnumUPDATE, numbered, cost("Month", "2026-01")), fault.NotIdempotent},
		{"syncMObjects", objects(gen.SyncOperationEnumUPDATE, numbered, cost("Id", "7")), fault.Idempotent},
		{"deleteCustomObjects", &gen.ParamsDeleteCustomObjects{}, fault.NotIdempotent},
		{"syncMObjects", &gen.ParamsSyncMObjects{Operation: gen.SyncOperationEnumUPSERT}, fault.NotIdempotent},
		{"syncMObjects", (*gen.ParamsSyncMObjects)(nil), fault.NotIdempotent},
		{"syncCustomObjects", custom(gen.Some(gen.SyncOperationEnumINSERT)), fault.NotIdempotent},
		{"syncCustomObjects", custom(gen.Some(gen.SyncOperationEnumUPSERT)), fault.Idempotent},
		{"syncCustomObjects", custom(gen.Some(gen.SyncOperationEnumUPDATE)), fault.Idempotent},
		{"syncCustomObjects", custom(gen.Opt[gen.SyncOperationEnum]{}), fault.NotIdempotent},
		{"importToList", &gen.ParamsImportToList{ClearList: true}, fault.NotIdempotent},
	} {
		if got := SpecOf(gen.OperationByName(test.operation), test.in).Safety; got != test.want {
			t.Errorf("%s %+v is %s, expected %s", test.operation, test.in, got, test.want)
		}
	}
}
