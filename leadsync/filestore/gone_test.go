package filestore

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// A leadV1 is a lead as version 1 of the files had it.
type leadV1 struct {
	ID                 int64           `parquet:"id"`
	Email              string          `parquet:"email"`
	ForeignSysPersonID string          `parquet:"foreign_sys_person_id"`
	ForeignSysType     string          `parquet:"foreign_sys_type,dict"`
	Attributes         json.RawMessage `parquet:"attributes,json"`
	Run                int64           `parquet:"run"`
}

// Segments without the column gone_at are read as they are.
func TestFormats_readsVersion1(t *testing.T) {
	t.Parallel()
	var parquetFile bytes.Buffer
	w := parquet.NewGenericWriter[leadV1](&parquetFile, parquet.NewSchema("leads", parquet.SchemaOf(leadV1{})))
	for _, r := range leadRecords() {
		if _, err := w.Write([]leadV1{{r.ID, r.Email, r.ForeignSysPersonID, r.ForeignSysType, r.Attributes, r.Run}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	files := map[Format][]byte{Parquet: parquetFile.Bytes()}
	for _, f := range []Format{CSV, JSONL} {
		text, err := os.ReadFile(filepath.Join("testdata", "v1", "leads."+string(f)))
		if err != nil {
			t.Fatal(err)
		}
		files[f] = text
		if text, err = os.ReadFile(filepath.Join("testdata", "v1", "activities."+string(f))); err != nil {
			t.Fatal(err)
		}
		var rows []store.ActivityRow
		for _, r := range collect(t, decodeRows[activityRecord](f, bytes.NewReader(text), int64(len(text)))) {
			row, err := r.row()
			if err != nil || r.GoneAt != nil {
				t.Fatalf("%s: gone at %v, error %v", f, r.GoneAt, err)
			}
			if row.GUID == "" && row.HasID {
				row.Key = store.NewActivityRow(row.Activity, 0).Key // keys were made in another way
			}
			rows = append(rows, row)
		}
		sameRows(t, rows, awkward())
	}
	for f, file := range files {
		sameRows(t, leadRowsOf(t, f, file), awkwardLeads())
	}
}

// The state of version 1 is brought up to date, and its rows can be marked.
func TestOpen_upgradesVersion1(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, WithFormat(CSV))
	newWriter(t, s, store.Leads).commit(nil, awkwardLeads()...)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", filepath.Join(dir, stateName))
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{`ALTER TABLE file_keys DROP COLUMN gone_at`, `UPDATE file_format SET version = 1`} {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	w := newWriter(t, s, store.Leads)
	if counts, err := s.Commit(t.Context(), store.Commit{Fence: w.claim, Gone: []int64{1}}); err != nil || counts.Gone != 1 {
		t.Fatalf("%+v, error %v", counts, err)
	}
	if m, err := ReadManifest(dir); err != nil || m.Version != manifestVersion {
		t.Errorf("manifest %+v, error %v", m, err)
	}
}

// What is gone is told to whoever reads the files alone: the newest version of the row says so.
func TestCommit_goneInTheFiles(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{JSONL, CSV, Parquet} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := open(t, dir, WithFormat(f))
			w := newWriter(t, s, store.Activities)
			w.commit([]store.ActivityRow{plain(1, 1), plain(1, 2)}, store.NewLeadRow(operations.Lead{ID: 1, Email: "a@example.com"}), store.NewLeadRow(operations.Lead{ID: 2}))
			// In one commit: a row that it writes itself is gone, too.
			_, err := s.Commit(t.Context(), store.Commit{
				Fence: w.claim, Activities: []store.ActivityRow{plain(1, 3)}, Removed: []string{plain(1, 1).Key, plain(1, 3).Key, "unknown"},
				Leads: []store.LeadRow{store.NewLeadRow(operations.Lead{ID: 3})}, Gone: []int64{1, 3, 99},
			})
			if err != nil {
				t.Fatal(err)
			}
			newest := map[string]*activityRecord{}
			leads := map[int64]*leadRecord{}
			m, err := ReadManifest(dir)
			if err != nil {
				t.Fatal(err)
			}
			for i := range m.Segments {
				file, err := os.Open(filepath.Join(dir, m.Segments[i].Name))
				if err != nil {
					t.Fatal(err)
				}
				if m.Segments[i].Kind == Leads {
					for _, r := range collect(t, decodeRows[leadRecord](f, file, m.Segments[i].Bytes)) {
						leads[r.ID] = r
					}
				} else {
					for _, r := range collect(t, decodeRows[activityRecord](f, file, m.Segments[i].Bytes)) {
						newest[r.Key] = r
					}
				}
				_ = file.Close()
			}
			var there []string
			for key, r := range newest {
				if r.GoneAt == nil {
					there = append(there, key)
				} else if time.Since(*r.GoneAt) > time.Hour || r.Asset != "Home" {
					t.Errorf("%+v", r)
				}
			}
			if want := []string{plain(1, 2).Key}; !slices.Equal(there, want) {
				t.Errorf("the files have %v, want %v", there, want)
			}
			if leads[1].GoneAt == nil || leads[1].Email != "a@example.com" || leads[2].GoneAt != nil || leads[3].GoneAt == nil || len(leads) != 3 {
				t.Errorf("leads %+v", leads)
			}
			if err := s.Check(t.Context()); err != nil {
				t.Error(err)
			}
			for _, name := range files(t, dir) {
				if strings.HasPrefix(name, tempPrefix) {
					t.Errorf("%s is left", name)
				}
			}
		})
	}
}
