package sqlstore

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
)

// TestCheckTarget: what looks like PostgreSQL and is no URL is no file either, and is not told.
func TestCheckTarget(t *testing.T) {
	t.Parallel()
	for _, target := range []string{
		"leads.db", "postgres.db", "copies/postgres", "postgres://h/d?password=hidden", "postgresql://example_user:hidden@h/d",
	} {
		if err := CheckTarget(target); err != nil {
			t.Errorf("%s: %v", target, err)
		}
	}
	for _, target := range []string{
		"postgres:example_user:hidden@h/d", "postgresql:/hidden@h/d", "POSTGRES://example_user:hidden@h/d",
		"host=h password=hidden", "PASSWORD = hidden host=h Password=hidden", "postgres://example_user:hidden@h:port/d",
	} {
		err := CheckTarget(target)
		if err == nil || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%s: %v", target, err)
		}
		if _, err := Open(t.Context(), target); err == nil {
			t.Errorf("%s was opened", target)
		}
		if _, err := OpenReadOnly(t.Context(), target); err == nil {
			t.Errorf("%s was opened for reading", target)
		}
	}
}

// TestExists: it tells a copy from what can become one, and makes nothing.
func TestExists(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, target string, _ sqldb.Dialect) {
		for _, want := range []bool{false, true} {
			if got, err := Exists(t.Context(), target); err != nil || got != want {
				t.Errorf("%t, %v; want %t", got, err, want)
			}
			closeStore(t, openStore(t, target))
		}
	})
	dir := t.TempDir()
	if got, err := Exists(t.Context(), filepath.Join(dir, "new.db")); got || err != nil {
		t.Errorf("nothing is there: %t, %v", got, err)
	}
	checkFiles(t, dir)
	if _, err := Exists(t.Context(), filepath.Join(dir, "no", "new.db")); err == nil {
		t.Error("no folder, and no error")
	}
	for name, text := range map[string]string{"empty.db": "", "notes.txt": strings.Repeat("These are notes. ", 100)} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := Exists(t.Context(), path)
		if got || (text != "") != errors.Is(err, store.ErrNotCopy) {
			t.Errorf("%s: %t, %v", name, got, err)
		}
	}
	if _, err := Exists(t.Context(), "postgres:nonsense"); err == nil {
		t.Error("a wrong target is taken")
	}
}

// TestOpenSQLite_leavesNothing: what cannot be opened is as it was, without a lock beside it.
func TestOpenSQLite_leavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	notes := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(notes, []byte(strings.Repeat("These are notes. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), notes); !errors.Is(err, store.ErrNotCopy) {
		t.Errorf("error %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ended, filepath.Join(dir, "new.db")); err == nil {
		t.Error("no error")
	}
	checkFiles(t, dir, "notes.txt")

	path := filepath.Join(dir, "copy.db")
	closeStore(t, openStore(t, path))
	if _, err := Open(ended, path); err == nil {
		t.Error("no error")
	}
	checkFiles(t, dir, "copy.db", "copy.db.lock", "notes.txt") // what was there stays
}

func checkFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if strings.Join(names, " ") != strings.Join(want, " ") {
		t.Errorf("files %v, want %v", names, want)
	}
}

// TestSQLite_damagedAtOpen: a copy whose pages are damaged is no foreign file, and is told as damaged.
func TestSQLite_damagedAtOpen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "copy.db")
	closeStore(t, openStore(t, path))
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(text); i++ {
		text[i] = 'x'
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func(context.Context, string, ...Option) (Copy, error){"Open": Open, "OpenReadOnly": OpenReadOnly} {
		if _, err := open(t.Context(), path); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), ".recover") {
			t.Errorf("%s gives %v", name, err)
		}
	}
}
