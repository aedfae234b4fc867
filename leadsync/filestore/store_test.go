package filestore

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/leadsync/sqlstore/sqlite"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

func TestStore_roundTrip(t *testing.T) {
	t.Parallel()
	for _, f := range Formats() {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "copy")
			s := open(t, dir, WithFormat(f))
			w := newWriter(t, s, store.Activities)
			got := w.commit(awkward(), awkwardLeads()...)
			if want := (store.Counts{Inserted: 11, Late: 2}); got != want {
				t.Errorf("counts %+v, want %+v", got, want)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}

			s = open(t, dir)
			if s.Format() != f {
				t.Errorf("format %s", s.Format())
			}
			sameRows(t, activitiesOf(t, s), awkward())
			sameRows(t, collect(t, s.Leads(t.Context())), awkwardLeads())
			if err := s.Check(t.Context()); err != nil {
				t.Error(err)
			}
			status, err := s.Status(t.Context())
			if err != nil || status.Activities != 9 || status.Leads != 2 || status.Copy != dir {
				t.Errorf("%+v, %v", status, err)
			}
			if ids, want := collect(t, s.LeadIDs(t.Context())), []int64{1, 2, 3, 4, 7, 318815}; !slices.Equal(ids, want) {
				t.Errorf("lead ids %v, want %v", ids, want)
			}
		})
	}
}

func TestOpen_defaults(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "copy")
	s := open(t, dir+"/./")
	if s.Format() != JSONLGzip || s.CommitRows() != 20_000 || s.String() != dir {
		t.Errorf("%s, %d rows, %s", s.Format(), s.CommitRows(), s)
	}
	if m, err := ReadManifest(dir); err != nil || len(m.Segments) != 0 || m.Format != JSONLGzip {
		t.Errorf("%+v, %v", m, err)
	}
	for i, o := range []Option{WithFormat("xml"), WithCommitRows(0)} {
		if _, err := Open(t.Context(), filepath.Join(t.TempDir(), "x"), o); err == nil {
			t.Errorf("option %d: no error", i)
		}
	}
}

func TestManifest_golden(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir, WithFormat(JSONL))
	w := newWriter(t, s, store.Activities)
	w.commit([]store.ActivityRow{plain(2, 5), plain(1, 3)})
	w.commit([]store.ActivityRow{plain(3, 9)}, awkwardLeads()...)
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, manifestName, text)
}

func TestCommit_knownRowsWriteNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	w := newWriter(t, s, store.Activities)
	w.commit(awkward(), awkwardLeads()...)
	before := files(t, dir)
	if got := w.commit(awkward(), awkwardLeads()...); got != (store.Counts{}) {
		t.Errorf("counts %+v", got)
	}
	if got := w.commit(nil); got != (store.Counts{}) {
		t.Errorf("counts %+v", got)
	}
	if after := files(t, dir); !slices.Equal(before, after) {
		t.Errorf("files %v, before %v", after, before)
	}
}

