package endpoint

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
)

// Drop says whether a connection is closed instead of an answer being sent whole.
type Drop int

const (
	// NoDrop sends the answer.
	NoDrop Drop = iota
	// DropBeforeWork closes the connection, and the port is not called.
	DropBeforeWork
	// DropAfterWork calls the port and closes the connection without an answer: the
	// caller cannot know whether the call was carried out.
	DropAfterWork
	// DropHalfAnswer sends the first half of the answer and closes the connection.
	DropHalfAnswer
)

// String returns the name of the constant.
func (d Drop) String() string {
	names := []string{"NoDrop", "DropBeforeWork", "DropAfterWork", "DropHalfAnswer"}
	if d < 0 || int(d) >= len(names) {
		return fmt.Sprintf("Drop(%d)", int(d))
	}
	return names[d]
}

// Rule makes the server misbehave on purpose: the endpoint of the SOAP API, and that of the
// REST API in package simulator/rest, where Code is a code of the REST API, answered in HTTP
// 200 unless Status says otherwise, and Text its message. It acts on calls that are otherwise in
// order: authenticated, within the limits, and understood. So Rule{Code:
// fault.CodeRateLimitExceeded, Times: 2} answers the next two calls with 20023, and
// Rule{Operation: "syncLead", Drop: DropAfterWork, Times: 1} loses one answer. The service
// has been seen to give Rule{Code: fault.CodeInternal, Text: "Parameter required"} for a
// mistake of the caller.
//
// In the order of what happens: the call waits for Delay, holding its place in the
// limits; DropBeforeWork closes the connection; Code, Status or Body are the answer in
// place of the port's; the other Drops do away with the answer, whichever it is.
type Rule struct {
	Operation string              // name in the WSDL, or method and path of the REST API, as in "GET /rest/v1/leads.json"; empty: any
	Match     func(Exchange) bool // what else has to hold of the request; nil: nothing. May be called by several goroutines at once
	Skip      int                 // so many calls pass before it acts
	Times     int                 // how often it acts; 0: always

	Delay  time.Duration
	Code   fault.Code  // answer with this fault, HTTP status 500 unless Status says otherwise. A code of one API is for calls of that one
	Text   string      // with Code: faultstring and message of the fault. Empty: those of the code
	Status int         // answer with this HTTP status; without Code and Body, as a proxy would, with a page of HTML
	Header http.Header // with such an answer, for instance Retry-After
	Body   []byte      // answer with these bytes, HTTP status 200 unless Status says otherwise; not nil, but empty: nothing
	Drop   Drop

	// Records are places in the list of records that a call of the REST API writes or names, from 0 on.
	// With them Code and Text are the reason why these records are skipped; the others, and the call,
	// are carried out. A place that the list has not got means none.
	Records []int
}

// RuleError says what is wrong with a [Rule].
type RuleError struct {
	Fields  []string // of Rule, those that the problem is with
	Problem string   // what is wrong; a field is named in it in braces, as {Times}
}

func (e *RuleError) Error() string {
	return "endpoint: rule: " + e.Named(func(field string) string { return field })
}

// Named says what is wrong with the names that fields have elsewhere, as in a document that the rule was read from.
func (e *RuleError) Named(name func(field string) string) string {
	text := e.Problem
	for _, field := range e.Fields {
		text = strings.ReplaceAll(text, "{"+field+"}", name(field))
	}
	return text
}

// Validate reports what makes a rule pointless or contradictory: errors of the type *RuleError, joined.
func (r Rule) Validate() error {
	var errs []error
	bad := func(wrong bool, problem string, fields ...string) {
		if wrong {
			errs = append(errs, &RuleError{fields, problem})
		}
	}
	bad(r.Operation != "" && !IsOperation(r.Operation), fmt.Sprintf("there is no operation %q", r.Operation), "Operation")
	bad(r.Skip < 0 || r.Times < 0 || r.Delay < 0, "{Skip}, {Times} and {Delay} cannot be negative", "Skip", "Times", "Delay")
	bad(r.Code != 0 && !r.codeFits(r.Operation), fmt.Sprintf("%d is no {Code} of %s", int(r.Code), codesOf(r.Operation)), "Code")
	bad(r.Status != 0 && (r.Status < 200 || r.Status > 599), fmt.Sprintf("%d is no HTTP status from 200 to 599", r.Status), "Status")
	bad(r.Text != "" && r.Code == 0, "{Text} is that of a fault, which needs a {Code}", "Text", "Code")
	bad(r.Code != 0 && r.Body != nil, "{Code} and {Body} cannot both be the answer", "Code", "Body")
	bad(r.Drop < NoDrop || r.Drop > DropHalfAnswer, fmt.Sprintf("%s is not defined", r.Drop), "Drop")
	bad(r.Delay == 0 && r.Drop == NoDrop && !r.Answers() && len(r.Records) == 0, "it does nothing: give {Delay}, {Code}, {Status}, {Body} or {Drop}",
		"Delay", "Code", "Status", "Body", "Drop")
	bad(len(r.Records) > 0 && (!isREST(r.Operation) || r.Code == 0 || r.Status != 0), "{Records} need an {Operation} of the REST API and a {Code}, without {Status}",
		"Records", "Operation", "Code", "Status")
	bad(slices.ContainsFunc(r.Records, func(i int) bool { return i < 0 }), "{Records} begin at 0", "Records")
	return errors.Join(errs...)
}

