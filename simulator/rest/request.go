package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mktows/mktows-go/internal/soapxml"
)

// Bounds of requests, in bytes (Marketo REST API, REST API overview; the one for assets of
// Marketo's blog on the REST API).
const (
	maxURI      = 8 << 10
	maxAssetURI = 65 << 10
	maxJSON     = 1 << 20
	maxImport   = 10 << 20
	maxForm     = 1 << 20
	maxIdentity = 8 << 10
)

const (
	maxDepth  = 32   // of a JSON document; no request of the service needs ten
	maxParams = 4000 // of a query and a form: thirteen times the longest list
)

// content is what an operation reads of a body.
type content int

const (
	takesNothing content = iota
	takesJSON            // a JSON document, which may be missing
	takesForm
	takesFile // a form with a file
)

func (c *call) checkURI() *problem {
	bound := maxURI
	if strings.HasPrefix(c.http.URL.Path, "/rest/asset/") {
		bound = maxAssetURI
	}
	if len(c.http.RequestURI) >= bound {
		return tooLong(http.StatusRequestURITooLong)
	}
	return nil
}

// checkLength refuses a POST that does not say that it has no body, as the service has been seen to
// do. A request that did not come over a network says nothing about its length.
func (c *call) checkLength() *problem {
	r := c.http
	served := r.Context().Value(http.ServerContextKey) != nil && r.ProtoMajor == 1
	if !served || r.Method != http.MethodPost || r.ContentLength != 0 || r.Header.Get("Content-Length") != "" {
		return nil
	}
	return &problem{status: http.StatusBadRequest, message: "A POST without a body needs the header Content-Length: 0"}
}

// formType is the media type of forms.
const formType = "application/x-www-form-urlencoded"

// read reads query and body as the operation takes them.
func (c *call) read() *problem {
	query, err := url.ParseQuery(c.http.URL.RawQuery)
	if err != nil {
		return refuse(codeInvalid, "The query cannot be read: %.200v", err)
	}
	c.params = query
	kind, _, _ := mime.ParseMediaType(c.http.Header.Get("Content-Type"))
	if refused := c.readBody(kind); refused != nil {
		return refused
	}
	count := 0
	for name, values := range c.params {
		count += len(values)
		if !utf8.ValidString(name + strings.Join(values, "")) {
			return refuse(codeInvalid, "A parameter is not UTF-8")
		}
		for i := range values {
			values[i] = soapxml.Strip(values[i])
		}
	}
	if count > maxParams {
		return refuse(codeInvalid, "%d parameters are more than %d", count, maxParams)
	}
	return nil
}

// readBody reads the body and checks that it is of the kind that the operation takes.
func (c *call) readBody(kind string) *problem {
	if refused := c.fetch(kind); refused != nil || len(c.body) == 0 {
		return refused
	}
	isForm := kind == formType
	switch {
	case isForm && (c.op.takes == takesForm || c.op.form && c.http.Method != http.MethodGet):
		return c.readForm()
	case isForm && c.op.takes == takesJSON && len(c.byForm) > 0:
		return c.readByForm()
	case c.op.takes == takesNothing && isForm && c.http.Method == http.MethodPost:
		return c.refuseForm()
	case c.op.takes == takesJSON && kind != "application/json", c.op.takes == takesForm && !isForm, c.op.takes == takesFile && kind != "multipart/form-data":
		return refusal(codeContentType)
	case c.op.takes == takesJSON:
		return checkJSON(c.body)
	}
	return nil
}

// fetch reads the body, up to the size that the operation allows.
func (c *call) fetch(kind string) *problem {
	bound := int64(maxJSON)
	switch {
	case c.http.URL.Path == identityPath:
		bound = maxIdentity
	case c.op.takes == takesFile:
		bound = maxImport
	case kind == formType:
		bound = maxForm
	}
	if c.http.ContentLength > bound { // without waiting for it
		return tooLong(http.StatusRequestEntityTooLarge)
	}
	var err error
	c.body, err = io.ReadAll(http.MaxBytesReader(c.writer, c.http.Body, bound))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return tooLong(http.StatusRequestEntityTooLarge)
	case err != nil:
		c.exchange.Err = err
		return refuse(codeJSON, "The body cannot be read to its end")
	}
	return nil
}

// readForm adds the parameters of a form to those of the query. One that stands in both keeps
// the values of the query.
func (c *call) readForm() *problem {
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return refuse(codeInvalid, "The form cannot be read: %.200v", err)
	}
	for name, values := range form {
		if !c.params.Has(name) {
			c.params[name] = values
		}
	}
	return nil
}

// refuseForm refuses a form whose parameters would be lost: those of the call stand in the URL.
// Some clients send no more than the method.
func (c *call) refuseForm() *problem {
	form, err := url.ParseQuery(string(c.body))
	if delete(form, "_method"); err != nil || len(form) > 0 {
		return refuse(codeInvalid, "Parameters of this call stand in the URL")
	}
	return nil
}

// readByForm takes a form on the path of a write for the read, or the deletion, that it says it
// is. It refuses another without a look at the write, which wants JSON.
func (c *call) readByForm() *problem {
	if refused := c.readForm(); refused != nil {
		return refused
	}
	for _, op := range c.byForm {
		if op.method == strings.ToUpper(c.text("_method")) {
			c.op, c.exchange.Operation = op, op.name()
			return nil
		}
	}
	return refusal(codeContentType)
}

