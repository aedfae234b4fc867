package fault

import (
	"errors"
	"fmt"
)

// OpError is what callers of an operation get: the error and the operation it
// happened to. It adds nothing to what errors.Is and errors.As find in Err.
type OpError struct {
	Op       string // name of the operation in the WSDL, "getLeadActivity"
	Attempts int    // how often the request was sent or tried; 0: not at all
	Err      error
}

// Error names the operation, the number of attempts if there was more than one, and
// the error.
func (e *OpError) Error() string {
	if e.Attempts > 1 {
		return fmt.Sprintf("%s: %s (after %d attempts)", e.Op, errorText(e.Err), e.Attempts)
	}
	return e.Op + ": " + errorText(e.Err)
}

// Unwrap returns Err.
func (e *OpError) Unwrap() error { return e.Err }

// ErrUnknownOutcome is matched by an [UnknownOutcomeError].
var ErrUnknownOutcome = errors.New("outcome unknown")

// UnknownOutcomeError means that a write was sent and its answer never came, was
// an internal failure of the service, or does not tell what became of it: nobody can know from
// here whether it was carried out. Repeating it could do it twice.
type UnknownOutcomeError struct {
	Op  string // name of the operation in the WSDL
	Err error  // why there is no answer that tells
}

// Error says that the outcome is unknown, what to do, and the cause.
func (e *UnknownOutcomeError) Error() string {
	return fmt.Sprintf("the service may or may not have carried out %s, look before repeating it: %s",
		e.Op, errorText(e.Err))
}

// Is reports whether target is ErrUnknownOutcome.
func (e *UnknownOutcomeError) Is(target error) bool { return target == ErrUnknownOutcome }

// Unwrap returns the cause.
func (e *UnknownOutcomeError) Unwrap() error { return e.Err }

// SyncError is about one record of a call that succeeded as a whole: the service
// did not take this record (WSDL: SyncStatus, status FAILED or SKIPPED). It matches the code that
// its text holds, and the code's class, in errors.Is; errors.As finds the [Code], whose Advice
// says what to do.
type SyncError struct {
	Index  int    // place of the record in the request, from 0
	LeadID int64  // Marketo's id of the lead; 0: none was given
	Reason string // the service's text
}

// Error names the record as the errors about arguments do, such as records[3] for the fourth, the reason, and what to
// do if that has a known code.
func (e *SyncError) Error() string {
	record := fmt.Sprintf("records[%d]", e.Index)
	if e.LeadID != 0 {
		record += fmt.Sprintf(" (lead %d)", e.LeadID)
	}
	reason := oneLine(e.Reason, maxText)
	if reason == "" {
		reason = "the service gave no reason"
	}
	text := record + " was not taken: " + reason
	if code := e.Code(); code.Class() != nil {
		text += "; " + code.Advice()
	}
	return text
}

// Code returns the code in the text that the service gives as the reason, or 0 if there is none.
func (e *SyncError) Code() Code { return readTextCode(e.Reason) }

// Unwrap returns the code, or nil if there is none.
func (e *SyncError) Unwrap() error {
	if code := e.Code(); code != 0 {
		return code
	}
	return nil
}

// errorText keeps an error without a cause from panicking.
func errorText(err error) string {
	if err == nil {
		return "no cause given"
	}
	return err.Error()
}
