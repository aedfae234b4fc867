package endpoint_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/endpoint"
)

// TestRuleError_named: who has other names for the fields of a rule can tell what is wrong with them.
func TestRuleError_named(t *testing.T) {
	t.Parallel()
	for text, tt := range map[string]struct {
		rule endpoint.Rule
		want string
	}{
		"endpoint: rule: Skip, Times and Delay cannot be negative":    {endpoint.Rule{Code: 20011, Times: -1}, "skip, times and delay cannot be negative"},
		"endpoint: rule: Text is that of a fault, which needs a Code": {endpoint.Rule{Status: 500, Text: "{Code}"}, "text is that of a fault, which needs a code"},
		"endpoint: rule: there is no operation \"{Code}\"":            {endpoint.Rule{Operation: "{Code}", Code: 20023}, "there is no operation \"{Code}\""},
	} {
		err := tt.rule.Validate()
		var wrong *endpoint.RuleError
		if !errors.As(err, &wrong) || err.Error() != text || wrong.Named(strings.ToLower) != tt.want {
			t.Errorf("%v, want %s: %s", err, text, tt.want)
		}
	}
}
