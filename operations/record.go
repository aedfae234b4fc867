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

// recordText is a text of a record, cut between two characters where it is too long.
type recordText string

// MarshalText implements encoding.TextMarshaler.
func (t recordText) MarshalText() ([]byte, error) {
	if len(t) <= maxRecordText {
		return []byte(t), nil
	}
	n := maxRecordText
	for n > 0 && !utf8.RuneStart(t[n]) {
		n--
	}
	return []byte(string(t[:n]) + "…"), nil
}

// activityRecord is an activity as it came, for people who have to find out what is wrong with it.
type activityRecord struct {
	ID           *int64     `json:"id,omitempty"`
	GUID         recordText `json:"marketoGUID,omitempty"`
	DateTime     recordText `json:"activityDateTime"`
	Type         recordText `json:"activityType"`
	AssetName    recordText `json:"mktgAssetName,omitempty"`
	Campaign     recordText `json:"campaign,omitempty"`
	PersonName   recordText `json:"personName,omitempty"`
	PersonID     recordText `json:"mktPersonId"`
	ForeignSysID recordText `json:"foreignSysId,omitempty"`
	OrgName      recordText `json:"orgName,omitempty"`
	ForeignOrgID recordText `json:"foreignSysOrgId,omitempty"`
	recordAttributes
}

// leadRecord is a lead as it came.
type leadRecord struct {
	ID           *int64     `json:"Id,omitempty"`
	Email        recordText `json:"Email,omitempty"`
	ForeignSysID recordText `json:"ForeignSysPersonId,omitempty"`
	ForeignSys   recordText `json:"ForeignSysType,omitempty"`
	recordAttributes
}

type recordAttributes struct {
	Attributes []recordAttribute `json:"attributes,omitempty"`
	More       int               `json:"moreAttributes,omitempty"` // that were left out
}

type recordAttribute struct {
	Name  recordText `json:"attrName"`
	Value recordText `json:"attrValue"`
}

func recordOfActivity(r *gen.ActivityRecord) activityRecord {
	return activityRecord{
		recordID(r.Id), recordText(r.MarketoGUID), recordText(r.ActivityDateTime), recordText(r.ActivityType), optionalText(r.MktgAssetName),
		optionalText(r.Campaign), optionalText(r.PersonName), recordText(r.MktPersonId), optionalText(r.ForeignSysId),
		optionalText(r.OrgName), optionalText(r.ForeignSysOrgId), attributesOf(r.ActivityAttributes.Value.Attribute),
	}
}

func recordOfChange(r *gen.LeadChangeRecord) activityRecord {
	return activityRecord{
		ID: recordID(r.Id), GUID: recordText(r.MarketoGUID), DateTime: recordText(r.ActivityDateTime), Type: recordText(r.ActivityType),
		AssetName: optionalText(r.MktgAssetName), Campaign: optionalText(r.Campaign), PersonID: recordText(r.MktPersonId),
		recordAttributes: attributesOf(r.ActivityAttributes.Value.Attribute),
	}
}

func recordOfLead(r *gen.LeadRecord) leadRecord {
	return leadRecord{
		recordID(r.Id), optionalText(r.Email), optionalText(r.ForeignSysPersonId), optionalText(r.ForeignSysType),
		attributesOf(r.LeadAttributeList.Value.Attribute),
	}
}

func optionalText[T ~string](o gen.Opt[T]) recordText { return recordText(o.Or("")) }

func recordID[T int32 | int64](o gen.Opt[T]) *int64 {
	id, ok := o.Get()
	if !ok {
		return nil
	}
	number := int64(id)
	return &number
}

func attributesOf(all []gen.Attribute) recordAttributes {
	shown := all[:min(len(all), maxRecordAttributes)]
	r := recordAttributes{More: len(all) - len(shown)}
	for _, a := range shown {
		r.Attributes = append(r.Attributes, recordAttribute{recordText(a.AttrName), recordText(a.AttrValue)})
	}
	return r
}

// keep adds the record to the error. What it keeps are copies: an error may outlive the answer,
// whose texts share one array.
func (e *RecordError) keep(guid string, record any) {
	var text strings.Builder
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	_ = out.Encode(record) // texts and numbers always encode
	e.GUID, e.Value, e.Record = strings.Clone(guid), strings.Clone(e.Value), strings.TrimSuffix(text.String(), "\n")
}
