package simulator

import (
	"context"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// SyncLead creates or updates one lead (Marketo SOAP API, syncLead; WSDL:
// ParamsSyncLead).
//
// The lead is found by the Id, else by the foreign id, else by Email, of several the
// one added last, else by the cookie; the other keys are then written to it. A cookie
// that another lead had moves; what an anonymous lead did becomes history of the lead.
// Without a match there is a new lead. Id, Email, ForeignSysPersonId and ForeignSysType
// may be attributes as well: they count where the record has no such element. The Email
// among the attributes is written in any case, so that it can be changed in a record that
// Email finds. A foreign id without its type is taken beside an Id, as one of the system
// CUSTOM.
//
// A new lead, and an anonymous one that becomes known, gets an activity New Lead; each
// field of an existing one that changes a Change Data Value. An empty value clears its
// field.
//
// With a MktowsContextHeader (see [gen.WithMktowsContext]) a lead that is found by
// anything but Email has to be in its workspace.
//
// Where nothing is documented: an Id that does not exist is 20103; a record without any
// key is 20106, and so is a lead in another workspace; an unreadable value, an
// unknown ForeignSysType, a missing one where there is no Id, and an unknown workspace are 20110.
//
// Faults: 20103, 20104 without a record, 20105 for an unknown field, 20106, 20110.
func (s *Simulator) SyncLead(ctx context.Context, in *gen.ParamsSyncLead) (*gen.SuccessSyncLead, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil || in.LeadRecord == nil {
		return nil, fault.New(fault.CodeLeadDetailRequired, "leadRecord is missing")
	}
	workspace, given, err := s.targetWorkspace(ctx)
	if err != nil {
		return nil, err
	}
	defer s.change()()
	rules := syncRules{name: "syncLead", matchEmail: true, writeEmail: true, workspace: workspace, confined: given}
	no, created, bad := s.syncRecord(in.LeadRecord, in.MarketoCookie.Or(""), rules)
	if bad != nil {
		return nil, bad
	}
	l := s.leads.at(no)
	result := &gen.ResultSyncLead{
		LeadId: int32(l.id), SyncStatus: syncStatus(l.id, created), LeadRecord: gen.None[gen.LeadRecord](), //nolint:gosec // ids are 31 bits
	}
	if in.ReturnLead {
		result.LeadRecord = gen.Some(s.leadRecord(l, nil))
	}
	return &gen.SuccessSyncLead{Result: result}, nil
}

func syncStatus(id int64, created bool) *gen.SyncStatus {
	status := &gen.SyncStatus{LeadId: int32(id), Status: gen.LeadSyncStatusUPDATED, Error: gen.None[string]()} //nolint:gosec // ids are 31 bits
	if created {
		status.Status = gen.LeadSyncStatusCREATED
	}
	return status
}

// SyncMultipleLeads creates or updates leads, one after the other, so that a record may
// find the lead of an earlier one (Marketo SOAP API, syncMultipleLeads; WSDL:
// ParamsSyncMultipleLeads).
//
// It finds and writes leads as [Simulator.SyncLead], with three differences. Unless
// dedupEnabled is false, which it is not by default, records without Id and foreign id
// are matched by Email; if it is, they become new leads. Email beside another key is
// not written to a lead that exists: list it among the attributes. And a record fails by
// itself: its status is FAILED with leadId 0, and error has the text of the fault that
// syncLead would have given. Only a field that is unknown refuses the whole call, before
// anything is written: it is a fault of the import's columns, as its text says.
//
// Faults: 20104 without records, 20105 for an unknown field in any of them.
func (s *Simulator) SyncMultipleLeads(ctx context.Context, in *gen.ParamsSyncMultipleLeads) (*gen.SuccessSyncMultipleLeads, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil || in.LeadRecordList == nil || len(in.LeadRecordList.LeadRecord) == 0 {
		return nil, fault.New(fault.CodeLeadDetailRequired, "leadRecordList has no leadRecord")
	}
	rules := syncRules{name: "syncMultipleLeads", matchEmail: in.DedupEnabled.Or(true), workspace: s.workspaces[0]}
	records := in.LeadRecordList.LeadRecord
	list := make([]gen.SyncStatus, len(records))
	defer s.change()()
	var attributes []gen.Attribute
	for i := range records {
		attributes = append(attributes, records[i].LeadAttributeList.Value.Attribute...)
	}
	if err := s.checkNames(attributes, rules.name); err != nil {
		return nil, err
	}
	for i := range records {
		no, created, err := s.syncRecord(&records[i], "", rules)
		if err != nil {
			list[i] = gen.SyncStatus{Status: gen.LeadSyncStatusFAILED, Error: gen.Some(err.Message)}
			continue
		}
		list[i] = *syncStatus(s.leads.at(no).id, created)
	}
	return &gen.SuccessSyncMultipleLeads{Result: &gen.ResultSyncMultipleLeads{
		SyncStatusList: &gen.ArrayOfSyncStatus{SyncStatus: list},
	}}, nil
}
