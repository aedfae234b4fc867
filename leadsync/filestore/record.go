package filestore

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/columns"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// record is a row as the files have it. The order of the fields is that of the columns.
type record interface{ activityRecord | leadRecord }

// columnsOf are the names of the columns, which are those in JSON.
func columnsOf[T record]() []string {
	var names []string
	for field := range reflect.TypeFor[T]().Fields() {
		names = append(names, field.Tag.Get("json"))
	}
	return names
}

// firstColumns is how many columns files of version 1 have. Those that later versions add come last, so files of each
// version begin with the columns of the version before.
func firstColumns[T record]() int { return slices.Index(columnsOf[T](), "gone_at") }

// activityRecord is an activity as all formats have it; leadRecord is a lead. Optional columns are pointers, because
// Parquet and JSON tell apart what is missing and what is empty.
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
	GoneAt        *time.Time      `json:"gone_at"        parquet:"gone_at,optional,timestamp(microsecond)"`
}

type leadRecord struct {
	ID                 int64           `json:"id"                    parquet:"id"`
	Email              string          `json:"email"                 parquet:"email"`
	ForeignSysPersonID string          `json:"foreign_sys_person_id" parquet:"foreign_sys_person_id"`
	ForeignSysType     string          `json:"foreign_sys_type"      parquet:"foreign_sys_type,dict"`
	Attributes         json.RawMessage `json:"attributes"            parquet:"attributes,json"`
	Run                int64           `json:"run"                   parquet:"run"`
	GoneAt             *time.Time      `json:"gone_at"               parquet:"gone_at,optional,timestamp(microsecond)"`
}

// newActivityRecord returns the record of a row. What an earlier version of the row has and this one lacks, such as
// the person, is taken from kept, because only one of the two ways to read an activity tells it.
func newActivityRecord(row *store.ActivityRow, run int64, kept stored) activityRecord {
	at := row.Time
	if _, offset := at.Zone(); offset%60 != 0 {
		at = at.UTC() // text has no room for the seconds of an offset
	}
	r := activityRecord{
		Key: cmp.Or(kept.key, row.Key), LeadID: row.LeadID,
		OccurredAt: at.UTC(), OccurredLocal: at.Format(time.RFC3339Nano),
		Type: row.Type, Asset: row.AssetName, Campaign: row.Campaign,
		Attributes: columns.AppendAttributes(nil, row.Attributes),
		Person:     kept.person, Late: kept.late, Run: run,
	}
	if row.HasID {
		r.ID = &row.ID
	}
	if guid := cmp.Or(row.GUID, kept.guid); guid != "" {
		r.GUID = &guid
	}
	return r
}

// row returns the row of a record. The digest is not stored and is computed again; the key is taken as it is, since
// it may contain a number that depends on other rows.
func (r *activityRecord) row() (store.ActivityRow, error) {
	at, err := time.Parse(time.RFC3339Nano, r.OccurredLocal)
	if err != nil {
		return store.ActivityRow{}, fmt.Errorf("occurred_local of %s: %w", r.Key, err)
	}
	attributes, err := columns.ParseAttributes(string(r.Attributes))
	if err != nil {
		return store.ActivityRow{}, fmt.Errorf("activity %s: %w", r.Key, err)
	}
	a := operations.Activity{
		LeadID: r.LeadID, Time: at,
		Type: r.Type, AssetName: r.Asset, Campaign: r.Campaign,
		Attributes: attributes,
	}
	if err := columns.SetPerson(&a, r.Person); err != nil {
		return store.ActivityRow{}, fmt.Errorf("activity %s: %w", r.Key, err)
	}
	if r.ID != nil {
		a.ID, a.HasID = *r.ID, true
	}
	if r.GUID != nil {
		a.GUID = *r.GUID
	}
	row := store.NewActivityRow(a, 0)
	row.Key = r.Key // it may count equal rows
	return row, nil
}

// newLeadRecord returns the record of a lead.
func newLeadRecord(row *store.LeadRow, run int64) leadRecord {
	return leadRecord{
		ID: row.ID, Email: row.Email,
		ForeignSysPersonID: row.ForeignSysPersonID, ForeignSysType: string(row.ForeignSysType),
		Attributes: columns.AppendAttributes(nil, row.Attributes), Run: run,
	}
}

// row returns the row of a record.
func (r *leadRecord) row() (store.LeadRow, error) {
	attributes, err := columns.ParseAttributes(string(r.Attributes))
	if err != nil {
		return store.LeadRow{}, fmt.Errorf("lead %d: %w", r.ID, err)
	}
	row := store.NewLeadRow(operations.Lead{
		ID: r.ID, Email: r.Email,
		ForeignSysPersonID: r.ForeignSysPersonID, ForeignSysType: operations.ForeignSysType(r.ForeignSysType),
		Attributes: attributes,
	})
	if r.GoneAt != nil {
		row.GoneAt = r.GoneAt.UTC()
	}
	return row, nil
}
