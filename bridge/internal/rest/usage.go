package rest

import (
	"context"
	"time"
)

var usagePath = readPath{"/rest/v1/stats/usage.json", 30 * time.Second}

// Usage is how many calls a day has seen, from all who use the instance.
type Usage struct {
	Date  string `json:"date"`
	Total int    `json:"total"`
}

// UsageToday returns the calls of today (Marketo REST API, usage).
func (c *Client) UsageToday(ctx context.Context) (*Answer[Usage], error) {
	return read[Usage](ctx, c, newRead(usagePath))
}