// Codes of the REST API have three or four digits, those of the SOAP API five (Marketo REST API, error codes; Marketo SOAP API, errors).
const (
	leastRESTCode  = 100
	leastFaultCode = 10_000
	greatestCode   = 99_999
)

// isREST reports whether an operation is named by method and path.
func isREST(operation string) bool { return strings.Contains(operation, "/") }

// codeFits reports whether the code, if there is one, is of the API of an operation; an empty one stands for either.
func (r Rule) codeFits(operation string) bool {
	switch {
	case r.Code == 0:
		return true
	case operation == "":
		return r.Code >= leastRESTCode && r.Code <= greatestCode
	case isREST(operation):
		return r.Code >= leastRESTCode && r.Code < leastFaultCode
	}
	return r.Code >= leastFaultCode && r.Code <= greatestCode
}

// codesOf says what the codes of an operation look like.
func codesOf(operation string) string {
	const soap, rest = "a fault: those have five digits, as 20103 has", "the REST API: those have three or four digits, as 606 has"
	switch {
	case operation == "":
		return "a fault or of the REST API: they have three to five digits, as 606 and 20103 have"
	case isREST(operation):
		return rest
	}
	return soap
}

// IsOperation reports whether a rule can be for an operation: one of the WSDL, or method and
// path of one of the REST API.
func IsOperation(name string) bool {
	method, path, _ := strings.Cut(name, " ")
	return gen.OperationByName(name) != nil ||
		slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodDelete}, method) && strings.HasPrefix(path, "/")
}

// Answers reports whether the rule has an answer of its own.
func (r Rule) Answers() bool {
	return r.Code != 0 && len(r.Records) == 0 || r.Status != 0 || r.Body != nil
}

// Rules is a list of rules that endpoints look at, which may change while they serve. The zero value is an empty list, ready for
// use. It is safe for concurrent use.
//
// A call is shown to the rules in the order they were added. The first that matches
// and is due acts; those after it do not see the call.
type Rules struct {
	mu   sync.Mutex
	list []*counted
	last int64 // the id that was given last
}

// counted is a rule and the calls it has seen.
type counted struct {
	Rule
	id          int64
	seen, acted int
}

// Add appends a rule. The function that it returns removes the rule; calling it more
// than once does no harm. A rule that is not valid is added too: see [Rule.Validate].
func (l *Rules) Add(r Rule) (remove func()) {
	id := l.Insert(r)
	return func() { l.Remove(id) }
}

func (l *Rules) remove(c *counted) {
	l.list = slices.DeleteFunc(l.list, func(other *counted) bool { return other == c })
}

// Pick returns the rule that acts on a call, if one does, and counts the call: it is for an
// endpoint. The exchange is only made for a rule that looks at it.
func (l *Rules) Pick(operation string, exchange func() Exchange) (r Rule, acts bool) {
	l.mu.Lock()
	list := slices.Clone(l.list)
	l.mu.Unlock()
	for _, c := range list {
		if c.Operation != "" && c.Operation != operation || !c.codeFits(operation) {
			continue
		}
		// Without the lock: the function may well add or remove a rule.
		if (c.Match == nil || c.Match(exchange())) && l.due(c) {
			return c.Rule, true
		}
	}
	return Rule{}, false
}

// due counts a call that matches, and reports whether the rule acts on it.
func (l *Rules) due(c *counted) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.list, c) {
		return false // removed, or used up, since the list was looked at
	}
	c.seen++
	if c.seen <= c.Skip {
		return false
	}
	c.acted++
	if c.acted == c.Times {
		l.remove(c)
	}
	return true
}
