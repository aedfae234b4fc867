package cli

import (
	"context"
	"errors"
	"syscall"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/soapxml"
	"github.com/mktows/mktows-go/leadsync/quota"
	"github.com/mktows/mktows-go/leadsync/report"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// The exit codes; exitCodesHelp documents them.
const (
	exitOK          = 0
	exitOther       = 1
	exitUsage       = 2
	exitSettings    = 3
	exitAuth        = 4
	exitNotFound    = 5
	exitLimits      = 6
	exitInvalid     = 7
	exitService     = 8
	exitUnknown     = 9
	exitDiffers     = 10
	exitCopyBusy    = 11
	exitCopyBroken  = 12
	exitInterrupted = 128 + 2  // as shells report SIGINT
	exitPipe        = 128 + 13 // as shells report SIGPIPE
)

const exitCodesHelp = `The exit code tells what class of error a command ended with:

    0  success; for serve, "sync worker" and "sync run --every" also: stopped by a signal
    1  another error, such as output that could not be written
    2  the command line is wrong
    3  a setting is missing or wrong: see "mktows help settings"
    4  authentication refused: faults 20013 and 20014, and 20016 (expired: check the clock)
    5  not found: faults 20103, 20108, 20111 and 20113, a copy that is not there, or what it
       does not have: a stream, or a lead of "report"
    6  a limit of the service: faults 20015 (day), 20023 (rate) and 20024 (at the same
       time), HTTP status 429
    7  the request is not valid: faults 20012, 20017, 20019, 20022 and the rest from 20101
       on, a file that is missing, cannot be read or cannot be sent, or records of it that
       the service did not take
    8  the service, the way to it or its answer failed: faults 10001 and 20011 and unknown
       ones, no connection, --timeout, an answer that is not SOAP
    9  outcome unknown: a request that changes data was sent and its answer never came;
       look before you repeat it. This goes before 8 and 130.
   10  "sync verify": the copy differs from the service
   11  the copy cannot be used for now: another process has it, or its database is not
       available; try again later
   12  the copy cannot be used: no space left, read-only, made by a newer release,
       damaged, or not a copy
  130  interrupted (SIGINT or SIGTERM)
  141  the reader of the output went away, as in "mktows … | head"

Except with 130 and 141, a few lines on standard error say what happened and what to do. A
fault's code and text are among them.`

// usageError is a mistake in the command line.
type usageError struct {
	error
	help string // the command that helps; empty: that of the command with --help
}

func (e usageError) Unwrap() error { return e.error }

// settingsError is a mistake in what the environment or a flag sets, or its absence.
type settingsError struct{ error }

func (e settingsError) Unwrap() error { return e.error }

// inputError is a document that cannot be sent.
type inputError struct{ error }

func (e inputError) Unwrap() error { return e.error }

// exitCode returns the code for an error. Which error goes before which is decided by
// what the caller has to know: an unknown outcome most of all.
func exitCode(ctx context.Context, err error) int {
	var usage usageError
	var settings settingsError
	var input inputError
	var argument *operations.ArgumentError
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, fault.ErrUnknownOutcome):
		return exitUnknown
	case errors.Is(err, syscall.EPIPE):
		return exitPipe
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &usage):
		return exitUsage
	case errors.As(err, &settings):
		return exitSettings
	case errors.As(err, &input):
		return exitInvalid
	case errors.As(err, &argument): // what a file holds is an inputError
		return exitUsage
	}
	if code := copyExitCode(err); code != exitOther {
		return code
	}
	return faultExitCode(err)
}

// copyExitCode follows the errors of package leadsync and of its stores.
func copyExitCode(err error) int {
	is := func(target error) bool { return errors.Is(err, target) }
	var differs *differenceError
	var missing noCopyError
	var unreadable unreadableError
	switch {
	case errors.As(err, &differs):
		return exitDiffers
	case errors.As(err, &missing), is(store.ErrNoStream), is(report.ErrNoActivities):
		return exitNotFound
	case is(store.ErrOtherQuery), is(store.ErrOtherInstance):
		return exitUsage
	case is(store.ErrFull), is(store.ErrReadOnly), is(store.ErrNewer), is(store.ErrNotCopy), is(report.ErrNoCopy),
		is(store.ErrDamaged), is(store.ErrUnusable):
		return exitCopyBroken
	case is(store.ErrInUse), is(store.ErrUnavailable), is(quota.ErrNoWorker):
		return exitCopyBusy
	case errors.As(err, &unreadable):
		return exitCopyBroken
	}
	return exitOther
}

// faultExitCode follows the classes of package fault.
func faultExitCode(err error) int {
	var wait *waitError // for --timeout
	var service serviceError
	switch {
	case errors.Is(err, fault.ErrAuth), errors.Is(err, fault.ErrExpired):
		return exitAuth
	case errors.Is(err, fault.ErrNotFound):
		return exitNotFound
	case errors.Is(err, fault.ErrQuota), errors.Is(err, fault.ErrRateLimited):
		return exitLimits
	case errors.Is(err, fault.ErrInvalid), errors.Is(err, fault.ErrEndOfStream):
		return exitInvalid
	case errors.Is(err, operations.ErrStalled), errors.As(err, &wait), errors.As(err, &service):
		return exitService
	}
	var field *soapxml.FieldError
	var call *fault.OpError
	switch {
	case errors.As(err, &field):
		return exitInvalid // XML has no way to say it
	case errors.As(err, &call):
		return exitService // no connection, no time, no SOAP, an unknown fault
	}
	return exitOther
}
