package sqlcore

import (
	"errors"
	"io/fs"
	"syscall"
	"testing"

	"github.com/mktows/mktows-go/leadsync/store"
)

func TestClassifyFile(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]error{
		syscall.ENOSPC: store.ErrFull, syscall.EROFS: store.ErrReadOnly, syscall.EACCES: store.ErrReadOnly, syscall.EPERM: store.ErrReadOnly,
	} {
		if got := ClassifyFile("the copy", &fs.PathError{Op: "open", Path: "x", Err: err}); !errors.Is(got, want) {
			t.Errorf("%v gives %v", err, got)
		}
	}
}
