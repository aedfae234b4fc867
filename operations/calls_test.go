package operations_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// callCase is a call of a method that makes one request: what goes out, what comes back
// and what is made of it.
type callCase struct {
	name    string
	call    func(context.Context, *operations.API) (any, error)
	request gen.Message
	answer  gen.Message
	want    any
	reason  string // of the *fault.SyncError that the call returns besides
}

func callCases() []callCase {
	return slices.Concat(leadCalls(), listCalls(), importCalls(), campaignCalls(), objectCalls(), customObjectCalls(), programCalls())
}

// recorder is a port that keeps what it is asked and answers every call alike.
type recorder struct {
	answer gen.Message
	err    error

	mu    sync.Mutex
	asked []gen.Message
	op    string
	ctx   context.Context
}

func (r *recorder) api() *operations.API { return operations.New(gen.PortFunc(r.call)) }

func (r *recorder) call(ctx context.Context, op *gen.Operation, in, out gen.Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked, r.op, r.ctx = append(r.asked, in), op.Name, ctx
	if r.err == nil && r.answer != nil {
		reflect.ValueOf(out).Elem().Set(reflect.ValueOf(r.answer).Elem())
	}
	return r.err
}

func opName(m gen.Message) string { return gen.OperationByInput(m.ElementName()).Name }

func TestCalls(t *testing.T) {
	t.Parallel()
	for _, tt := range callCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{answer: tt.answer}
			got, err := tt.call(t.Context(), r.api())
			wantReason(t, err, opName(tt.request), tt.reason)
			if diff := gocmp.Diff([]gen.Message{tt.request}, r.asked); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if diff := gocmp.Diff(tt.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if _, err := gen.Marshal(tt.request, gen.V3_1); err != nil {
				t.Errorf("the request cannot be written: %v", err)
			}
		})
	}
}

// wantReason wants the error of a record that was not taken, or none.
func wantReason(t *testing.T, err error, op, reason string) {
	t.Helper()
	if reason == "" {
		if err != nil {
			t.Error(err)
		}
		return
	}
	var record *fault.SyncError
	if !errors.As(err, &record) || record.Reason != reason || record.Index != 0 {
		t.Errorf("error %v, want the reason %q", err, reason)
	}
	wantOp(t, err, op, 1)
}

func wantOp(t *testing.T, err error, op string, attempts int) {
	t.Helper()
	var named *fault.OpError
	if !errors.As(err, &named) || named.Op != op || named.Attempts != attempts {
		t.Errorf("error %v is not of %s after %d attempts", err, op, attempts)
	}
}

// What the port says comes through: a fault keeps its code, and gets the operation's name.
func TestCalls_faults(t *testing.T) {
	t.Parallel()
	for _, tt := range callCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{err: fault.New(fault.CodeListNotFound, "")}
			_, err := tt.call(t.Context(), r.api())
			if !errors.Is(err, fault.CodeListNotFound) || !errors.Is(err, fault.ErrNotFound) || !fault.FromServer(err) {
				t.Errorf("error %v lost its code", err)
			}
			wantOp(t, err, opName(tt.request), 1)
			named := &fault.OpError{Op: "x", Attempts: 3, Err: context.Canceled}
			r.err = named
			if _, err := tt.call(t.Context(), r.api()); err != error(named) {
				t.Errorf("error %v, want that of the port as it is", err)
			}
		})
	}
}

// An answer without its content is an error, and no panic.
func TestCalls_emptyAnswers(t *testing.T) {
	t.Parallel()
	for _, tt := range callCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			result := reflect.New(reflect.TypeOf(tt.answer).Elem())
			r := &recorder{}
			_, err := tt.call(t.Context(), r.api())
			wantUnclear(t, err, tt.request)
			// A result with nothing in it need not be one, but must not be taken for a success of
			// records that were sent.
			field := result.Elem().Field(0)
			field.Set(reflect.New(field.Type().Elem()))
			r.answer = result.Interface().(gen.Message)
			_, err = tt.call(t.Context(), r.api())
			var decode *fault.DecodeError
			switch {
			case errors.As(err, &decode):
				wantUnclear(t, err, tt.request)
			case err != nil:
				wantOp(t, err, opName(tt.request), 1)
			}
		})
	}
}

func wantDecodeError(t *testing.T, err error, op string) {
	t.Helper()
	var decode *fault.DecodeError
	if !errors.As(err, &decode) {
		t.Errorf("error %v is no DecodeError", err)
	}
	wantOp(t, err, op, 1)
}