func TestCommit_changedRows(t *testing.T) {
	t.Parallel()
	for _, f := range []Format{JSONLZstd, CSV, Parquet} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			s := open(t, t.TempDir(), WithFormat(f))
			w := newWriter(t, s, store.Activities)
			version := func(asset, person string) store.ActivityRow {
				return store.NewActivityRow(operations.Activity{
					GUID: "g", LeadID: 1, Time: bound.AddDate(0, 0, -2), AssetName: asset, PersonName: person,
				}, 0)
			}
			lead := store.NewLeadRow(operations.Lead{ID: 9, Email: "lead@example.com"})
			w.commit([]store.ActivityRow{version("first", ""), plain(1, 1)}, store.NewLeadRow(operations.Lead{ID: 9}))
			for i, step := range []struct {
				asset, person string
				updated       int64
				want          store.ActivityRow
			}{
				{"second", "P", 1, version("second", "P")},
				{"second", "", 0, version("second", "P")}, // the other way to read it does not tell the person
				{"third", "", 1, version("third", "P")},
				{"third", "Q", 0, version("third", "P")}, // the person does not count as content
				{"first", "", 1, version("first", "P")},
			} {
				got := w.commit([]store.ActivityRow{version(step.asset, step.person)})
				if got != (store.Counts{Updated: step.updated}) {
					t.Errorf("step %d: counts %+v", i, got)
				}
				sameRows(t, activitiesOf(t, s), []store.ActivityRow{step.want, plain(1, 1)})
			}
			w.commit(nil, lead)
			sameRows(t, collect(t, s.Leads(t.Context())), []store.LeadRow{lead})
			status, err := s.Status(t.Context())
			if err != nil || status.Activities != 2 || status.Leads != 1 {
				t.Errorf("%d activities, %d leads, %v", status.Activities, status.Leads, err)
			}
			last := s.Segments()[4]
			for _, r := range collect(t, readSegment[activityRecord](t.Context(), s, s.Reader(), &last, last.number)) {
				if !r.Late {
					t.Errorf("%+v is no longer late", r)
				}
			}
		})
	}
}

func TestCommit_personLearned(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	w := newWriter(t, s, store.Activities)
	row := plain(1, 1)
	w.commit([]store.ActivityRow{row})
	row.PersonName = "P"
	if got := w.commit([]store.ActivityRow{row}); got != (store.Counts{Updated: 1}) {
		t.Errorf("counts %+v", got)
	}
	sameRows(t, activitiesOf(t, s), []store.ActivityRow{row})
}

func TestCommit_lastOfEqualKeysCounts(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	first, last := plain(1, 1), plain(1, 1)
	first.GUID, last.GUID, last.AssetName = "k", "k", "last"
	first, last = store.NewActivityRow(first.Activity, 0), store.NewActivityRow(last.Activity, 0)
	got := newWriter(t, s, store.Activities).commit([]store.ActivityRow{first, plain(2, 2), last})
	if got != (store.Counts{Inserted: 2}) {
		t.Errorf("counts %+v", got)
	}
	sameRows(t, activitiesOf(t, s), []store.ActivityRow{plain(2, 2), last})
}

func TestCommit_failedLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	w := newWriter(t, s, store.Activities)
	w.commit([]store.ActivityRow{plain(1, 1)})
	before := files(t, dir)

	c := store.Commit{Fence: w.claim, Activities: awkward(), Leads: awkwardLeads()}
	// The window is moved after the rows were written.
	const refuse = `CREATE TRIGGER refuse BEFORE UPDATE OF position ON sync_windows BEGIN SELECT RAISE(ABORT, 'broken'); END`
	if _, err := s.Writer().ExecContext(t.Context(), refuse); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), c); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("error %v", err)
	}
	if _, err := s.Writer().ExecContext(t.Context(), `DROP TRIGGER refuse`); err != nil {
		t.Fatal(err)
	}
	c.Fence.Epoch++
	if _, err := s.Commit(t.Context(), c); !errors.Is(err, store.ErrLost) {
		t.Errorf("error %v", err)
	}
	c.Fence.Epoch--
	ctx, cancel := context.WithCancel(t.Context())
	s.step = func(point string) {
		if point == "before commit" {
			cancel()
		}
	}
	if _, err := s.Commit(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	s.step = func(string) {}
	if after := files(t, dir); !slices.Equal(before, after) {
		t.Errorf("files %v, before %v", after, before)
	}

	if got := w.commit(awkward(), awkwardLeads()...); got.Inserted != 11 {
		t.Errorf("counts %+v", got)
	}
	sameRows(t, activitiesOf(t, s), append(awkward(), plain(1, 1)))
}

