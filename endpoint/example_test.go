package endpoint_test

import (
	"fmt"

	"github.com/mktows/mktows-go/endpoint"
	"github.com/mktows/mktows-go/fault"
)

// A rule that makes no sense says why.
func ExampleRule_Validate() {
	rule := endpoint.Rule{Operation: "syncLeads", Code: fault.CodeRateLimitExceeded, Times: 2}
	fmt.Println(rule.Validate())
	// Output:
	// endpoint: rule: there is no operation "syncLeads"
}
