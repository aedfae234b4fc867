package telemetry_test

import (
	"fmt"
	"log"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/telemetry"
)

// One observer tells of calls, as the client makes them, and of copying. A nil provider means no spans, or no metrics.
func ExampleNew() {
	t, err := telemetry.New(nil, nil) // in production the providers of the program
	if err != nil {
		log.Fatal(err)
	}
	c, err := client.New("https://example.com/soap/mktows/2_7", auth.Credentials{
		UserID: "example_user", Key: auth.NewSecret("example-key"),
	}, client.WithInterceptors(t.Interceptor()))
	if err != nil {
		log.Fatal(err)
	}
	config := leadsync.Config{Port: c, Observer: t}
	fmt.Println(config.Observer == t)
	// Output:
	// true
}