func TestCommit_concurrent(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	writers := []*writer{
		newWriter(t, s, store.Activities), newWriter(t, s, store.LeadActivity), newWriter(t, s, store.Leads),
	}
	var wg sync.WaitGroup
	for n, w := range writers {
		wg.Go(func() {
			for i := range int64(10) { // the rows of two writers overlap
				_, err := s.Commit(t.Context(), store.Commit{
					Fence: w.claim, Activities: []store.ActivityRow{plain(i, 1), plain(i, int64(n%2))},
				})
				if err != nil {
					t.Error(err)
				}
				for _, err := range s.Activities(t.Context(), time.Time{}, time.Time{}) {
					if err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	var want []store.ActivityRow
	for i := range int64(10) {
		want = append(want, plain(i, 0), plain(i, 1))
	}
	sameRows(t, activitiesOf(t, s), want)
}

func TestOpen_refuses(t *testing.T) {
	t.Parallel()
	begun := func(t *testing.T) string { // a directory with one segment
		t.Helper()
		dir := t.TempDir()
		s := open(t, dir)
		newWriter(t, s, store.Activities).commit(awkward())
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	const segment = "activities-000001.jsonl.gz"
	for _, c := range []struct {
		name   string
		damage func(dir string) error
		opts   []Option
		is     error
		want   []string
	}{
		{"other format", nil, []Option{WithFormat(Parquet)}, nil, []string{"jsonl.gz, not parquet"}},
		{"missing segment", func(dir string) error {
			return os.Remove(filepath.Join(dir, segment))
		}, nil, fs.ErrNotExist, []string{segment}},
		{"missing segment, its class", func(dir string) error {
			return os.Remove(filepath.Join(dir, segment))
		}, nil, store.ErrDamaged, []string{"the service is not at fault"}},
		{"segment cut off", func(dir string) error {
			return os.Truncate(filepath.Join(dir, segment), 20)
		}, nil, store.ErrDamaged, []string{segment, "has 20 bytes", "cut off"}},
		{"longer segment", func(dir string) error {
			return appendTo(filepath.Join(dir, segment), "x")
		}, nil, nil, []string{segment, "changed"}},
		{"no state.db", func(dir string) error {
			return os.Remove(filepath.Join(dir, stateName))
		}, nil, store.ErrDamaged, []string{"1 segments", stateName}},
		{"damaged manifest and no state.db", func(dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, manifestName), []byte("{"), 0o644), os.Remove(filepath.Join(dir, stateName)))
		}, nil, store.ErrDamaged, []string{manifestName, stateName}},
		{"damaged manifest and an older state.db", func(dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, manifestName), []byte("{"), 0o644),
				os.WriteFile(filepath.Join(dir, "activities-000003.jsonl.gz"), nil, 0o644))
		}, nil, nil, []string{"activities-000003", "which is older"}},
		{"newer manifest", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, manifestName), []byte(`{"version":3}`), 0o644)
		}, nil, store.ErrNewer, []string{manifestName}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := begun(t)
			if c.damage != nil {
				if err := c.damage(dir); err != nil {
					t.Fatal(err)
				}
			}
			_, err := Open(t.Context(), dir, c.opts...)
			if err == nil || c.is != nil && !errors.Is(err, c.is) {
				t.Fatalf("error %v", err)
			}
			for _, part := range append(c.want, dir) {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q is not in: %v", part, err)
				}
			}
		})
	}
}

// TestOpen_writesTheManifestAnew: one that is torn or missing is made of state.db, and that is told.
func TestOpen_writesTheManifestAnew(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{"torn": "{", "empty": "", "missing": ""} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := open(t, dir)
			newWriter(t, s, store.Activities).commit(awkward())
			path := filepath.Join(dir, manifestName)
			want, err := os.ReadFile(path)
			if err == nil {
				err = errors.Join(s.Close(), os.WriteFile(path, []byte(text), 0o644))
			}
			if err == nil && name == "missing" {
				err = os.Remove(path)
			}
			if err != nil {
				t.Fatal(err)
			}
			// What a crash has left after the last segment is removed all the same.
			if err := os.WriteFile(filepath.Join(dir, "activities-000002.jsonl.gz"), nil, 0o644); err != nil {
				t.Fatal(err)
			}
			r, err := OpenReadOnly(t.Context(), dir)
			if err != nil {
				t.Fatal(err)
			}
			if n := r.Notice(); !strings.Contains(n, manifestName) || !strings.Contains(n, "the next run") {
				t.Errorf("read-only, the notice is %q", n)
			}
			sameRows(t, activitiesOf(t, r), awkward())
			r.Close()
			s = open(t, dir)
			if n := s.Notice(); !strings.Contains(n, manifestName) || !strings.Contains(n, "written anew from state.db") {
				t.Errorf("the notice is %q", n)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != string(want) {
				t.Errorf("the manifest is %s, %v", got, err)
			}
			if got := files(t, dir); slices.Contains(got, "activities-000002.jsonl.gz") {
				t.Errorf("files %v", got)
			}
		})
	}
}

