package server

import (
	"cmp"
	"fmt"
	"net/http"

	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/envelope"
)

// Rule makes the server misbehave on purpose: see [endpoint.Rule].
type Rule = endpoint.Rule

// RuleError says what is wrong with a [Rule].
type RuleError = endpoint.RuleError

// Rules is a list of rules for [WithRules]: see [endpoint.Rules].
type Rules = endpoint.Rules

// Exchange is a call and what became of it, for [WithJournal]: see [endpoint.Exchange].
type Exchange = endpoint.Exchange

// Call is a call of another API behind an exchange, for [NoteCall]: see [endpoint.Call].
type Call = endpoint.Call

// Drop says whether a connection is closed instead of an answer being sent whole.
type Drop = endpoint.Drop

// What becomes of an answer.
const (
	NoDrop         = endpoint.NoDrop         // it is sent
	DropBeforeWork = endpoint.DropBeforeWork // the connection is closed, and the port is not called
	DropAfterWork  = endpoint.DropAfterWork  // the port is called, and the connection closed without its answer
	DropHalfAnswer = endpoint.DropHalfAnswer // the first half of it is sent
)

// scripted returns the answer of a rule that has one.
func scripted(r Rule) (reply, *fault.Fault) {
	answer := reply{status: r.Status, body: r.Body, raw: true}
	var f *fault.Fault
	switch {
	case r.Code != 0:
		f = fault.New(r.Code, r.Text)
		f.FaultString = cmp.Or(r.Text, f.FaultString)
		answer = envelopeReply(cmp.Or(r.Status, http.StatusInternalServerError), envelope.AppendFault(nil, f))
		f.HTTPStatus = answer.status
	case r.Body != nil:
		answer.status = cmp.Or(r.Status, http.StatusOK)
		answer.header = http.Header{"Content-Type": {http.DetectContentType(r.Body)}}
	default:
		title := fmt.Sprintf("%d %s", r.Status, http.StatusText(r.Status))
		answer.body = fmt.Appendf(nil, "<html><head><title>%s</title></head><body><h1>%s</h1></body></html>\n", title, title)
		answer.header = http.Header{"Content-Type": {"text/html"}}
	}
	for name, values := range r.Header {
		answer.header[http.CanonicalHeaderKey(name)] = values
	}
	return answer, f
}
