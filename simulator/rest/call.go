package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/gate"
	"github.com/mktows/mktows-go/internal/httpsend"
)

// call is one call on its way through the handler.
type call struct {
	*handler
	settings *settings // as they were when the call came

	http     *http.Request
	writer   http.ResponseWriter
	number   uint64
	exchange endpoint.Exchange

	op     *operation
	byForm []*operation      // those of the path that a form can ask for
	path   map[string]string // values of the names in the path
	params url.Values        // of the query and of a form
	body   []byte            // as it came
	bad    *problem          // the first parameter that was wrong
	user   string            // the client
	rule   endpoint.Rule     // that acts on single records; the zero value: none
}

func newCall(h *handler, w http.ResponseWriter, r *http.Request) *call {
	c := &call{handler: h, settings: h.current.Load(), http: r, writer: w, number: h.requests.Add(1)}
	c.exchange.Time, c.exchange.Path = h.Now(), r.URL.Path
	return c
}

// answer takes a call through all steps. Whatever panics on the way is an error of the service:
// one bad call must not end it.
func (c *call) answer(ctx context.Context) (out *reply) {
	defer func() {
		if value := recover(); value != nil {
			c.exchange.Err = fmt.Errorf("the operation panicked: %v", value)
			out = c.fail(refusal(codeSystem))
		}
	}()
	if err := c.checkURI(); err != nil {
		return c.fail(err)
	}
	if c.http.URL.Path == identityPath {
		return c.identity(ctx)
	}
	if err := c.checkLength(); err != nil {
		return c.fail(err)
	}
	if err := c.authorize(); err != nil {
		return c.fail(err)
	}
	c.exchange.UserID = c.user
	if err := c.findOperation(); err != nil && free[err.code] {
		return c.fail(err)
	}
	pass, refused := c.gates.Enter(c.user, c.exchange.Time)
	if refused != nil {
		return c.fail(c.limitProblem(refused))
	}
	defer pass.Leave()
	out = c.carryOut(ctx)
	if free[out.code] {
		pass.Forget()
	}
	return out
}

// carryOut reads the request and does what is asked, unless a rule says otherwise.
func (c *call) carryOut(ctx context.Context) *reply {
	for _, step := range []func() *problem{c.findOperation, c.read, c.permit} { // a form may ask for another operation
		if err := step(); err != nil {
			return c.fail(err)
		}
	}
	return c.follow(ctx, c.work)
}

// work calls the operation.
func (c *call) work() *reply {
	if c.op.do == nil && c.op.file == nil { // only a read, and the form did not say so
		return c.fail(refusal(codeMethod))
	}
	if c.op.file != nil {
		answer, err := c.op.file(c)
		if err != nil {
			return c.failure(err)
		}
		return answer
	}
	answer, err := c.op.do(c)
	if err != nil || c.bad != nil {
		return c.failure(cmp.Or[error](c.problem(), err))
	}
	return c.succeed(answer)
}

// problem is the first parameter that was wrong, as an error.
func (c *call) problem() error {
	if c.bad == nil {
		return nil
	}
	return c.bad
}

// failure returns the reply of an operation's error.
func (c *call) failure(err error) *reply {
	var p *problem
	if !errors.As(err, &p) {
		c.exchange.Err = err
		p = refusal(codeSystem)
	}
	return c.fail(p)
}

// limitProblem is the problem of a call that a limit has kept out.
func (c *call) limitProblem(r *gate.Refusal) *problem {
	switch r.Limit {
	case gate.Daily:
		return refusal(codeQuota)
	case gate.Rate:
		return refuse(codeRate, "Max rate limit '%d' exceeded with in '%d' secs", c.limits.Calls, int(c.limits.Per.Seconds()))
	}
	return refusal(codeConcurrency)
}

// parts are what the caller gets of an answer that a rule does away with.
var parts = map[endpoint.Drop]httpsend.Part{
	endpoint.DropBeforeWork: httpsend.Nothing, endpoint.DropAfterWork: httpsend.Nothing, endpoint.DropHalfAnswer: httpsend.Half,
}

// follow does what the rules say, and the work unless a rule answers for it.
func (c *call) follow(ctx context.Context, work func() *reply) *reply {
	rule, acts := c.rules.Pick(c.exchange.Operation, c.snapshot)
	c.exchange.Scripted, c.exchange.Drop = acts, rule.Drop
	if rule.Delay > 0 {
		if err := c.sleep(ctx, rule.Delay); err != nil {
			c.exchange.Err = err
			return c.fail(refusal(codeSystem))
		}
	}
	answer := new(reply)
	switch {
	case rule.Drop == endpoint.DropBeforeWork:
	case rule.Answers():
		answer = c.scripted(rule)
	default:
		c.rule = rule
		answer = work()
	}
	answer.Part = parts[rule.Drop]
	answer.Raw = answer.Raw || strings.HasPrefix(c.op.path, "/bulk/") // bulk calls never compress
	return answer
}

