package simulator_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
)

// Every type of key finds its lead, and of several the one added last.
func TestAddLead_keys(t *testing.T) {
	t.Parallel()
	sim := simulator.New()
	for id := range int64(3) {
		_, err := sim.AddLead(simulator.Lead{
			ID: id + 1, Email: fmt.Sprintf("Lead%d@example.com", id+1), Keys: leadKeys("LEADOWNEREMAIL", "owner@example.com", "COOKIE", fmt.Sprintf("cookie-%d", id), "COOKIE", "shared-cookie",
				"SFDCLEADID", fmt.Sprintf("00Q%d", id), "SFDCCONTACTID", fmt.Sprintf("003%d", id), "SFDCACCOUNTID", "001", "SFDCLEADOWNERID", "005", "SFDCOPPTYID", fmt.Sprintf("006%d", id), "SFDCOPPTYID", "006"),
			Activities: []simulator.Activity{{ID: 100 + id, Type: "NewLead"}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		kind  gen.LeadKeyRef
		value string
		lead  int64
	}{
		{"IDNUM", "2", 2},
		{"EMAIL", "lead2@example.com", 2},
		{"EMAIL", "LEAD2@EXAMPLE.COM", 2},
		{"COOKIE", "cookie-0", 1},
		{"COOKIE", "shared-cookie", 3},
		{"LEADOWNEREMAIL", "Owner@example.com", 3},
		{"SFDCLEADID", "00Q1", 2},
		{"SFDCCONTACTID", "0030", 1},
		{"SFDCACCOUNTID", "001", 3},
		{"SFDCLEADOWNERID", "005", 3},
		{"SFDCOPPTYID", "0061", 2},
		{"SFDCOPPTYID", "006", 3},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%s %s", test.kind, test.value), func(t *testing.T) {
			t.Parallel()
			records := readAll(t, sim, ask(test.kind, test.value))
			if diff := cmp.Diff([]int64{99 + test.lead}, ids(records)); diff != "" {
				t.Error(diff)
			}
			if got := records[0].MktPersonId; got != fmt.Sprint(test.lead) {
				t.Errorf("mktPersonId %s, want %d", got, test.lead)
			}
		})
	}
	// Keys other than addresses are compared exactly, and each only as its own type.
	for _, key := range []gen.LeadKey{{KeyType: "COOKIE", KeyValue: "Cookie-0"}, {KeyType: "SFDCLEADID", KeyValue: "0030"}} {
		if _, err := sim.GetLeadActivity(t.Context(), ask(key.KeyType, key.KeyValue)); !errors.Is(err, fault.CodeLeadNotFound) {
			t.Errorf("%v: %v, want 20103", key, err)
		}
	}
}

func TestAddLead_ids(t *testing.T) {
	t.Parallel()
	sim := simulator.New()
	add := func(id int64) int64 {
		t.Helper()
		got, err := sim.AddLead(simulator.Lead{ID: id})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := []int64{add(0), add(40), add(0), add(7)}; !cmp.Equal(got, []int64{1, 40, 41, 7}) {
		t.Errorf("ids %v", got)
	}
	for _, id := range []int64{40, -1, math.MaxInt32 + 1} {
		if _, err := sim.AddLead(simulator.Lead{ID: id}); err == nil || !strings.Contains(err.Error(), fmt.Sprint(id)) {
			t.Errorf("lead %d: error %v", id, err)
		}
	}
	add(math.MaxInt32)
	if _, err := sim.AddLead(simulator.Lead{}); err == nil {
		t.Error("no error although there is no id above the highest")
	}
	if err := sim.AddLeads(simulator.Lead{ID: 50}, simulator.Lead{ID: 40}, simulator.Lead{ID: 51}); err == nil ||
		strings.Count(err.Error(), "simulator:") != 1 {
		t.Errorf("AddLeads: %v, want one error, about lead 40", err)
	}
	for _, id := range []string{"50", "51"} {
		page(t, sim, ask("IDNUM", id))
	}
}

// Every operation is answered, and says what an empty request lacks.
func TestSimulator_emptyRequests(t *testing.T) {
	t.Parallel()
	want := map[string]fault.Code{
		"getLead": fault.CodeLeadKeyRequired, "getLeadActivity": fault.CodeLeadKeyRequired, "mergeLeads": fault.CodeLeadKeyRequired,
		"syncLead": fault.CodeLeadDetailRequired, "syncMultipleLeads": fault.CodeLeadDetailRequired,
		"listMObjects": 0, "getChannels": 0, "getTags": 0,
	}
	sim := simulator.New()
	for _, op := range gen.Operations() {
		code, ok := want[op.Name]
		if !ok {
			code = fault.CodeParameterRequired
		}
		_, err := op.Call(t.Context(), sim, op.NewInput())
		if code == 0 && err != nil || code != 0 && !errors.Is(err, code) {
			t.Errorf("%s: %v, want %d", op.Name, err, code)
		}
	}
}

// A cancelled context ends every operation before it does anything.
func TestSimulator_cancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := contextWithCancel(t)
	cancel()
	sim := simulator.New()
	for _, op := range gen.Operations() {
		if _, err := op.Call(ctx, sim, op.NewInput()); !errors.Is(err, ctx.Err()) {
			t.Errorf("%s: %v, want %v", op.Name, err, ctx.Err())
		}
	}
}