// checkJSON refuses a document that is none, is not in UTF-8, goes on after its end, or is
// nested too deep.
func checkJSON(body []byte) *problem {
	depth, inString := 0, false
	for i := 0; i < len(body); i++ {
		switch b := body[i]; {
		case inString && b == '\\':
			i++
		case b == '"':
			inString = !inString
		case inString:
		case b == '{' || b == '[':
			if depth++; depth > maxDepth {
				return refuse(codeJSON, "Invalid JSON: nested deeper than %d", maxDepth)
			}
		case b == '}' || b == ']':
			depth--
		}
	}
	if !utf8.Valid(body) || !json.Valid(body) {
		return refusal(codeJSON)
	}
	return nil
}

// json reads the body into a value that names all members that there may be. A body that is
// missing leaves it as it is.
func (c *call) json(into any) *problem {
	if len(bytes.TrimSpace(c.body)) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(inXML(withoutMethod(c.body))))
	d.DisallowUnknownFields()
	d.UseNumber()
	err := d.Decode(into)
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &kind) && kind.Field == "":
		return refuse(codeType, "The body is not an object: found %s", kind.Value)
	case errors.As(err, &kind):
		return refuse(codeType, "Invalid value for '%.100s': found %s", kind.Field, kind.Value)
	case err != nil:
		return refuse(codeInvalid, "The body does not fit the call: %.200v", err)
	}
	return nil
}

// withoutMethod returns a document without the member "_method":"POST", which some clients put
// into every write: it says what the call is already.
func withoutMethod(body []byte) []byte {
	var members map[string]json.RawMessage
	if !bytes.Contains(body, []byte(`"_method"`)) || json.Unmarshal(body, &members) != nil || string(members["_method"]) != `"POST"` {
		return body
	}
	delete(members, "_method")
	without, err := json.Marshal(members)
	if err != nil { // it was read as JSON
		return body
	}
	return without
}

// notInXML are the characters that no XML document can hold, as JSON has them: escaped, but for two.
// Two backslashes are no part of an escape.
var notInXML = regexp.MustCompile(`\\\\|\\u(?i:00(?:0[0-8bcef]|1[0-9a-f])|fff[ef])|\\[bf]|\x{FFFE}|\x{FFFF}`)

// inXML returns a document without the characters that the SOAP API could not give back: a lead with
// one could not be read there any more. What the service does with them is not documented.
func inXML(doc []byte) []byte {
	return notInXML.ReplaceAllFunc(doc, func(found []byte) []byte {
		if string(found) == `\\` {
			return found
		}
		return nil
	})
}

// wrong notes the first parameter that is wrong. The call is refused with it.
func (c *call) wrong(p *problem) {
	if c.bad == nil {
		c.bad = p
	}
}

// text returns a parameter, "" if it is missing.
func (c *call) text(name string) string { return c.params.Get(name) }

// must returns a parameter that is needed.
func (c *call) must(name string) string {
	value := c.params.Get(name)
	if value == "" {
		c.wrong(missing(name))
	}
	return value
}

// list returns the values of a parameter, which may be repeated and may have commas. More than
// the limit are wrong.
func (c *call) list(name string, limit int) []string {
	var all []string
	for _, values := range c.params[name] {
		for value := range strings.SplitSeq(values, ",") {
			if value = strings.TrimSpace(value); value != "" {
				all = append(all, value)
			}
		}
	}
	if err := checkCount(name, all, limit); err != nil {
		c.wrong(err)
	}
	return all
}

// checkCount refuses more values than the limit.
func checkCount(name string, values []string, limit int) *problem {
	if len(values) > limit {
		return refuse(codeInvalid, "%s has %d values: at most %d are allowed", name, len(values), limit)
	}
	return nil
}

// ids returns the values of a parameter that are numbers.
func (c *call) ids(name string, limit int) []int64 {
	var all []int64
	for _, text := range c.list(name, limit) {
		all = append(all, c.number64(text))
	}
	return all
}

func (c *call) number64(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		c.wrong(wrongType(text, "Integer"))
	}
	return n
}

// id returns a number in the path.
func (c *call) id(name string) int64 { return c.number64(c.path[name]) }

// count returns a parameter that is a number between bounds, or else the default.
func (c *call) count(name string, least, most, missing int) int {
	text := c.text(name)
	if text == "" {
		return missing
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil:
		c.wrong(wrongType(text, "Integer"))
	case n < least || n > most:
		c.wrong(refuse(codeInvalid, "%s %d is outside %d to %d", name, n, least, most))
	}
	return n
}

// maxBatch is the greatest page of the lead database (Marketo REST API, lead database).
const maxBatch = 300

// batch returns how many records a page of the lead database has at most.
func (c *call) batch() int {
	return c.PageSize(int32(c.count("batchSize", 1, maxBatch, maxBatch)), maxBatch) //nolint:gosec // bounded, or refused
}

// flag returns a parameter that is true or false; given is whether there is one.
func (c *call) flag(name string) (value, given bool) {
	text := c.text(name)
	if text == "" {
		return false, false
	}
	value, err := strconv.ParseBool(strings.ToLower(text))
	if err != nil {
		c.wrong(wrongType(text, "Boolean"))
	}
	return value, true
}

// moment reads a time that a request gives: whole seconds and a zone (Marketo REST API,
// activities and bulk extract). An empty one is the zero time.
func (c *call) moment(name, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	if !strings.Contains(text, ".") {
		for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
			if t, err := time.Parse(layout, text); err == nil {
				return t
			}
		}
	}
	c.wrong(refuse(codeDate, "%s '%.100s' is not a date such as 2026-01-02T03:04:05Z", name, text))
	return time.Time{}
}
