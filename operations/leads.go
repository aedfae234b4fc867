package operations

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

const opGetLead = "getLead"

// ErrSeveralLeads says that a key is that of several leads where one was asked for.
var ErrSeveralLeads = errors.New("several leads have the key")

// ForeignSysType is the system that a foreign id comes from (WSDL: ForeignSysType).
type ForeignSysType string

// The foreign systems.
const (
	ForeignSysCustom   ForeignSysType = "CUSTOM"   // one not named here
	ForeignSysSFDC     ForeignSysType = "SFDC"     // Salesforce
	ForeignSysNetSuite ForeignSysType = "NETSUITE" // NetSuite
)

// ForeignSysTypes returns all foreign systems, in the order of the schema.
func ForeignSysTypes() []ForeignSysType {
	return []ForeignSysType{ForeignSysCustom, ForeignSysSFDC, ForeignSysNetSuite}
}

// Lead is a lead with its fields (WSDL: LeadRecord). In answers a field without a
// value is left out; in requests a field with the zero value is not sent.
type Lead struct {
	// ID is the Marketo id; 0 is none.
	ID int64
	// Email is the e-mail address. Leads may share one. To empty it, sync an Attribute
	// named Email with an empty value.
	Email string
	// ForeignSysPersonID is the id of the lead in another system, and ForeignSysType that
	// system; both are given or neither, except that beside an ID the service has taken a
	// ForeignSysPersonID alone. Such an id can be given to another lead, but not
	// be changed or taken away; a lead may have several.
	ForeignSysPersonID string
	ForeignSysType     ForeignSysType
	// Attributes are the other fields by their SOAP API names, sorted by name in
	// answers. Type is needed in none of those sent.
	Attributes Attributes
}

// Leads gets and changes leads. Get it from [New].
type Leads struct{ port gen.Port }

// Get returns the lead that a key names, with all fields that have a value.
//
// Errors: an *ArgumentError before anything is sent, for a key that cannot be used;
// [ErrSeveralLeads] if several leads have the key, which Find returns; those of package
// fault, such as fault.ErrNotFound if no lead or owner has it (20103, 20108).
//
// Wire: getLead. Read-only.
func (l *Leads) Get(ctx context.Context, key LeadKey) (Lead, error) {
	leads, err := l.Find(ctx, key)
	if err != nil {
		return Lead{}, err
	}
	if len(leads) > 1 {
		return Lead{}, opError(opGetLead, 1, fmt.Errorf("%w: those with the ids %s; Find returns them all", ErrSeveralLeads, idList(leads)))
	}
	return leads[0], nil
}

// idList names the first few.
func idList(leads []Lead) string {
	var ids []string
	for _, lead := range leads[:min(len(leads), 10)] {
		ids = append(ids, fmt.Sprint(lead.ID))
	}
	if len(leads) > len(ids) {
		ids = append(ids, "…")
	}
	return strings.Join(ids, ", ")
}

// Find returns the leads that have a key, at least one, with all fields that have a
// value. Several may share any key but a KeyID.
//
// Errors: an *ArgumentError before anything is sent, for a key that cannot be used;
// those of package fault, such as fault.ErrNotFound if no lead or owner has it
// (20103, 20108).
//
// Wire: getLead. Read-only.
func (l *Leads) Find(ctx context.Context, key LeadKey) ([]Lead, error) {
	if err := cmp.Or(checkPort(l.port), key.Validate()); err != nil {
		return nil, opError(opGetLead, 0, err)
	}
	result, err := call(ctx, opGetLead, l.port.GetLead, &gen.ParamsGetLead{LeadKey: key.wire()},
		func(out *gen.SuccessGetLead) *gen.ResultGetLead { return out.Result })
	if err == nil {
		err = whole(result.Count, len(result.LeadRecordList.Value.LeadRecord))
	}
	if err != nil {
		return nil, err
	}
	leads := newLeads(result.LeadRecordList)
	if len(leads) == 0 { // the service has been seen to give the fault only
		return nil, opError(opGetLead, 1, fmt.Errorf("%w: the answer has no lead", fault.CodeLeadNotFound))
	}
	return leads, nil
}

