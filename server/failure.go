package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/envelope"
	"github.com/mktows/mktows-go/internal/soapxml"
)

// Fault codes of SOAP 1.1, section 4.4.1. The service itself uses Client for all.
const (
	codeClient          = "SOAP-ENV:Client"
	codeVersionMismatch = "SOAP-ENV:VersionMismatch"
	codeMustUnderstand  = "SOAP-ENV:MustUnderstand"
)

// internalError is a failure that the caller is told nothing about but that it was one.
type internalError struct {
	what  string
	err   error
	stack []byte // of a panic
}

func (e *internalError) Error() string { return e.what + ": " + e.err.Error() }

func (e *internalError) Unwrap() error { return e.err }

// requestFault returns the fault for a document that cannot be read. Its message
// names the place.
func requestFault(err error) error {
	if ended(err) {
		return errors.Join(fault.New(fault.CodeRequestNotUnderstood, err.Error()), ErrCutOff, err)
	}
	var version *envelope.VersionError
	var must *envelope.MustUnderstandError
	var syntax *soapxml.SyntaxError
	switch {
	case errors.As(err, &version):
		return headerFault(codeVersionMismatch, err)
	case errors.As(err, &must):
		return headerFault(codeMustUnderstand, err)
	case errors.As(err, &syntax) && syntax.Value:
		return fault.New(fault.CodeBadParameter, clipped(err))
	}
	return fault.New(fault.CodeRequestNotUnderstood, clipped(err))
}

// headerFault is a fault about header entries: without a detail (SOAP 1.1, section 4.4).
func headerFault(code string, err error) *fault.Fault {
	return &fault.Fault{FaultCode: code, FaultString: clipped(err)}
}

// maxTold bounds what an answer repeats of a document that nobody vouches for.
const maxTold = 1000

// clipped returns the text of an error, which may quote names of any length.
func clipped(err error) string {
	text := err.Error()
	if len(text) <= maxTold {
		return text
	}
	return strings.ToValidUTF8(text[:maxTold], "") + "…"
}

// portFault returns the fault for an error of the port: the one that the error holds,
// or 20011 together with the failure to log.
func portFault(err error) (*fault.Fault, *internalError) {
	var internal *internalError
	var f *fault.Fault
	var code fault.Code
	var quota *fault.QuotaError
	switch {
	case errors.As(err, &internal):
	case errors.As(err, &f) && f != nil:
		return complete(f), nil
	case errors.As(err, &code) && code > 0:
		return fault.New(code, ""), nil
	case errors.As(err, &quota): // without a fault: the port keeps to a budget of its own
		return fault.New(fault.CodeRequestLimitExceeded, quota.Error()), nil
	default:
		internal = &internalError{what: "the port failed", err: err}
	}
	return fault.New(fault.CodeServiceInternal, ""), internal
}

// absence are the codes of faults that can follow from something that is missing.
var absence = []fault.Code{
	fault.CodeInvalidRequest, fault.CodeLeadKeyRequired, fault.CodeLeadDetailRequired,
	fault.CodeLeadSyncFailed, fault.CodeParameterRequired, fault.CodeBadParameter,
}

// passedOver returns an error of the port with the names that the request has and the schema
// lacks, if it is a fault that can follow from that: who sends leadRecord/email learns why no
// address has come.
func passedOver(err error, names []string) error {
	f, internal := portFault(err)
	if len(names) == 0 || internal != nil || !slices.Contains(absence, f.Code) {
		return err
	}
	f.AddMessage("; the request has names that the schema lacks, which were passed over: " + strings.Join(names, ", "))
	return f
}

// complete returns a fault that can be sent: a port need fill in no more than the code.
func complete(f *fault.Fault) *fault.Fault {
	whole := *f
	whole.HTTPStatus = http.StatusInternalServerError
	whole.FaultCode = cmp.Or(f.FaultCode, codeClient)
	if made := fault.New(f.Code, f.Message); f.Code != 0 {
		whole.Name = cmp.Or(f.Name, made.Name)
		whole.Message = cmp.Or(f.Message, made.Message)
		whole.FaultString = cmp.Or(f.FaultString, made.FaultString)
	}
	return &whole
}

// panicError is what a panic of the port comes to.
func panicError(value any, stack []byte) *internalError {
	err, ok := value.(error)
	if !ok {
		err = fmt.Errorf("%v", value)
	}
	return &internalError{what: "the port panicked", err: err, stack: stack}
}
