package client

import (
	"context"
	"net/http"

	"github.com/mktows/mktows-go/internal/httpcall"
)

// ask makes the exchange of an attempt, and gives its place back when the service is done with
// the request: see [httpcall.Exchanger.Ask].
func (c *Client) ask(limited context.Context, call *Call, b *httpcall.Body, release func(sent bool)) (httpcall.Response, bool) {
	if c.limiter == nil {
		release = nil
	}
	e := httpcall.Exchanger{HTTP: c.http, MaxBody: c.maxBody, Now: c.now}
	return e.Ask(limited, func(ctx context.Context) *http.Request { return c.request(ctx, call, b) }, b, release)
}
