package inspector

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// maxForm bounds a form, in bytes.
const maxForm = 1 << 20

// rule is one of the list.
type rule struct {
	ID        int64             `json:"id,omitempty"`
	Seen      int               `json:"seen,omitempty"`
	Hits      int               `json:"hits,omitempty"`
	Operation string            `json:"operation,omitempty"`
	Skip      int               `json:"skip,omitempty"`
	Times     int               `json:"times,omitempty"`
	Delay     string            `json:"delay,omitempty"`
	Code      int               `json:"code,omitempty"`
	Text      string            `json:"text,omitempty"`
	Status    int               `json:"status,omitempty"`
	Header    map[string]string `json:"header,omitempty"`
	Body      *string           `json:"body,omitempty"`
	Drop      string            `json:"drop,omitempty"`
	Records   []int             `json:"records,omitempty"`
}

// Does says what a rule does.
func (r *rule) Does() string {
	var parts []string
	if r.Delay != "" {
		parts = append(parts, "waits "+r.Delay)
	}
	switch {
	case len(r.Records) > 0:
		parts = append(parts, fmt.Sprintf("skips the records %s with %d", numbers(r.Records), r.Code))
	case r.Code != 0 && r.Status != 0:
		parts = append(parts, fmt.Sprintf("answers with %d in HTTP %d", r.Code, r.Status))
	case r.Code != 0:
		parts = append(parts, fmt.Sprintf("answers with %d", r.Code))
	case r.Body != nil && r.Status != 0:
		parts = append(parts, fmt.Sprintf("answers with a text of %s in HTTP %d", bytesText(int64(len(*r.Body))), r.Status))
	case r.Body != nil:
		parts = append(parts, "answers with a text of "+bytesText(int64(len(*r.Body))))
	case r.Status != 0:
		parts = append(parts, fmt.Sprintf("answers with HTTP %d", r.Status))
	}
	if r.Drop != "" {
		parts = append(parts, "drops the connection "+dropTexts[r.Drop])
	}
	return strings.Join(parts, ", ")
}

// When says how often it acts.
func (r *rule) When() string {
	text := "always"
	if r.Times > 0 {
		text = count(r.Times, "time more", "times more")
	}
	if r.Skip > 0 {
		text += ", after " + count(r.Skip, "call", "calls")
	}
	return text
}

func numbers(list []int) string {
	var parts []string
	for _, n := range list {
		parts = append(parts, strconv.Itoa(n))
	}
	return strings.Join(parts, ", ")
}

// field is one of a form.
type field struct {
	Name, Label, Hint string
	Kind              string // text, number, lines, choice or check
	Value             string
	Options           []option
	List              string // id of what is proposed
	Error             string
}

type option struct{ Value, Label string }

// ruleFields are the fields of a rule, by the names that the administration has for them.
func ruleFields() []field {
	return []field{
		{Name: "operation", Label: "Operation", Hint: "such as syncLead or POST /rest/v1/leads.json; empty: any", Kind: "text", List: "operations"},
		{Name: "code", Label: "Fault or code", Hint: "20023 of the SOAP API, 606 of the REST API", Kind: "number"},
		{Name: "text", Label: "Its text", Hint: "empty: the text of the code", Kind: "text"},
		{Name: "times", Label: "How often", Hint: "empty: always", Kind: "number"},
		{Name: "skip", Label: "Calls to let pass first", Kind: "number"},
		{Name: "delay", Label: "Delay", Hint: "such as 1.5s", Kind: "text"},
		{Name: "drop", Label: "Break the connection", Kind: "choice", Options: []option{
			{"", "no"}, {"beforeWork", "before the work"}, {"afterWork", "after the work, without an answer"}, {"halfAnswer", "in the middle of the answer"},
		}},
		{Name: "status", Label: "HTTP status", Hint: "200 to 599", Kind: "number"},
		{Name: "records", Label: "Only these records", Hint: "of the REST API: places from 0 on, such as 0, 2", Kind: "text"},
		{Name: "header", Label: "Headers of the answer", Hint: "one a line, such as Retry-After: 7", Kind: "lines"},
		{Name: "body", Label: "Body of the answer", Kind: "lines"},
		{Name: "empty", Label: "The body is empty, and still the answer", Kind: "check"},
	}
}

