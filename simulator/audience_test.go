package simulator_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/mktows/mktows-go/simulator"
)

// audience loads an audience until a Thursday in US Central, and returns its leads.
func audience(t *testing.T, a simulator.Audience) []simulator.Lead {
	t.Helper()
	sim := simulator.New()
	if err := sim.LoadAudience(a); err != nil {
		t.Fatal(err)
	}
	var leads []simulator.Lead
	for _, id := range sim.LeadIDs() {
		l, _ := sim.Lead(id)
		leads = append(leads, l)
	}
	return leads
}

func TestLoadAudience_shape(t *testing.T) {
	t.Parallel()
	until := time.Date(2026, 4, 30, 19, 0, 0, 0, time.UTC)
	leads := audience(t, simulator.Audience{Until: until})
	if len(leads) != 150 || leads[0].ID != 400001 || !reflect.DeepEqual(leads, audience(t, simulator.Audience{Until: until})) {
		t.Fatalf("%d leads, not the same each time", len(leads))
	}
	types, hours, days := map[string]int{}, map[int]int{}, map[time.Weekday]int{}
	weeks := map[int]int{} // visits, by the week from the end
	opened := map[int]int{}
	total, sent := 0, map[string]time.Time{}
	for _, l := range leads {
		if l.Activities[0].Type != "New Lead" {
			t.Errorf("lead %d begins with %s", l.ID, l.Activities[0].Type)
		}
		for _, a := range l.Activities {
			at, err := a.Time.Time()
			if err != nil || !at.Before(until) || at.Before(until.AddDate(0, 0, -113)) {
				t.Fatalf("lead %d: %s, %v", l.ID, a.Time, err)
			}
			total++
			types[string(a.Type)]++
			hours[at.Hour()]++
			days[at.Weekday()]++
			switch a.Type {
			case "Visit Webpage":
				weeks[int(until.Sub(at)/(7*24*time.Hour))]++
			case "Send Email":
				sent[a.AssetName] = at
			case "Open Email":
				opened[int(at.Sub(sent[a.AssetName])/(24*time.Hour))]++
			}
		}
	}
	if total < 3000 || total > 20_000 || len(types) < 9 {
		t.Errorf("%d activities of the types %v", total, types)
	}
	if hours[3]*20 > hours[10] || days[time.Sunday]*3 > days[time.Wednesday] {
		t.Errorf("by hour %v, by weekday %v: neither nights nor Sundays are quiet", hours, days)
	}
	if weeks[4] < 2*weeks[8] {
		t.Errorf("visits by week from the end %v: nothing tells of a launch", weeks)
	}
	if opened[0] < opened[1] || opened[1] < opened[3] || opened[3] < opened[9] || opened[1] == 0 {
		t.Errorf("openings by days after the mailing %v do not become fewer", opened)
	}
}

func TestLoadAudience_options(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 8, 9, 0, 0, 0, time.UTC) // the clocks change
	sim := simulator.New(simulator.WithClock(func() time.Time { return now }))
	if err := sim.LoadAudience(simulator.Audience{Leads: 10, Days: 20, Seed: 7}); err != nil {
		t.Fatal(err)
	}
	if n := len(sim.LeadIDs()); n != 10 {
		t.Errorf("%d leads", n)
	}
	if err := sim.LoadAudience(simulator.Audience{Leads: 11}); err == nil || len(sim.LeadIDs()) != 10 {
		t.Errorf("loaded twice: %v, %d leads", err, len(sim.LeadIDs()))
	}
	if err := sim.LoadAudience(simulator.Audience{Days: -1}); err == nil {
		t.Error("a time of -1 days was loaded")
	}
	if err := simulator.New().LoadAudience(simulator.Audience{Leads: 3, Days: 1, Until: now}); err != nil {
		t.Error(err)
	}
	other := simulator.New()
	if err := other.LoadAudience(simulator.Audience{Leads: 10, Days: 20, Seed: 8, Until: now}); err != nil {
		t.Fatal(err)
	}
	a, _ := sim.Lead(400001)
	b, _ := other.Lead(400001)
	if reflect.DeepEqual(a, b) {
		t.Error("the seed does nothing")
	}
}

func BenchmarkLoadAudience(b *testing.B) {
	for b.Loop() {
		if err := simulator.New().LoadAudience(simulator.Audience{Until: time.Unix(1777575600, 0)}); err != nil {
			b.Fatal(err)
		}
	}
}
