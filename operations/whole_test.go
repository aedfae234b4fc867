package operations_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// An answer with fewer records than it says is an error: what is missing would be lost, or a lead that is one of several
// be taken for the only one.
func TestCalls_fewerRecordsThanSaid(t *testing.T) {
	t.Parallel()
	lead := gen.Some(gen.ArrayOfLeadRecord{LeadRecord: []gen.LeadRecord{{Id: gen.Some[int32](1)}}})
	key := operations.LeadID(1)
	for _, tt := range []struct {
		answer gen.Message
		count  func(gen.Message) *int32
		ask    func(*operations.API) error
	}{
		{&gen.SuccessGetLead{Result: &gen.ResultGetLead{LeadRecordList: lead}}, func(m gen.Message) *int32 { return &m.(*gen.SuccessGetLead).Result.Count },
			func(api *operations.API) error { _, err := api.Leads.Get(t.Context(), key); return err }},
		{&gen.SuccessGetMultipleLeads{Result: &gen.ResultGetMultipleLeads{LeadRecordList: lead}}, func(m gen.Message) *int32 { return &m.(*gen.SuccessGetMultipleLeads).Result.ReturnCount },
			func(api *operations.API) error { return last(api.Leads.All(t.Context(), operations.InListID(1), nil)) }},
		{&gen.SuccessGetLeadActivity{LeadActivityList: &gen.LeadActivityList{}}, func(m gen.Message) *int32 { return &m.(*gen.SuccessGetLeadActivity).LeadActivityList.ReturnCount },
			func(api *operations.API) error { return last(api.Activities.All(t.Context(), key, nil)) }},
		{&gen.SuccessGetLeadChanges{Result: &gen.ResultGetLeadChanges{}}, func(m gen.Message) *int32 { return &m.(*gen.SuccessGetLeadChanges).Result.ReturnCount },
			func(api *operations.API) error {
				return last(api.Changes.All(t.Context(), time.Unix(0, 0), nil))
			}},
		{&gen.SuccessGetMObjects{Result: &gen.ResultGetMObjects{}}, func(m gen.Message) *int32 { return &m.(*gen.SuccessGetMObjects).Result.ReturnCount },
			func(api *operations.API) error {
				return last(api.Objects.All(t.Context(), operations.ObjectProgram, nil))
			}},
		{&gen.SuccessGetCustomObjects{Result: &gen.ResultGetCustomObjects{}}, func(m gen.Message) *int32 { return &m.(*gen.SuccessGetCustomObjects).Result.ReturnCount },
			func(api *operations.API) error {
				return last(api.CustomObjects.All(t.Context(), "car", operations.Attributes{{Name: "vin", Value: "1"}}, nil))
			}},
	} {
		r := &recorder{answer: tt.answer}
		if err := tt.ask(r.api()); err != nil {
			t.Errorf("%v: %v", reflect.TypeOf(tt.answer), err)
		}
		*tt.count(tt.answer) = 2
		var decode *fault.DecodeError
		if err := tt.ask(r.api()); !errors.As(err, &decode) {
			t.Errorf("%v: error %v", reflect.TypeOf(tt.answer), err)
		}
	}
}

func last[T any](all func(func(T, error) bool)) (last error) {
	for _, err := range all {
		last = err
	}
	return last
}
