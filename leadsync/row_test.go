package leadsync

import (
	"testing"
	"time"

	"github.com/mktows/mktows-go/operations"
)

func sample() operations.Activity {
	return operations.Activity{
		LeadID: 318815, Time: at("2026-03-08T01:59:59-06:00"), Type: "Visit Webpage", AssetName: "Pricing",
		Attributes: operations.Attributes{{Name: "B", Value: "2"}, {Name: "A", Value: "1"}, {Name: "B", Value: "3"}},
	}
}

// TestKeys pins the keys: they are in the databases of users.
func TestKeys(t *testing.T) {
	t.Parallel()
	withID := sample()
	withID.ID, withID.HasID = 17, true
	withGUID := withID
	withGUID.GUID = "5f3c"
	for want, row := range map[string]ActivityRow{
		"5f3c":                             NewActivityRow(withGUID, 3),
		"id:17:" + digestOf(withID):        NewActivityRow(withID, 3),
		"row:" + digestOf(sample()) + ":3": NewActivityRow(sample(), 3),
	} {
		if row.Key != want {
			t.Errorf("key %q, want %q", row.Key, want)
		}
	}
}

func digestOf(a operations.Activity) string { d := activityDigest(&a); return d.String() }

func TestDigest_ofWhatTheRowSays(t *testing.T) {
	t.Parallel()
	first := digestOf(sample())
	same := sample()
	same.Time = same.Time.In(time.FixedZone("", 3600))
	same.PersonName = "Ann"
	same.Attributes = operations.Attributes{{Name: "A", Value: "1"}, {Name: "B", Value: "2", Type: "string"}, {Name: "B", Value: "3"}}
	if digestOf(same) != first {
		t.Error("the offset, the person, the type of a value or the order of names changes the digest")
	}
	changes := map[string]func(a *operations.Activity){
		"lead":      func(a *operations.Activity) { a.LeadID++ },
		"time":      func(a *operations.Activity) { a.Time = a.Time.Add(time.Second) },
		"type":      func(a *operations.Activity) { a.Type += "x" },
		"asset":     func(a *operations.Activity) { a.AssetName = "" },
		"campaign":  func(a *operations.Activity) { a.Campaign = "x" },
		"border":    func(a *operations.Activity) { a.Type, a.AssetName = "Visit WebpageP", "ricing" },
		"id 0":      func(a *operations.Activity) { a.HasID = true },
		"guid":      func(a *operations.Activity) { a.GUID = "x" },
		"value":     func(a *operations.Activity) { a.Attributes[1].Value = "" },
		"repeated":  func(a *operations.Activity) { a.Attributes[0].Value, a.Attributes[2].Value = "3", "2" },
		"attribute": func(a *operations.Activity) { a.Attributes = a.Attributes[:2] },
	}
	for name, change := range changes {
		a := sample()
		change(&a)
		if digestOf(a) == first {
			t.Errorf("%s does not count", name)
		}
	}
}

func TestTwins(t *testing.T) {
	t.Parallel()
	var all, before, after twins
	var want, got []string
	second := sample()
	second.Time = second.Time.Add(time.Second)
	rows := []operations.Activity{sample(), sample(), sample(), second, second}
	for _, a := range rows {
		want = append(want, all.row(a).Key)
	}
	for stop := range len(rows) + 1 {
		got = nil
		before = twins{}
		for _, a := range rows[:stop] {
			got = append(got, before.row(a).Key)
		}
		p, err := ParsePosition(Position{Cursor: "x", Tail: before.tail()}.String())
		if err != nil {
			t.Fatal(err)
		}
		after.resume(p.Tail)
		for _, a := range rows[stop:] {
			got = append(got, after.row(a).Key)
		}
		unique := map[string]bool{}
		for i, key := range got {
			if key != want[i] {
				t.Errorf("interrupted after %d rows: key %d is %q, want %q", stop, i, key, want[i])
			}
			unique[key] = true
		}
		if len(unique) != len(rows) {
			t.Errorf("interrupted after %d rows: %d keys for %d rows", stop, len(unique), len(rows))
		}
	}
}
