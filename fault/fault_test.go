package fault_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/fault"
)

// The three faults whose texts are known from the wire.
func TestNew_asOnTheWire(t *testing.T) {
	t.Parallel()
	tests := []struct {
		code             fault.Code
		text, short, msg string
	}{
		{fault.CodeAuthenticationFailed, "", "20014 - Authentication failed", "Authentication failed (20014)"},
		{
			fault.CodeLeadNotFound, "No lead found with EMAIL = a@example.com",
			"20103 - Lead not found", "No lead found with EMAIL = a@example.com (20103)",
		},
		{
			fault.CodeLeadAttributeBad, "syncLead operation failed: unknown fields for import: NoSuchField",
			"20105 - Unknown lead field", "syncLead operation failed: unknown fields for import: NoSuchField (20105)",
		},
		{20999, "Something new", "20999 - Something new", "Something new (20999)"},
		{fault.CodeBadParameter, "a\x00b\nc\x1b[31m", "20110 - Bad Parameter", "a b c [31m (20110)"},
	}
	for _, tt := range tests {
		want := &fault.Fault{
			Code: tt.code, FaultCode: "SOAP-ENV:Client", FaultString: tt.short,
			Name: "mktServiceException", Message: tt.msg,
		}
		if diff := cmp.Diff(*want, *fault.New(tt.code, tt.text)); diff != "" {
			t.Errorf("fault (-want +got):\n%s", diff)
		}
	}
}

func TestNewf(t *testing.T) {
	t.Parallel()
	got := fault.Newf(fault.CodeLeadNotFound, "No lead found with %s = %d", "IDNUM", 7)
	if want := "No lead found with IDNUM = 7 (20103)"; got.Message != want {
		t.Errorf("message %q, want %q", got.Message, want)
	}
}

func TestFault_AddMessage(t *testing.T) {
	t.Parallel()
	f := fault.New(fault.CodeLeadNotFound, "No lead 7")
	f.AddMessage("; names were passed over")
	bare := &fault.Fault{Code: fault.CodeLeadNotFound, Message: "No lead 7"} // as a port may make it
	bare.AddMessage("; names were passed over")
	if want := "No lead 7; names were passed over (20103)"; f.Message != want || bare.Message != want {
		t.Errorf("%q and %q, want %q", f.Message, bare.Message, want)
	}
}

