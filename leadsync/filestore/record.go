package filestore

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/operations"
)

// record is a row as the files have it. The order of the fields is that of the columns.
type record interface{ activityRecord | leadRecord }

type activityRecord struct {
	Key           string          `json:"key"            parquet:"key"`
	LeadID        int64           `json:"lead_id"        parquet:"lead_id"`
	OccurredAt    time.Time       `json:"occurred_at"    parquet:"occurred_at,timestamp(microsecond)"`
	OccurredLocal string          `json:"occurred_local" parquet:"occurred_local"`
	Type          string          `json:"type"           parquet:"type,dict"`
	Asset         string          `json:"asset"          parquet:"asset,dict"`
	Campaign      string          `json:"campaign"       parquet:"campaign,dict"`
	Attributes    json.RawMessage `json:"attributes"     parquet:"attributes,json"`
	ID            *int64          `json:"id"             parquet:"id,optional"`
	GUID          *string         `json:"guid"           parquet:"guid,optional"`
	Person        json.RawMessage `json:"person"         parquet:"person,optional,json"`
	Late          bool            `json:"late"           parquet:"late"`
	Run           int64           `json:"run"            parquet:"run"`
}

type leadRecord struct {
	ID                 int64           `json:"id"                    parquet:"id"`
	Email              string          `json:"email"                 parquet:"email"`
	ForeignSysPersonID string          `json:"foreign_sys_person_id" parquet:"foreign_sys_person_id"`
	ForeignSysType     string          `json:"foreign_sys_type"      parquet:"foreign_sys_type,dict"`
	Attributes         json.RawMessage `json:"attributes"            parquet:"attributes,json"`
	Run                int64           `json:"run"                   parquet:"run"`
}

// person is the column of that name. Most activities have none.
type person struct {
	Name            string `json:"name,omitempty"`
	ForeignSysID    string `json:"foreignSysId,omitempty"`
	OrgName         string `json:"orgName,omitempty"`
	ForeignSysOrgID string `json:"foreignSysOrgId,omitempty"`
}

func newActivityRecord(row *leadsync.ActivityRow, run int64, kept stored) activityRecord {
	at := row.Time
	if _, offset := at.Zone(); offset%60 != 0 {
		at = at.UTC() // text has no room for the seconds of an offset
	}
	r := activityRecord{
		Key: row.Key, LeadID: row.LeadID,
		OccurredAt: at.UTC(), OccurredLocal: at.Format(time.RFC3339Nano),
		Type: row.Type, Asset: row.AssetName, Campaign: row.Campaign,
		Attributes: encodeAttributes(row.Attributes),
		Person:     kept.person, Late: kept.late, Run: run,
	}
	if row.HasID {
		r.ID = &row.ID
	}
	if row.GUID != "" {
		r.GUID = &row.GUID
	}
	return r
}

// row makes the digest anew.
func (r *activityRecord) row() (leadsync.ActivityRow, error) {
	at, err := time.Parse(time.RFC3339Nano, r.OccurredLocal)
	if err != nil {
		return leadsync.ActivityRow{}, fmt.Errorf("occurred_local of %s: %w", r.Key, err)
	}
	attributes, err := decodeAttributes(r.Attributes)
	if err != nil {
		return leadsync.ActivityRow{}, fmt.Errorf("attributes of %s: %w", r.Key, err)
	}
	var p person
	if len(r.Person) > 0 {
		if err := json.Unmarshal(r.Person, &p); err != nil { // null is none
			return leadsync.ActivityRow{}, fmt.Errorf("person of %s: %w", r.Key, err)
		}
	}
	a := operations.Activity{
		LeadID: r.LeadID, Time: at,
		Type: r.Type, AssetName: r.Asset, Campaign: r.Campaign,
		PersonName: p.Name, ForeignSysID: p.ForeignSysID,
		OrgName: p.OrgName, ForeignSysOrgID: p.ForeignSysOrgID,
		Attributes: attributes,
	}
	if r.ID != nil {
		a.ID, a.HasID = *r.ID, true
	}
	if r.GUID != nil {
		a.GUID = *r.GUID
	}
	row := leadsync.NewActivityRow(a, 0)
	row.Key = r.Key // it may count equal rows
	return row, nil
}

