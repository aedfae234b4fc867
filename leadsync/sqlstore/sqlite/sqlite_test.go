package sqlite

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/internal/sqltest"
	"github.com/mktows/mktows-go/leadsync/store"
)

// The environment of TestProcess.
const (
	envHold = "SQLSTORE_TEST_HOLD" // the path of a copy to open, begin a window of, and hold
	envOpen = "SQLSTORE_TEST_OPEN" // the path of a copy to open, and to read
)

// TestProcess is another process, where one of the variables asks for it.
func TestProcess(t *testing.T) {
	hold, open := os.Getenv(envHold), os.Getenv(envOpen)
	switch {
	case hold != "":
		s, err := Open(t.Context(), hold)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Heartbeat(t.Context(), "a", time.Hour); err != nil {
			t.Fatal(err)
		}
		fmt.Println("window", sqltest.OneWindow(t, s).Window)
		io.Copy(io.Discard, os.Stdin) // until it is killed
	case open != "":
		s, err := Open(t.Context(), open)
		fmt.Println("read-only:", errors.Is(err, store.ErrReadOnly), err)
		if err == nil {
			s.Close()
		}
		reader, err := OpenReadOnly(t.Context(), open)
		if err != nil {
			t.Fatal(err)
		}
		_, err = reader.Status(t.Context())
		fmt.Println("read:", errors.Join(err, reader.Close()))
	default:
		t.Skip("no other test asks for it")
	}
}

func newPath(t *testing.T) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "with ?, #, %41 and ü.db")
}

func openSQLite(t *testing.T, path string, opts ...Option) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestSQLite_isForOneProcess(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	other := exec.Command(os.Args[0], "-test.run=^TestProcess$")
	other.Env = append(os.Environ(), envHold+"="+path)
	stdin, err := other.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	stdout, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	var window int64
	if _, scan := fmt.Sscan(line, new(string), &window); err != nil || scan != nil {
		t.Fatal(line, err, scan)
	}

	_, err = Open(t.Context(), path)
	if !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), path) {
		t.Errorf("the error is %v", err)
	}
	reader, err := OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := reader.Status(t.Context()); err != nil || st.Streams[0].Pending != 1 || len(st.Workers) != 1 {
		t.Errorf("the status is %+v, %v", st, err)
	}
	if err := reader.Close(); err != nil {
		t.Error(err)
	}

	other.Process.Kill()
	other.Wait()
	s := openSQLite(t, path)
	w, err := s.Begin(t.Context(), window)
	if err != nil || w.Epoch != 2 {
		t.Errorf("what the killed process held: %+v, %v", w, err)
	}
	if workers, err := s.Workers(t.Context()); err != nil || len(workers) > 0 {
		t.Errorf("its workers are still there: %v, %v", workers, err)
	}
}

