package simulator

import (
	"context"

	"github.com/mktows/mktows-go/gen"
)

// GetLead returns all leads that a key means, in the order they were added, with the
// fields that have a value (Marketo SOAP API, getLead; WSDL: ParamsGetLead).
//
// Faults: 20101 without a key, 20102 for its type, 20103 and 20108 where no lead or no
// owner has it.
func (s *Simulator) GetLead(ctx context.Context, in *gen.ParamsGetLead) (*gen.SuccessGetLead, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if in == nil {
		in = new(gen.ParamsGetLead)
	}
	defer s.view()()
	found, err := s.leads.findAll(in.LeadKey)
	if err != nil {
		return nil, err
	}
	return &gen.SuccessGetLead{Result: &gen.ResultGetLead{
		Count:          int32(len(found)), //nolint:gosec // ids are 31 bits
		LeadRecordList: s.leadRecords(found, nil),
	}}, nil
}

// leadRecords returns leads as answers show them, nil for none.
func (s *Simulator) leadRecords(found []leadNo, include []string) gen.Opt[gen.ArrayOfLeadRecord] {
	if len(found) == 0 {
		return gen.None[gen.ArrayOfLeadRecord]()
	}
	list := make([]gen.LeadRecord, len(found))
	for i, no := range found {
		list[i] = s.leadRecord(s.leads.at(no), include)
	}
	return gen.Some(gen.ArrayOfLeadRecord{LeadRecord: list})
}
