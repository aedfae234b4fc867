package sqlite

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/mktows/mktows-go/leadsync/store"
)

func TestSQLite_fullDisk(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=3m"); err != nil {
		t.Skipf("a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	s, err := Open(t.Context(), filepath.Join(dir, "leads.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fillUp(t, s, func() store.Store {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, "size=50m"); err != nil {
			t.Fatal(err)
		}
		return s
	})
}
