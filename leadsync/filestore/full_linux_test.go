package filestore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// smallDisk mounts a file system with little room.
func smallDisk(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("a small file system cannot be mounted here (%v): what a full disk does is not tested", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill leaves room for so many bytes and returns what makes room again.
func fill(t *testing.T, dir string, room int64) (empty func()) {
	t.Helper()
	path := filepath.Join(dir, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 4096)
	for err == nil {
		_, err = f.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err == nil {
		err = errors.Join(f.Truncate(max(info.Size()-room, 0)), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}

func TestCommit_fullDisk(t *testing.T) {
	t.Parallel()
	var rows []store.ActivityRow // some 2 MB
	for i := range int64(5000) {
		rows = append(rows, store.NewActivityRow(operations.Activity{
			GUID: fmt.Sprintf("8b0b5c5e-%032d", i), LeadID: i, Time: bound, Type: "Visit Webpage",
			Attributes: operations.Attributes{{Name: "Webpage URL", Value: fmt.Sprintf("https://example.com/%0200d", i)}},
		}, 0))
	}
	for _, c := range []struct {
		name      string
		at        string // when the disk fills up
		committed bool
	}{
		{"while the segment is written", "", false},
		{"while state.db is written", "before commit", false},
		{"while the manifest is written", "committed", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			disk := smallDisk(t)
			dir := filepath.Join(disk, "copy")
			s := open(t, dir, WithFormat(JSONL))
			w := newWriter(t, s, store.Activities)
			w.commit([]store.ActivityRow{plain(1, 1)})
			before := files(t, dir)

			var empty func()
			if c.at == "" {
				empty = fill(t, disk, 64<<10)
			}
			s.step = func(point string) {
				if point == c.at {
					empty = fill(t, disk, 0)
				}
			}
			_, err := s.Commit(t.Context(), store.Commit{Fence: w.claim, Activities: rows})
			if !errors.Is(err, store.ErrFull) {
				t.Errorf("error %v", err)
			}
			if c.committed {
				before = slices.Insert(before, 1, "activities-000002.jsonl")
			}
			if after := files(t, dir); !slices.Equal(before, after) {
				t.Errorf("files %v, want %v", after, before)
			}

			s.step = func(string) {}
			empty()
			want := store.Counts{Inserted: int64(len(rows))}
			if c.committed {
				want = store.Counts{}
			}
			if got := w.commit(rows); got != want {
				t.Errorf("counts %+v, want %+v", got, want)
			}
			manifestIsRight(t, s)
			sameRows(t, activitiesOf(t, s), append(rows[:len(rows):len(rows)], plain(1, 1)))
			if err := s.Close(); err != nil { // before the file system goes
				t.Error(err)
			}
		})
	}
}
