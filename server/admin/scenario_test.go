package admin_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/server/admin"
	"github.com/mktows/mktows-go/simulator"
)

func TestReadScenario(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../examples/scenario/scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	sc, err := admin.ReadScenario(data)
	if err != nil {
		t.Fatal(err)
	}
	b := setup(t)
	if err := sc.Apply(b.Simulator, b.Rules, b.Clock); err != nil {
		t.Fatal(err)
	}
	if want := (limits.Limits{Calls: 100, Per: 20 * time.Second, Concurrent: 10, Daily: 500}); sc.Limits != want {
		t.Errorf("limits %+v", sc.Limits)
	}
	if ahead := b.Clock.Ahead(); ahead < time.Minute || ahead > 2*time.Minute {
		t.Errorf("the clock is ahead by %s", ahead)
	}
	want := []server.Rule{
		{Operation: "syncLead", Drop: server.DropAfterWork, Times: 1},
		{Operation: "getLead", Skip: 2, Times: 3, Code: 20023},
		{Delay: 50 * time.Millisecond},
	}
	if diff := cmp.Diff(want, b.Rules.List()); diff != "" {
		t.Error(diff)
	}
	ann, ok := b.Simulator.Lead(101)
	if !ok || ann.Fields["FavouriteColour"] != "blue" || len(ann.Activities) != 2 || len(b.Simulator.Lists()[0].Members) != 2 {
		t.Errorf("%+v, %+v", ann, b.Simulator.Lists())
	}
}

func TestReadScenario_bad(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, want string }{
		{"", "line 1, column 1: the document is empty"},
		{"[]", "line 1, column 1: expected an object, found array"},
		{"{\n\n  \"stat\": {}\n}", "line 3, column 3: stat: there is no such field"},
		{"{\n  \"state\": {\n    \"leads\": [{}, {\"emial\": \"x\"}]\n}}", "line 3, column 20: state.leads[1].emial: there is no such field"},
		{"{\"rules\": [\n{\"code\": 20023},\n{\"code\": 20023, \"delay\": \"x\"}]}", "line 3, column 26: rules[1].delay: "},
		{`{"rules": [{}]}`, "column 12: rules[0]: it does nothing"},
		{`{"rules": {}}`, "column 11: rules: expected an array, found object"},
		{`{"clock": {"set": "now"}}`, "column 19: clock.set: "},
		{`{"clock": {}}`, "column 11: clock: give either"},
		{`{"limits": {"per": "-20s"}}`, "column 20: limits.per: "},
		{`{"limits": {"calls": -5}}`, "column 22: limits.calls: -5 is less than -1, which stands for no limit"},
		{`{"limits": {"per": "20"}}`, "column 20: limits.per: "},
		{`{"limits": {"daily": 1e3}}`, "column 22: limits.daily: expected a whole number"},
		{`{"state": {"leads": [{"id": 0,]}}`, "column 31: this is not JSON: invalid character"},
		{"{\"state\":\n{\"leads\": [{\"id\": true}]}}", "line 2, column 19: state.leads[0].id: expected a whole number, found bool"},
		{`{"clock": {"set": "1066-10-14T09:00:00Z"}}`, "column 19: clock.set: the time is too far away"},
		{"{\"state\": {\"lists\": [\n  {\"name\": \"L\", \"members\": [1]}]}}", "line 2, column 29: state.lists[0].members[0]: there is no lead 1"},
		{`{"state": {"workspaces": ["Asia"]}}`, "column 27: state.workspaces[0]: there is no workspace"},
	}
	for _, test := range tests {
		sc, err := admin.ReadScenario([]byte(test.text))
		if err == nil {
			err = sc.Apply(simulator.New(), new(server.Rules), new(admin.Clock))
		}
		var bad *admin.PlaceError
		if !errors.As(err, &bad) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s\ngives %v\nwant  %s", test.text, err, test.want)
		}
	}
}

// FuzzReadScenario: reading never panics, what is refused has a place inside the
// document, and what is taken can be written and read again.
func FuzzReadScenario(f *testing.F) {
	example, err := os.ReadFile("../../examples/scenario/scenario.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(example))
	for _, seed := range []string{
		"", "{}", "null", "[1]", "{\"a\":\n1}", `{"state":{"leads":[{"activities":[{"type":"x"}]}]},"clock":{"advance":"1h"}}`,
		`{"rules":[{"code":20023,"header":{"a":"b"}}],"limits":{"calls":1,"per":"1s"}}`, "\xff{", `{"state":{"lastIds":{"lead":-1}}}`,
		`{"STATE":{"Leads":[{"Fields":{"a.b[0]":"x"}}]}}`, `{"state":null,"state":{"x":{}}}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		sim := simulator.New(simulator.WithClock(func() time.Time { return time.Unix(1454349600, 0) }))
		sc, err := admin.ReadScenario([]byte(text))
		if err == nil {
			err = sc.Apply(sim, new(server.Rules), new(admin.Clock))
		}
		if err != nil {
			var bad *admin.PlaceError
			lines := strings.Split(text, "\n")
			if !errors.As(err, &bad) || bad.Line < 1 || bad.Line > len(lines) || bad.Column < 1 || bad.Column > len(lines[bad.Line-1])+1 || bad.Problem == "" {
				t.Errorf("error without a place: %v", err)
			}
			return
		}
		st := sim.Snapshot()
		saved, err := json.Marshal(st)
		if err != nil {
			t.Fatal(err)
		}
		again, err := admin.DecodeState(saved)
		if err != nil {
			t.Fatal(err)
		}
		copied := simulator.New()
		if err := copied.Load(again); err != nil {
			t.Fatalf("a snapshot is refused: %v\n%s", err, saved)
		}
		if diff := cmp.Diff(st, copied.Snapshot()); diff != "" {
			t.Error(diff)
		}
	})
}
