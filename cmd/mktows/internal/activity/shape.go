package activity

import (
	"fmt"
	"strconv"

	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

// activityShape describes activities in the formats of -o. Key is the lead that was asked for, for the line below the
// table.
func activityShape(key operations.LeadKey) output.Shape[operations.Activity] {
	return output.Shape[operations.Activity]{
		Total: func(n int) string { return activitiesOf(n, output.Visible(key.String())) },
		Columns: []output.Column{
			{Title: "TIME", Whole: true}, {Title: "ID", Right: true}, {Title: "TYPE", Weight: 20},
			{Title: "ASSET", Weight: 15}, {Title: "CAMPAIGN", Weight: 14}, {Title: "DETAILS", Weight: 28},
		},
		Cells: func(a *operations.Activity) []string {
			return []string{wireTime(a), activityID(a), a.Type, a.AssetName, a.Campaign, details(a)}
		},
		Header: []string{"id", "guid", "time", "type", "leadId", "assetName", "campaign", "attributes"},
		Row: func(a *operations.Activity) []string {
			attributes, _ := output.EncodeJSON(output.Attributes(a.Attributes), "") // text can always be encoded
			return []string{activityID(a), a.GUID, wireTime(a), a.Type, output.Number(a.LeadID), a.AssetName, a.Campaign, attributes}
		},
		Json: func(a *operations.Activity) any { return newActivityJSON(a) },
	}
}

// activitiesOf returns the line below the table.
func activitiesOf(n int, key string) string {
	switch n {
	case 0:
		return "no activities of " + key
	case 1:
		return "1 activity of " + key
	}
	return fmt.Sprintf("%d activities of %s, newest first", n, key)
}

// activityJSON is an activity in JSON. The members without omitempty are always there; the service has not been seen
// to fill the others.
type activityJSON struct {
	ID              *int64             `json:"id"`
	GUID            *string            `json:"guid"`
	Time            string             `json:"time"`
	Type            string             `json:"type"`
	LeadID          int64              `json:"leadId"`
	AssetName       string             `json:"assetName"`
	Campaign        string             `json:"campaign"`
	Attributes      []output.Attribute `json:"attributes"`
	PersonName      string             `json:"personName,omitempty"`
	ForeignSysID    string             `json:"foreignSysId,omitempty"`
	OrgName         string             `json:"orgName,omitempty"`
	ForeignSysOrgID string             `json:"foreignSysOrgId,omitempty"`
}

// newActivityJSON returns an activity in the form of JSON. An id of 0 is a valid id, so its absence is null.
func newActivityJSON(a *operations.Activity) activityJSON {
	j := activityJSON{
		Time: wireTime(a), Type: a.Type, LeadID: a.LeadID, AssetName: a.AssetName, Campaign: a.Campaign,
		Attributes: output.Attributes(a.Attributes),
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

// wireTime returns the time as the service writes it, with a numeric offset.
func wireTime(a *operations.Activity) string { return string(gen.NewDateTime(a.Time)) }

func activityID(a *operations.Activity) string {
	if !a.HasID {
		return ""
	}
	return strconv.FormatInt(a.ID, 10)
}