// newLeads converts the leads of a page. The attributes of all of them are counted first and share one array.
func newLeads(list gen.Opt[gen.ArrayOfLeadRecord]) []Lead {
	records := list.Value.LeadRecord
	if len(records) == 0 {
		return nil
	}
	total := 0
	for i := range records {
		total += len(records[i].LeadAttributeList.Value.Attribute)
	}
	block := make(attributeBlock, 0, total)
	leads := make([]Lead, len(records))
	for i := range records {
		leads[i] = newLead(&records[i], &block)
	}
	return leads
}

func newLead(r *gen.LeadRecord, block *attributeBlock) Lead {
	return Lead{
		ID:                 int64(r.Id.Or(0)),
		Email:              r.Email.Or(""),
		ForeignSysPersonID: r.ForeignSysPersonId.Or(""),
		ForeignSysType:     ForeignSysType(r.ForeignSysType.Or("")),
		Attributes:         block.cut(r.LeadAttributeList.Value.Attribute),
	}
}

// Validate refuses a lead that cannot be synced: with a bad ID, with only one of
// ForeignSysPersonID and ForeignSysType where there is no ID, or with an attribute without
// a name. An attribute named as one of these fields counts in its place. The error is an
// *ArgumentError. Every sync validates its leads, and beyond that asks for a key.
func (l Lead) Validate() error {
	person := l.ForeignSysPersonID != "" || l.Attributes.isGiven(fieldForeignID)
	system := l.ForeignSysType != "" || l.Attributes.isGiven(fieldForeignType)
	switch {
	case person && !system && l.ID == 0 && !l.Attributes.isGiven(fieldID):
		return &ArgumentError{"Lead.ForeignSysType", fmt.Errorf("is needed with ForeignSysPersonID; it is one of %q", ForeignSysTypes())}
	case system && !person:
		return &ArgumentError{"Lead.ForeignSysPersonID", errors.New("is needed with ForeignSysType")}
	case l.ForeignSysType != "":
		if err := checkChoice("Lead.ForeignSysType", l.ForeignSysType, ForeignSysTypes()); err != nil {
			return err
		}
	}
	return cmp.Or(checkOptionalID("Lead.ID", l.ID), l.Attributes.check("Lead.Attributes"))
}

// Names that an attribute may have in place of a field of Lead: the service takes its value
// for that of the field where the field is empty.
const (
	fieldID          = "Id"
	fieldEmail       = "Email"
	fieldForeignID   = "ForeignSysPersonId"
	fieldForeignType = "ForeignSysType"
)

// hasKey reports whether the lead says which one it is.
func (l *Lead) hasKey() bool {
	return l.ID != 0 || strings.TrimSpace(l.Email) != "" || strings.TrimSpace(l.ForeignSysPersonID) != "" ||
		l.Attributes.isGiven(fieldID) || l.Attributes.isGiven(fieldEmail) || l.Attributes.isGiven(fieldForeignID)
}

// isGiven reports whether there is an attribute of the name with a value.
func (a Attributes) isGiven(name string) bool {
	return slices.ContainsFunc(a, func(one Attribute) bool { return one.Name == name && strings.TrimSpace(one.Value) != "" })
}

// checkKeyed is Validate for a lead that needs a key of its own.
func (l Lead) checkKeyed() error {
	if !l.hasKey() {
		return &ArgumentError{"Lead", errors.New("has no key; give ID, Email or ForeignSysPersonID")}
	}
	return l.Validate()
}

func (l *Lead) wire() *gen.LeadRecord {
	return &gen.LeadRecord{
		Id:                 optionalID(l.ID),
		Email:              optional(l.Email),
		ForeignSysPersonId: optional(l.ForeignSysPersonID),
		ForeignSysType:     optional(gen.ForeignSysType(l.ForeignSysType)),
		LeadAttributeList:  l.Attributes.wire(),
	}
}
