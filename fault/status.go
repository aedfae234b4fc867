package fault

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// snippetSize bounds what a StatusError keeps of a body, in bytes.
const snippetSize = 256

// StatusError is an HTTP answer that is not a SOAP envelope, or not what the REST API answers: a page of a proxy, an
// empty body, the wrong address. It matches ErrRateLimited with status 429 and
// ErrServer with status 500 and above.
type StatusError struct {
	Code        int           // HTTP status
	ContentType string        // as sent; may be empty
	RetryAfter  time.Duration // from the header of that name; 0: none
	Snippet     []byte        // beginning of the body, at most 256 bytes
	Expected    string        // what should have come; empty: a SOAP envelope
}

// NewStatusError returns the error for an answer whose body begins with body. It keeps
// the first 256 bytes of it, on one line, without control characters and secrets:
// an address that echoes the request would show the signature. Of binary data it
// keeps nothing.
func NewStatusError(code int, contentType string, retryAfter time.Duration, body []byte) *StatusError {
	return &StatusError{
		Code:        code,
		ContentType: contentType,
		RetryAfter:  retryAfter,
		Snippet:     []byte(excerpt(body, 0, snippetSize)),
	}
}

// Error names the status, the content type, what was expected, what to do and how the
// body begins.
func (e *StatusError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "HTTP %d with %s instead of %s", e.Code, e.content(), cmp.Or(e.Expected, "a SOAP envelope (text/xml)"))
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, ", asking to wait %s", e.RetryAfter)
	}
	b.WriteString("; " + e.advice())
	if snippet := excerpt(e.Snippet, 0, snippetSize); snippet != "" {
		fmt.Fprintf(&b, "; the answer begins: %s", snippet)
	}
	return b.String()
}

// Is reports whether target is the class of the status.
func (e *StatusError) Is(target error) bool {
	switch {
	case e.Code == 429:
		return target == ErrRateLimited
	case e.Code >= 500:
		return target == ErrServer
	}
	return false
}

func (e *StatusError) content() string {
	kind := oneLine(e.ContentType, snippetSize)
	if kind == "" {
		kind = "no content type"
	}
	if len(e.Snippet) == 0 {
		return kind + " and no readable text"
	}
	return kind
}

func (e *StatusError) advice() string {
	switch {
	case e.Code == 429:
		return "wait before calling again"
	case e.Code >= 500:
		return "the service or a proxy before it is in trouble, try again later"
	case e.Code >= 300 && e.Code < 400:
		return "redirects are not followed, set the endpoint to the final address"
	case e.Code == 401 || e.Code == 403 || e.Code == 407:
		return "something before the service refused the request, check proxy and firewall"
	}
	return "check the endpoint's host and path"
}
