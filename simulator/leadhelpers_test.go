package simulator_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// clock is a clock that a test sets.
type clock struct{ seconds atomic.Int64 }

func (c *clock) Now() time.Time { return noon.Add(time.Duration(c.seconds.Load()) * time.Second) }

func (c *clock) forward(d time.Duration) { c.seconds.Add(int64(d / time.Second)) }

// at returns a simulator on a clock, with leads.
func at(t testing.TB, leads []simulator.Lead, opts ...simulator.Option) (*simulator.Simulator, *clock) {
	t.Helper()
	c := new(clock)
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
