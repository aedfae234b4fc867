package sqlstate_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/sqlstate"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/leadsync/store"
)

func open(t *testing.T, target string) *sqlstate.State {
	t.Helper()
	s, err := sqlstate.Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closed(t *testing.T, s interface{ Close() error }) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// both runs a test with each database.
func both(t *testing.T, f func(t *testing.T, target string)) {
	t.Parallel()
	for name, target := range map[string]func(t *testing.T) string{
		"SQLite":     func(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "gateway.db") },
		"PostgreSQL": func(t *testing.T) string { t.Helper(); return pgtest.Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f(t, target(t))
		})
	}
}

// What a process has counted and noted, the next one knows.
func TestState_again(t *testing.T) {
	both(t, func(t *testing.T, target string) {
		s := open(t, target)
		if err := s.Heartbeat(t.Context(), "one", time.Minute); err != nil {
			t.Fatal(err)
		}
		release, err := s.Limiter("mktows.example.com", "one", quota.Limits{}).Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		release(true)
		until := time.Now().Add(7 * 24 * time.Hour)
		if err := s.PutImport(t.Context(), "import", []byte("note"), until); err != nil {
			t.Fatal(err)
		}
		closed(t, s)
		s = open(t, target)
		defer closed(t, s)
		if q, err := s.Limiter("mktows.example.com", "two", quota.Limits{}).Quota(t.Context()); err != nil || q.Used != 1 {
			t.Errorf("%+v, %v", q, err)
		}
		if note, err := s.Import(t.Context(), "import"); err != nil || string(note) != "note" {
			t.Errorf("%q, %v", note, err)
		}
	})
}

// The note of a later import stays, and one that the service has forgotten goes.
func TestState_imports(t *testing.T) {
	both(t, func(t *testing.T, target string) {
		s := open(t, target)
		defer closed(t, s)
		start := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
		put := func(name, note string, until time.Time) {
			t.Helper()
			if err := s.PutImport(t.Context(), name, []byte(note), until); err != nil {
				t.Fatal(err)
			}
		}
		check := func(name, want string) {
			t.Helper()
			if note, err := s.Import(t.Context(), name); err != nil || string(note) != want {
				t.Errorf("%s: %q, %v, want %q", name, note, err, want)
			}
		}
		check("list", "")
		put("list", "second", start.Add(time.Hour))
		put("list", "first", start)
		check("list", "second")
		put("list", "second, ended", start.Add(time.Hour))
		check("list", "second, ended")
		put("other", "", start.Add(7*24*time.Hour))
		check("list", "second, ended")
		put("other", "later", start.Add(8*24*time.Hour))
		check("list", "")
		check("other", "later")
	})
}

// A copy and a state are not taken for each other; in one PostgreSQL database they do not meet.
func TestOpen_besideCopy(t *testing.T) {
	both(t, func(t *testing.T, target string) {
		copied, err := sqlstore.Open(t.Context(), target)
		if err != nil {
			t.Fatal(err)
		}
		closed(t, copied)
		s, err := sqlstate.Open(t.Context(), target)
		if !sqlstore.IsPostgres(target) {
			if !errors.Is(err, store.ErrNotCopy) {
				t.Errorf("a copy as a state: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		closed(t, s)
		if copied, err = sqlstore.Open(t.Context(), target); err != nil {
			t.Fatal(err)
		}
		closed(t, copied)
	})
}

// A file is for one process; the error says so, and nothing is left of what was not opened.
func TestOpen_refused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "gateway.db")
	s := open(t, path)
	defer closed(t, s)
	if !s.Sole() || s.String() != path {
		t.Errorf("%s, sole: %v", s, s.Sole())
	}
	if _, err := sqlstate.Open(t.Context(), path); !errors.Is(err, store.ErrInUse) || !strings.HasPrefix(err.Error(), path+": another process has this state open") {
		t.Errorf("opened twice: %v", err)
	}
	if err := sqlstate.Check(t.Context(), path); err != nil {
		t.Errorf("one that is open: %v", err)
	}
	if _, err := sqlstore.Open(t.Context(), path); !errors.Is(err, store.ErrInUse) {
		t.Errorf("opened as a copy: %v", err)
	}
	other := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(other, []byte("these are some notes of somebody else, and no database at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	for target, want := range map[string]string{
		other: other + ": this is something else than the state of a gateway", dir: "something else", filepath.Join(dir, "none", "gateway.db"): "does not exist",
		"postgres://%zz": "cannot be read", "host=db password=example-password": "as a URL",
	} {
		_, err := sqlstate.Open(t.Context(), target)
		for _, err := range []error{err, sqlstate.Check(t.Context(), target)} {
			if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "example-password") || strings.Contains(err.Error(), "copy") {
				t.Errorf("%s: %v, want %q", target, err, want)
			}
		}
	}
	if err := sqlstate.Check(t.Context(), filepath.Join(dir, "new.db")); err != nil {
		t.Errorf("a new one: %v", err)
	}
}
