package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// activityShape shows the activities of a lead.
func activityShape(key operations.LeadKey) shape[operations.Activity] {
	return shape[operations.Activity]{
		total: func(n int) string { return activitiesOf(n, visible(key.String())) },
		columns: []column{
			{title: "TIME"}, {title: "ID", right: true}, {title: "TYPE", weight: 20},
			{title: "ASSET", weight: 15}, {title: "CAMPAIGN", weight: 14}, {title: "DETAILS", weight: 28},
		},
		cells: func(a *operations.Activity) []string {
			return []string{wireTime(a), activityID(a), a.Type, a.AssetName, a.Campaign, details(a)}
		},
		header: []string{"id", "guid", "time", "type", "leadId", "assetName", "campaign", "attributes"},
		row: func(a *operations.Activity) []string {
			attributes, _ := encodeJSON(attributesJSON(a.Attributes), "") // text can always be encoded
			return []string{activityID(a), a.GUID, wireTime(a), a.Type, number(a.LeadID), a.AssetName, a.Campaign, attributes}
		},
		json: func(a *operations.Activity) any { return newActivityJSON(a) },
	}
}

// activitiesOf is the line that closes a table.
func activitiesOf(n int, key string) string {
	switch n {
	case 0:
		return "no activities of " + key
	case 1:
		return "1 activity of " + key
	}
	return fmt.Sprintf("%d activities of %s, newest first", n, key)
}

// activityJSON is an activity in json and jsonl. Every record has the fields without
// omitempty; the service has not been seen to fill the others.
type activityJSON struct {
	ID              *int64          `json:"id"`
	GUID            *string         `json:"guid"`
	Time            string          `json:"time"`
	Type            string          `json:"type"`
	LeadID          int64           `json:"leadId"`
	AssetName       string          `json:"assetName"`
	Campaign        string          `json:"campaign"`
	Attributes      []attributeJSON `json:"attributes"`
	PersonName      string          `json:"personName,omitempty"`
	ForeignSysID    string          `json:"foreignSysId,omitempty"`
	OrgName         string          `json:"orgName,omitempty"`
	ForeignSysOrgID string          `json:"foreignSysOrgId,omitempty"`
}

type attributeJSON struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Type  string `json:"type,omitempty"`
}

func newActivityJSON(a *operations.Activity) activityJSON {
	j := activityJSON{
		Time: wireTime(a), Type: a.Type, LeadID: a.LeadID, AssetName: a.AssetName, Campaign: a.Campaign,
		Attributes: attributesJSON(a.Attributes),
		PersonName: a.PersonName, ForeignSysID: a.ForeignSysID, OrgName: a.OrgName, ForeignSysOrgID: a.ForeignSysOrgID,
	}
	if a.HasID {
		j.ID = &a.ID
	}
	if a.GUID != "" {
		j.GUID = &a.GUID
	}
	return j
}

// attributesJSON is never nil: a list without elements is [], not null.
func attributesJSON(attributes operations.Attributes) []attributeJSON {
	list := make([]attributeJSON, len(attributes))
	for i, at := range attributes {
		list[i] = attributeJSON{at.Name, at.Value, at.Type}
	}
	return list
}

// wireTime is the time as the service writes it, with a numeric offset.
func wireTime(a *operations.Activity) string { return string(gen.NewDateTime(a.Time)) }

func activityID(a *operations.Activity) string {
	if !a.HasID {
		return ""
	}
	return strconv.FormatInt(a.ID, 10)
}

// writeCSV writes a row as RFC 4180 says. The writer of encoding/csv would change line ends
// inside of values.
func writeCSV(b *strings.Builder, values ...string) {
	for i, value := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		if strings.ContainsAny(value, "\",\r\n") {
			value = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
		}
		b.WriteString(value)
	}
	b.WriteString("\r\n")
}

// minTableWidth leaves every column of the table a few characters.
const minTableWidth = 80
