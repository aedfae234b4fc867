package soap

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/leads"
	"github.com/mktows/mktows-go/simulator/record"
)

// SyncLead creates or updates one lead. The workspace is looked up before the instance is locked, since workspaces
// never change; everything that depends on leads happens under one write lock, so that two calls for one new address
// cannot both create a lead.
func (s Service) SyncLead(ctx context.Context, in *gen.ParamsSyncLead) (*gen.SuccessSyncLead, error) {
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
	defer s.Change()()
	rules := leads.Rules{Operation: "syncLead", MatchEmail: true, WriteEmail: true, Workspace: workspace, Confined: given}
	no, created, bad := s.syncRecord(in.LeadRecord, in.MarketoCookie.Or(""), rules)
	if bad != nil {
		return nil, bad
	}
	l := s.Leads.Lead(no)
	result := &gen.ResultSyncLead{
		LeadId: int32(l.ID()), SyncStatus: syncStatus(l.ID(), created), LeadRecord: gen.NilOf[gen.LeadRecord](), //nolint:gosec // ids are 31 bits
	}
	if in.ReturnLead {
		result.LeadRecord = gen.Some(s.leadRecord(l, nil))
	}
	return &gen.SuccessSyncLead{Result: result}, nil
}

// targetWorkspace returns the workspace that the header of a syncLead names, and whether it names one. The difference
// matters: without a header new leads go to the default workspace, but leads of any workspace may be updated.
func (s Service) targetWorkspace(ctx context.Context) (name string, given bool, err error) {
	h, _ := gen.MktowsContext(ctx)
	name, ok := leads.Workspace(s.Workspaces, h.TargetWorkspace)
	if !ok {
		return "", false, fault.Newf(fault.CodeBadParameter, "MktowsContextHeader/targetWorkspace: there is no workspace %q", h.TargetWorkspace)
	}
	return name, h.TargetWorkspace != "", nil
}

// syncStatus is the status of one record that was written.
func syncStatus(id int64, created bool) *gen.SyncStatus {
	status := &gen.SyncStatus{LeadId: int32(id), Status: gen.LeadSyncStatusUPDATED, Error: gen.NilOf[string]()} //nolint:gosec // ids are 31 bits
	if created {
		status.Status = gen.LeadSyncStatusCREATED
	}
	return status
}

// SyncMultipleLeads creates or updates leads, one after the other, so that a later record finds what an earlier one
// has written. The names of all records are checked before the first is written: an unknown field is an error of the
// call, as one of a column is in an import, while everything else that is wrong with a record is told in its own
// status.
func (s Service) SyncMultipleLeads(ctx context.Context, in *gen.ParamsSyncMultipleLeads) (*gen.SuccessSyncMultipleLeads, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil || in.LeadRecordList == nil || len(in.LeadRecordList.LeadRecord) == 0 {
		return nil, fault.New(fault.CodeLeadDetailRequired, "leadRecordList has no leadRecord")
	}
	rules := leads.Rules{Operation: "syncMultipleLeads", MatchEmail: in.DedupEnabled.Or(true), Workspace: s.Workspaces[0]}
	records := in.LeadRecordList.LeadRecord
	list := make([]gen.SyncStatus, len(records))
	defer s.Change()()
	var attributes []gen.Attribute
	for i := range records {
		attributes = append(attributes, records[i].LeadAttributeList.Value.Attribute...)
	}
	if err := s.checkNames(attributes, rules.Operation); err != nil {
		return nil, err
	}
	for i := range records {
		no, created, err := s.syncRecord(&records[i], "", rules)
		if err != nil {
			list[i] = gen.SyncStatus{Status: gen.LeadSyncStatusFAILED, Error: gen.Some(err.Message)}
			continue
		}
		list[i] = *syncStatus(s.Leads.ID(no), created)
	}
	return &gen.SuccessSyncMultipleLeads{Result: &gen.ResultSyncMultipleLeads{
		SyncStatusList: &gen.ArrayOfSyncStatus{SyncStatus: list},
	}}, nil
}

// syncRecord writes one record and returns its lead. It writes all or nothing.
func (s Service) syncRecord(r *gen.LeadRecord, cookie string, rules leads.Rules) (no leads.No, created bool, err *fault.Fault) {
	in, err := s.readRecord(r, cookie, rules.Operation)
	if err != nil {
		return 0, false, err
	}
	return s.Leads.Sync(in, rules)
}

