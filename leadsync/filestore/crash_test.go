package filestore

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// A test runs itself as another process, which dies at a point of a commit: the n-th time it
// comes there. The environment says where.
const (
	crashPoint = "FILESTORE_CRASH_POINT"
	crashTimes = "FILESTORE_CRASH_TIMES"
	crashDir   = "FILESTORE_CRASH_DIR"
)

// crash is that process.
func crash(point string) {
	err := func() error {
		ctx := context.Background()
		s, err := Open(ctx, os.Getenv(crashDir))
		if err != nil {
			return err
		}
		c, err := claim(ctx, s, store.Activities)
		if err != nil {
			return err
		}
		times := 0
		s.step = func(at string) {
			if at != point {
				return
			}
			if times++; fmt.Sprint(times) != os.Getenv(crashTimes) {
				return
			}
			self, err := os.FindProcess(os.Getpid())
			if err == nil {
				err = self.Kill()
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
			select {} // death comes any moment
		}
		_, err = s.Commit(ctx, second(c))
		return err
	}()
	fmt.Fprintln(os.Stderr, "still alive:", err)
	os.Exit(3)
}

// version is an activity whose content changes.
func version(asset string) store.ActivityRow {
	return store.NewActivityRow(operations.Activity{GUID: "g", LeadID: 1, Time: bound, AssetName: asset}, 0)
}

// second is the commit that the process dies in: new rows, a changed one, one that is known.
func second(c store.Fence) store.Commit {
	return store.Commit{
		Fence:      c,
		Activities: []store.ActivityRow{version("new"), plain(1, 1), plain(1, 2)},
		Leads:      awkwardLeads(),
		Position:   `{"lead":2}`,
	}
}

func TestCrash(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		point     string
		times     int
		committed bool
	}{
		{"temporary file written", 1, false},
		{"segment renamed", 1, false},
		{"temporary file written", 2, false}, // one of two segments is there
		{"segment renamed", 2, false},
		{"before commit", 1, false},
		{"committed", 1, true},
		{"manifest written", 1, true},
	} {
		t.Run(fmt.Sprint(c.point, c.times), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := open(t, dir)
			first := []store.ActivityRow{version("old"), plain(1, 1)}
			newWriter(t, s, store.Activities).commit(first)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			dieAt(t, dir, c.point, c.times)

			want, leads := first, []store.LeadRow(nil)
			names := []string{"activities-000001.jsonl.gz", manifestName}
			all := second(store.Fence{})
			if c.committed {
				want, leads = all.Activities, all.Leads
				names = []string{"activities-000001.jsonl.gz", "activities-000002.jsonl.gz", "leads-000001.jsonl.gz", manifestName}
			}
			s = open(t, dir)
			if got := files(t, dir); !slices.Equal(got, names) {
				t.Errorf("files %v, want %v", got, names)
			}
			manifestIsRight(t, s)
			sameRows(t, activitiesOf(t, s), want)
			sameRows(t, collect(t, s.Leads(t.Context())), leads)

			// The work goes on from where the state says.
			claimed, err := claim(t.Context(), s, store.Activities)
			if err != nil {
				t.Fatal(err)
			}
			counts, err := s.Commit(t.Context(), second(claimed))
			if err != nil {
				t.Fatal(err)
			}
			if want := (store.Counts{Inserted: 3, Updated: 1}); !c.committed && counts != want || c.committed && counts != (store.Counts{}) {
				t.Errorf("counts %+v", counts)
			}
			manifestIsRight(t, s)
			sameRows(t, activitiesOf(t, s), all.Activities)
			sameRows(t, collect(t, s.Leads(t.Context())), all.Leads)
		})
	}
}

// dieAt runs the process that dies.
func dieAt(t *testing.T, dir, point string, times int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self)
	c.Env = append(os.Environ(), crashPoint+"="+point, crashTimes+"="+fmt.Sprint(times), crashDir+"="+dir)
	out, err := c.CombinedOutput()
	if err == nil || len(out) > 0 {
		t.Fatalf("the process ended by itself: %v\n%s", err, out)
	}
}

func manifestIsRight(t *testing.T, s *Store) {
	t.Helper()
	m, err := ReadManifest(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	committed, err := storedSegments(t.Context(), s.Reader())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(m.Segments, committed, func(a, b Segment) bool { return a.Name == b.Name && a.SHA256 == b.SHA256 }) {
		t.Errorf("the manifest has %v, state.db has %v", m.Segments, committed)
	}
	if err := s.Check(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestReset_dies: a process that dies while rows are dropped has dropped all of them or none.
func TestReset_dies(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"before manifest", "before drop"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := open(t, dir)
			w := newWriter(t, s, store.Activities)
			w.commit([]store.ActivityRow{plain(1, 1), plain(1, 2)})
			before := files(t, dir)
			reset := func() error {
				return s.Reset(t.Context(), store.Activities, func(store.Removal) error { return nil })
			}
			s.step = func(at string) {
				if at == point {
					panic("dies")
				}
			}
			func() {
				defer func() { _ = recover() }()
				_ = reset()
				t.Error("still alive")
			}()
			_ = s.Close()
			s = open(t, dir)
			sameRows(t, activitiesOf(t, s), []store.ActivityRow{plain(1, 1), plain(1, 2)})
			if m, err := ReadManifest(dir); err != nil || len(m.Segments) != 1 || !slices.Equal(files(t, dir), before) {
				t.Errorf("manifest %+v, %v; files %v, before %v", m, err, files(t, dir), before)
			}
			if err := reset(); err != nil {
				t.Fatal(err)
			}
			if got := files(t, dir); len(got) != 1 || len(activitiesOf(t, s)) != 0 {
				t.Errorf("files %v", got)
			}
		})
	}
}
