package client

import (
	"slices"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// Spec is what is fixed about a call before it is made.
type Spec struct {
	Operation  string // name of the operation in the WSDL, "getLeadActivity"
	SOAPAction string // the URI, without quotes
	// Safety says whether the request may be sent again when nobody knows whether it was
	// carried out. It is decided from the operation and, for some writes, from the
	// request; see the package's documentation. An interceptor that knows better may set it.
	Safety fault.Safety
}

// SpecOf returns the Spec of a call of op with the request in.
func SpecOf(op *gen.Operation, in gen.Message) Spec {
	return Spec{Operation: op.Name, SOAPAction: op.SOAPAction, Safety: safetyOf(op.Name, in)}
}

// safeties holds for every operation what may be assumed of any of its requests.
var safeties = map[string]fault.Safety{
	"describeMObject":       fault.ReadOnly,
	"getCampaignsForSource": fault.ReadOnly,
	"getChannels":           fault.ReadOnly,
	"getCustomObjects":      fault.ReadOnly,
	"getImportToListStatus": fault.ReadOnly,
	"getLead":               fault.ReadOnly,
	"getLeadActivity":       fault.ReadOnly,
	"getLeadChanges":        fault.ReadOnly,
	"getMObjects":           fault.ReadOnly,
	"getMultipleLeads":      fault.ReadOnly,
	"getTags":               fault.ReadOnly,
	"listMObjects":          fault.ReadOnly,

	// What is gone, on the list or off it stays so. Only the report of the second time
	// differs: UNCHANGED where the first one said DELETED.
	"deleteMObjects": fault.Idempotent,
	"listOperation":  fault.Idempotent,

	// The second time could make another record, run a campaign again for the same leads, or
	// start a second import. A merge names leads that may not exist any more.
	// Of custom objects that are gone already, the report has no UNCHANGED to tell it by
	// (WSDL: SyncStatusEnum): a deletion that was done would come back as failed.
	"deleteCustomObjects": fault.NotIdempotent,

	"importToList":      fault.NotIdempotent,
	"mergeLeads":        fault.NotIdempotent,
	"requestCampaign":   fault.NotIdempotent,
	"scheduleCampaign":  fault.NotIdempotent,
	"syncCustomObjects": fault.NotIdempotent,
	"syncLead":          fault.NotIdempotent,
	"syncMObjects":      fault.NotIdempotent,
	"syncMultipleLeads": fault.NotIdempotent,
}

// safetyOf returns the safety of a request: that of its operation, unless the request
// tells more.
func safetyOf(operation string, in gen.Message) fault.Safety {
	repeatable := false
	switch in := in.(type) {
	case *gen.ParamsListOperation:
		if in != nil && in.ListOperation == gen.ListOperationTypeISMEMBEROFLIST {
			return fault.ReadOnly
		}
	case *gen.ParamsSyncLead:
		repeatable = in != nil && in.LeadRecord != nil && hasKey(in.LeadRecord)
	case *gen.ParamsSyncMultipleLeads:
		// Without deduplication a record may be added again, whatever its key.
		repeatable = in != nil && in.DedupEnabled.Or(true) && allHaveKeys(in.LeadRecordList)
	case *gen.ParamsSyncMObjects:
		repeatable = in != nil && objectsRepeatable(in)
	case *gen.ParamsSyncCustomObjects:
		repeatable = in != nil && in.Operation.Or("") != gen.SyncOperationEnumINSERT && in.Operation.State == gen.Present
	}
	if repeatable {
		return fault.Idempotent
	}
	return safeties[operation]
}

// hasKey reports whether a record names its lead by a key that one lead has at most. An
// address is none: leads may share one, and a lead that the first attempt is just
// creating may not be found by it.
func hasKey(r *gen.LeadRecord) bool {
	_, byID := r.Id.Get()
	return byID || r.ForeignSysPersonId.Or("") != ""
}

func allHaveKeys(list *gen.ArrayOfLeadRecord) bool {
	if list == nil {
		return false
	}
	for i := range list.LeadRecord {
		if !hasKey(&list.LeadRecord[i]) {
			return false
		}
	}
	return true
}

// objectsRepeatable: an update is, unless it adds a cost; an upsert is if each object has
// a key by which the second time finds what the first one made. Roles have none of
// their own.
func objectsRepeatable(in *gen.ParamsSyncMObjects) bool {
	upsert := in.Operation == gen.SyncOperationEnumUPSERT
	if !upsert && in.Operation != gen.SyncOperationEnumUPDATE || in.MObjectList == nil {
		return false
	}
	for i := range in.MObjectList.MObject {
		object := &in.MObjectList.MObject[i]
		keyed := object.Id.State == gen.Present || object.ExternalKey.State == gen.Present
		if upsert && !keyed || addsCost(object) {
			return false
		}
	}
	return true
}

// addsCost reports whether an object has a cost without an id, which is a new one each
// time (Marketo SOAP API, syncMObjects: Id and Note are optional).
func addsCost(object *gen.MObject) bool {
	for _, group := range object.TypeAttribList.Value.TypeAttrib {
		named := slices.ContainsFunc(group.AttrList.Value.Attrib, func(a gen.Attrib) bool { return a.Name == "Id" && a.Value != "" })
		if group.AttrType == "Cost" && !named {
			return true
		}
	}
	return false
}
