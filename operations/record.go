package operations

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/mktows/mktows-go/gen"
)

// Bounds of RecordError.Record: an unreadable record is kept, whatever is in it.
const (
	maxRecordText       = 4 << 10 // bytes of one text
	maxRecordAttributes = 200
)

// rawRecord is an activity as it came, for people who have to find out what is wrong with it.
type rawRecord struct {
	ID             *int64         `json:"id,omitempty"`
	GUID           string         `json:"marketoGUID,omitempty"`
	DateTime       string         `json:"activityDateTime"`
	Type           string         `json:"activityType"`
	AssetName      string         `json:"mktgAssetName,omitempty"`
	Campaign       string         `json:"campaign,omitempty"`
	PersonName     string         `json:"personName,omitempty"`
	PersonID       string         `json:"mktPersonId"`
	ForeignSysID   string         `json:"foreignSysId,omitempty"`
	OrgName        string         `json:"orgName,omitempty"`
	ForeignOrgID   string         `json:"foreignSysOrgId,omitempty"`
	Attributes     []rawAttribute `json:"activityAttributes,omitempty"`
	MoreAttributes int            `json:"moreAttributes,omitempty"` // that were left out
}

type rawAttribute struct {
	Name  string `json:"attrName"`
	Value string `json:"attrValue"`
}

func recordOfActivity(r *gen.ActivityRecord) rawRecord {
	raw := rawRecord{
		GUID: r.MarketoGUID, DateTime: string(r.ActivityDateTime), Type: r.ActivityType, AssetName: r.MktgAssetName.Or(""),
		Campaign: r.Campaign.Or(""), PersonName: r.PersonName.Or(""), PersonID: r.MktPersonId, ForeignSysID: r.ForeignSysId.Or(""),
		OrgName: r.OrgName.Or(""), ForeignOrgID: r.ForeignSysOrgId.Or(""),
	}
	raw.complete(r.Id, r.ActivityAttributes.Value.Attribute)
	return raw
}

func recordOfChange(r *gen.LeadChangeRecord) rawRecord {
	raw := rawRecord{
		GUID: r.MarketoGUID, DateTime: string(r.ActivityDateTime), Type: r.ActivityType, AssetName: r.MktgAssetName.Or(""),
		Campaign: r.Campaign.Or(""), PersonID: r.MktPersonId,
	}
	raw.complete(r.Id, r.ActivityAttributes.Value.Attribute)
	return raw
}

func (r *rawRecord) complete(id gen.Opt[int64], attributes []gen.Attribute) {
	if number, ok := id.Get(); ok {
		r.ID = &number
	}
	shown := attributes[:min(len(attributes), maxRecordAttributes)]
	r.MoreAttributes = len(attributes) - len(shown)
	for _, a := range shown {
		r.Attributes = append(r.Attributes, rawAttribute{a.AttrName, a.AttrValue})
	}
}

// keep adds the record to the error. It is a copy: an error may outlive the answer, whose
// texts share one array.
func (e *RecordError) keep(r rawRecord) {
	e.GUID = strings.Clone(r.GUID)
	for _, text := range []*string{
		&r.GUID, &r.DateTime, &r.Type, &r.AssetName, &r.Campaign, &r.PersonName, &r.PersonID, &r.ForeignSysID, &r.OrgName, &r.ForeignOrgID,
	} {
		*text = bounded(*text)
	}
	for i := range r.Attributes {
		r.Attributes[i].Name, r.Attributes[i].Value = bounded(r.Attributes[i].Name), bounded(r.Attributes[i].Value)
	}
	var text strings.Builder
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	_ = out.Encode(r) // strings and numbers always encode
	e.Record = strings.TrimSuffix(text.String(), "\n")
}

// bounded cuts a text that is too long, between two characters.
func bounded(s string) string {
	if len(s) <= maxRecordText {
		return s
	}
	n := maxRecordText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
