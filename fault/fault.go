package fault

import (
	"fmt"
	"strings"
)

// What every fault of the service has, whatever its code (Marketo SOAP API, error
// codes; sample of an authentication fault).
const (
	faultCodeClient      = "SOAP-ENV:Client"
	serviceExceptionName = "mktServiceException"
)

// maxText bounds what an error shows of a text that came over the wire, in bytes:
// a proxy or a Java server may put pages into it.
const maxText = 500

// Fault is a SOAP fault with its fields as they came over the wire. It matches its
// Code and the Code's class in errors.Is. The zero value is a fault that says nothing.
type Fault struct {
	Code        Code   // of detail/serviceException, else of FaultString; 0: none
	FaultCode   string // faultcode, "SOAP-ENV:Client" in all faults of the service
	FaultString string // faultstring, "20103 - Lead not found"
	Actor       string // faultactor; the service sends none
	Name        string // detail/serviceException/name, "mktServiceException"
	Message     string // detail/serviceException/message, "No lead found with … (20103)"
	HTTPStatus  int    // of the answer; 0: the fault has not come over HTTP
	// REST is what the REST API said, for which the fault stands; nil: it is the SOAP API's own.
	REST *RESTError
}

// New returns the fault that the service would send for code, with message as the
// long text: FaultString becomes "20103 - Lead not found" and Message "No lead
// found with … (20103)". An empty message stands for the code's own text. It is
// meant for servers and simulators. (Marketo SOAP API, error codes.)
func New(code Code, message string) *Fault {
	short := code.wireText()
	message = printable(message)
	if message == "" {
		message = short
	}
	if short == "" { // a code that the table does not know
		short = message
	}
	return &Fault{
		Code:        code,
		FaultCode:   faultCodeClient,
		FaultString: fmt.Sprintf("%d - %s", int(code), short),
		Name:        serviceExceptionName,
		Message:     fmt.Sprintf("%s (%d)", message, int(code)),
	}
}

// AddMessage adds more to the message of the fault, before the code that ends it.
func (f *Fault) AddMessage(more string) {
	number := fmt.Sprintf(" (%d)", int(f.Code))
	f.Message = strings.TrimSuffix(f.Message, number) + more + number
}

// Newf is New with a message made by fmt.Sprintf.
func Newf(code Code, format string, args ...any) *Fault {
	return New(code, fmt.Sprintf(format, args...))
}

// Error returns the code, the most telling text that the fault has and what to do,
// on one line of bounded length.
func (f *Fault) Error() string {
	if f == nil {
		return "no fault"
	}
	return f.Headline() + "; " + f.Advice()
}

// Advice says what to do, in the words of the API that has refused the call. It ends the text that [Fault.Error] returns.
func (f *Fault) Advice() string {
	if f.REST != nil {
		return f.REST.Advice()
	}
	return f.meaning().Advice()
}

// Unwrap returns what the REST API said, or nil.
func (f *Fault) Unwrap() error {
	if f == nil || f.REST == nil {
		return nil
	}
	return f.REST
}

// Is reports whether target is the fault's Code or its class.
func (f *Fault) Is(target error) bool {
	if f == nil || f.Code == 0 {
		return false
	}
	return target == f.Code || f.meaning().Is(target)
}

// BlamesRequest reports whether the faultcode says that the request is to blame, and so was not
// carried out (SOAP 1.1, section 4.4.1). The service says so of all its faults, also of failures of
// its own: for one that has a code, go by that.
func (f *Fault) BlamesRequest() bool {
	name := f.FaultCode[strings.LastIndexByte(f.FaultCode, ':')+1:]
	kind, _, _ := strings.Cut(name, ".") // "Client.Authentication" is one kind of it
	return kind == "Client" || kind == "MustUnderstand" || kind == "VersionMismatch"
}

// meaning is the code that class and advice go by. It is Code, but for a request that lacks a
// parameter: the service has been seen to answer that with 10001 and "Parameter required", which is
// no failure of its own.
func (f *Fault) meaning() Code {
	lacks := strings.Contains(strings.ToLower(f.FaultString+"\n"+f.Message), "parameter required")
	if f.Code == CodeInternal && lacks && f.BlamesRequest() {
		return CodeParameterRequired
	}
	return f.Code
}

// Headline is the code and the text of the fault, without advice.
func (f *Fault) Headline() string {
	text := oneLine(f.text(), maxText)
	if f.REST != nil {
		text += " (" + f.REST.source() + ")"
	}
	if f.Code != 0 {
		return fmt.Sprintf("%d: %s", int(f.Code), text)
	}
	head := "SOAP fault without a service code"
	if f.HTTPStatus != 0 {
		head += fmt.Sprintf(" (HTTP %d)", f.HTTPStatus)
	}
	if f.FaultCode != "" {
		head += ", " + oneLine(f.FaultCode, maxText)
	}
	return head + ": " + text
}

// text picks the most telling text and takes the code off it, which the headline
// shows anyway.
func (f *Fault) text() string {
	number := fmt.Sprint(int(f.Code))
	long := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(f.Message), "("+number+")"))
	short := strings.TrimSpace(f.FaultString)
	if rest, ok := strings.CutPrefix(short, number); ok {
		short = strings.TrimLeft(rest, " -:")
	}
	for _, text := range []string{long, short, f.Code.Message()} {
		if text != "" {
			return text
		}
	}
	return "without a text"
}
