package rest

import (
	"maps"
	"slices"
	"time"

	"github.com/mktows/mktows-go/simulator/internal/servicetime"
	"github.com/mktows/mktows-go/simulator/record"
)

// usageOperations are the statistics of calls and of errors.
var usageOperations = []operation{
	{method: get, path: "/rest/v1/stats/usage.json", do: usageOf(1, usageOfDay)},
	{method: get, path: "/rest/v1/stats/usage/last7days.json", do: usageOf(statDays, usageOfDay)},
	{method: get, path: "/rest/v1/stats/errors.json", do: usageOf(1, errorsOfDay)},
	{method: get, path: "/rest/v1/stats/errors/last7days.json", do: usageOf(statDays, errorsOfDay)},
}

const statDays = 7

// usageOf is an operation that shows so many days, today first (Marketo REST API, usage).
func usageOf(days int, show func(record.UsageDay) map[string]any) func(*call) (*envelope, error) {
	return func(c *call) (*envelope, error) {
		list := []map[string]any{}
		for _, day := range c.Usage.Days(c.exchange.Time, days) {
			list = append(list, show(day))
		}
		return ok(list)
	}
}

// dayStart is when a day begins in US Central time.
func dayStart(date string) string {
	t, err := servicetime.Read(date)
	if err != nil { // the table has written it
		return date
	}
	return t.Format(time.RFC3339)
}

func usageOfDay(day record.UsageDay) map[string]any {
	users, total := []map[string]any{}, 0
	for _, name := range slices.Sorted(maps.Keys(day.Users)) {
		users = append(users, map[string]any{"userId": name, "count": day.Users[name]})
		total += day.Users[name]
	}
	return map[string]any{"date": dayStart(day.Date), "total": total, "users": users}
}

func errorsOfDay(day record.UsageDay) map[string]any {
	errors, total := []map[string]any{}, 0
	for _, code := range slices.Sorted(maps.Keys(day.Errors)) {
		errors = append(errors, map[string]any{"errorCode": code, "count": day.Errors[code]})
		total += day.Errors[code]
	}
	return map[string]any{"date": dayStart(day.Date), "total": total, "errors": errors}
}
