package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgx

	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/internal/sqltest"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/storetest"
	"github.com/mktows/mktows-go/operations"
)

// version1 makes the copy of storetest.Version1 as the release wrote it that knew version 1.
func version1(t *testing.T, target string, d sqldb.Dialect) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "version1."+d.String()+".sql"))
	if err != nil {
		t.Fatal(err)
	}
	db := emptyDatabase(t, target, d)
	for _, step := range []string{`CREATE TABLE sync_schema (version integer NOT NULL)`, sqlcore.Migrations(d)[0], string(text)} {
		if _, err := db.ExecContext(t.Context(), step); err != nil {
			t.Fatal(err)
		}
	}
}

// emptyDatabase is one that no release has written to.
func emptyDatabase(t *testing.T, target string, d sqldb.Dialect) *sql.DB {
	t.Helper()
	driver := "sqlite"
	if d == sqldb.Postgres {
		driver = "pgx"
	}
	db, err := sql.Open(driver, target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestVersion1_isUpgraded(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string, d sqldb.Dialect) {
		version1(t, target, d)
		if _, err := OpenReadOnly(t.Context(), target); err == nil || !strings.Contains(err.Error(), "run mktows sync once, which upgrades it") {
			t.Errorf("reading gives %v", err)
		}
		storetest.ExerciseVersion1(t, func(t *testing.T) (store.Store, func() store.Store) { return opener(t, target) })
	})
}

// TestVersion1_keys: rows that share id, time and type are numbered; what has a GUID, or neither, keeps its key.
func TestVersion1_keys(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string, d sqldb.Dialect) {
		version1(t, target, d)
		s := openStore(t, target)
		want := []string{
			"783000001", "783000002", "id:-7:1772953201:Fill Out Form: a, b", "id:0:1772953201:Visit Webpage",
			"id:5:1772953200#2:Visit Webpage", "id:5:1772953200:Visit Webpage", "id:9:1772953202:80a490b3452dc4e6a3a252adb4539ea3",
			"row:bed872b2abdb9082ab2d2f5e98e7f735:0", "row:bed872b2abdb9082ab2d2f5e98e7f735:1",
		}
		if got := column(t, s, `SELECT key FROM activities`); !slices.Equal(got, want) {
			t.Errorf("the keys are %q; want %q", got, want)
		}
		if got := column(t, s, `SELECT scheme FROM sync_schemes`); !slices.Equal(got, []string{"guid", "indexed-2", "none"}) {
			t.Errorf("the schemes are %q", got)
		}
	})
}

// TestSchemes: only a copy with GUIDs and without pays for the index by what does not change.
func TestSchemes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string, d sqldb.Dialect) {
		s := openStore(t, target)
		claim := sqltest.OneWindow(t, s)
		rows, _ := storetest.Version1()
		indexes := `SELECT name FROM sqlite_schema WHERE name = 'activities_by_record'`
		if d == sqldb.Postgres {
			indexes = `SELECT indexname FROM pg_indexes WHERE indexname = 'activities_by_record'`
		}
		for i, c := range []struct {
			rows    []store.ActivityRow
			schemes []string
			index   int
		}{{nil, nil, 0}, {rows[:2], []string{"guid"}, 0}, {rows[:1], []string{"guid"}, 0}, {rows[:3], []string{"guid", "indexed-2", "none"}, 1}, {rows[4:], []string{"guid", "indexed-2", "none"}, 1}} {
			if _, err := s.Commit(t.Context(), store.Commit{Fence: claim, Activities: c.rows}); err != nil {
				t.Fatal(err)
			}
			schemes, index := column(t, s, `SELECT scheme FROM sync_schemes`), column(t, s, indexes)
			if !slices.Equal(schemes, c.schemes) || len(index) != c.index {
				t.Errorf("commit %d: schemes %q, %d indexes; want %q, %d", i, schemes, len(index), c.schemes, c.index)
			}
		}
	})
}

// TestGap: where a row of several that share id, time and type was deleted, the others are still found.
func TestGap(t *testing.T) {
	t.Parallel()
	var rows []store.ActivityRow
	for lead := range int64(4) {
		a := operations.Activity{ID: 5, HasID: true, LeadID: lead, Time: time.Unix(100, 0), Type: "Visit Webpage"}
		if lead == 3 {
			a.ID = 6
		}
		rows = append(rows, store.NewActivityRow(a, 0))
	}
	gap := []string{"gap", "indexed-2", "none"}
	for removed, schemes := range [][]string{gap, gap, gap, {"none"}} {
		t.Run(fmt.Sprint("row ", removed), func(t *testing.T) {
			t.Parallel()
			onBoth(t, func(t *testing.T, target string, _ sqldb.Dialect) {
				s := openStore(t, target)
				claim := sqltest.OneWindow(t, s)
				commit := func(inserted int64, some ...store.ActivityRow) {
					t.Helper()
					counts, err := s.Commit(t.Context(), store.Commit{Fence: claim, Activities: some})
					if err != nil || counts.Inserted != inserted || counts.Updated != 0 {
						t.Errorf("counts %+v, %v; want %d inserted", counts, err, inserted)
					}
				}
				commit(4, rows...)
				err := sqldb.InTx(t.Context(), databaseOf(s), func(tx sqldb.Tx) error {
					_, err := tx.Exec(t.Context(), `DELETE FROM activities WHERE lead_id = ?`, removed)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				for i := range rows {
					if i != removed {
						commit(0, rows[i])
					}
				}
				commit(1, rows...)
				commit(0, rows...)
				if got := column(t, s, `SELECT scheme FROM sync_schemes`); !slices.Equal(got, schemes) {
					t.Errorf("the schemes are %q; want %q", got, schemes)
				}
			})
		})
	}
}

// column returns the values of a query, sorted.
func column(t *testing.T, s store.Store, query string) []string {
	t.Helper()
	var all []string
	err := sqldb.InRead(context.Background(), databaseOf(s), func(tx sqldb.Tx) error {
		return sqldb.QueryAll(t.Context(), tx, func(scan func(...any) error) error {
			var v string
			err := scan(&v)
			all = append(all, v)
			return err
		}, query)
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}
