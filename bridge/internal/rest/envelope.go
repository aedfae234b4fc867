package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// Answer is what the service answers to a call whose records are of a type.
type Answer[T any] struct {
	Records   []T
	Next      string   // token of the next page; empty: there is none
	More      bool     // another page follows; activities have a token on the last page too
	Warnings  []string // in words
	RequestID string
}

// envelope is what every answer but those of Identity and of files comes in. What there is nothing
// to say of is left out, whatever the description of the API says (Marketo REST API, responses, as
// recorded).
type envelope[T any] struct {
	RequestID string    `json:"requestId"`
	Success   *bool     `json:"success"`
	Errors    []said    `json:"errors"`
	Warnings  []warning `json:"warnings"`
	Result    []T       `json:"result"`
	Next      string    `json:"nextPageToken"`
	More      *bool     `json:"moreResult"`
}

// said is a code with a text, as the service says it of a call or of a record. The code is a text in
// errors, and a number in warnings.
type said struct {
	Code    code   `json:"code"`
	Message string `json:"message"`
}

// error returns what was said as an error.
func (s said) error(requestID string, status int, record bool) *fault.RESTError {
	return &fault.RESTError{Code: fault.ReadRESTCode(string(s.Code)), Message: s.text(), RequestID: requestID, HTTPStatus: status, Record: record}
}

// text is the message, with a code that is no number before it.
func (s said) text() string {
	if s.Code != "" && fault.ReadRESTCode(string(s.Code)) == 0 {
		return string(s.Code) + ": " + s.Message
	}
	return s.Message
}

// code is a text or a number.
type code string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (c *code) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	v, err := readValue(d)
	*c = code(v.Text)
	return err
}

// warning is a text, or a code with a text: answers about assets have the one, all others the other.
type warning string

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (w *warning) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() != '{' {
		v, err := readValue(d)
		*w = warning(v.Text)
		return err
	}
	var s said
	err := json.UnmarshalDecode(d, &s)
	*w = warning(strings.Trim(string(s.Code)+" "+s.Message, " "))
	return err
}

// lenient is how answers are read: a name that comes twice counts the last time, and a byte that is
// no UTF-8 becomes the character for that. A page is not lost for one value.
var lenient = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// answerOf reads an envelope. An error says what the service said, or what came in place of an envelope.
func answerOf[T any](resp *http.Response, doc string, now time.Time) (*Answer[T], error) {
	if !isJSON(doc) {
		return nil, unexpected(resp, doc, now)
	}
	var e envelope[T]
	if err := json.UnmarshalRead(strings.NewReader(doc), &e, lenient, new(records).options()); err != nil {
		return nil, decodeError(resp, doc, err)
	}
	status := resp.StatusCode
	switch {
	case e.Success != nil && *e.Success && len(e.Errors) == 0 && status < 300 && e.more() && e.Next == "":
		return nil, fault.NewContentError(errors.New("the answer says that more follows, and not from where: it has no nextPageToken"))
	case e.Success != nil && *e.Success && len(e.Errors) == 0 && status < 300:
		return &Answer[T]{Records: e.Result, Next: e.Next, More: e.more(), Warnings: texts(e.Warnings), RequestID: e.RequestID}, nil
	case len(e.Errors) > 0:
		return nil, fault.FromREST(e.Errors[0].error(e.RequestID, status, false), 0, fault.Known{Now: now})
	case e.Success != nil && !*e.Success:
		return nil, fault.FromREST(said{Message: "the service says that the call failed, and not why"}.error(e.RequestID, status, false), 0, fault.Known{Now: now})
	case status >= 300:
		return nil, unexpected(resp, doc, now)
	}
	return nil, fault.NewContentError(errors.New("the answer is JSON without the member success, so it is none of the REST API"))
}

// more reports whether another page follows. Lists say so by their token alone.
func (e *envelope[T]) more() bool {
	if e.More != nil {
		return *e.More
	}
	return e.Next != ""
}

func texts(list []warning) []string {
	var all []string
	for _, w := range list {
		all = append(all, string(w))
	}
	return all
}

// isJSON reports whether a document is meant to be a JSON object.
func isJSON(doc string) bool {
	return strings.HasPrefix(strings.TrimLeft(doc, " \t\r\n\ufeff"), "{")
}

// saying are the HTTP statuses by which the service says something (Marketo REST API, error codes,
// and as recorded).
var saying = map[int]string{
	http.StatusRequestEntityTooLarge: "the request is too large",
	http.StatusRequestURITooLong:     "the address of the request is too long",
	http.StatusInternalServerError:   "the service failed",
	http.StatusBadGateway:            "the service failed behind its gateway",
}

// unexpected returns the error of an answer that is no envelope.
func unexpected(resp *http.Response, doc string, now time.Time) error {
	return unexpectedAs(resp, doc, now, saying[resp.StatusCode])
}

// unexpectedAs is unexpected where the HTTP status says what a text tells; empty: nothing.
func unexpectedAs(resp *http.Response, doc string, now time.Time, text string) error {
	status := fault.NewStatusError(resp.StatusCode, resp.Header.Get("Content-Type"), httpcall.RetryAfter(resp, now), []byte(doc[:min(len(doc), 2048)]))
	status.Expected = "JSON of the REST API"
	if text == "" {
		return status
	}
	return fault.FromREST(&fault.RESTError{
		Code: fault.RESTCode(resp.StatusCode), HTTPStatus: resp.StatusCode, Message: text + ": " + status.Error(), Err: status,
	}, 0, fault.Known{Now: now})
}

// decodeError keeps what stands around the place where reading failed.
func decodeError(resp *http.Response, doc string, err error) error {
	const around = 2048
	at := int64(-1)
	var syntax *jsontext.SyntacticError
	var semantic *json.SemanticError
	switch {
	case errors.As(err, &syntax):
		at = syntax.ByteOffset
	case errors.As(err, &semantic):
		at = semantic.ByteOffset
	}
	from := max(0, min(int(at), len(doc))-around)
	to := min(len(doc), from+2*around)
	e := fault.NewDecodeError([]byte(doc[from:to]), at-int64(from), fmt.Errorf("%w (HTTP %d)", err, resp.StatusCode))
	e.Offset, e.Document = at, "JSON of the answer"
	return e
}
