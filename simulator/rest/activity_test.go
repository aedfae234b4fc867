package rest_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/internal/work"
	"github.com/mktows/mktows-go/simulator/rest"
)

// at is so many seconds before noon.
func at(seconds int) simulator.Activity {
	return simulator.Activity{Time: simulator.At(noon.Add(-time.Duration(seconds) * time.Second))}
}

func visit(seconds int) simulator.Activity {
	a := at(seconds)
	a.Type, a.AssetName, a.Attributes = "Visit Webpage", "Page", []simulator.Attribute{{Name: "Webpage ID", Value: "733"}}
	return a
}

// busy is an API with 25 visits of three leads, one a second, and a list with the first.
func busy(t testing.TB, opts ...any) *bundle {
	t.Helper()
	b := setup(t, opts...)
	for id := range 3 {
		l := simulator.Lead{ID: int64(id + 1), Email: fmt.Sprintf("lead%d@example.com", id+1)}
		for i := id; i < 25; i += 3 {
			l.Activities = append(l.Activities, visit(100-i))
		}
		if _, err := b.sim.AddLead(l); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.sim.AddList(simulator.List{ID: 1001, Name: "L", Members: []int64{1}}); err != nil {
		t.Fatal(err)
	}
	return b
}

// since returns a token.
func (b *bundle) since(t time.Time) string {
	b.t.Helper()
	return b.get("/rest/v1/activities/pagingtoken.json?sinceDatetime=%s", t.UTC().Format("2006-01-02T15:04:05Z")).ok().text("nextPageToken")
}

// readAll reads a stream of activities to its end and returns the GUIDs, and how many pages were
// empty.
func (b *bundle) readAll(uri string) (guids []string, empty int, token string) {
	b.t.Helper()
	token = b.since(noon.Add(-time.Hour))
	for range 1000 {
		a := b.get("%s&nextPageToken=%s", uri, token).ok()
		token = a.text("nextPageToken")
		if a.doc["result"] == nil {
			empty++
		} else if column := a.column("marketoGUID"); column != "" {
			guids = append(guids, strings.Fields(column)...)
		}
		if a.doc["moreResult"] == false {
			return guids, empty, token
		}
	}
	b.t.Fatal("the reading does not end")
	return nil, 0, ""
}

func TestActivities_toTheEnd(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]any{
		"plain": nil, "small": {simulator.WithPageLimit(4)}, "short": {simulator.WithShortPages(0.5), simulator.WithPageLimit(5)},
		"empty": {simulator.WithEmptyPages(0.5), simulator.WithPageLimit(5)}, "both": {simulator.WithEmptyPages(0.3), simulator.WithShortPages(0.5)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := busy(t, opts...)
			for uri, want := range map[string]int{"activityTypeIds=1": 25, "activityTypeIds=1&leadIds=1,2": 17, "activityTypeIds=1,1&leadIds=2,1,2": 17, "activityTypeIds=1&listId=1001": 9, "activityTypeIds=2,12": 0, "activityTypeIds=1&assetIds=733": 25, "activityTypeIds=1&assetIds=7": 0} {
				guids, empty, token := b.readAll("/rest/v1/activities.json?" + uri)
				seen := make(map[string]bool)
				for _, guid := range guids {
					seen[guid] = true
				}
				if len(guids) != want || len(seen) != want || empty > 0 && !strings.Contains("empty both", name) {
					t.Errorf("%s: %d activities, %d different, %d empty pages", uri, len(guids), len(seen), empty)
				}
				if strings.Contains("empty", name) && empty == 0 && want > 20 {
					t.Errorf("%s: no page was empty", uri)
				}
				// The token of the end stays good: what comes later follows it.
				if _, err := b.sim.AddActivity(1, visit(0)); err != nil {
					t.Fatal(err)
				}
				b.get("/rest/v1/activities.json?%s&nextPageToken=%s", uri, token).ok()
				b = busy(t, opts...)
			}
		})
	}
}

