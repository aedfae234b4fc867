package bridge

import (
	"context"
	"fmt"
	"time"

	"github.com/mktows/mktows-go/bridge/internal/rest"
	"github.com/mktows/mktows-go/fault"
)

// Call is one call of the REST API with all of its attempts, as interceptors see it. It names nobody and holds nothing secret:
// ids are left out of the path.
type Call struct {
	Server    string // host and port of the endpoint
	Operation string // of the port that it is made for, such as getLead, or of an extract, such as getExtractFile
	Method    string // of the call: a long read, which is sent as a POST, is a GET
	Path      string // with names in place of ids, such as /rest/v1/leads/{leadId}/merge.json

	Waited time.Duration // for turns within the limits, over all attempts; zero before

	// About the last attempt; zero before.
	Attempt    int            // how often the request was sent or tried so far
	HTTPStatus int            // of the answer; 0: there was none
	Code       fault.RESTCode // that the answer says; 0: none
}

// Handler carries a call out.
type Handler func(ctx context.Context, call *Call) error

// Interceptor wraps the handler of all calls that a bridge makes of the REST API, of which one call of an operation needs several.
// It acts once for each, around all of its attempts and waits, and has to call next once, with a context of its own if it likes: what
// next returns is what the call ends with, whatever the interceptor returns. The Handlers it makes must be safe for concurrent
// use. Identity is not called through it.
type Interceptor func(next Handler) Handler

// WithInterceptors adds interceptors, such as that of package leadsync/telemetry. The first one given acts first.
func WithInterceptors(interceptors ...Interceptor) Option {
	return func(c *config) error {
		for i, interceptor := range interceptors {
			if interceptor == nil {
				return fmt.Errorf("bridge: WithInterceptors: interceptor %d is nil", i+1)
			}
		}
		c.interceptors = append(c.interceptors, interceptors...)
		return nil
	}
}

// intercepted returns what wraps the calls of the client, nil without interceptors.
func intercepted(list []Interceptor) rest.Around {
	if len(list) == 0 {
		return nil
	}
	return func(ctx context.Context, seen *rest.Seen, next func(context.Context) error) error {
		handler := func(ctx context.Context, call *Call) error {
			err := next(ctx)
			call.Waited, call.Attempt, call.HTTPStatus, call.Code = seen.Waited, seen.Attempts, seen.HTTPStatus, seen.Code
			return err
		}
		for i := len(list) - 1; i >= 0; i-- {
			handler = list[i](handler)
		}
		operation, _ := ctx.Value(operationKey{}).(string)
		return handler(ctx, &Call{Server: seen.Server, Operation: operation, Method: seen.Method, Path: seen.Path})
	}
}

// operationKey finds the operation that a call is made for in its context.
type operationKey struct{}

// Value implements context.Context: the calls of an operation are known as such.
func (w *work) Value(key any) any {
	if key == (operationKey{}) {
		return w.operation
	}
	return w.Context.Value(key)
}