// rulesPage lists rules, and has the form for another one.
type rulesPage struct {
	frame

	Rules      []rule
	Form       form
	Operations []string
}

// form is one for a rule.
type form struct {
	Action, Submit string
	Was            string // the rule that is changed, as it was when the form was made; empty: it is a new one
	Fields         []field
	Error          string // what is wrong, and with no field
	Advice         string
}

func (i *inspector) getRules(w http.ResponseWriter, r *http.Request) error {
	fields := ruleFields()
	fields[0].Value = r.URL.Query().Get("operation") // of the exchange that a rule is made from
	return i.showRules(w, r, http.StatusOK, form{Fields: fields})
}

func (i *inspector) showRules(w http.ResponseWriter, r *http.Request, status int, f form) error {
	p := rulesPage{frame: i.frame(r, "Rules", "rules"), Form: f, Operations: i.operations}
	p.Form.Action, p.Form.Submit = "/ui/rules", "Add the rule"
	if err := i.ask(r, http.MethodGet, "/rules", nil, &p.Rules); err != nil {
		return err
	}
	return show(w, status, "rules.html", p)
}

func (i *inspector) getRule(w http.ResponseWriter, r *http.Request) error {
	var it rule
	if err := i.ask(r, http.MethodGet, "/rules/"+url.PathEscape(r.PathValue("id")), nil, &it); err != nil {
		return err
	}
	return i.showRule(w, r, http.StatusOK, &it, form{Fields: it.fields()})
}

func (i *inspector) showRule(w http.ResponseWriter, r *http.Request, status int, it *rule, f form) error {
	p := rulesPage{frame: i.frame(r, fmt.Sprintf("Rule %d", it.ID), "rules"), Form: f, Operations: i.operations}
	p.Form.Action, p.Form.Submit, p.Form.Was = fmt.Sprintf("/ui/rules/%d", it.ID), "Change the rule", it.written()
	return show(w, status, "rule.html", p)
}

// written is what people have written of a rule, without what its calls have changed.
func (r *rule) written() string {
	kept := *r
	kept.ID, kept.Seen, kept.Hits, kept.Skip, kept.Times = 0, 0, 0, 0, 0
	text, _ := json.Marshal(&kept) // texts and numbers have a form
	return string(text)
}

// fields returns the fields with the values of a rule.
func (r *rule) fields() []field {
	var lines []string
	for name, value := range r.Header {
		lines = append(lines, name+": "+value)
	}
	slices.Sort(lines)
	values := map[string]string{
		"operation": r.Operation, "text": r.Text, "delay": r.Delay, "drop": r.Drop, "records": numbers(r.Records), "header": strings.Join(lines, "\n"),
	}
	for name, n := range map[string]int{"code": r.Code, "times": r.Times, "skip": r.Skip, "status": r.Status} {
		if n != 0 {
			values[name] = strconv.Itoa(n)
		}
	}
	if r.Body != nil {
		if values["body"] = *r.Body; *r.Body == "" {
			values["empty"] = "true"
		}
	}
	fields := ruleFields()
	for i := range fields {
		fields[i].Value = values[fields[i].Name]
	}
	return fields
}

// readRule reads a form. What is not the number that it should be goes to the administration as it is: that says what is wrong.
func readRule(w http.ResponseWriter, r *http.Request) (body []byte, fields []field, err error) {
	if err := parseForm(w, r); err != nil {
		return nil, nil, err
	}
	out := make(map[string]any)
	fields = ruleFields()
	for i := range fields {
		f := &fields[i]
		f.Value = strings.ReplaceAll(r.PostForm.Get(f.Name), "\r\n", "\n")
		text := strings.TrimSpace(f.Value)
		switch {
		case f.Name == "empty":
			if text != "" && out["body"] == nil {
				out["body"] = ""
			}
		case text == "":
		case f.Name == "header":
			out[f.Name] = readHeader(text)
		case f.Name == "records":
			out[f.Name] = readNumbers(text)
		case f.Name == "body":
			out[f.Name] = f.Value
		case f.Kind == "number":
			out[f.Name] = readNumber(text)
		default:
			out[f.Name] = text
		}
	}
	body, err = json.Marshal(out)
	return body, fields, err
}

func parseForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return &problem{Status: http.StatusBadRequest, Message: "the form cannot be read: " + err.Error(), Advice: "send less at a time"}
	}
	return nil
}

// readNumber is a number of JSON, or the text that is none.
func readNumber(text string) any {
	if n, err := strconv.Atoi(text); err == nil {
		return n
	}
	return text
}

func readNumbers(text string) (list []any) {
	for part := range strings.FieldsFuncSeq(text, func(c rune) bool { return c == ',' || c == ' ' }) {
		list = append(list, readNumber(part))
	}
	return list
}

func readHeader(text string) map[string]string {
	out := make(map[string]string)
	for line := range strings.SplitSeq(text, "\n") {
		if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(line) != "" {
			out[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return out
}

func (i *inspector) postRule(w http.ResponseWriter, r *http.Request) error {
	body, fields, err := readRule(w, r)
	if err == nil {
		err = i.ask(r, http.MethodPost, "/rules", body, nil)
	}
	if f, ok := refused(err, fields); ok {
		return i.showRules(w, r, http.StatusBadRequest, f)
	}
	if err != nil {
		return err
	}
	return &goTo{"/ui/rules?done=added"}
}

func (i *inspector) putRule(w http.ResponseWriter, r *http.Request) error {
	body, fields, err := readRule(w, r)
	if fields == nil {
		return err
	}
	var it rule
	path := "/rules/" + url.PathEscape(r.PathValue("id"))
	switch err := i.ask(r, http.MethodGet, path, nil, &it); {
	case isGone(err):
		return i.showRules(w, r, http.StatusNotFound, form{Fields: fields, Error: "The rule is gone meanwhile.", Advice: "Add it as another one, or leave it."})
	case err != nil:
		return err
	}
	if was := r.PostForm.Get("was"); was != "" && was != it.written() {
		return i.showRule(w, r, http.StatusConflict, &it, form{Fields: fields, Error: "The rule was changed meanwhile: it " + it.Does() + ".",
			Advice: "Send the form again to put this in its place."})
	}
	if err == nil {
		err = i.ask(r, http.MethodPut, path, body, nil)
	}
	if f, ok := refused(err, fields); ok {
		return i.showRule(w, r, http.StatusBadRequest, &it, f)
	}
	if err != nil {
		return err
	}
	return &goTo{"/ui/rules?done=changed"}
}

// refused returns the form of fields that the administration has refused, with the error where it belongs.
func refused(err error, fields []field) (form, bool) {
	wrong, ok := asProblem(err)
	if !ok || wrong.Status != http.StatusBadRequest || fields == nil {
		return form{}, false
	}
	name, _, _ := strings.Cut(wrong.Field, ".")
	name, _, _ = strings.Cut(name, "[")
	f := form{Fields: fields, Error: wrong.Message, Advice: "Mend the form and send it again."}
	for i := range fields {
		if fields[i].Name == name {
			fields[i].Error = wrong.Message
			return f, true
		}
	}
	return f, true
}

// deleteRule deletes a rule. One that another page has deleted, or that has acted for its last time, is no error: it is gone.
func (i *inspector) deleteRule(_ http.ResponseWriter, r *http.Request) error {
	err := i.ask(r, http.MethodDelete, "/rules/"+url.PathEscape(r.PathValue("id")), nil, nil)
	switch {
	case isGone(err):
		return &goTo{"/ui/rules?done=gone"}
	case err != nil:
		return err
	}
	return &goTo{"/ui/rules?done=deleted"}
}
