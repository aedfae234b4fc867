package store

import (
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/operations"
)

func sample() operations.Activity {
	return operations.Activity{
		LeadID: 318815, Time: time.Date(2026, 3, 8, 1, 59, 59, 0, time.FixedZone("", -6*3600)), Type: "Visit Webpage", AssetName: "Pricing",
		Attributes: operations.Attributes{{Name: "B", Value: "2"}, {Name: "A", Value: "1"}, {Name: "B", Value: "3"}},
	}
}

// TestKeys pins the keys: they are in the databases of users.
func TestKeys(t *testing.T) {
	t.Parallel()
	withID := sample()
	withID.ID, withID.HasID = -17, true
	long := withID
	long.Type = strings.Repeat("x", 256)
	guid := func(text string) ActivityRow {
		a := withID
		a.GUID = text
		return NewActivityRow(a, 3)
	}
	for want, got := range map[string]string{
		"5f3c":                                               guid("5f3c").Key,
		"guid:66234fcaeb1edcbd63d074d38357cd5a":              guid("id:5f3c").Key,
		"guid:0b4b6e277ff61b9a50ef56d0cfba0cd5":              guid("row:1:0").Key,
		"guid:1654733dc9592ac34114d9487a6a800d":              guid("guid:0").Key,
		"guid:85e62acd750c4eb56b7b6a1d66dca5bf":              guid(strings.Repeat("x", 256)).Key,
		strings.Repeat("y", 255):                             guid(strings.Repeat("y", 255)).Key,
		"id:-17:1772956799:Visit Webpage":                    NewActivityRow(withID, 3).Key,
		"id:-17:1772956799#2:Visit Webpage":                  RecordKey(&withID, 2),
		"id:-17:1772956799#10:Visit Webpage":                 RecordKey(&withID, 10),
		"id:-17:1772956799:85e62acd750c4eb56b7b6a1d66dca5bf": RecordKey(&long, 1),
		"row:0389afdab348a28917335dc48508ee8b:3":             NewActivityRow(sample(), 3).Key,
	} {
		if got != want {
			t.Errorf("key %q, want %q", got, want)
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
	same.ID, same.HasID, same.GUID = 17, true, "5f3c"
	same.Attributes = operations.Attributes{{Name: "A", Value: "1"}, {Name: "B", Value: "2", Type: "string"}, {Name: "B", Value: "3"}}
	if digestOf(same) != first {
		t.Error("what it is known by, the offset, the person, the type of a value or the order of names changes the digest")
	}
	changes := map[string]func(a *operations.Activity){
		"lead":      func(a *operations.Activity) { a.LeadID++ },
		"time":      func(a *operations.Activity) { a.Time = a.Time.Add(time.Second) },
		"type":      func(a *operations.Activity) { a.Type += "x" },
		"asset":     func(a *operations.Activity) { a.AssetName = "" },
		"campaign":  func(a *operations.Activity) { a.Campaign = "x" },
		"border":    func(a *operations.Activity) { a.Type, a.AssetName = "Visit WebpageP", "ricing" },
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
