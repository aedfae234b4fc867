package sqlstore

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/internal/sqltest"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
)

// onBoth runs a test with the target of a new copy on each database.
func onBoth(t *testing.T, test func(t *testing.T, target string, d sqldb.Dialect)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, filepath.Join(t.TempDir(), "leads.db"), sqldb.SQLite)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, pgtest.Database(t), sqldb.Postgres)
	})
}

// withSteps adds versions of the schema to those of this release.
func withSteps(d sqldb.Dialect, more ...string) Option {
	return func(o *sqlcore.Options) { o.Steps = append(sqlcore.Migrations(d), more...) }
}

func openStore(t *testing.T, target string, opts ...Option) store.Store {
	t.Helper()
	s, err := Open(t.Context(), target, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func closeStore(t *testing.T, s store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

const addNote = `ALTER TABLE sync_runs ADD COLUMN note text; UPDATE sync_runs SET note = 'from ' || stream`

func TestMigrate_upgradesAnOlderState(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string, d sqldb.Dialect) {
		s := openStore(t, target)
		claim := sqltest.OneWindow(t, s)
		released := len(sqlcore.Migrations(d))
		closeStore(t, s)

		if _, err := OpenReadOnly(t.Context(), target, withSteps(d, addNote)); err == nil || !strings.Contains(err.Error(), "run mktows sync once") {
			t.Errorf("reading an older state gives %v", err)
		}
		s = openStore(t, target, withSteps(d, addNote))
		if st, err := s.Status(t.Context()); err != nil || st.Version != released+1 || len(st.Runs) != 1 {
			t.Errorf("the status is %+v, %v", st, err)
		}
		var note string
		err := sqldb.InTx(t.Context(), databaseOf(s), func(tx sqldb.Tx) error {
			return sqldb.QueryRow(t.Context(), tx, []any{&note}, `SELECT note FROM sync_runs`)
		})
		if err != nil || note != "from activities" {
			t.Errorf("the new column has %q, %v", note, err)
		}
		closeStore(t, s)

		s = openStore(t, target, withSteps(d, addNote)) // nothing to do
		if _, err := s.Begin(t.Context(), claim.Window); err != nil {
			t.Error(err)
		}
		closeStore(t, s)

		for name, open := range map[string]func(context.Context, string, ...Option) (Copy, error){"Open": Open, "OpenReadOnly": OpenReadOnly} {
			_, err := open(t.Context(), target)
			if !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), fmt.Sprintf("version %d, this release knows %d", released+1, released)) {
				t.Errorf("%s by an older release gives %v", name, err)
			}
		}
	})
}

func TestMigrate_isAllOrNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string, d sqldb.Dialect) {
		s := openStore(t, target)
		sqltest.OneWindow(t, s)
		closeStore(t, s)
		if _, err := Open(t.Context(), target, withSteps(d, addNote, `INSERT INTO nowhere VALUES (1)`)); err == nil {
			t.Fatal("a step that fails was taken")
		}
		s = openStore(t, target, withSteps(d, addNote)) // it is not half there
		if st, err := s.Status(t.Context()); err != nil || len(st.Runs) != 1 {
			t.Errorf("the status is %+v, %v", st, err)
		}
	})
}

func TestMigrate_readsNothingThatIsNotThere(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string, _ sqldb.Dialect) {
		if _, err := OpenReadOnly(t.Context(), target); !errors.Is(err, store.ErrNotCopy) {
			t.Errorf("the error is %v", err)
		}
		s := openStore(t, target) // nothing was made
		if err := s.(quota.Keeper).Heartbeat(t.Context(), "a", time.Hour); err != nil {
			t.Error(err)
		}
	})
}

func databaseOf(s store.Store) sqldb.DB {
	return sqlcore.Database(s.(sqlcore.Holder))
}
