package simulator_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zone that tests compare with

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/clocktest"
	"github.com/mktows/mktows-go/simulator"
)

// TestMain runs the tests in a zone that no other machine is in: what depends on the zone
// fails everywhere.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("", -(7*3600 + 13*60))
	os.Exit(m.Run())
}

// ask returns a request for a lead's history.
func ask(kind gen.LeadKeyRef, value string, opts ...func(*gen.ParamsGetLeadActivity)) *gen.ParamsGetLeadActivity {
	in := &gen.ParamsGetLeadActivity{LeadKey: &gen.LeadKey{KeyType: kind, KeyValue: value}}
	for _, opt := range opts {
		opt(in)
	}
	return in
}

func including(types ...gen.ActivityType) func(*gen.ParamsGetLeadActivity) {
	return func(in *gen.ParamsGetLeadActivity) {
		in.ActivityFilter.State = gen.Present
		in.ActivityFilter.Value.IncludeTypes = gen.Some(gen.ArrayOfActivityType{ActivityType: types})
	}
}

func excluding(types ...gen.ActivityType) func(*gen.ParamsGetLeadActivity) {
	return func(in *gen.ParamsGetLeadActivity) {
		in.ActivityFilter.State = gen.Present
		in.ActivityFilter.Value.ExcludeTypes = gen.Some(gen.ArrayOfActivityType{ActivityType: types})
	}
}

func batch(n int32) func(*gen.ParamsGetLeadActivity) {
	return func(in *gen.ParamsGetLeadActivity) { in.BatchSize = gen.Some(n) }
}

func from(p gen.StreamPosition) func(*gen.ParamsGetLeadActivity) {
	return func(in *gen.ParamsGetLeadActivity) { in.StartPosition = gen.Some(p) }
}

// page makes one call.
func page(t testing.TB, port gen.Port, in *gen.ParamsGetLeadActivity) *gen.LeadActivityList {
	t.Helper()
	out, err := port.GetLeadActivity(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	list := out.LeadActivityList
	if n := len(list.ActivityRecordList.Value.ActivityRecord); n != int(list.ReturnCount) {
		t.Fatalf("returnCount is %d, there are %d records", list.ReturnCount, n)
	}
	if list.ActivityRecordList.State == gen.Present != (list.ReturnCount > 0) {
		t.Fatalf("returnCount is %d, the list's state %d", list.ReturnCount, list.ActivityRecordList.State)
	}
	// An answer that cannot be encoded would be of no use.
	for _, v := range []gen.Version{gen.V2_7, gen.V3_1} {
		if _, err := gen.Marshal(out, v); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// readAll reads a history to its end, in the manner of a client.
func readAll(t testing.TB, port gen.Port, in *gen.ParamsGetLeadActivity) []gen.ActivityRecord {
	t.Helper()
	var all []gen.ActivityRecord
	request := *in
	for calls := 0; ; calls++ {
		list := page(t, port, &request)
		all = append(all, list.ActivityRecordList.Value.ActivityRecord...)
		if list.RemainingCount == 0 {
			return all
		}
		if request.StartPosition == gen.Some(*list.NewStartPosition) {
			t.Fatalf("the position stands still at %+v", *list.NewStartPosition)
		}
		if calls > 100_000 {
			t.Fatal("the reading does not end")
		}
		request.StartPosition = gen.Some(*list.NewStartPosition)
	}
}

// ids returns the ids of records.
func ids(records []gen.ActivityRecord) []int64 {
	list := make([]int64, len(records))
	for i := range records {
		list[i] = records[i].Id.Value
	}
	return list
}

type ctx = context.Context

func contextWithCancel(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(t.Context())
}

// at returns a simulator on a clock, with leads.
func at(t testing.TB, leads []simulator.Lead, opts ...simulator.Option) (*simulator.Simulator, *clocktest.Clock) {
	t.Helper()
	c := clocktest.At(noon)
	sim := simulator.New(append([]simulator.Option{simulator.WithClock(c.Now)}, opts...)...)
	if err := sim.AddLeads(leads...); err != nil {
		t.Fatal(err)
	}
	return sim, c
}

// encode checks that an answer can be written in both versions.
func encode(t testing.TB, out gen.Message) {
	t.Helper()
	for _, v := range []gen.Version{gen.V2_7, gen.V3_1} {
		if _, err := gen.Marshal(out, v); err != nil {
			t.Error(err)
		}
	}
}

// wantFault checks that an error is a fault with a text in its message.
func wantFault(t testing.TB, err error, code fault.Code, text string) {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != code || !strings.Contains(f.Message, text) {
		t.Errorf("error %v; want fault %d with %q", err, code, text)
	}
}

// attributes returns a list of attributes from names and values in turn.
func attributes(pairs ...string) gen.Opt[gen.ArrayOfAttribute] {
	var list []gen.Attribute
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, gen.Attribute{AttrName: pairs[i], AttrValue: pairs[i+1]})
	}
	return gen.Some(gen.ArrayOfAttribute{Attribute: list})
}

// leadKeys returns keys of a lead from types and values in turn.
func leadKeys(pairs ...string) []simulator.LeadKey {
	var list []simulator.LeadKey
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, simulator.LeadKey{Type: gen.LeadKeyRef(pairs[i]), Value: pairs[i+1]})
	}
	return list
}

// timeOf reads a time of a record, which is one.
func timeOf(text gen.DateTime) time.Time {
	t, err := text.Time()
	if err != nil {
		panic(err)
	}
	return t
}

// company returns the company of an id.
func company(id int32) *simulator.Company { return &simulator.Company{ID: &id} }

func strs(list ...string) *gen.ArrayOfString { return &gen.ArrayOfString{StringItem: list} }

func key(kind gen.LeadKeyRef, value string) *gen.LeadKey {
	return &gen.LeadKey{KeyType: kind, KeyValue: value}
}

// log returns the activities of a lead, oldest first, each on a line.
func log(t testing.TB, sim *simulator.Simulator, id int64) []string {
	t.Helper()
	l, ok := sim.Lead(id)
	if !ok {
		t.Fatalf("there is no lead %d", id)
	}
	var lines []string
	for _, a := range l.Activities {
		line := string(a.Type)
		if a.AssetName != "" {
			line += " [" + a.AssetName + "]"
		}
		for _, attribute := range a.Attributes {
			line += " " + attribute.Name + "=" + attribute.Value
		}
		lines = append(lines, line)
	}
	return lines
}