// wantUnclear wants a DecodeError, after a write as an unknown outcome: an answer that does not
// tell what was done does not say that nothing was.
func wantUnclear(t *testing.T, err error, request gen.Message) {
	t.Helper()
	op := gen.OperationByInput(request.ElementName())
	wantDecodeError(t, err, op.Name)
	write := client.SpecOf(op, request).Safety != fault.ReadOnly
	if errors.Is(err, fault.ErrUnknownOutcome) != write {
		t.Errorf("the call is a write: %t; error %v", write, err)
	}
}

// manyCase is a call for two records, and an answer with so many statuses.
type manyCase struct {
	name    string
	call    func(context.Context, *operations.API) (any, error)
	request gen.Message // what matters of it
	answer  func(statuses int) gen.Message
}

func manyCases() []manyCase {
	two := []operations.LeadKey{operations.LeadID(1), operations.LeadID(2)}
	keys := operations.Attributes{{Name: "k", Value: "v"}}
	refs := []operations.ObjectRef{{Type: operations.ObjectOpportunity, ID: 1}, {Type: operations.ObjectOpportunity, ID: 2}}
	listed := func(n int) gen.Message {
		list := gen.ArrayOfLeadStatus{LeadStatus: make([]gen.LeadStatus, n)}
		return &gen.SuccessListOperation{Result: &gen.ResultListOperation{StatusList: gen.Some(list)}}
	}
	objects := func(n int) *gen.ArrayOfMObjStatus {
		return &gen.ArrayOfMObjStatus{MObjStatus: make([]gen.MObjStatus, n)}
	}
	custom := func(n int) *gen.ArrayOfSyncCustomObjStatus {
		return &gen.ArrayOfSyncCustomObjStatus{SyncCustomObjStatus: make([]gen.SyncCustomObjStatus, n)}
	}
	return []manyCase{
		{"leads", func(ctx context.Context, api *operations.API) (any, error) {
			return api.Leads.SyncMany(ctx, []operations.Lead{{ID: 1}, {ID: 2}}, nil)
		}, &gen.ParamsSyncMultipleLeads{}, func(n int) gen.Message {
			return &gen.SuccessSyncMultipleLeads{Result: &gen.ResultSyncMultipleLeads{SyncStatusList: &gen.ArrayOfSyncStatus{SyncStatus: make([]gen.SyncStatus, n)}}}
		}},
		{"add to a list", func(ctx context.Context, api *operations.API) (any, error) {
			return api.Lists.Add(ctx, operations.ListName("l"), two, nil)
		}, &gen.ParamsListOperation{}, listed},
		{"remove from a list", func(ctx context.Context, api *operations.API) (any, error) {
			return api.Lists.Remove(ctx, operations.ListName("l"), two, nil)
		}, &gen.ParamsListOperation{}, listed},
		{"members", func(ctx context.Context, api *operations.API) (any, error) {
			return api.Lists.Members(ctx, operations.ListName("l"), two)
		}, &gen.ParamsListOperation{ListOperation: gen.ListOperationTypeISMEMBEROFLIST}, listed},
		{"objects", func(ctx context.Context, api *operations.API) (any, error) {
			return api.Objects.Sync(ctx, operations.SyncUpsert, []operations.Object{deal, deal})
		}, &gen.ParamsSyncMObjects{}, func(n int) gen.Message {
			return &gen.SuccessSyncMObjects{Result: &gen.ResultSyncMObjects{MObjStatusList: objects(n)}}
		}},
		{"objects deleted", func(ctx context.Context, api *operations.API) (any, error) { return api.Objects.Delete(ctx, refs, nil) },
			&gen.ParamsDeleteMObjects{}, func(n int) gen.Message {
				return &gen.SuccessDeleteMObjects{Result: &gen.ResultDeleteMObjects{MObjStatusList: objects(n)}}
			}},
		{"custom objects", func(ctx context.Context, api *operations.API) (any, error) {
			return api.CustomObjects.Sync(ctx, "Car", operations.SyncUpsert, []operations.CustomObject{{Keys: keys}, {Keys: keys}})
		}, &gen.ParamsSyncCustomObjects{}, func(n int) gen.Message {
			return &gen.SuccessSyncCustomObjects{Result: &gen.ResultSyncCustomObjects{SyncCustomObjStatusList: custom(n)}}
		}},
		{"custom objects deleted", func(ctx context.Context, api *operations.API) (any, error) {
			return api.CustomObjects.Delete(ctx, "Car", []operations.Attributes{keys, keys}, nil)
		}, &gen.ParamsDeleteCustomObjects{}, func(n int) gen.Message {
			return &gen.SuccessDeleteCustomObjects{Result: &gen.ResultDeleteCustomObjects{DeleteCustomObjStatusList: custom(n)}}
		}},
	}
}