// skips returns why a rule has the record at a place skipped, nil if none has.
func (c *call) skips(place int) *problem {
	if !slices.Contains(c.rule.Records, place) {
		return nil
	}
	p := refusal(int(c.rule.Code))
	p.message = cmp.Or(c.rule.Text, p.message)
	return p
}

// scripted returns the answer of a rule that has one.
func (c *call) scripted(r endpoint.Rule) *reply {
	var answer *reply
	switch {
	case r.Code != 0:
		p := refusal(int(r.Code))
		p.message = cmp.Or(r.Text, p.message)
		answer = c.fail(p)
		answer.Status = cmp.Or(r.Status, answer.Status)
	case r.Body != nil:
		answer = textReply(cmp.Or(r.Status, http.StatusOK), "")
		answer.Body = r.Body
		answer.Header.Set("Content-Type", http.DetectContentType(r.Body))
		if bytes.HasPrefix(bytes.TrimSpace(r.Body), []byte("{")) {
			answer.Header.Set("Content-Type", jsonType)
		}
	default:
		answer = textReply(r.Status, http.StatusText(r.Status))
	}
	maps.Copy(answer.Header, r.Header)
	return answer
}

// record gives the exchange to the journal and counts the call in the statistics.
func (c *call) record(answer *reply) {
	e := &c.exchange
	e.Duration = c.Now().Sub(e.Time)
	if answer.Part != httpsend.Nothing {
		e.Status = answer.Status
	}
	if answer.text != "" {
		e.Fault = &fault.Fault{Code: fault.Code(answer.code), FaultString: answer.text, Message: answer.text, HTTPStatus: answer.Status}
	}
	if c.exchange.Operation != "" && c.http.URL.Path != identityPath || answer.code == codeNotFound {
		c.Usage.Count(e.Time, c.user, codeText(answer.code))
	}
	if c.journal != nil {
		full := c.snapshot()
		full.RawResponse = bytes.Clone(answer.Sent())
		if c.http.URL.Path == identityPath {
			full.RawResponse = hiddenGrant(full.RawResponse)
		}
		c.journal(full)
	}
}

// codeText returns a code as answers show it, "" for none.
func codeText(code int) string {
	if code == 0 {
		return ""
	}
	return strconv.Itoa(code)
}

// snapshot returns the exchange as far as it has got, with the request.
func (c *call) snapshot() endpoint.Exchange {
	e := c.exchange
	path, query, asks := strings.Cut(c.http.RequestURI, "?")
	if asks {
		path += "?" + hidden(query)
	}
	e.RawRequest = fmt.Appendf(nil, "%s %s\n", c.http.Method, path)
	if len(c.body) > 0 {
		e.RawRequest = append(append(e.RawRequest, '\n'), c.hiddenBody()...)
	}
	return e
}

// hiddenBody returns the body without secrets. Where one belongs into the body, a body that is no form is hidden whole: nobody knows
// what in it is the secret.
func (c *call) hiddenBody() []byte {
	kind, _, _ := mime.ParseMediaType(c.http.Header.Get("Content-Type"))
	switch {
	case kind == formType:
		return []byte(hidden(string(c.body)))
	case c.http.URL.Path == identityPath:
		return []byte(auth.Redacted)
	}
	return c.body
}

// secretNames are the names of what no journal may hold.
var secretNames = []string{"client_secret", "access_token"}

// hidden returns a query or a form without the values of secrets, however their names are escaped. What cannot be read goes with
// them.
func hidden(text string) string {
	parts := strings.Split(text, "&")
	for i, part := range parts {
		read, err := url.QueryUnescape(part)
		read = strings.ToLower(read)
		name, _, _ := strings.Cut(read, "=")
		switch {
		case slices.Contains(secretNames, name):
			parts[i] = name + "=" + auth.Redacted
		case err != nil, slices.ContainsFunc(secretNames, func(name string) bool { return strings.Contains(read, name) }):
			parts[i] = auth.Redacted
		}
	}
	return strings.Join(parts, "&")
}

// grantedToken is the token in an answer of Identity, also in one that was cut off.
var grantedToken = regexp.MustCompile(`("access_token"\s*:\s*")[^"]*`)

// hiddenGrant returns an answer of Identity without its token.
func hiddenGrant(answer []byte) []byte {
	return grantedToken.ReplaceAll(answer, []byte("${1}"+auth.Redacted))
}
