package sqlstore

import (
	"path/filepath"
	"testing"

	"github.com/mktows/mktows-go/internal/pgtest"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/storetest"
)

// opener returns stores of the target.
func opener(t *testing.T, target string) (leadsync.Store, func() leadsync.Store) {
	t.Helper()
	var s leadsync.Store
	open := func() leadsync.Store {
		t.Helper()
		var err error
		if s != nil {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if s, err = Open(t.Context(), target); err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return open(), open
}

func TestSQLite_conforms(t *testing.T) {
	t.Parallel()
	storetest.Exercise(t, func(t *testing.T) (leadsync.Store, func() leadsync.Store) {
		return opener(t, filepath.Join(t.TempDir(), "leads.db"))
	})
}

func TestPostgres_conforms(t *testing.T) {
	t.Parallel()
	pgtest.Database(t) // skips all of them at once
	storetest.Exercise(t, func(t *testing.T) (leadsync.Store, func() leadsync.Store) {
		return opener(t, pgtest.Database(t))
	})
}
