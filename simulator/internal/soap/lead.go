package soap

import (
	"context"
	"slices"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/leads"
)

// GetLead returns all leads that a key means.
func (s Service) GetLead(ctx context.Context, in *gen.ParamsGetLead) (*gen.SuccessGetLead, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsGetLead)
	}
	defer s.View()()
	found, err := s.findAll(in.LeadKey)
	if err != nil {
		return nil, err
	}
	return &gen.SuccessGetLead{Result: &gen.ResultGetLead{
		Count:          int32(len(found)), //nolint:gosec // ids are 31 bits
		LeadRecordList: s.leadRecords(found, nil),
	}}, nil
}

// find returns the one lead that a key means where an operation needs exactly one. Several leads may share an
// address; then it is the one that was added last. The error is the fault for the key (Marketo SOAP API, error
// codes).
func (s Service) find(key *gen.LeadKey) (leads.No, error) {
	found, err := s.findAll(key)
	if err != nil {
		return 0, err
	}
	return found[len(found)-1], nil
}

// findAll returns all leads that a key means, at least one, in the order they were added.
// The list is the table's: it must not be changed.
func (s Service) findAll(key *gen.LeadKey) ([]leads.No, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if found := s.Leads.Matching(key.KeyType, key.KeyValue); len(found) > 0 {
		return found, nil
	}
	return nil, leads.NotFound(key.KeyType, key.KeyValue)
}

// checkKey finds what is wrong with a key, whatever leads there are.
func checkKey(key *gen.LeadKey) error {
	switch {
	case key == nil:
		return fault.New(fault.CodeLeadKeyRequired, "leadKey is missing")
	case key.KeyValue == "":
		return fault.New(fault.CodeLeadKeyRequired, "leadKey/keyValue is empty")
	case !key.KeyType.Valid():
		return fault.Newf(fault.CodeLeadKeyBad, "leadKey/keyType %q is not a type of lead key", key.KeyType)
	}
	return nil
}

// leadRecords returns leads as answers show them, nil for none.
func (s Service) leadRecords(found []leads.No, include []string) gen.Opt[gen.ArrayOfLeadRecord] {
	if len(found) == 0 {
		return gen.NilOf[gen.ArrayOfLeadRecord]()
	}
	list := make([]gen.LeadRecord, len(found))
	for i, no := range found {
		list[i] = s.leadRecord(s.Leads.Lead(no), include)
	}
	return gen.Some(gen.ArrayOfLeadRecord{LeadRecord: list})
}

// leadRecord returns a lead as answers show it. Of the attributes it has those that have a value and that include
// names; nil names all. Id, Email and the foreign id are elements of the record itself, and the service does not
// repeat them among the attributes.
func (s Service) leadRecord(l *leads.Row, include []string) gen.LeadRecord {
	r := gen.LeadRecord{
		Id:                 gen.Some(int32(l.ID())), //nolint:gosec // ids are 31 bits
		Email:              someText(l.Email()),
		ForeignSysPersonId: gen.NilOf[string](),
		ForeignSysType:     gen.NilOf[gen.ForeignSysType](),
		LeadAttributeList:  gen.NilOf[gen.ArrayOfAttribute](),
	}
	if f, ok := l.ForeignID(); ok {
		r.ForeignSysPersonId, r.ForeignSysType = gen.Some(f.ID), gen.Some(f.System)
	}
	if list := s.leadAttributes(l, include); len(list) > 0 {
		r.LeadAttributeList = gen.Some(gen.ArrayOfAttribute{Attribute: list})
	}
	return r
}

// leadAttributes returns the values of a lead in the form of an answer, in the order in which the lead has them.
// Fields that only the REST API has are unknown here, and their values are left out.
func (s Service) leadAttributes(l *leads.Row, include []string) []gen.Attribute {
	list := make([]gen.Attribute, 0, len(l.Values()))
	for _, v := range l.Values() {
		field, known := s.Leads.Field(v.Name)
		if known && (include == nil || slices.Contains(include, v.Name)) {
			list = append(list, gen.Attribute{AttrName: v.Name, AttrType: gen.Some(string(field.Type)), AttrValue: v.Value})
		}
	}
	return list
}
