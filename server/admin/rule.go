package admin

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/server"
)

// ruleJSON is a [server.Rule]; its Match has no JSON form.
type ruleJSON struct {
	ID        int64             `json:"id,omitempty" doc:"given by the mock; no other rule gets it"`
	Seen      int               `json:"seen,omitempty" doc:"given by the mock: calls that the rule was for"`
	Hits      int               `json:"hits,omitempty" doc:"given by the mock: calls that it has acted on"`
	Operation string            `json:"operation,omitempty" doc:"such as syncLead or POST /rest/v1/leads.json; missing: any"`
	Skip      int               `json:"skip,omitempty" doc:"so many calls pass before it acts; what is left of them"`
	Times     int               `json:"times,omitempty" doc:"how often it acts, what is left of it; missing: always"`
	Delay     string            `json:"delay,omitempty" doc:"before the answer, such as 1.5s"`
	Code      int               `json:"code,omitempty" doc:"answer with this fault (20103), or code of the REST API (606)"`
	Text      string            `json:"text,omitempty" doc:"with code: its text; missing: the code's own"`
	Status    int               `json:"status,omitempty" doc:"answer with this status of HTTP, 200 to 599"`
	Header    map[string]string `json:"header,omitempty" doc:"with such an answer, such as {\"Retry-After\":\"7\"}"`
	Body      *string           `json:"body,omitempty" doc:"answer with this text"`
	Drop      string            `json:"drop,omitempty" doc:"break the connection" enum:"beforeWork,afterWork,halfAnswer"`
	Records   []int             `json:"records,omitempty" doc:"of the REST API: code is the reason of these records alone, from 0 on"`
}

// dropNames are the names in the JSON form.
var dropNames = map[server.Drop]string{
	server.DropBeforeWork: "beforeWork", server.DropAfterWork: "afterWork", server.DropHalfAnswer: "halfAnswer",
}

func newRuleJSON(r server.Rule) ruleJSON {
	out := ruleJSON{Operation: r.Operation, Skip: r.Skip, Times: r.Times, Code: int(r.Code), Text: r.Text, Status: r.Status, Drop: dropNames[r.Drop], Records: r.Records}
	if r.Delay != 0 {
		out.Delay = r.Delay.String()
	}
	for name := range r.Header {
		if out.Header == nil {
			out.Header = make(map[string]string)
		}
		out.Header[name] = r.Header.Get(name)
	}
	if r.Body != nil {
		body := string(r.Body)
		out.Body = &body
	}
	return out
}

// newListedJSON returns a rule with what its list knows of it.
func newListedJSON(r endpoint.Listed) ruleJSON {
	out := newRuleJSON(r.Rule)
	out.ID, out.Seen, out.Hits = r.ID, r.Seen, r.Hits
	return out
}

// given returns an error if a rule has what only the mock gives.
func (in *ruleJSON) given() error {
	for _, f := range []struct {
		name  string
		isSet bool
	}{{"id", in.ID != 0}, {"seen", in.Seen != 0}, {"hits", in.Hits != 0}} {
		if f.isSet {
			return &fieldError{f.name, "the mock gives it: leave it out"}
		}
	}
	return nil
}

// rule checks a rule. Its errors name the field.
func (in *ruleJSON) rule() (server.Rule, error) {
	if err := in.given(); err != nil {
		return server.Rule{}, err
	}
	r := server.Rule{Operation: in.Operation, Skip: in.Skip, Times: in.Times, Code: fault.Code(in.Code), Text: in.Text, Status: in.Status, Records: in.Records}
	if in.Operation != "" && !endpoint.IsOperation(in.Operation) {
		return r, &fieldError{"operation", fmt.Sprintf("there is no operation %q", in.Operation)}
	}
	var err error
	if r.Delay, err = readDuration("delay", in.Delay); err != nil {
		return r, err
	}
	if r.Drop, err = readDrop(in.Drop); err != nil {
		return r, err
	}
	for _, name := range slices.Sorted(maps.Keys(in.Header)) {
		if r.Header == nil {
			r.Header = make(http.Header)
		}
		if strings.ContainsAny(name+in.Header[name], "\r\n") || name == "" {
			return r, &fieldError{"header." + name, "a header needs a name, and has no line breaks"}
		}
		r.Header.Set(name, in.Header[name])
	}
	if in.Body != nil {
		r.Body = []byte(*in.Body)
	}
	path := ""
	switch { // which of them it is Validate does not tell
	case in.Skip < 0:
		path = "skip"
	case in.Times < 0:
		path = "times"
	}
	return r, ruleProblem(path, r.Validate())
}

// ruleProblem says what is wrong with a rule in the words of the JSON form. A problem of one field is at its path.
func ruleProblem(path string, err error) error {
	joined, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // the parts are asked for, not a cause
	if !ok {
		return err
	}
	var problems []string
	for _, part := range joined.Unwrap() {
		var wrong *server.RuleError
		if !errors.As(part, &wrong) {
			return err
		}
		problems = append(problems, wrong.Named(strings.ToLower))
		if path == "" && len(wrong.Fields) == 1 {
			path = strings.ToLower(wrong.Fields[0])
		}
	}
	return &fieldError{path, strings.Join(problems, "; ")}
}

// readDuration reads a text such as 1.5s; an empty one is 0.
func readDuration(field, text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, &fieldError{field, fmt.Sprintf("%q is not a duration such as 1.5s or 24h", text)}
	case d < 0 && field != "advance":
		return 0, &fieldError{field, "it cannot be negative"}
	}
	return d, nil
}

func readDrop(text string) (server.Drop, error) {
	if text == "" {
		return server.NoDrop, nil
	}
	for drop, name := range dropNames {
		if name == text {
			return drop, nil
		}
	}
	return server.NoDrop, &fieldError{"drop", fmt.Sprintf("%q is not beforeWork, afterWork or halfAnswer", text)}
}

// fieldError says what is wrong with a field of a JSON document.
type fieldError struct{ path, problem string }

func (e *fieldError) Error() string { return e.path + ": " + e.problem }

// under puts a fieldError in its place.
func under(err error, path string) error {
	var inner *fieldError
	switch {
	case err == nil || !errors.As(err, &inner):
		return err
	case inner.path != "":
		path += "." + inner.path
	}
	return &fieldError{path, inner.problem}
}
