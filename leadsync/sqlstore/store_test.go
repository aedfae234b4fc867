package sqlstore

import (
	"path/filepath"
	"testing"

	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/leadsync/storetest"
)

// opener returns stores of the target.
func opener(t *testing.T, target string) (store.Store, func() store.Store) {
	t.Helper()
	var s store.Store
	open := func() store.Store {
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
	storetest.Exercise(t, func(t *testing.T) (store.Store, func() store.Store) {
		return opener(t, filepath.Join(t.TempDir(), "leads.db"))
	})
}

func TestPostgres_conforms(t *testing.T) {
	t.Parallel()
	pgtest.Database(t) // skips all of them at once
	storetest.Exercise(t, func(t *testing.T) (store.Store, func() store.Store) {
		return opener(t, pgtest.Database(t))
	})
}
