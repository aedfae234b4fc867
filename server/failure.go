package server

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"

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
		return fault.New(fault.CodeBadParameter, err.Error())
	}
	return fault.New(fault.CodeRequestNotUnderstood, err.Error())
}

// headerFault is a fault about header entries: without a detail (SOAP 1.1, section 4.4).
func headerFault(code string, err error) *fault.Fault {
	return &fault.Fault{FaultCode: code, FaultString: err.Error()}
}

// portFault returns the fault for an error of the port: the one that the error holds,
// or 20011 together with the failure to log.
func portFault(err error) (*fault.Fault, *internalError) {
	var internal *internalError
	var f *fault.Fault
	var code fault.Code
	switch {
	case errors.As(err, &internal):
	case errors.As(err, &f) && f != nil:
		return complete(f), nil
	case errors.As(err, &code) && code > 0:
		return fault.New(code, ""), nil
	default:
		internal = &internalError{what: "the port failed", err: err}
	}
	return fault.New(fault.CodeServiceInternal, ""), internal
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