func TestActivities_form(t *testing.T) {
	t.Parallel()
	b := setup(t, rest.WithQuirks(rest.Quirks{MissingIDs: 3, RepeatedIDs: 2}))
	_, err := b.sim.AddLead(simulator.Lead{ID: 1, Fields: map[string]string{"FirstName": "Cora", "LastName": "Lind"}, Activities: []simulator.Activity{
		visit(5), {Time: at(4).Time, Type: "NewLead", Attributes: []simulator.Attribute{{Name: "Source Type", Value: "x"}, {Name: "Source Info", Value: "x"}}},
		{Time: at(3).Time, Type: "ChangeDataValue", AssetName: "Job Title", Attributes: []simulator.Attribute{{Name: "Attribute Name", Value: "Job Title"}, {Name: "Old Value"}, {Name: "New Value", Value: "B"}}},
		{Time: at(2).Time, Type: "Attend Conference", AssetName: "Spring"},
		{Time: at(1).Time, Type: "Attend Conference", AssetName: "Autumn"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	got := b.get("/rest/v1/activities.json?activityTypeIds=1,12,13,100001&nextPageToken=%s", b.since(noon.Add(-time.Minute))).result()
	var lines []string
	for _, r := range got {
		lines = append(lines, fmt.Sprintf("%v %v %v %v %v %v", r["id"], r["activityDate"], r["activityTypeId"], r["primaryAttributeValueId"], r["primaryAttributeValue"], r["attributes"]))
	}
	want := []string{
		"1 2026-10-06T11:59:55Z 1 733 Page []",
		"2 2026-10-06T11:59:56Z 12 1 Cora Lind [map[name:Source Type value:x]]",
		"<nil> 2026-10-06T11:59:57+0000 13 37 Job Title [map[name:New Value value:B]]",
		"4 2026-10-06T11:59:58Z 100001 <nil> Spring []",
		"4 2026-10-06T11:59:59Z 100001 <nil> Autumn []",
	}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if kinds := b.get("/rest/v1/activities/types.json"); !strings.Contains(kinds.column("name"), "Attend Conference") {
		t.Error(kinds.column("name"))
	}
}

func TestActivities_refusals(t *testing.T) {
	t.Parallel()
	b := busy(t)
	token := "&nextPageToken=" + b.since(noon)
	for _, test := range []struct{ uri, codes string }{
		{"activities.json?activityTypeIds=1", "1002"}, {"activities.json?" + token, "1002"},
		{"activities.json?activityTypeIds=1&nextPageToken=x", "1003"}, {"activities.json?activityTypeIds=x" + token, "1001"},
		{"activities.json?activityTypeIds=1,2,3,4,5,6,7,8,9,10,11" + token, "1003"},
		{"activities.json?activityTypeIds=1&leadIds=" + strings.Repeat("1,", 31) + token, "1003"},
		{"activities.json?activityTypeIds=1&listId=7" + token, "1013"},
		{"activities/leadchanges.json?fields=none" + token, "1006"}, {"activities/leadchanges.json?" + token, "1002"},
		{"activities/pagingtoken.json", "1002"}, {"activities/pagingtoken.json?sinceDatetime=2026-01-02", "704"},
		{"activities/pagingtoken.json?sinceDatetime=2026-01-02T03:04:05.123Z", "704"},
		{"activities/pagingtoken.json?sinceDatetime=2026-01-02T03:04:05%2B0000", ""},
		{"activities/pagingtoken.json?sinceDatetime=2026-01-02T03:04:05-06:00", ""},
		{"activities/deletedleads.json?" + token, ""},
	} {
		b.get("/rest/v1/%s", test.uri).want(test.codes)
	}
}

func TestActivities_largeList(t *testing.T) {
	t.Parallel()
	b := setup(t)
	list := simulator.List{Name: "Large"}
	for range 10_000 {
		id, err := b.sim.AddLead(simulator.Lead{})
		if err != nil {
			t.Fatal(err)
		}
		list.Members = append(list.Members, id)
	}
	if _, err := b.sim.AddList(list); err != nil {
		t.Fatal(err)
	}
	b.get("/rest/v1/activities.json?activityTypeIds=1&listId=1001&nextPageToken=%s", b.since(noon)).want("1003")
}

func TestLeadChanges(t *testing.T) {
	t.Parallel()
	b := people(t)
	token := b.since(noon)
	b.post("/rest/v1/leads.json", `{"input":[{"email":"ada@example.com","firstName":"Eve","lastName":"B"},{"email":"new@example.com"}]}`).ok()
	a := b.get("/rest/v1/activities/leadchanges.json?fields=firstName&nextPageToken=%s", token)
	var lines []string
	for _, r := range a.result() {
		lines = append(lines, fmt.Sprintf("%v %v %v", r["leadId"], r["activityTypeId"], r["fields"]))
	}
	want := "1 13 [map[id:15 name:firstName newValue:Eve oldValue:Ada]]\n4 12 []"
	if strings.Join(lines, "\n") != want {
		t.Errorf("%s\nwant %s", strings.Join(lines, "\n"), want)
	}
}

func TestDeletedLeads(t *testing.T) {
	t.Parallel()
	b := people(t)
	token := b.since(noon)
	b.call("DELETE", "/rest/v1/leads.json?id=1&id=2", "").ok()
	var ids []string
	for {
		a := b.get("/rest/v1/activities/deletedleads.json?batchSize=1&nextPageToken=%s", token)
		ids = append(ids, a.column("leadId"))
		if token = a.text("nextPageToken"); a.doc["moreResult"] == false {
			break
		}
	}
	if strings.Join(ids, " ") != "1 2" {
		t.Errorf("%v", ids)
	}
	b.get("/rest/v1/leads.json?filterType=id&filterValues=1,2,3").column("id")
	b.clock.Advance(15 * 24 * time.Hour)
	b.login()
	if a := b.get("/rest/v1/activities/deletedleads.json?nextPageToken=%s", b.since(noon.Add(-time.Hour))); a.column("leadId") != "" {
		t.Errorf("after 15 days: %s", a.body)
	}
}

// Who goes on with the tokens of answers gets rows that are stored late, with a time that the reading has passed: each once.
// Who begins anew with a date does not.
func TestActivities_storedLate(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]any{
		"plain": nil, "small pages": {simulator.WithPageLimit(3)}, "rough pages": {simulator.WithPageLimit(7), simulator.WithEmptyPages(0.4), simulator.WithShortPages(0.4)},
	} {
		for _, query := range []string{"activityTypeIds=1", "activityTypeIds=1&leadIds=1,2", "activityTypeIds=1&listId=1001", "activityTypeIds=1&assetIds=733"} {
			b, r := busy(t, opts...), rand.New(rand.NewPCG(1, 2))
			start := noon.Add(-90 * time.Second)
			token, seen := b.since(start), make(map[string]int)
			for page, ended := 0, 0; ended < 3; page++ {
				if page%3 == 1 && page < 40 {
					late := visit(r.IntN(110))
					if _, err := b.sim.AddActivity(int64(1+page%2), late); err != nil {
						t.Fatal(err)
					}
				}
				a := b.get("/rest/v1/activities.json?%s&nextPageToken=%s", query, token)
				if token = a.text("nextPageToken"); page > 500 {
					t.Fatal("the reading does not end")
				}
				if list, ok := a.doc["result"].([]any); ok {
					for _, one := range list {
						seen[one.(map[string]any)["marketoGUID"].(string)]++
					}
				}
				if ended = ended + 1; a.doc["moreResult"] == true || page < 45 {
					ended = 0
				}
			}
			for _, l := range b.sim.Snapshot().Leads {
				for _, a := range l.Activities {
					at, err := a.Time.Time()
					counts := err == nil && !at.Before(start) && a.Type == "Visit Webpage" && (l.ID < 3 || query == "activityTypeIds=1" || strings.Contains(query, "asset"))
					if strings.Contains(query, "listId") {
						counts = counts && l.ID == 1
					}
					if got := seen[fmt.Sprint(a.ID)]; got != map[bool]int{true: 1}[counts] {
						t.Errorf("%s, %s: activity %d of lead %d at %s was given %d times, want %v", name, query, a.ID, l.ID, a.Time, got, counts)
					}
				}
			}
		}
	}
}

// An empty page has another token than the one before, and leads to the same rows.
func TestActivities_emptyTokens(t *testing.T) {
	t.Parallel()
	b := busy(t, simulator.WithEmptyPages(1))
	token, seen := b.since(noon.Add(-time.Hour)), make(map[string]bool)
	for range 5 {
		a := b.get("/rest/v1/activities.json?activityTypeIds=1&nextPageToken=%s", token).ok()
		if token = a.text("nextPageToken"); seen[token] || a.doc["moreResult"] != true {
			t.Errorf("%s", a.body)
		}
		seen[token] = true
	}
	if err := b.sim.SetPages(simulator.Pages{}); err != nil {
		t.Fatal(err)
	}
	if a := b.get("/rest/v1/activities.json?activityTypeIds=1&nextPageToken=%s", token); len(a.result()) != 25 {
		t.Errorf("%s", a.body)
	}
}

// A page costs the same, whatever the instance holds.
func TestWork(t *testing.T) { //nolint:paralleltest // it counts what everybody does
	price := func(n int) map[string]int64 {
		b := setup(t, simulator.WithWorkspaces("Few"))
		for range n / 10 {
			owned := simulator.Lead{Keys: []simulator.LeadKey{{Type: gen.LeadKeyRefSFDCACCOUNTID, Value: "owner"}}}
			if _, err := b.sim.AddLead(owned); err != nil {
				t.Fatal(err)
			}
		}
		for id := range 10 {
			l := simulator.Lead{Email: fmt.Sprintf("lead%d@example.com", id), Workspace: map[bool]string{true: "Few"}[id < 3]}
			for i := range n / 10 {
				l.Activities = append(l.Activities, simulator.Activity{Type: "Visit Webpage", Time: simulator.At(noon.Add(time.Duration(i-n/10) * time.Second))})
			}
			if _, err := b.sim.AddLead(l); err != nil {
				t.Fatal(err)
			}
		}
		token, costs := b.since(noon.Add(-time.Duration(n/20)*time.Second)), make(map[string]int64)
		for _, uri := range []string{
			"activities.json?activityTypeIds=1", "activities.json?activityTypeIds=1&leadIds=5", "activities.json?activityTypeIds=1&assetIds=7",
			"activities/leadchanges.json?fields=email", "leads.json?filterType=email&filterValues=lead5@example.com",
			"leads.json?filterType=leadPartitionId&filterValues=2", "leads.json?filterType=sfdcAccountId&filterValues=owner",
		} {
			b.get("/rest/v1/%s&nextPageToken=%s", uri, map[bool]string{true: token}[strings.HasPrefix(uri, "act")]) // enters its field
			var looked atomic.Int64
			work.CountIn(&looked)
			b.get("/rest/v1/%s&nextPageToken=%s", uri, map[bool]string{true: token}[strings.HasPrefix(uri, "act")])
			work.CountIn(nil)
			costs[uri] = looked.Load()
		}
		return costs
	}
	small, large := price(10_000), price(300_000)
	for uri, cost := range large {
		if cost > small[uri]+small[uri]/10+50 {
			t.Errorf("%s looks at %d rows, at %d in the small instance", uri, cost, small[uri])
		}
	}
}