// readRecord turns a record into what the table of leads takes. It checks everything that can be checked without
// looking at a lead, so that Sync has to deal only with errors that depend on what is stored.
func (s Service) readRecord(r *gen.LeadRecord, cookie, operation string) (*leads.Input, *fault.Fault) {
	in := &leads.Input{
		Email: r.Email.Or(""), Cookie: cookie,
		Foreign: record.ForeignID{System: r.ForeignSysType.Or(""), ID: r.ForeignSysPersonId.Or("")},
	}
	if id, ok := r.Id.Get(); ok {
		in.ID, in.HasID = int64(id), true
	}
	attributes := r.LeadAttributeList.Value.Attribute
	if err := readKeyAttributes(in, attributes); err != nil {
		return nil, err
	}
	if err := checkForeign(in); err != nil {
		return nil, err
	}
	if !in.HasID && in.Email == "" && in.Foreign.ID == "" && in.Cookie == "" {
		return nil, fault.Newf(fault.CodeLeadSyncFailed, "%s operation failed: the record has none of Id, Email, ForeignSysPersonId", operation)
	}
	return in, s.readValues(in, attributes, operation)
}

// checkForeign checks the foreign id of a record together with the system that it belongs to. A system without an id
// identifies nothing, so it is dropped.
func checkForeign(in *leads.Input) *fault.Fault {
	switch {
	case in.Foreign.ID == "":
		in.Foreign = record.ForeignID{}
	case in.Foreign.System == "" && in.HasID:
		// The service has taken it so. A system that nobody has named is one of the customer's.
		in.Foreign.System = gen.ForeignSysTypeCUSTOM
	case in.Foreign.System == "":
		return fault.New(fault.CodeBadParameter, "leadRecord: ForeignSysPersonId needs ForeignSysType beside it")
	case !in.Foreign.System.Valid():
		return fault.Newf(fault.CodeBadParameter, "leadRecord/ForeignSysType: %q is not one of %v", in.Foreign.System, in.Foreign.System.Values())
	}
	return nil
}

// readKeyAttributes takes keys from the attributes of a record that lacks the element for
// them: some programs give all fields of a lead as attributes.
func readKeyAttributes(in *leads.Input, attributes []gen.Attribute) *fault.Fault {
	for _, a := range attributes {
		value := strings.TrimSpace(a.AttrValue)
		switch a.AttrName {
		case leads.FieldID:
			if in.HasID || value == "" {
				continue
			}
			id, err := strconv.ParseInt(value, 10, 32)
			if err != nil {
				return fault.Newf(fault.CodeBadParameter, "leadRecord: value %q of the attribute %s is not the id of a lead", a.AttrValue, leads.FieldID)
			}
			in.ID, in.HasID = id, true
		case leads.FieldEmail:
			in.Email = cmp.Or(in.Email, value)
		case leads.FieldForeignID:
			in.Foreign.ID = cmp.Or(in.Foreign.ID, value)
		case leads.FieldForeignType:
			in.Foreign.System = cmp.Or(in.Foreign.System, gen.ForeignSysType(value))
		}
	}
	return nil
}

// isOwnElement reports whether an attribute only repeats an element of the record, such as Id; readKeyAttributes has
// dealt with those. Email does not count: among the attributes it is a field to be written, so that the address of a
// lead that is found by its id can be changed.
func isOwnElement(a gen.Attribute) bool {
	return a.AttrName != leads.FieldEmail && slices.Contains(leads.RecordElements, a.AttrName)
}

// checkNames returns the fault for attributes that are not fields of leads. It names all of them in one message, each
// once, so that whoever sends them need not find out one per call.
func (s Service) checkNames(attributes []gen.Attribute, operation string) *fault.Fault {
	var unknown []string
	named := make(map[string]bool)
	for _, a := range attributes {
		if !s.Leads.Names(a.AttrName) && !named[a.AttrName] {
			named[a.AttrName] = true
			unknown = append(unknown, a.AttrName)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	return fault.Newf(fault.CodeLeadAttributeBad, "%s operation failed: unknown fields for import: %s", operation, strings.Join(unknown, ", "))
}

// readValues reads the attributes of a record apart from those that readKeyAttributes has read. A list that says
// xsi:nil and has children nevertheless counts as a list, because the service reads the children.
func (s Service) readValues(in *leads.Input, attributes []gen.Attribute, operation string) *fault.Fault {
	if err := s.checkNames(attributes, operation); err != nil {
		return err
	}
	for _, a := range slices.DeleteFunc(slices.Clone(attributes), isOwnElement) {
		field, _ := s.Leads.Field(a.AttrName)
		if err := leads.Accepts(field, a.AttrValue); err != nil {
			return fault.Newf(fault.CodeBadParameter, "leadRecord: %v", err)
		}
		if a.AttrName == leads.FieldEmail {
			in.NewEmail, in.SetsEmail = a.AttrValue, true
			continue
		}
		in.Values = append(in.Values, leads.Value{Name: a.AttrName, Value: a.AttrValue})
	}
	return nil
}