// TestOpen_leavesNothing: a new directory that cannot be used is not left behind.
func TestOpen_leavesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := filepath.Join(t.TempDir(), "copy")
	if _, err := Open(ctx, dir); err == nil {
		t.Fatal("no error")
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is there: %v", err)
	}
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func TestOpen_noParent(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "a", "b")
	if _, err := Open(t.Context(), dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if _, err := OpenReadOnly(t.Context(), dir); err == nil {
		t.Error("no error")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v", err)
	}
}

func TestOpen_inUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := Open(t.Context(), dir); !errors.Is(err, store.ErrInUse) {
		t.Errorf("error %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
}

func TestOpen_olderState(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	w := newWriter(t, s, store.Activities)
	w.commit([]store.ActivityRow{plain(1, 1)})
	backup := filepath.Join(t.TempDir(), stateName)
	if _, err := s.Writer().ExecContext(t.Context(), `VACUUM INTO ?`, backup); err != nil {
		t.Fatal(err)
	}
	w.commit([]store.ActivityRow{plain(1, 2)})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(filepath.Join(dir, stateName+end)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	if err := os.Rename(backup, filepath.Join(dir, stateName)); err != nil {
		t.Fatal(err)
	}
	before := files(t, dir)
	const lost = "activities-000002.jsonl.gz"
	if _, err := Open(t.Context(), dir); err == nil || !strings.Contains(err.Error(), lost) {
		t.Errorf("error %v", err)
	}
	if after := files(t, dir); !slices.Equal(before, after) {
		t.Errorf("files %v, before %v", after, before)
	}

	// With the file out of the way, its rows are written again.
	if err := os.Remove(filepath.Join(dir, lost)); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	newWriter(t, s, store.Activities).commit([]store.ActivityRow{plain(1, 1), plain(1, 2)})
	sameRows(t, activitiesOf(t, s), []store.ActivityRow{plain(1, 1), plain(1, 2)})
}

func TestOpen_debrisAndForeignFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	newWriter(t, s, store.Activities).commit(awkward())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	keep := []string{
		"activities-000001.jsonl.gz", manifestName,
		"notes.txt", ".hidden", ".tmp-", ".tmp-notes", ".tmp-activities-2.jsonl.gz", ".tmp-state.db",
		"activities-2.jsonl.gz", "activities-000002.csv", "activities-000002.jsonl", "activities-0000002.jsonl.gz",
		"activities-000002.jsonl.gz.bak", "activities-000000.jsonl.gz", "xactivities-000002.jsonl.gz", "people-000002.jsonl.gz",
		"Activities-000002.jsonl.gz", "leads-99999999999999999999.jsonl.gz",
	}
	debris := []string{
		".tmp-activities-000001.jsonl.gz", ".tmp-activities-000002.jsonl.gz", "activities-000002.jsonl.gz",
		"leads-000001.jsonl.gz", ".tmp-leads-1000000.jsonl.gz", ".tmp-manifest.json",
	}
	for _, name := range slices.Concat(keep[2:], debris) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"activities-000003.jsonl.gz", "folder"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		keep = append(keep, name)
	}
	s = open(t, dir)
	slices.Sort(keep)
	if d := cmp.Diff(keep, files(t, dir)); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	sameRows(t, activitiesOf(t, s), awkward())
}

