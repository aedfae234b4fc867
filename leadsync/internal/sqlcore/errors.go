package sqlcore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/mktows/mktows-go/leadsync/store"
)

// The advice that goes with each class of errors.
const (
	AdviceFull        = "free some and run again, nothing that was committed is lost"
	AdviceReadOnly    = "make the file, its folder and the disk writable for this user, or choose another place"
	AdviceLocked      = "another program holds it locked; end that and try again"
	AdviceNotCopy     = "give the path of a new file or of one that mktows sync has made"
	AdviceUnreachable = "see that the server runs and can be reached, then try again"
	AdviceNoRight     = "give the user the right to write, or connect to a server that is not a standby"
	// What is damaged is never written to again: it may be all that there is.
	AdviceDamagedFile = "the service is not at fault, and no call helps: copy the file away with its -wal, look at the disk, " +
		"then put a backup in its place, make a new file of it with sqlite3 FILE .recover, or begin another copy"
	AdviceDamagedBase = "the service is not at fault, and no call helps: let whoever runs the database look at it, " +
		"then restore a backup, or begin another copy in a database or a schema of its own"
	AdviceCannotOpen = "see that the file and its folder are still there and can be read by this user"
	AdviceNoLogin    = "see to the user and the password, to PGPASSWORD and to ~/.pgpass"
	AdviceNoDatabase = "create the database or the schema, or correct its name"
)

// Told returns the error of a database with its class and with advice.
func Told(copied string, class error, advice string, err error) error {
	return fmt.Errorf("%s: %w: %s (%w)", copied, class, advice, err)
}

// IsTold reports whether an error has a class already.
func IsTold(err error) bool {
	for _, class := range []error{
		store.ErrFull, store.ErrReadOnly, store.ErrUnavailable, store.ErrInUse,
		store.ErrNewer, store.ErrOtherQuery, store.ErrLost, store.ErrDone, store.ErrNotCopy,
		store.ErrDamaged, store.ErrUnusable, store.ErrRefused, store.ErrNoStream,
	} {
		if errors.Is(err, class) {
			return true
		}
	}
	return false
}

// Stopped returns the error for a context that ended while the database worked, or nil if it has not ended or if err
// says so itself. Drivers report an interrupted statement with errors of their own.
func Stopped(ctx context.Context, copied string, err error) error {
	if ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return nil
	}
	return fmt.Errorf("%s: %w (%w)", copied, ctx.Err(), err)
}

// ClassifyFile says what an error of the operating system means.
func ClassifyFile(copied string, err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return Told(copied, store.ErrFull, AdviceFull, err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, os.ErrPermission):
		return Told(copied, store.ErrReadOnly, AdviceReadOnly, err)
	}
	return fmt.Errorf("%s: %w", copied, err)
}