// An answer that has not one status for each record leaves open what became of which.
func TestCalls_listsThatDoNotMatch(t *testing.T) {
	t.Parallel()
	for _, tt := range manyCases() {
		for _, n := range []int{0, 1, 3} {
			t.Run(fmt.Sprintf("%s, %d statuses", tt.name, n), func(t *testing.T) {
				t.Parallel()
				_, err := tt.call(t.Context(), (&recorder{answer: tt.answer(n)}).api())
				wantUnclear(t, err, tt.request)
			})
		}
	}
}

// A record whose status is not known here was neither written nor refused, for all that is
// known; one that failed or was skipped was refused.
func TestCalls_statusOfARecord(t *testing.T) {
	t.Parallel()
	for status, unknown := range map[string]bool{"": true, "POSTPONED": true, "FAILED": false, "SKIPPED": false} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			answer := &gen.SuccessSyncLead{Result: &gen.ResultSyncLead{SyncStatus: &gen.SyncStatus{Status: gen.LeadSyncStatus(status)}}}
			_, err := (&recorder{answer: answer}).api().Leads.Sync(t.Context(), operations.Lead{ID: 1}, nil)
			if errors.Is(err, fault.ErrUnknownOutcome) != unknown || !errors.As(err, new(*fault.SyncError)) {
				t.Errorf("unknown outcome expected: %t; error %v", unknown, err)
			}
		})
	}
}

// Whatever kind of record it is, the error has the code that the service's text holds.
func TestCalls_codeOfARecord(t *testing.T) {
	t.Parallel()
	const text = "No lead found with IDNUM = 7 (20103)"
	said := gen.Some(text)
	objects := &gen.ArrayOfMObjStatus{MObjStatus: []gen.MObjStatus{{Status: "FAILED", Error: said}}}
	custom := &gen.ArrayOfSyncCustomObjStatus{SyncCustomObjStatus: []gen.SyncCustomObjStatus{{Status: "FAILED", Error: said}}}
	keys := operations.Attributes{{Name: "k", Value: "v"}}
	tests := map[string]struct {
		answer gen.Message
		call   func(context.Context, *operations.API) error
	}{
		"Leads.Sync": {&gen.SuccessSyncLead{Result: &gen.ResultSyncLead{SyncStatus: &gen.SyncStatus{Status: "FAILED", Error: said}}},
			func(ctx context.Context, api *operations.API) error {
				_, err := api.Leads.Sync(ctx, operations.Lead{ID: 7}, nil)
				return err
			}},
		"Leads.SyncMany": {&gen.SuccessSyncMultipleLeads{Result: &gen.ResultSyncMultipleLeads{
			SyncStatusList: &gen.ArrayOfSyncStatus{SyncStatus: []gen.SyncStatus{{Status: "FAILED", Error: said}}},
		}}, func(ctx context.Context, api *operations.API) error {
			statuses, err := api.Leads.SyncMany(ctx, []operations.Lead{{ID: 7}}, nil)
			return cmp.Or(err, statuses[0].Err)
		}},
		"Leads.Merge": {&gen.SuccessMergeLeads{Result: &gen.ResultMergeLeads{MergeStatus: &gen.MergeStatus{Status: "FAILED", Error: said}}},
			func(ctx context.Context, api *operations.API) error {
				_, err := api.Leads.Merge(ctx, operations.LeadID(1), []operations.LeadKey{operations.LeadID(7)}, nil)
				return err
			}},
		"Objects.Sync": {&gen.SuccessSyncMObjects{Result: &gen.ResultSyncMObjects{MObjStatusList: objects}},
			func(ctx context.Context, api *operations.API) error {
				statuses, err := api.Objects.Sync(ctx, operations.SyncUpsert, []operations.Object{deal})
				return cmp.Or(err, statuses[0].Err)
			}},
		"Objects.Delete": {&gen.SuccessDeleteMObjects{Result: &gen.ResultDeleteMObjects{MObjStatusList: objects}},
			func(ctx context.Context, api *operations.API) error {
				statuses, err := api.Objects.Delete(ctx, []operations.ObjectRef{{Type: operations.ObjectOpportunity, ID: 1}}, nil)
				return cmp.Or(err, statuses[0].Err)
			}},
		"CustomObjects.Sync": {&gen.SuccessSyncCustomObjects{Result: &gen.ResultSyncCustomObjects{SyncCustomObjStatusList: custom}},
			func(ctx context.Context, api *operations.API) error {
				statuses, err := api.CustomObjects.Sync(ctx, "Car", operations.SyncUpsert, []operations.CustomObject{{Keys: keys}})
				return cmp.Or(err, statuses[0].Err)
			}},
		"CustomObjects.Delete": {&gen.SuccessDeleteCustomObjects{Result: &gen.ResultDeleteCustomObjects{DeleteCustomObjStatusList: custom}},
			func(ctx context.Context, api *operations.API) error {
				statuses, err := api.CustomObjects.Delete(ctx, "Car", []operations.Attributes{keys}, nil)
				return cmp.Or(err, statuses[0].Err)
			}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.call(t.Context(), (&recorder{answer: tt.answer}).api())
			var code fault.Code
			if !errors.Is(err, fault.CodeLeadNotFound) || !errors.Is(err, fault.ErrNotFound) || !errors.As(err, &code) || code.Advice() == "" {
				t.Errorf("error %v has not the code of its text", err)
			}
		})
	}
}