func TestOpen_makesManifestAnew(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	newWriter(t, s, store.Activities).commit(awkward())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, manifestName)
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, damage := range []func() error{
		func() error { return os.Remove(path) },
		func() error { return os.WriteFile(path, []byte(`{"version":1}`), 0o644) },
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		if err := open(t, dir).Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != string(want) {
			t.Errorf("%s, %v", got, err)
		}
	}
}

func TestExists(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file, text string
		want             bool
		other            bool
	}{
		{name: "an empty directory"},
		{name: "a directory of other files", file: "notes.txt", other: true},
		{name: "another program's manifest", file: manifestName, text: `{"name":"app"}`, other: true},
		{name: "segments alone", file: "leads-000001.jsonl.gz", other: true},
		{name: "a copy", file: stateName, want: true},
		{name: "a manifest", file: manifestName, text: `{"version":1}`, want: true},
		{name: "a torn manifest", file: manifestName, text: `{"ver`, want: true},
		{name: "a copy that was not begun", file: stateName + ".lock"},
		{name: "a file that was not finished", file: tempPrefix + manifestName},
	}
	for _, test := range tests {
		dir := t.TempDir()
		if test.file != "" {
			if err := os.WriteFile(filepath.Join(dir, test.file), []byte(test.text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		before := files(t, dir)
		if got, err := Exists(dir); got != test.want || errors.Is(err, store.ErrNotCopy) != test.other || (err != nil) != test.other {
			t.Errorf("%s: %v, %v", test.name, got, err)
		}
		if !test.other {
			continue
		}
		if _, err := Open(t.Context(), dir); !errors.Is(err, store.ErrNotCopy) {
			t.Errorf("%s: Open: %v", test.name, err)
		}
		if after := files(t, dir); !slices.Equal(after, before) {
			t.Errorf("%s: files %v, before %v", test.name, after, before)
		}
	}
	if got, err := Exists(filepath.Join(t.TempDir(), "none")); got || err != nil {
		t.Errorf("no directory: %v, %v", got, err)
	}
}

func TestOpenReadOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writer := open(t, dir)
	w := newWriter(t, writer, store.Activities)
	w.commit([]store.ActivityRow{plain(1, 1)})
	// Left by a process that is at work: the reader is not to touch it.
	if err := os.WriteFile(filepath.Join(dir, "leads-000001.jsonl.gz"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	before := files(t, dir)

	s, err := OpenReadOnly(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	sameRows(t, activitiesOf(t, s), []store.ActivityRow{plain(1, 1)})
	w.commit([]store.ActivityRow{plain(1, 2)})
	sameRows(t, activitiesOf(t, s), []store.ActivityRow{plain(1, 1), plain(1, 2)})
	if _, err := s.Commit(t.Context(), store.Commit{Fence: w.claim}); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("error %v", err)
	}
	if status, err := s.Status(t.Context()); err != nil || status.Activities != 2 {
		t.Errorf("%+v, %v", status, err)
	}
	want := slices.Sorted(slices.Values(append(before, "activities-000002.jsonl.gz")))
	if after := files(t, dir); !slices.Equal(after, want) {
		t.Errorf("files %v, before %v", after, before)
	}
}

func TestOpenReadOnly_notACopyInFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, stateName))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenReadOnly(t.Context(), dir); !errors.Is(err, store.ErrNotCopy) {
		t.Errorf("error %v", err)
	}
}

func TestOpen_newerState(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	if _, err := s.Writer().ExecContext(t.Context(), `UPDATE file_format SET version = 3`); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir); !errors.Is(err, store.ErrNewer) {
		t.Errorf("error %v", err)
	}
	if _, err := OpenReadOnly(t.Context(), dir); !errors.Is(err, store.ErrNewer) {
		t.Errorf("read-only: error %v", err)
	}
}

