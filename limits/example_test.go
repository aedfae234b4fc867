package limits_test

import (
	"fmt"

	"github.com/mktows/mktows-go/limits"
)

// What is not said is as the service has it.
func ExampleLimits_Or() {
	l := limits.Limits{Concurrent: 2, Daily: limits.None}.Or(limits.SOAP())
	fmt.Println(l.Calls, "calls in", l.Per, "and", l.Concurrent, "at the same time")
	// Output:
	// 100 calls in 20s and 2 at the same time
}