func TestCalls_nilPort(t *testing.T) {
	t.Parallel()
	for _, tt := range callCases() {
		_, err := tt.call(t.Context(), operations.New(nil))
		wantRefused(t, err, opName(tt.request), "New", "nil port")
	}
}

// refusedCase is a call that must not be made.
type refusedCase struct {
	name        string
	call        func(context.Context, *operations.API) (any, error)
	op          string
	field, text string
}

func TestCalls_refusedBeforeTheWire(t *testing.T) {
	t.Parallel()
	for _, tt := range slices.Concat(leadsRefused(), changesRefused(), listsRefused(), campaignsRefused(), objectsRefused(), customObjectsRefused(), programsRefused()) {
		t.Run(tt.op+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			r := &recorder{}
			_, err := tt.call(t.Context(), r.api())
			wantRefused(t, err, tt.op, tt.field, tt.text)
			if len(r.asked) != 0 {
				t.Errorf("%s was called", r.op)
			}
		})
	}
}

func wantRefused(t *testing.T, err error, op, field, text string) {
	t.Helper()
	var argument *operations.ArgumentError
	if !errors.As(err, &argument) || !errors.Is(err, fault.ErrInvalid) || fault.FromServer(err) {
		t.Errorf("error %v, want an ArgumentError", err)
		return
	}
	wantOp(t, err, op, 0)
	if argument.Field != field || !strings.Contains(fmt.Sprint(err), field+": ") || !strings.Contains(fmt.Sprint(err), text) {
		t.Errorf("error %q, want the field %s and %q", err, field, text)
	}
}

// The 23 operations are all there, each with an answer that is not empty.
func TestCalls_everyOperation(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{"getLeadActivity": true}
	for _, tt := range callCases() {
		seen[opName(tt.request)] = true
	}
	for _, p := range pagedCases() {
		seen[p.op] = true
	}
	for _, op := range gen.Operations() {
		if !seen[op.Name] {
			t.Errorf("no test calls %s", op.Name)
		}
	}
}

// attribute is an attribute in a request.
func attribute(name, value string) gen.Attribute {
	return gen.Attribute{AttrName: name, AttrValue: value}
}

func attributes(a ...gen.Attribute) gen.Opt[gen.ArrayOfAttribute] {
	return gen.Some(gen.ArrayOfAttribute{Attribute: a})
}

func attribs(namesAndValues ...string) gen.Opt[gen.ArrayOfAttrib] {
	list := gen.ArrayOfAttrib{Attrib: []gen.Attrib{}}
	for pair := range slices.Chunk(namesAndValues, 2) {
		list.Attrib = append(list.Attrib, gen.Attrib{Name: pair[0], Value: pair[1]})
	}
	return gen.Some(list)
}

func texts(s ...string) gen.Opt[gen.ArrayOfString] { return gen.Some(gen.ArrayOfString{StringItem: s}) }
