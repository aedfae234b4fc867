package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/envelope"
)

const notice = "<!-- ready-made -->"

// readyFor returns the envelope of a request as another program may have written it.
func readyFor(op *gen.Operation, in gen.Message) Envelope {
	return Envelope{Operation: op, Sign: func(s auth.Stamp) ([]byte, error) {
		text, err := envelope.AppendRequest(nil, gen.V3_1, envelope.Header{Authentication: &gen.AuthenticationHeaderInfo{
			MktowsUserId: s.UserID, RequestSignature: s.Signature, RequestTimestamp: s.Timestamp,
		}}, in)
		return append(text, notice...), err
	}}
}

func ready(operation string) Envelope {
	op := gen.OperationByName(operation)
	return readyFor(op, requestOf(op))
}

// TestDo_asTyped: whatever the service does, a ready-made envelope ends as the same request by the operation's method.
func TestDo_asTyped(t *testing.T) {
	t.Parallel()
	html := raw(http.StatusBadGateway, "text/html", "<html>no</html>")
	blames := func(code string) reply {
		return raw(http.StatusInternalServerError, envelope.ContentType,
			`<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:`+code+`</faultcode><faultstring>no</faultstring></s:Fault></s:Body></s:Envelope>`)
	}
	for name, replies := range map[string][]reply{
		"an answer":                             {answer},
		"a refusal":                             {refuse(500, fault.CodeAuthenticationFailed)},
		"too many calls, then an answer":        {refuse(500, fault.CodeRateLimitExceeded), answer},
		"an internal error":                     {refuse(500, fault.CodeServiceInternal)},
		"the day is over":                       {refuse(500, fault.CodeRequestLimitExceeded)},
		"expired, then an answer":               {withHeader("Date", "Sat, 01 Jan 2000 01:00:00 GMT", refuse(500, fault.CodeRequestExpired)), answer},
		"a fault that blames the request":       {blames("Client")},
		"a fault that blames the server":        {blames("Server")},
		"a page of a proxy":                     {html},
		"a page of a proxy, then an answer":     {html, answer},
		"a redirect":                            {withHeader("Location", "https://elsewhere.example.com/x", raw(http.StatusFound, "text/html", ""))},
		"nothing":                               {raw(http.StatusOK, envelope.ContentType, "")},
		"an answer in pieces":                   {raw(http.StatusOK, envelope.ContentType, `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>`)},
		"a connection that breaks off":          {hangUp("HTTP/1.1 200 OK\r\nContent-Le")},
		"a connection that breaks off, at once": {hangUp(""), answer},
		"no answer in time":                     {late(time.Hour, answer)},
	} {
		for _, operation := range []string{"getLead", "mergeLeads", "listOperation"} {
			t.Run(name+"/"+operation, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					typed, made := start(t, replies...), start(t, replies...)
					want := call(t.Context(), steady(typed.client(t)), operation)
					_, got := steady(made.client(t)).Do(t.Context(), ready(operation))
					if told(typed, want) != told(made, got) {
						t.Errorf("%s\nwant: %s", told(made, got), told(typed, want))
					}
				})
			})
		}
	}
}

// told is how a call has ended, and after how many requests.
func told(s *service, err error) string {
	return fmt.Sprintf("%d requests: %s", len(s.requests()), strings.ReplaceAll(fmt.Sprint(err), strings.Split(s.url, "/")[2], "HOST"))
}

