package gateway_test

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/leadsync/sqlstate"
	"github.com/mktows/mktows-go/limits"
)

// Variables that make the test's program a gateway of its own, which can be killed.
const (
	varState    = "GATEWAY_TEST_STATE"
	varEndpoint = "GATEWAY_TEST_ENDPOINT"
)

func TestMain(m *testing.M) {
	if target := os.Getenv(varState); target != "" {
		if err := child(target, os.Getenv(varEndpoint)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	goleak.VerifyTestMain(m)
}

// jointLimits are those of the gateways that share a state, and of the service.
func jointLimits() limits.Limits {
	return limits.Limits{Calls: 60, Per: 20 * time.Second, Concurrent: 2, Daily: 1000}
}

// sharing is the configuration of gateways that share a state.
func sharing(endpoint string) *gateway.Config {
	l := jointLimits()
	return &gateway.Config{
		CallTime: gateway.Duration(5 * time.Second), Tenants: []gateway.Tenant{tenant(endpoint)},
		Instances: []gateway.Instance{{Endpoint: endpoint, Limits: gateway.Limits{Calls: l.Calls, Concurrent: l.Concurrent, Daily: l.Daily}}},
	}
}

// child serves a gateway, prints its address, and ends with its input.
func child(target, endpoint string) error {
	state, err := sqlstate.Open(context.Background(), target)
	if err != nil {
		return err
	}
	defer state.Close() //nolint:errcheck // the process ends
	g, err := gateway.New(sharing(endpoint), gateway.WithState(state))
	if err != nil {
		return err
	}
	srv := httptest.NewServer(g)
	defer srv.Close()
	fmt.Println(srv.URL)
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}
