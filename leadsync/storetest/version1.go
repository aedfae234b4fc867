package storetest

import (
	"strings"
	"time"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/operations"
)

// Version1 returns what the copies of version 1 have that the stores keep in their folders testdata: the source
// of those copies as it is read today. Two of its activities share id, time and type, as after a
// merge that version 1 could not tell from a new activity.
func Version1() ([]leadsync.ActivityRow, []leadsync.LeadRow) {
	zone := time.FixedZone("", -6*3600)
	var rows []leadsync.ActivityRow
	add := func(a operations.Activity, equal int) {
		a.Time = since.Add(time.Duration(len(rows)/4) * time.Second).In(zone)
		if a.Type == "" {
			a.Type = "Visit Webpage"
		}
		rows = append(rows, leadsync.NewActivityRow(a, equal))
	}
	attributes := operations.Attributes{{Name: "B", Value: `a "quoted" {value}`}, {Name: "A", Value: "Grüße"}, {Name: "B", Value: ""}}
	add(operations.Activity{GUID: "783000001", ID: 1, HasID: true, LeadID: 101, Attributes: attributes}, 0)
	add(operations.Activity{GUID: "783000002", LeadID: 101, AssetName: "new name"}, 0)
	add(operations.Activity{ID: 5, HasID: true, LeadID: 101, Attributes: attributes, PersonName: "Jo Doe"}, 0)
	add(operations.Activity{ID: 5, HasID: true, LeadID: 102, Attributes: attributes}, 0)
	add(operations.Activity{ID: 0, HasID: true, LeadID: 102, Campaign: "Welcome"}, 0)
	add(operations.Activity{ID: -7, HasID: true, LeadID: 102, Type: "Fill Out Form: a, b"}, 0)
	add(operations.Activity{LeadID: 103, AssetName: "equal"}, 0)
	add(operations.Activity{LeadID: 103, AssetName: "equal"}, 1)
	add(operations.Activity{ID: 9, HasID: true, LeadID: 104, Type: strings.Repeat("a type of great length ", 20)}, 0)
	return rows, []leadsync.LeadRow{lead(101, "lead@example.com"), lead(102, "")}
}