// TestDo_answer: the answer is the last document as it came, if it is SOAP.
func TestDo_answer(t *testing.T) {
	t.Parallel()
	op := gen.OperationByName("getLead")
	refused := string(envelope.AppendFault(nil, fault.New(fault.CodeLeadNotFound, "")))
	pieces := strings.TrimSuffix(answerTo(op), "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n")
	for name, tt := range map[string]struct {
		replies []reply
		want    string
		err     bool
	}{
		"an answer":             {[]reply{answer}, answerTo(op), false},
		"a fault":               {[]reply{raw(500, envelope.ContentType, refused)}, refused, true},
		"pieces":                {[]reply{raw(200, envelope.ContentType, pieces)}, pieces, true},
		"a page":                {[]reply{raw(502, "text/html", "<html/>")}, "", true},
		"SOAP and another word": {[]reply{raw(403, envelope.ContentType, answerTo(op))}, "", true},
		"a fault, then nothing": {[]reply{refuse(500, fault.CodeServiceInternal), hangUp("")}, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				got, err := steady(start(t, tt.replies...).client(t)).Do(t.Context(), ready("getLead"))
				if got != tt.want || (err != nil) != tt.err {
					t.Errorf("%q, %v, want %q", got, err, tt.want)
				}
			})
		})
	}
}

// TestDo_signed: each attempt has a stamp of its own, and the document is otherwise as it was.
func TestDo_signed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := start(t, raw(http.StatusBadGateway, "text/html", ""), answer)
		if _, err := steady(s.client(t)).Do(t.Context(), ready("getLead")); err != nil {
			t.Fatal(err)
		}
		got := s.requests()
		if len(got) != 2 || got[0].stamp == got[1].stamp || got[1].stamp.MktowsUserId != userID {
			t.Fatalf("%d requests: %+v", len(got), got)
		}
		for _, x := range got {
			if !strings.Contains(x.body, notice) || x.header.Get("SOAPAction") != `"`+x.op.SOAPAction+`"` {
				t.Errorf("%v: %s", x.header, x.body)
			}
		}
	})
}

// TestDo_safety: a request that is safer than its operation is repeated, as it is by the operation's method.
func TestDo_safety(t *testing.T) {
	t.Parallel()
	op := gen.OperationByName("syncLead")
	withID := &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Id: gen.Some(int32(1))}}
	byEmail := &gen.ParamsSyncLead{LeadRecord: &gen.LeadRecord{Email: gen.Some("lead@example.com")}}
	for name, tt := range map[string]struct {
		in       gen.Message
		requests int
	}{"by id": {withID, 2}, "by e-mail": {byEmail, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := start(t, hangUp(""), answer)
				_, err := steady(s.client(t)).Do(t.Context(), readyFor(op, tt.in))
				if n := len(s.requests()); n != tt.requests || errors.Is(err, fault.ErrUnknownOutcome) != (n == 1) {
					t.Errorf("%d requests, want %d: %v", n, tt.requests, err)
				}
			})
		})
	}
}

// TestDo_refused: what cannot be sent is not.
func TestDo_refused(t *testing.T) {
	t.Parallel()
	unsigned := Envelope{Operation: gen.OperationByName("getLead"), Sign: func(auth.Stamp) ([]byte, error) { return nil, errors.New("no ink") }}
	other := ready("getLead")
	other.Operation = gen.OperationByName("mergeLeads")
	replace := WithInterceptors(func(next Handler) Handler {
		return func(ctx context.Context, c *Call) error {
			c.Req = new(gen.ParamsGetLead)
			return next(ctx, c)
		}
	})
	for name, tt := range map[string]struct {
		envelope Envelope
		opts     []Option
		want     string
	}{
		"nothing":                {Envelope{}, nil, "client: an Envelope needs an Operation and Sign"},
		"not signed":             {unsigned, nil, "getLead: the envelope cannot be signed: no ink"},
		"another operation":      {other, nil, "mergeLeads: the envelope holds a paramsGetLead, where mergeLeads has a paramsMergeLeads"},
		"an interceptor's doing": {ready("getLead"), []Option{replace}, "getLead: client: an interceptor has replaced Call.Req, which the envelope of the call holds already"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, answer)
			if _, err := s.client(t, tt.opts...).Do(t.Context(), tt.envelope); err == nil || err.Error() != tt.want {
				t.Errorf("%v, want %s", err, tt.want)
			}
			if n := len(s.requests()); n != 0 {
				t.Errorf("%d requests were sent", n)
			}
		})
	}
}
