package bridge_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/mktowstest"
)

// shown is a request that shows a difference of the table: what comes of it over the SOAP API and over
// the bridge, from the same state.
type shown struct {
	in        gen.Message
	workspace string                                                      // of its header
	opts      []mktowstest.Option                                         // of the server
	bridge    []bridge.Option                                             // of the bridge
	before    func(t *testing.T, s *mktowstest.Server, other gen.Port)    // puts the server into the state for it; other is a port besides
	first     gen.Message                                                 // a request before, over the same port
	show      string                                                      // where in the answer it is, as valuesAt takes it
	after     func(t *testing.T, s *mktowstest.Server, p gen.Port) string // what is there afterwards, if that is no part of the answer
	soap      string                                                      // what comes over the SOAP API, as outcome has it
	rest      string                                                      // and over the bridge
}

// Each difference of the table is still one: the same request comes to something else over the SOAP API and over the
// bridge. The table has nothing that is not shown, and says all there is to say.
func TestOperations_differences(t *testing.T) {
	t.Parallel()
	requests := shownDifferences()
	for _, op := range bridge.Operations() {
		for _, d := range op.Differences {
			name := op.Name + ": " + d.What
			if d.What == "" || d.Why == "" || (d.Fault == 0) == (d.Instead == "") {
				t.Errorf("%s: the table does not say enough, or both what is answered and a fault", name)
			}
			r, ok := requests[name]
			if !ok {
				t.Errorf("%s: no request shows it", name)
				continue
			}
			delete(requests, name)
			if says := fmt.Sprint("fault ", int(d.Fault)); d.Fault != 0 && r.rest != says {
				t.Errorf("%s: it is to be %s, the table says %s", name, r.rest, says)
			}
			if strings.HasPrefix(d.Instead, "status FAILED") && !strings.Contains(r.rest, "FAILED") {
				t.Errorf("%s: it is to be %s, the table says %s", name, r.rest, d.Instead)
			}
			if r.soap == r.rest {
				t.Errorf("%s: nothing differs: the table need not have it any more", name)
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				for api, want := range map[string]string{"SOAP": r.soap, "REST": r.rest} {
					if got := r.outcome(t, api); got != want {
						t.Errorf("over %s: %s\nwant %s", api, got, want)
					}
				}
			})
		}
	}
	for name := range requests {
		t.Errorf("%s: the table does not have it", name)
	}
}

// outcome is what comes of a request over one of the APIs: a fault, or what is to be shown.
func (r *shown) outcome(t *testing.T, api string) string {
	t.Helper()
	s := guestServer(t, r.opts...)
	open := func() gen.Port { return bridgeTo(t, s, r.bridge...) }
	if api == "SOAP" {
		open = func() gen.Port { return s.Client() }
	}
	port, ctx := open(), t.Context()
	if r.before != nil {
		r.before(t, s, open())
	}
	if r.workspace != "" {
		ctx = gen.WithMktowsContext(ctx, gen.MktowsContextHeaderInfo{TargetWorkspace: r.workspace})
	}
	if r.first != nil {
		if _, err := perform(ctx, port, r.first); err != nil {
			t.Fatal(err)
		}
	}
	out, err := perform(ctx, port, r.in)
	switch {
	case r.after != nil:
		return r.after(t, s, port)
	case codeOf(err) != 0:
		return fmt.Sprint("fault ", int(codeOf(err)))
	case err != nil:
		t.Fatal(err)
	}
	return strings.Join(valuesAt(reflect.ValueOf(out), strings.Fields(r.show)), " ")
}

// valuesAt returns the values at a place in an answer, which the names of its members lead to. Members
// of a list are all meant, or with Name=value those that have one of that value; Name,Name means several.
// What is not there is -.
func valuesAt(v reflect.Value, path []string) []string {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return []string{"-"}
		}
		return valuesAt(v.Elem(), path)
	case reflect.Slice:
		var list []string
		for i := range v.Len() {
			list = append(list, valuesAt(v.Index(i), path)...)
		}
		return list
	case reflect.Struct:
		if state := v.FieldByName("State"); state.IsValid() && state.Type() == reflect.TypeFor[gen.State]() {
			if state.Interface() != gen.Present {
				return []string{"-"}
			}
			return valuesAt(v.FieldByName("Value"), path)
		}
	default:
	}
	if len(path) == 0 {
		return []string{fmt.Sprint(v)}
	}
	if name, value, filter := strings.Cut(path[0], "="); filter {
		if v.FieldByName(name).String() != value {
			return nil
		}
		return valuesAt(v, path[1:])
	}
	var list []string
	for _, name := range strings.Split(path[0], ",") {
		member := v.FieldByName(name)
		if !member.IsValid() {
			return []string{v.Type().String() + " has no " + name}
		}
		list = append(list, valuesAt(member, path[1:])...)
	}
	return list
}
