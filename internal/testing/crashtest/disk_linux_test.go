package crashtest

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/sqlstore"
	"github.com/mktows/mktows-go/leadsync/store"
)

// disk mounts a file system of a size, such as 1m, and returns its folder and how to mount it again
// in another way. It skips the test where that is not allowed.
func disk(t *testing.T, size string) (dir string, remount func(flags uintptr, size string)) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skipf("mount a small disk: %v; only root may", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	return dir, func(flags uintptr, size string) {
		t.Helper()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|flags, "size="+size); err != nil {
			t.Fatalf("remount: %v", err)
		}
	}
}

// A full disk ends the copy with an error that says so; when there is space again it goes on.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		reopen bool
	}{{"the same process", false}, {"another process", true}} {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && !c.reopen {
				t.Skip("River takes up the jobs that could not be written as ended after three leases only")
			}
			t.Parallel()
			f := newFailing(t)
			dir, remount := disk(t, "1m")
			path := filepath.Join(dir, "copy.db")
			dest := f.open(path)
			config := f.config
			config.Store = dest
			if _, err := leadsync.Run(t.Context(), &config); !errors.Is(err, store.ErrFull) {
				t.Fatalf("the error is %v, want %v", err, store.ErrFull)
			}
			if c.reopen {
				_ = dest.Close() // there may be no space to tidy up
			}
			remount(0, "100m")
			if c.reopen {
				dest = f.open(path)
			}
			f.whole(dest)
		})
	}
}

// A copy on a disk that has become read-only is refused as such, and can be read.
func TestReadOnlyDisk(t *testing.T) {
	t.Parallel()
	f := newFailing(t)
	dir, remount := disk(t, "100m")
	path := filepath.Join(dir, "copy.db")
	dest := f.open(path)
	f.whole(dest)
	if err := dest.Close(); err != nil {
		t.Fatal(err)
	}
	remount(syscall.MS_RDONLY, "100m")
	if dest, err := sqlstore.Open(t.Context(), path); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("the error is %v, want %v", err, store.ErrReadOnly)
		if err == nil {
			_ = dest.Close()
		}
	}
	reader, err := sqlstore.OpenReadOnly(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	compare(t, reader, f.truth)
	if err := reader.Close(); err != nil {
		t.Error(err)
	}
	remount(0, "100m")
	f.whole(f.open(path))
}