func newLeadRecord(row *leadsync.LeadRow, run int64) leadRecord {
	return leadRecord{
		ID: row.ID, Email: row.Email,
		ForeignSysPersonID: row.ForeignSysPersonID, ForeignSysType: string(row.ForeignSysType),
		Attributes: encodeAttributes(row.Attributes), Run: run,
	}
}

func (r *leadRecord) row() (leadsync.LeadRow, error) {
	attributes, err := decodeAttributes(r.Attributes)
	if err != nil {
		return leadsync.LeadRow{}, fmt.Errorf("attributes of lead %d: %w", r.ID, err)
	}
	return leadsync.NewLeadRow(operations.Lead{
		ID: r.ID, Email: r.Email,
		ForeignSysPersonID: r.ForeignSysPersonID, ForeignSysType: operations.ForeignSysType(r.ForeignSysType),
		Attributes: attributes,
	}), nil
}

// encodePerson returns nil if nothing is known.
func encodePerson(a *operations.Activity) json.RawMessage {
	b := []byte{'{'}
	for _, field := range [...]struct{ name, value string }{
		{"name", a.PersonName},
		{"foreignSysId", a.ForeignSysID},
		{"orgName", a.OrgName},
		{"foreignSysOrgId", a.ForeignSysOrgID},
	} {
		if field.value != "" {
			b = appendQuoted(appendMember(b, field.name), field.value)
		}
	}
	if len(b) == 1 {
		return nil
	}
	return append(b, '}')
}

// encodeAttributes writes an object in the order of the names. A name that repeats has
// an array of its values.
func encodeAttributes(attributes operations.Attributes) json.RawMessage {
	byName := func(x, y operations.Attribute) int { return cmp.Compare(x.Name, y.Name) }
	if !slices.IsSortedFunc(attributes, byName) {
		attributes = slices.Clone(attributes)
		slices.SortStableFunc(attributes, byName)
	}
	size := 2
	for i := range attributes {
		size += len(attributes[i].Name) + len(attributes[i].Value) + len(`"":"",`)
	}
	b := append(make([]byte, 0, size), '{')
	for i := 0; i < len(attributes); {
		end := i + 1
		for end < len(attributes) && attributes[end].Name == attributes[i].Name {
			end++
		}
		b = appendMember(b, attributes[i].Name)
		b = appendValues(b, attributes[i:end])
		i = end
	}
	return append(b, '}')
}

func appendMember(b []byte, name string) []byte {
	if len(b) > 1 {
		b = append(b, ',')
	}
	return append(appendQuoted(b, name), ':')
}

func appendValues(b []byte, attributes operations.Attributes) []byte {
	if len(attributes) == 1 {
		return appendQuoted(b, attributes[0].Value)
	}
	b = append(b, '[')
	for i := range attributes {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendQuoted(b, attributes[i].Value)
	}
	return append(b, ']')
}

// appendQuoted writes a JSON string and escapes no more than JSON asks for.
func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for _, r := range s { // what is not UTF-8 comes as U+FFFD
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < ' ':
			b = append(b, `\u00`...)
			b = append(b, "0123456789abcdef"[r>>4], "0123456789abcdef"[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return append(b, '"')
}

var errNoAttributes = errors.New("not an object of strings and arrays of strings")

func decodeAttributes(raw json.RawMessage) (operations.Attributes, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if err := expect(d, '{'); err != nil {
		return nil, err
	}
	var attributes operations.Attributes
	for d.More() {
		name, err := text(d)
		if err != nil {
			return nil, err
		}
		if attributes, err = decodeValues(d, attributes, name); err != nil {
			return nil, err
		}
	}
	if err := expect(d, '}'); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errNoAttributes
	}
	return attributes, nil
}

func decodeValues(d *json.Decoder, to operations.Attributes, name string) (operations.Attributes, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	if value, ok := token.(string); ok {
		return append(to, operations.Attribute{Name: name, Value: value}), nil
	}
	if token != json.Delim('[') {
		return nil, errNoAttributes
	}
	for d.More() {
		value, err := text(d)
		if err != nil {
			return nil, err
		}
		to = append(to, operations.Attribute{Name: name, Value: value})
	}
	return to, expect(d, ']')
}

func text(d *json.Decoder) (string, error) {
	token, err := d.Token()
	if err != nil {
		return "", err
	}
	s, ok := token.(string)
	if !ok {
		return "", errNoAttributes
	}
	return s, nil
}

func expect(d *json.Decoder, delim json.Delim) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	if token != delim {
		return errNoAttributes
	}
	return nil
}
