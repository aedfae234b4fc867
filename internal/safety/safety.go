// Package safety holds the table that says of every request what doing it twice does. The
// client repeats by it, and who finds an answer wrong learns from it whether a write may have been
// carried out.
package safety

import (
	"slices"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// row is a rule for the requests of an operation that hold what is asked.
//
// All rows follow one reasoning. A write is idempotent if all of this is true; else it is not:
//
//   - the second time leaves everything as the first one did;
//   - what the first time made is found by the second one, by a key that one record has at
//     most: one that several may share, such as an address, finds another record, or none
//     while the first is just being made;
//   - the second time reports as done what the first one did, since its report is the only one
//     that the caller sees.
type row struct {
	operation string
	when      string // which requests, in words; empty: all others
	holds     func(in gen.Message) bool
	safety    fault.Safety
	why       string
}

// table has the rows of an operation together, and the one for all other requests last.
var table = []row{
	{"describeMObject", "", nil, fault.ReadOnly, "it asks"},
	{"getCampaignsForSource", "", nil, fault.ReadOnly, "it asks"},
	{"getChannels", "", nil, fault.ReadOnly, "it asks"},
	{"getCustomObjects", "", nil, fault.ReadOnly, "it asks"},
	{"getImportToListStatus", "", nil, fault.ReadOnly, "it asks"},
	{"getLead", "", nil, fault.ReadOnly, "it asks"},
	{"getLeadActivity", "", nil, fault.ReadOnly, "it asks"},
	{"getLeadChanges", "", nil, fault.ReadOnly, "it asks"},
	{"getMObjects", "", nil, fault.ReadOnly, "it asks"},
	{"getMultipleLeads", "", nil, fault.ReadOnly, "it asks"},
	{"getTags", "", nil, fault.ReadOnly, "it asks"},
	{"listMObjects", "", nil, fault.ReadOnly, "it asks"},

	{"listOperation", "ISMEMBEROFLIST", of(asksForMembers), fault.ReadOnly, "it asks"},
	{"listOperation", "", nil, fault.Idempotent,
		"who is on the list or off it stays so, and the status says of a lead whether it is as was asked for"},

	{"syncLead", "the record has an Id or a ForeignSysPersonId", of(namesOneLead), fault.Idempotent,
		"one lead at most has the key, so that the second time updates what the first one made"},
	{"syncLead", "", nil, fault.NotIdempotent,
		"leads may share an address, and the one that the first time is making may not be found by it"},

	{"syncMultipleLeads", "all records have an Id or a ForeignSysPersonId, and dedupEnabled is not false", of(nameOneLeadEach), fault.Idempotent,
		"one lead at most has each key, so that the second time updates what the first one made"},
	{"syncMultipleLeads", "", nil, fault.NotIdempotent,
		"leads may share an address, and without deduplication each record makes another lead"},

	{"syncMObjects", "UPDATE, no cost without an Id", of(updatesObjects), fault.Idempotent,
		"what is written is the same, and it is reported as updated or unchanged"},
	{"syncMObjects", "UPSERT, all objects have an Id, no cost without an Id", of(upsertsById), fault.Idempotent,
		"one object at most has the id"},
	{"syncMObjects", "", nil, fault.NotIdempotent,
		"an insert skips what the first time made; objects may share an external key, which is not checked for uniqueness; " +
			"a cost without an Id is added each time"},

	{"syncCustomObjects", "UPDATE or UPSERT", of(doesNotInsert), fault.Idempotent,
		"one record at most has the deduplication fields, so that the second time updates what the first one made"},
	{"syncCustomObjects", "", nil, fault.NotIdempotent, "an insert skips what the first time made"},

	{"deleteMObjects", "", nil, fault.NotIdempotent,
		"whether what is gone already is reported as unchanged or as failed is not documented"},
	{"deleteCustomObjects", "", nil, fault.NotIdempotent,
		"what is gone already has no status but FAILED in the schema (WSDL: SyncStatusEnum)"},
	{"mergeLeads", "", nil, fault.NotIdempotent, "a lead that is merged is not found the second time (20103)"},

	{"importToList", "", nil, fault.NotIdempotent, "it starts an import each time"},
	{"requestCampaign", "", nil, fault.NotIdempotent, "the leads run through the campaign each time"},
	{"scheduleCampaign", "", nil, fault.NotIdempotent, "the campaign runs each time"},
}

// Of returns the safety of a request of an operation. That of an operation that the WSDL does
// not have is unknown.
func Of(operation string, in gen.Message) fault.Safety {
	for _, r := range table {
		if r.operation == operation && (r.holds == nil || r.holds(in)) {
			return r.safety
		}
	}
	return fault.Unknown
}

// of makes a condition of one that wants the message of the operation. It does not hold for
// another message, or none.
func of[M any](holds func(*M) bool) func(gen.Message) bool {
	return func(in gen.Message) bool {
		m, ok := any(in).(*M)
		return ok && m != nil && holds(m)
	}
}

func asksForMembers(in *gen.ParamsListOperation) bool {
	return in.ListOperation == gen.ListOperationTypeISMEMBEROFLIST
}

func namesOneLead(in *gen.ParamsSyncLead) bool { return in.LeadRecord != nil && hasKey(in.LeadRecord) }

func nameOneLeadEach(in *gen.ParamsSyncMultipleLeads) bool {
	return in.DedupEnabled.Or(true) && in.LeadRecordList != nil && all(in.LeadRecordList.LeadRecord, hasKey)
}

// hasKey reports whether a record names its lead by a key that one lead has at most.
func hasKey(r *gen.LeadRecord) bool {
	return r.Id.State == gen.Present || r.ForeignSysPersonId.Or("") != ""
}

func updatesObjects(in *gen.ParamsSyncMObjects) bool {
	return in.Operation == gen.SyncOperationEnumUPDATE && in.MObjectList != nil && all(in.MObjectList.MObject, addsNoCost)
}

func upsertsById(in *gen.ParamsSyncMObjects) bool {
	return in.Operation == gen.SyncOperationEnumUPSERT && in.MObjectList != nil && all(in.MObjectList.MObject,
		func(o *gen.MObject) bool { return o.Id.State == gen.Present && addsNoCost(o) })
}

// addsNoCost reports whether an object has no cost without an id, which is a new one each
// time (Marketo SOAP API, syncMObjects: Id and Note are optional).
func addsNoCost(object *gen.MObject) bool {
	return all(object.TypeAttribList.Value.TypeAttrib, func(group *gen.TypeAttrib) bool {
		return group.AttrType != "Cost" ||
			slices.ContainsFunc(group.AttrList.Value.Attrib, func(a gen.Attrib) bool { return a.Name == "Id" && a.Value != "" })
	})
}

func doesNotInsert(in *gen.ParamsSyncCustomObjects) bool {
	operation, given := in.Operation.Get()
	return given && (operation == gen.SyncOperationEnumUPDATE || operation == gen.SyncOperationEnumUPSERT)
}

func all[T any](list []T, holds func(*T) bool) bool {
	for i := range list {
		if !holds(&list[i]) {
			return false
		}
	}
	return true
}
