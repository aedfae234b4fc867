package telemetry

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"go.opentelemetry.io/otel"

	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
)

// TestMain fails the run if anything reached OpenTelemetry's handler of the process, which
// prints to the terminal. It looks for no goroutines left over: what a collector that
// hangs has not taken when the time is up is left behind on purpose.
func TestMain(m *testing.M) {
	var handled atomic.Int64
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		handled.Add(1)
		fmt.Fprintln(os.Stderr, "printed on a user's terminal:", err)
	}))
	code := m.Run()
	if handled.Load() > 0 {
		code = 1
	}
	os.Exit(code)
}
