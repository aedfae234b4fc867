// Errors shows what can be learnt from an error, and what a program may do about it: by
// class with errors.Is, by type with errors.As. Both find what they look for however
// often the error was wrapped.
//
//	go run ./examples/errors 999
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/operations"
)

func main() {
	c, err := client.FromEnv(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	if len(os.Args) != 2 {
		log.Fatal("usage: errors LEAD")
	}
	fmt.Println(advice(count(context.Background(), c, os.Args[1])))
}

// count is what may fail.
func count(ctx context.Context, port gen.Port, lead string) error {
	key, err := operations.ParseLeadKey(lead)
	if err != nil {
		return fmt.Errorf("counting: %w", err)
	}
	for _, err := range operations.New(port).Activities.All(ctx, key, nil) {
		if err != nil {
			return fmt.Errorf("counting: %w", err)
		}
	}
	return nil
}

// advice goes from what is most special to what is most general.
func advice(err error) string {
	var refused *fault.AuthenticationError
	var expired *fault.ExpiredError
	var quota *fault.QuotaError
	var answer *fault.StatusError
	var other *fault.Fault
	switch {
	case err == nil:
		return "all is well"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "we stopped it ourselves"
	case errors.Is(err, fault.ErrUnknownOutcome):
		return "the write may have been carried out: look before repeating it"
	case errors.As(err, &refused):
		return fmt.Sprintf("check the key of %s", cmp.Or(refused.UserID, "the custom service")) // REST names nobody
	case errors.As(err, &expired):
		skew, _ := expired.Skew()
		return fmt.Sprintf("set the clock: it is wrong by %s", skew.Abs().Round(time.Minute))
	case errors.As(err, &quota):
		return fmt.Sprintf("come back at %s", quota.ResetsAt.Format("15:04 MST"))
	case errors.Is(err, fault.CodeLeadNotFound): // one code, before its class
		return "there is no such lead: skip it"
	case errors.Is(err, fault.ErrInvalid):
		return "the request is wrong: " + err.Error()
	case errors.As(err, &answer):
		return fmt.Sprintf("HTTP %d from something that is not Marketo", answer.Code)
	case errors.As(err, &other):
		return fmt.Sprintf("code %d: %s", other.Code, other.Code.Advice())
	}
	return "no connection, or no readable answer"
}