func TestActivities_tampered(t *testing.T) {
	t.Parallel()
	for _, f := range Formats() {
		dir := t.TempDir()
		s := open(t, dir, WithFormat(f))
		w := newWriter(t, s, store.Activities)
		w.commit([]store.ActivityRow{plain(1, 1)})
		w.commit([]store.ActivityRow{plain(1, 2)})
		w.commit(nil, awkwardLeads()...)
		name := "activities-000002." + string(f)
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		text[len(text)/2] ^= 1
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		n := 0
		err = nil
		for _, err = range s.Activities(t.Context(), time.Time{}, time.Time{}) {
			n++
		}
		if n != 2 || err == nil || !strings.Contains(err.Error(), name) || !strings.Contains(err.Error(), "SHA-256") {
			t.Errorf("%s: %d pairs, %v", f, n, err)
		}
		if err := s.Check(t.Context()); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", f, err)
		}
		if leads := collect(t, s.Leads(t.Context())); len(leads) != 2 {
			t.Errorf("%s: %d leads", f, len(leads))
		}
	}
}

func TestActivities_range(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	w := newWriter(t, s, store.Activities)
	start := plain(1, 0).Time
	for _, seconds := range [][]int64{{0, 9}, {1, 2}, {5, 6}} { // a segment each
		w.commit([]store.ActivityRow{plain(1, seconds[0]), plain(1, seconds[1])})
	}
	at := func(second int) time.Time {
		if second < 0 {
			return time.Time{}
		}
		return start.Add(time.Duration(second) * time.Second).In(time.FixedZone("", -6*3600))
	}
	for _, c := range []struct {
		from, to int // less than 0: no bound
		want     []int64
	}{
		{-1, -1, []int64{0, 1, 2, 5, 6, 9}},
		{2, 6, []int64{2, 5}},
		{-1, 2, []int64{0, 1}},
		{6, -1, []int64{6, 9}},
		{3, 5, nil},
		{10, 20, nil},
		{5, 5, nil},
	} {
		var got []int64
		for _, r := range collect(t, s.Activities(t.Context(), at(c.from), at(c.to))) {
			got = append(got, r.ID-1000)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("from %d to %d: %v, want %v", c.from, c.to, got, c.want)
		}
	}
}

// A reader sees what was there when it began, and it holds nobody up.
func TestActivities_whileWriting(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	w := newWriter(t, s, store.Activities)
	version := func(n int, asset string) store.ActivityRow {
		return store.NewActivityRow(operations.Activity{GUID: fmt.Sprint(n), LeadID: int64(n), Time: bound, AssetName: asset}, 0)
	}
	var first []store.ActivityRow
	for n := range 3 {
		first = append(first, version(n, "first"))
		w.commit(first[n:])
	}
	var got []store.ActivityRow
	for r, err := range s.Activities(t.Context(), time.Time{}, time.Time{}) {
		if err != nil {
			t.Fatal(err)
		}
		if len(got) == 0 {
			w.commit([]store.ActivityRow{version(2, "second"), version(3, "second")})
		}
		got = append(got, r)
	}
	sameRows(t, got, first)
	for id, err := range s.LeadIDs(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		w.commit([]store.ActivityRow{version(int(id), "third")})
	}
	sameRows(t, activitiesOf(t, s), []store.ActivityRow{version(0, "third"), version(1, "third"), version(2, "third"), version(3, "third")})
}

func TestActivities_stops(t *testing.T) {
	t.Parallel()
	for _, f := range Formats() {
		s := open(t, t.TempDir(), WithFormat(f))
		newWriter(t, s, store.Activities).commit(awkward(), awkwardLeads()...)
		for range s.Activities(t.Context(), time.Time{}, time.Time{}) {
			break
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		n := 0
		var last error
		for _, err := range s.Activities(ctx, time.Time{}, time.Time{}) {
			cancel()
			n++
			last = err
		}
		if n != 2 || !errors.Is(last, context.Canceled) {
			t.Errorf("%s: %d pairs, %v", f, n, last)
		}
	}
}
