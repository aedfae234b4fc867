package rest

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// Seen is what is told of a call: nothing of what is asked and answered.
type Seen struct {
	Server, Method, Path string        // the path with the names in braces
	Waited               time.Duration // for turns within the limits, over all attempts

	// About the last attempt.
	Attempts   int // so far
	HTTPStatus int // 0: there was no answer
	Code       fault.RESTCode
}

// Around makes a call by next, which it has to call, and tells of it.
type Around func(ctx context.Context, seen *Seen, next func(context.Context) error) error

// take notes what came of an attempt.
func (s *Seen) take(resp *http.Response, f *failure) {
	if resp != nil {
		s.HTTPStatus = resp.StatusCode
	}
	var said *fault.RESTError
	if f != nil && errors.As(f.Err, &said) {
		s.Code = said.Code
	}
}

var errNotMade = errors.New("an interceptor did not make the call")

// make makes the call, with what is to be around it. However that ends, the call ends as it did.
func (c *Client) make(ctx context.Context, k *call) error {
	if c.around == nil {
		return c.attempts(ctx, k)
	}
	method, path, _ := strings.Cut(k.name, " ")
	k.seen = Seen{Server: c.base.Host, Method: method, Path: path}
	var once sync.Once // a write is not made twice, whoever asks for that at the same time
	var result error
	err := c.around(ctx, &k.seen, func(ctx context.Context) error {
		once.Do(func() {
			// Stands after a panic that is recovered from.
			result = &CallError{Call: k.name, Unknown: k.safety != fault.ReadOnly, Err: httpcall.ErrNoReply}
			result = c.attempts(ctx, k)
		})
		return result
	})
	// Waits for a call that still runs, and keeps one from being made later.
	once.Do(func() { result = &CallError{Call: k.name, Err: errors.Join(errNotMade, err)} })
	return result
}
