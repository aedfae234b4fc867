package rest

import (
	"net/http"
	"net/url"
	"strings"
)

// operation is a method of a path.
type operation struct {
	method, path string // with {names}
	takes        content
	form         bool         // as the table sets it: also as POST with _method, parameters in a form
	needs        []Permission // one of them, as the table sets it; none: none
	do           func(c *call) (*envelope, error)
	file         func(c *call) (*reply, error) // in place of do: the answer is no envelope
}

func (op *operation) name() string { return op.method + " " + op.path }

// match returns the values of the names in the operation's path, false for another path. A
// value is not empty and has no slash.
func (op *operation) match(path string) (map[string]string, bool) {
	wanted, given := strings.Split(op.path, "/"), strings.Split(path, "/")
	if len(wanted) != len(given) {
		return nil, false
	}
	values := make(map[string]string)
	for i, part := range wanted {
		begin, end := strings.IndexByte(part, '{'), strings.IndexByte(part, '}')
		if begin < 0 {
			if part != given[i] {
				return nil, false
			}
			continue
		}
		value, isPart := strings.CutSuffix(given[i], part[end+1:])
		text, err := url.PathUnescape(value)
		if !isPart || err != nil || text == "" {
			return nil, false
		}
		values[part[begin+1:end]] = text
	}
	return values, true
}

// findOperation finds the operation of a call: 610 for a path that there is not, 605 for
// another method. Operations whose path has no names come first in the table, so that a path
// such as byName.json is not taken for an id.
func (c *call) findOperation() *problem {
	if c.op != nil {
		return nil
	}
	method, found, path := c.method(), false, withoutDots(c.http.URL.EscapedPath())
	for i := range operations {
		op := &operations[i]
		values, ok := op.match(path)
		if !ok {
			continue
		}
		found = true
		if op.form {
			c.byForm, c.path = append(c.byForm, op), values
		}
		if c.op == nil && op.method == method && (c.http.Method == method || c.http.Method == http.MethodPost && op.form) {
			c.op, c.path, c.exchange.Operation = op, values, op.name()
		}
	}
	switch {
	case c.op != nil:
		return nil
	case len(c.byForm) > 0 && method == http.MethodPost: // its form may say what it is
		c.op, c.exchange.Operation = &operation{takes: takesJSON}, c.byForm[0].name()
		return nil
	case found:
		return refuse(codeMethod, "HTTP method '%.20s' not supported", method)
	}
	return refusal(codeNotFound)
}

// withoutDots returns a path without "..": clients reach /bulk by /rest/../bulk. An empty part
// stays, and makes the path one that there is not.
func withoutDots(path string) string {
	for {
		before, after, found := strings.Cut(path, "/../")
		if !found {
			return path
		}
		path = before[:max(strings.LastIndexByte(before, '/'), 0)] + "/" + after
	}
}

// method returns the method that a call means: a POST may say in its URL that it is a read
// (Marketo REST API, lead database: _method=GET). What a form says is read with the form.
func (c *call) method() string {
	if c.http.Method != http.MethodPost {
		return c.http.Method
	}
	if meant := c.http.URL.Query().Get("_method"); meant != "" {
		return strings.ToUpper(meant)
	}
	return http.MethodPost
}

const (
	get  = http.MethodGet
	post = http.MethodPost
	del  = http.MethodDelete
)

// operations are all that the API has but Identity (Marketo REST API, endpoint reference, in
// its order). A path without names comes before one that could be taken for it. All reads of
// the lead database can be sent as a POST with _method=GET: its page says so, and clients do,
// though the description of the API has it for some of them alone. Deletions are sent so with
// _method=DELETE (as recorded).
var operations []operation

func init() { //nolint:gochecknoinits // the handlers know the table through call
	operations = append(operations, leadOperations...)
	operations = append(operations, listOperations...)
	operations = append(operations, activityOperations...)
	operations = append(operations, opportunityOperations...)
	operations = append(operations, customOperations...)
	operations = append(operations, campaignOperations...)
	operations = append(operations, programOperations...)
	operations = append(operations, folderOperations...)
	operations = append(operations, usageOperations...)
	operations = append(operations, exportOperations...)
	operations = append(operations, importOperations...)
	for i := range operations {
		op := &operations[i]
		op.form = op.method != post && strings.HasPrefix(op.path, "/rest/v1/")
		op.needs = op.permissions()
	}
}
