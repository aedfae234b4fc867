package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/safety"
)

// checkOperations is the name of the check of what an endpoint of the SOAP API serves.
const checkOperations = "operations"

// askOperations calls each operation over SOAP that can be called without changing anything. An endpoint need not serve
// all of them, and tells by a fault.
func (e *examination) askOperations(ctx context.Context) {
	asked, refused, requests := 0, 0, safeRequests(e.Now())
	var first error
	for _, name := range operationNames() {
		out := Operation{Name: name, Verdict: Unchecked, Needs: []string{}, Loss: []string{}, Why: "only a write would tell"}
		in := requests[name]
		if in != nil && safety.Of(name, in) == fault.ReadOnly {
			var err error
			e.step(ctx, func(ctx context.Context) { _, err = gen.OperationByName(name).Call(ctx, e.Port, in) })
			e.tellOperation(&out, err)
			asked++
			if out.Verdict == Cannot || out.Verdict == NeedsMore {
				refused++
				first = errors.Join(first, err)
			}
		}
		e.report.Operations = append(e.report.Operations, out)
	}
	found := fmt.Sprintf("%d were called, %d of them refused", asked, refused)
	if refused > 0 {
		e.fail(checkOperations, first, found, "ask who runs the endpoint for them")
		return
	}
	e.add(checkOperations, OK, found, "")
}

// tellOperation tells what came of a call. A fault about what it asked for shows that the operation is served.
func (e *examination) tellOperation(out *Operation, err error) {
	switch {
	case errors.Is(err, fault.CodeUnsupportedOperation):
		out.Verdict, out.Why = Cannot, err.Error()
	case errors.Is(err, fault.ErrAuth):
		out.Verdict, out.Why, out.Needs = NeedsMore, err.Error(), []string{"to call it"}
	case err == nil, errors.Is(err, fault.ErrNotFound), errors.Is(err, fault.ErrInvalid):
		out.Verdict, out.Why = Works, ""
	default:
		out.Why = e.inWords(err)
	}
}

// recently is a time of which there is little to read.
const recently = time.Minute

// safeRequests are the cheapest requests that only ask, one for each operation that can be asked. What they name need not
// be there.
func safeRequests(now time.Time) map[string]gen.Message {
	const nothing = "mktows doctor"
	lead := &gen.LeadKey{KeyType: gen.LeadKeyRefIDNUM, KeyValue: "1"}
	since := gen.StreamPosition{OldestCreatedAt: gen.Some(gen.NewDateTime(now.Add(-recently).UTC().Truncate(time.Second)))}
	list := []gen.Message{
		&gen.ParamsGetLead{LeadKey: lead},
		&gen.ParamsGetMultipleLeads{
			LeadSelector: &gen.LeadKeySelector{KeyType: gen.LeadKeyRefIDNUM, KeyValues: &gen.ArrayOfString{StringItem: []string{"1"}}}, BatchSize: gen.Some[int32](1),
		},
		&gen.ParamsGetLeadActivity{LeadKey: lead, StartPosition: gen.Some(since), BatchSize: gen.Some[int32](1)},
		&gen.ParamsGetLeadChanges{StartPosition: &since, BatchSize: gen.Some[int32](1)},
		&gen.ParamsGetImportToListStatus{ProgramName: gen.Some(nothing), ListName: gen.Some(nothing)},
		&gen.ParamsListOperation{
			ListOperation: gen.ListOperationTypeISMEMBEROFLIST, ListKey: &gen.ListKey{KeyType: gen.ListKeyTypeMKTOLISTNAME, KeyValue: nothing},
			ListMemberList: &gen.ArrayOfLeadKey{LeadKey: []gen.LeadKey{*lead}},
		},
		&gen.ParamsGetCampaignsForSource{Source: gen.ReqCampSourceTypeMKTOWS, Name: gen.Some(nothing), ExactName: gen.Some(true)},
		new(gen.ParamsGetChannels),
		new(gen.ParamsGetTags),
		new(gen.ParamsListMObjects),
		&gen.ParamsDescribeMObject{ObjectName: "ActivityRecord"},
		&gen.ParamsGetMObjects{Type: "Program", Id: gen.Some[int32](1)},
		&gen.ParamsGetCustomObjects{
			ObjTypeName: nothing, BatchSize: gen.Some[int32](1), IncludeAttributes: new(gen.ArrayOfString),
			CustomObjKeyList: gen.Some(gen.ArrayOfAttribute{Attribute: []gen.Attribute{{AttrName: "id", AttrValue: "1"}}}),
		},
	}
	requests := make(map[string]gen.Message, len(list))
	for _, in := range list {
		requests[gen.OperationByInput(in.ElementName()).Name] = in
	}
	return requests
}
