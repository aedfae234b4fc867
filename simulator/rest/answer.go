package rest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/mktows/mktows-go/internal/httpsend"
)

// envelope is what every answer but those of Identity and of files consists of (Marketo REST
// API, responses). What there is nothing to say of is left out.
type envelope struct {
	RequestID     string  `json:"requestId"`
	Success       bool    `json:"success"`
	Errors        []shown `json:"errors,omitzero"`
	Warnings      []any   `json:"warnings,omitzero"`
	Result        any     `json:"result,omitempty"` // a list; nil: none
	NextPageToken string  `json:"nextPageToken,omitempty"`
	MoreResult    *bool   `json:"moreResult,omitempty"`
}

// ok is the answer with a result: a list, which is not nil.
func ok(result any) (*envelope, error) { return &envelope{Result: result}, nil }

// one is the answer whose result is one record.
func one(record any) (*envelope, error) { return ok([]any{record}) }

// noAssets is what asset calls answer where nothing is found (Marketo REST API, assets: as
// recorded, without a result).
func noAssets() (*envelope, error) {
	return &envelope{Errors: []shown{}, Warnings: []any{"No assets found for the given search criteria."}}, nil
}

// assets is the answer of an asset call with records.
func assets[T any](list []T) (*envelope, error) {
	if len(list) == 0 {
		return noAssets()
	}
	return &envelope{Errors: []shown{}, Warnings: []any{}, Result: list}, nil
}

// reply is what goes back to a caller.
type reply struct {
	httpsend.Answer

	code  int                                          // the first error's, 0: none
	serve func(w http.ResponseWriter, r *http.Request) // sends a file; nil: Answer is sent
	text  string                                       // of the first error
}

const jsonType = "application/json;charset=UTF-8"

// jsonReply returns a reply that is a JSON document.
func jsonReply(status int, v any) *reply {
	body, err := json.Marshal(v)
	if err != nil { // what answers hold can be encoded
		body = fmt.Appendf(nil, `{"success":false,"errors":[{"code":"%d","message":"%s"}]}`, codeSystem, messages[codeSystem])
	}
	return &reply{Answer: httpsend.Answer{Status: status, Header: http.Header{"Content-Type": {jsonType}}, Body: body}}
}

// textReply returns a reply that is plain text.
func textReply(status int, text string) *reply {
	header := http.Header{"Content-Type": {"text/plain;charset=UTF-8"}}
	return &reply{Answer: httpsend.Answer{Status: status, Header: header, Body: []byte(text + "\n"), Raw: true}}
}

// succeed returns the reply of an envelope.
func (c *call) succeed(e *envelope) *reply {
	e.RequestID, e.Success = c.requestID(), true
	return jsonReply(http.StatusOK, e)
}

// fail returns the reply of a problem: an envelope in HTTP 200, or an HTTP status alone.
func (c *call) fail(p *problem) *reply {
	if p.code == 0 {
		answer := textReply(p.status, p.message)
		answer.text = p.message
		return answer
	}
	answer := jsonReply(http.StatusOK, envelope{RequestID: c.requestID(), Errors: []shown{p.shown()}})
	answer.code, answer.text = p.code, p.message
	return answer
}

// requestID returns the id of a call: no two calls of a handler have the same.
func (c *call) requestID() string {
	const spread = 0x9E37                                                             // odd, so that numbers that follow each other look random and do not repeat soon
	return fmt.Sprintf("%x#%x", uint16(c.number*spread), c.exchange.Time.UnixMilli()) //nolint:gosec // cut on purpose
}

// The forms of times in answers (Marketo REST API: all three are seen).
const (
	withZ      = "2006-01-02T15:04:05Z"
	withOffset = "2006-01-02T15:04:05+0000"
	withBoth   = "2006-01-02T15:04:05Z+0000" // of assets
)

// stamp returns a time as answers show it, "" for none.
func stamp(t time.Time, form string) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(form)
}
