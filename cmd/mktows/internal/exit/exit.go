package exit

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/soapxml"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// The exit codes; Help documents them.
const (
	OK          = 0
	Other       = 1
	Usage       = 2
	Settings    = 3
	Auth        = 4
	NotFound    = 5
	Limits      = 6
	Invalid     = 7
	Service     = 8
	Unknown     = 9
	Differs     = 10
	CopyBusy    = 11
	CopyBroken  = 12
	Interrupted = 128 + 2  // as shells report SIGINT
	Pipe        = 128 + 13 // as shells report SIGPIPE
)

// Help is the help topic "exit-codes".
const Help = `The exit code tells what class of error a command ended with:

    0  success; for serve, "sync worker" and "sync run --every" also: stopped by a signal
    1  another error, such as output that could not be written
    2  the command line is wrong
    3  a setting is missing or wrong: see "mktows help settings"
    4  authentication refused: faults 20013 and 20014, and 20016 (expired: check the clock)
    5  not found: faults 20103, 20108, 20111 and 20113, or what a copy does not have: a
       stream, or a lead of "report"
    6  a limit of the service: faults 20015 (day), 20023 (rate) and 20024 (at the same
       time), HTTP status 429
    7  the request is not valid: faults 20012, 20017, 20019, 20022 and the rest from 20101
       on, a file or a copy that is missing or cannot be read, whether an argument, a flag,
       a variable or another file names it, a file that cannot be sent, or records of it
       that the service did not take
    8  the service, the way to it or its answer failed: faults 10001 and 20011 and unknown
       ones, no connection, --timeout, an answer that is no answer of the API
    9  outcome unknown: a request that changes data was sent and its answer never came;
       look before you repeat it. This takes precedence over 8 and 130.
   10  "sync verify" and "names diff": the copy or the file differs from the service; "gateway
       compare": an answer differs from the recording in what the table does not expect
   11  the copy cannot be used for now: another process has it, or its database is not
       available; try again later
   12  the copy cannot be used: no space left, read-only, made by a newer release,
       damaged, or not a copy
  130  interrupted (SIGINT or SIGTERM)
  141  the reader of the output went away, as in "mktows … | head"

Except with 130 and 141, a few lines on standard error say what happened and what to do. A
fault's code and text are among them.`

// Code returns the exit code for an error. An error may match several classes, and the order decides. An unknown
// outcome comes first, even before an interruption: it is what the caller must not miss before running the command
// again.
func Code(ctx context.Context, err error) int {
	var usage UsageError
	var settings SettingsError
	var input inputError
	var argument *operations.ArgumentError
	switch {
	case err == nil:
		return OK
	case errors.Is(err, fault.ErrUnknownOutcome):
		return Unknown
	case errors.Is(err, syscall.EPIPE):
		return Pipe
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return Interrupted
	case errors.As(err, &usage):
		return Usage
	case errors.As(err, &settings) && !unreadable(settings):
		return Settings
	case errors.As(err, &settings): // a file has one exit code, whatever names it
		return Invalid
	case errors.As(err, &input):
		return Invalid
	case errors.As(err, &argument): // what a file holds is an inputError
		return Usage
	}
	return CodeOf(err)
}

// unreadable reports whether a mistake in a setting is that a file which it names is missing or cannot be read.
func unreadable(s SettingsError) bool {
	return errors.As(s, new(inputError)) || errors.As(s, new(*fs.PathError))
}

// CodeOf returns the exit code for an error that is neither a mistake of the user nor an interruption. A problem of
// the copy comes before one of the service, and what an error says about itself comes after what is recognised inside
// of it: an error that wraps a fault is better described by the fault.
func CodeOf(err error) int {
	for _, code := range []func(error) int{copyExitCode, faultExitCode, ownExitCode, callExitCode} {
		if code := code(err); code != Other {
			return code
		}
	}
	return Other
}

// coded is implemented by errors of one family of commands, which know their own exit code.
type coded interface {
	error
	ExitCode() int
}

// ownExitCode asks the error itself.
func ownExitCode(err error) int {
	var own coded
	if errors.As(err, &own) {
		return own.ExitCode()
	}
	return Other
}

// copyExitCode recognises the errors of leadsync and of its stores.
func copyExitCode(err error) int {
	is := func(target error) bool { return errors.Is(err, target) }
	switch {
	case is(store.ErrNoStream):
		return NotFound
	case is(store.ErrOtherQuery), is(store.ErrOtherInstance):
		return Usage
	case is(store.ErrFull), is(store.ErrReadOnly), is(store.ErrNewer), is(store.ErrNotCopy),
		is(store.ErrDamaged), is(store.ErrUnusable):
		return CopyBroken
	case is(store.ErrInUse), is(store.ErrUnavailable), is(quota.ErrNoWorker):
		return CopyBusy
	}
	return Other
}

// faultExitCode recognises the classes of package fault.
func faultExitCode(err error) int {
	switch {
	case errors.Is(err, fault.ErrAuth), errors.Is(err, fault.ErrExpired):
		return Auth
	case errors.Is(err, fault.ErrNotFound):
		return NotFound
	case errors.Is(err, fault.ErrQuota), errors.Is(err, fault.ErrRateLimited):
		return Limits
	case errors.Is(err, fault.ErrInvalid), errors.Is(err, fault.ErrEndOfStream):
		return Invalid
	case errors.Is(err, operations.ErrStalled):
		return Service
	}
	return Other
}

// callExitCode is for a call that failed without an answer of the service. A value that XML cannot carry is a mistake
// of the input; everything else is a failure on the way.
func callExitCode(err error) int {
	var field *soapxml.FieldError
	var call *fault.OpError
	switch {
	case errors.As(err, &field):
		return Invalid // XML has no way to say it
	case errors.As(err, &call):
		return Service // no connection, no time, an answer of another kind, an unknown fault
	}
	return Other
}
