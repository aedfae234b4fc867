package limits_test

import (
	"errors"
	"testing"
	"time"

	"github.com/mktows/mktows-go/limits"
)

func TestLimits_Or(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ given, service, want limits.Limits }{
		{limits.Limits{}, limits.SOAP(), limits.Limits{Calls: 100, Per: 20 * time.Second, Concurrent: 10, Daily: 10_000}},
		{limits.Limits{}, limits.REST(), limits.Limits{Calls: 100, Per: 20 * time.Second, Concurrent: 10, Daily: 50_000}},
		{limits.Limits{}, limits.Advised(), limits.Limits{Calls: 50, Per: 20 * time.Second, Concurrent: 5, Daily: 50_000}},
		{
			limits.Limits{Calls: 5, Per: time.Second, Concurrent: limits.None, Reserve: 3}, limits.SOAP(),
			limits.Limits{Calls: 5, Per: time.Second, Concurrent: limits.None, Daily: 10_000, Reserve: 3},
		},
		{limits.Unlimited(), limits.SOAP(), limits.Limits{Calls: -1, Per: 20 * time.Second, Concurrent: -1, Daily: -1}},
	} {
		if got := c.given.Or(c.service); got != c.want {
			t.Errorf("%+v or %+v are %+v, want %+v", c.given, c.service, got, c.want)
		}
	}
}

func TestLimits_Validate(t *testing.T) {
	t.Parallel()
	for _, l := range []limits.Limits{{}, limits.SOAP(), limits.REST(), limits.Unlimited(), {Daily: 10, Reserve: 9}, {Daily: limits.None, Reserve: 9}, {Reserve: 9}} {
		if err := l.Validate(); err != nil {
			t.Errorf("%+v: %v", l, err)
		}
	}
	for want, l := range map[string]limits.Limits{
		"limits: Calls: -2 is less than -1, which stands for no limit":                                  {Calls: -2},
		"limits: Concurrent: -3 is less than -1, which stands for no limit":                             {Concurrent: -3},
		"limits: Daily: -2 is less than -1, which stands for no limit":                                  {Daily: -2},
		"limits: Per: -1s is negative":                                                                  {Per: -time.Second},
		"limits: Reserve: -1 is negative":                                                               {Reserve: -1},
		"limits: Reserve: 10 leaves none of the 10 calls of a day":                                      {Daily: 10, Reserve: 10},
		"limits: Calls: -2 is less than -1, which stands for no limit\nlimits: Reserve: -1 is negative": {Calls: -2, Reserve: -1},
	} {
		var field *limits.FieldError
		if err := l.Validate(); !errors.As(err, &field) || err.Error() != want {
			t.Errorf("%+v: %v, want %s", l, err, want)
		}
	}
}
