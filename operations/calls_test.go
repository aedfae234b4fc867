package operations_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

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
			if diff := cmp.Diff([]gen.Message{tt.request}, r.asked); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
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
			wantDecodeError(t, err, opName(tt.request))
			// A result with nothing in it need not be one, but must not be taken for a success of
			// records that were sent.
			field := result.Elem().Field(0)
			field.Set(reflect.New(field.Type().Elem()))
			r.answer = result.Interface().(gen.Message)
			if _, err := tt.call(t.Context(), r.api()); err != nil {
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
