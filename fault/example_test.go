package fault_test

import (
	"errors"
	"fmt"
	"io"

	"github.com/mktows/mktows-go/fault"
)

// call stands for a call of the service that fails.
func call(f *fault.Fault) error {
	err := fault.Classify(f, fault.Known{UserID: "example_user"})
	return &fault.OpError{Op: "getLeadActivity", Attempts: 1, Err: err}
}

func ExampleAuthenticationError() {
	err := call(fault.New(fault.CodeAuthenticationFailed, ""))

	var refused *fault.AuthenticationError
	if errors.As(err, &refused) {
		fmt.Println(refused.UserID, refused.Code == fault.CodeAuthenticationFailed)
	}
	fmt.Println(err)
	// Output:
	// example_user true
	// getLeadActivity: 20014: Authentication failed for user id "example_user"; check the user id, the secret key, that the endpoint belongs to the same instance as they do, and the clock
}

func ExampleFault_Is() {
	err := call(fault.New(fault.CodeLeadNotFound, "No lead found with EMAIL = a@example.com"))

	fmt.Println(errors.Is(err, fault.CodeLeadNotFound))
	fmt.Println(errors.Is(err, fault.ErrNotFound))
	fmt.Println(errors.Is(err, fault.CodeListNotFound))
	fmt.Println(err)
	// Output:
	// true
	// true
	// false
	// getLeadActivity: 20103: No lead found with EMAIL = a@example.com; check the type and the value of the lead key
}

func ExampleRetryable() {
	limit := call(fault.New(fault.CodeRateLimitExceeded, ""))
	fmt.Println(fault.Retryable(limit, fault.NotIdempotent)) // refused before anything was done

	lost := &fault.OpError{Op: "syncLead", Attempts: 1, Err: io.ErrUnexpectedEOF}
	fmt.Println(fault.Retryable(lost, fault.Idempotent))
	fmt.Println(fault.Retryable(lost, fault.NotIdempotent)) // it may have been carried out
	// Output:
	// 20s true
	// 0s true
	// 0s false
}