func TestSQLite_locked(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openSQLite(t, path, WithBusyTimeout(20*time.Millisecond))
	uri, err := dsn(path, "rw", &sqlcore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("sqlite", uri)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.Exec(`BEGIN EXCLUSIVE`); err != nil {
		t.Fatal(err)
	}
	if err := s.Heartbeat(t.Context(), "a", time.Hour); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), path) {
		t.Errorf("writing gives %v", err)
	}
	if _, err := s.Status(t.Context()); err != nil {
		t.Errorf("reading gives %v", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if _, err := Open(t.Context(), path, WithBusyTimeout(20*time.Millisecond)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("opening gives %v", err)
	}
	if _, err := other.Exec(`ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	s = openSQLite(t, path) // nothing is left of the failed opening
	if err := s.Heartbeat(t.Context(), "a", time.Hour); err != nil {
		t.Error(err)
	}
}

func TestSQLite_full(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s := openSQLite(t, path, func(o *sqlcore.Options) { o.Pragmas = []string{"max_page_count(300)"} })
	fillUp(t, s, func() store.Store {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return openSQLite(t, path)
	})
}

// fillUp commits until there is no space left, makes more, and goes on.
func fillUp(t *testing.T, s store.Store, makeSpace func() store.Store) {
	t.Helper()
	claim := sqltest.OneWindow(t, s)
	random := rand.New(rand.NewPCG(1, 2))
	var committed int64
	var err error
	for n := 0; err == nil && n < 1000; n++ {
		var counts store.Counts
		counts, err = s.Commit(t.Context(), store.Commit{Fence: claim, Activities: sqltest.Page(random, n)})
		committed += counts.Inserted
	}
	if !errors.Is(err, store.ErrFull) || !strings.Contains(err.Error(), s.String()) {
		t.Fatalf("after %d rows the error is %v", committed, err)
	}
	if st, err := s.Status(t.Context()); err != nil || st.Activities != committed || st.Runs[0].Counts.Inserted != committed {
		t.Errorf("%d rows were committed; there are %d, the run counts %+v, %v", committed, st.Activities, st.Runs[0].Counts, err)
	}
	s = makeSpace()
	counts, err := s.Commit(t.Context(), store.Commit{Fence: claim, Activities: sqltest.Page(random, 2000), Done: true})
	if err != nil || counts.Inserted != sqltest.BenchmarkPage {
		t.Errorf("with space again: %+v, %v", counts, err)
	}
}

func TestSQLite_readOnly(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	if err := openSQLite(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	s, err := OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, _, plan := s.Plan(t.Context(), store.Stream{Name: store.Activities}, func(store.StreamState) (store.Planned, error) {
		return store.Planned{Since: time.Unix(0, 0)}, nil
	})
	for name, err := range map[string]error{
		"Heartbeat": s.Heartbeat(t.Context(), "a", time.Hour), "Retire": s.Retire(t.Context(), "a"), "Plan": plan,
	} {
		if !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("%s gives %v", name, err)
		}
	}
}

func TestSQLite_whatIsNoCopy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text, empty, foreign := filepath.Join(dir, "notes.txt"), filepath.Join(dir, "empty.db"), filepath.Join(dir, "foreign.db")
	for path, content := range map[string]string{text: strings.Repeat("These are notes.\n", 100), empty: ""} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sql.Open("sqlite", foreign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`CREATE TABLE leads (id)`); err != nil {
		t.Fatal(err)
	}
	db.Close()
	missing := filepath.Join(dir, "missing.db")
	for _, c := range []struct {
		path     string
		readOnly bool
		want     string
	}{
		{text, false, "not a copy"}, {text, true, "not a copy"}, {foreign, false, "other tables"}, {foreign, true, "not a copy"},
		{empty, true, "not a copy"}, {dir, false, "folder"}, {dir, true, "folder"}, {missing, true, "not a copy"},
		{filepath.Join(dir, "no", "leads.db"), false, "does not exist"}, {"", false, "empty"},
	} {
		before, _ := os.ReadFile(c.path)
		open := Open
		if c.readOnly {
			open = OpenReadOnly
		}
		s, err := open(t.Context(), c.path)
		if err == nil {
			s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.path) {
			t.Errorf("%s, read-only %t: the error is %v", c.path, c.readOnly, err)
		}
		if after, _ := os.ReadFile(c.path); !bytes.Equal(before, after) {
			t.Errorf("%s has changed", c.path)
		}
		if _, err := os.Stat(c.path + ".lock"); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s, read-only %t: a lock was left beside it", c.path, c.readOnly)
		}
	}
	if _, err := os.Stat(missing); !errors.Is(err, os.ErrNotExist) {
		t.Error("a file was made")
	}
	openSQLite(t, empty) // nothing is lost by making a copy of it
}

func TestSQLite_durable(t *testing.T) {
	t.Parallel()
	for want, opts := range map[int][]Option{1: nil, 2: {WithDurableCommits()}} {
		s := openSQLite(t, newPath(t), opts...)
		var got int
		if err := s.files.write.QueryRow(`PRAGMA synchronous`).Scan(&got); err != nil || got != want {
			t.Errorf("synchronous is %d, want %d; %v", got, want, err)
		}
	}
}

func TestSQLite_cancelled(t *testing.T) {
	t.Parallel()
	s := openSQLite(t, newPath(t))
	claim := sqltest.OneWindow(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := s.CommitWith(ctx, store.Commit{Fence: claim, Done: true}, func(context.Context, *sql.Tx, store.Window, bool) (store.Counts, error) {
		cancel()
		return store.Counts{Inserted: 1}, nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	counts, err := s.CommitWith(t.Context(), store.Commit{Fence: claim, Done: true, Counts: store.Counts{Inserted: 9, Seen: 2}},
		func(_ context.Context, _ *sql.Tx, w store.Window, _ bool) (store.Counts, error) {
			return store.Counts{Inserted: w.ID, Late: 1, Seen: 5}, nil
		})
	if want := (store.Counts{Inserted: claim.Window, Late: 1, Seen: 2}); err != nil || counts != want {
		t.Errorf("counts are %+v, %v; want %+v", counts, err, want)
	}
}

// TestSQLite_links: a copy has one lock, by whatever links it is opened, also before it is there.
func TestSQLite_links(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, folder := range []string{"real", "other"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	link := func(name, to string) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.Symlink(filepath.FromSlash(to), name); err != nil {
			t.Skip(err)
		}
		return name
	}
	link("folder", "real")
	names := []string{
		filepath.Join(dir, "real", "copy.db"), filepath.Join(dir, "folder", "copy.db"),
		link("direct.db", "real/copy.db"), link("twice.db", "direct.db"), link("other/up.db", "../folder/copy.db"),
	}
	for _, name := range names {
		s, err := Open(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		for _, again := range names {
			if _, err := Open(t.Context(), again); !errors.Is(err, store.ErrInUse) {
				t.Errorf("%s is open, and opening %s gives %v", name, again, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		for _, ending := range []string{"", ".lock"} { // the links lead to nothing
			if err := os.Remove(names[0] + ending); err != nil {
				t.Error(err)
			}
		}
	}
}
