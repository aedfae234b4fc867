package store

import (
	"errors"
)

// Errors of a Store, for errors.Is.
var (
	// ErrDone: there is nothing to do in the window. It is done, or failed, or not there any more.
	ErrDone = errors.New("the window is done")
	// ErrLost: the window has been begun again by somebody else, or has ended. Nothing was written.
	ErrLost = errors.New("the window was lost to another worker")
	// ErrOtherQuery: the copy has rows that were read with other types or fields.
	ErrOtherQuery = errors.New("the copy was begun with another query")
	// ErrOtherInstance: the copy was begun from another Marketo instance.
	ErrOtherInstance = errors.New("the copy is of another instance")
	// ErrNewer: the copy was written by a newer release.
	ErrNewer = errors.New("the copy was written by a newer release")
	// ErrNotCopy: the file, folder or database is not a copy, but something else.
	ErrNotCopy = errors.New("not a copy made by mktows sync")
	// ErrInUse: another process uses the copy, which is for one at a time.
	ErrInUse = errors.New("the copy is in use by another process")
	// ErrFull: there is no space left.
	ErrFull = errors.New("no space left")
	// ErrReadOnly: the copy cannot be written.
	ErrReadOnly = errors.New("the copy is read-only")
	// ErrUnavailable: the database cannot be reached or is locked at the moment. Trying again may help.
	ErrUnavailable = errors.New("the database is not available")
	// ErrDamaged: the files or tables of the copy are damaged, or some are missing. Neither waiting nor asking the
	// service again helps.
	ErrDamaged = errors.New("the copy is damaged")
	// ErrUnusable: the database cannot be used as things are, for example because the password is wrong or the
	// database does not exist. Somebody has to change that; waiting does not help.
	ErrUnusable = errors.New("the database cannot be used")
	// ErrRefused: the service refuses for good what a stream asks for. See [RefusedError].
	ErrRefused = errors.New("the service refuses it")
	// ErrNoStream: the copy has no stream of that name.
	ErrNoStream = errors.New("the copy has no such stream")
)