func TestFault_Error(t *testing.T) {
	t.Parallel()
	const advice = "; check the type and the value of the lead key"
	tests := []struct {
		name  string
		fault *fault.Fault
		want  string
	}{
		{
			"the long text is the most telling",
			&fault.Fault{Code: 20103, FaultString: "20103 - Lead not found", Message: "No lead found with EMAIL = a@example.com (20103)"},
			"20103: No lead found with EMAIL = a@example.com" + advice,
		},
		{"no detail", &fault.Fault{Code: 20103, FaultString: "20103 - Lead not found"}, "20103: Lead not found" + advice},
		{"no text", &fault.Fault{Code: 20103}, "20103: Lead Not Found" + advice},
		{"only the number", &fault.Fault{Code: 20103, FaultString: "20103", Message: "(20103)"}, "20103: Lead Not Found" + advice},
		{"other form", &fault.Fault{Code: 20103, FaultString: " 20103: gone "}, "20103: gone" + advice},
		{
			"many lines",
			&fault.Fault{Code: 20103, Message: "No\x00lead\n\tat com.example.Lead\r\n\x1b[2J"},
			"20103: No lead at com.example.Lead [2J" + advice,
		},
		{
			"without code, as from a proxy",
			&fault.Fault{FaultCode: "soap:Server", FaultString: "Bad Gateway", HTTPStatus: 500},
			"SOAP fault without a service code (HTTP 500), soap:Server: Bad Gateway; " +
				"check the endpoint and any proxy on the way: the fault does not look like the service's own",
		},
		{
			"zero", &fault.Fault{},
			"SOAP fault without a service code: without a text; " +
				"check the endpoint and any proxy on the way: the fault does not look like the service's own",
		},
		{"nil", nil, "no fault"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.fault.Error(); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestFault_ErrorIsBounded(t *testing.T) {
	t.Parallel()
	got := (&fault.Fault{Code: 20103, Message: strings.Repeat("é ", 5000)}).Error()
	if len(got) > 700 || !strings.Contains(got, "…; check") {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}

// A server that echoes the request must not bring its signature into a log.
func TestFault_ErrorShowsNoSignature(t *testing.T) {
	t.Parallel()
	f := &fault.Fault{
		Code: 20012, FaultCode: "<requestSignature>short</requestSignature>",
		Message: "cannot read <ns1:requestSignature>0176853b8471c6d4477206402d7d6e21826d6ebd</ns1:requestSignature> here",
	}
	want := "20012: cannot read <ns1:requestSignature>[redacted]</ns1:requestSignature> here; "
	if got := f.Error(); !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	f.Code = 0
	if got := f.Error(); strings.Contains(got, "0176") || strings.Contains(got, "short") {
		t.Errorf("got %s", got)
	}
}

func TestFault_Is(t *testing.T) {
	t.Parallel()
	f := fault.New(fault.CodeLeadNotFound, "")
	var none *fault.Fault
	switch {
	case !errors.Is(f, fault.CodeLeadNotFound), !errors.Is(f, fault.ErrNotFound):
		t.Error("does not match its code and its class")
	case errors.Is(f, fault.CodeListNotFound), errors.Is(f, fault.ErrInvalid), errors.Is(f, errors.New("not found")):
		t.Error("matches what it is not")
	case none.Is(fault.CodeLeadNotFound), none.Is(nil):
		t.Error("a nil fault matches")
	}
}

// Seen in a recorded exchange: the caller's mistake under the code of an internal error.
func TestFault_parameterRequiredAs10001(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		fault fault.Fault
		want  error // the class
	}{
		{"as recorded", fault.Fault{Code: 10001, FaultCode: "SOAP-ENV:Client", FaultString: "10001 - Parameter required"}, fault.ErrInvalid},
		{"long text", fault.Fault{Code: 10001, FaultCode: "Client", FaultString: "10001 - Internal Error", Message: "Parameter Required: leadKey (10001)"}, fault.ErrInvalid},
		{"the server's", fault.Fault{Code: 10001, FaultCode: "SOAP-ENV:Server", FaultString: "10001 - Parameter required"}, fault.ErrServer},
		{"no faultcode", fault.Fault{Code: 10001, FaultString: "10001 - Parameter required"}, fault.ErrServer},
		{"another text", fault.Fault{Code: 10001, FaultCode: "SOAP-ENV:Client", FaultString: "10001 - Internal Error"}, fault.ErrServer},
		{"another code", fault.Fault{Code: 20011, FaultCode: "SOAP-ENV:Client", FaultString: "20011 - Parameter required"}, fault.ErrServer},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := &tt.fault
			for _, class := range []error{fault.ErrInvalid, fault.ErrServer} {
				if errors.Is(f, class) != (class == tt.want) {
					t.Errorf("%v: %t", class, errors.Is(f, class))
				}
			}
			if !errors.Is(f, f.Code) || errors.Is(f, fault.CodeParameterRequired) {
				t.Error("the code is not the one that was sent")
			}
			_, retry := fault.Retryable(f, fault.ReadOnly)
			advice := strings.Contains(f.Error(), "; give the parameter that is missing")
			if invalid := tt.want == fault.ErrInvalid; retry == invalid || advice != invalid || !strings.HasPrefix(f.Error(), fmt.Sprint(int(f.Code))+": ") {
				t.Errorf("repeated %t: %v", retry, f)
			}
		})
	}
}

func TestFault_BlamesRequest(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]bool{
		"SOAP-ENV:Client": true, "Client": true, "e:Client.Authentication": true, "e:MustUnderstand": true, "VersionMismatch": true,
		"SOAP-ENV:Server": false, "": false, "ClientSide": false, "e:Server.Client": false, "Client:Server": false,
	} {
		if got := (&fault.Fault{FaultCode: code}).BlamesRequest(); got != want {
			t.Errorf("%q: %t", code, got)
		}
	}
}
