package porttest_test

import (
	"net/http/httptest"
	"testing"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/client"
	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/internal/testing/clocktest"
	"github.com/mktows/mktows-go/internal/testing/porttest"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// differing are the cases that the bridge excuses itself from, each with the faults that it gives.
func differing() porttest.Except {
	except := porttest.Except{}
	for _, op := range bridge.Operations() {
		for _, d := range op.Differences {
			for _, c := range d.Cases {
				except[c] = append(except[c], d.Fault)
			}
		}
	}
	return except
}

// The same over the REST API.
func TestBridge(t *testing.T) {
	t.Parallel()
	porttest.ExerciseExcept(t, func(t *testing.T, seed porttest.Seed) porttest.Fixture {
		t.Helper()
		sim, clock := seeded(t, seed)
		return porttest.Fixture{Port: bridged(t, sim, clock), Advance: clock.Advance}
	}, differing())
}

// Its pages may be short, or empty although more records follow.
func TestBridge_shortAndEmptyPages(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]simulator.Option{
		"short": simulator.WithShortPages(0.5), "empty": simulator.WithEmptyPages(0.3),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			porttest.ExercisePages(t, func(t *testing.T, seed porttest.Seed) porttest.Fixture {
				t.Helper()
				sim, clock := seeded(t, seed, opt, simulator.WithSeed(1))
				return porttest.Fixture{Port: bridged(t, sim, clock), Advance: clock.Advance, ShortPages: true}
			}, differing())
		})
	}
}

// And through the gateway: what an old program of the SOAP API sees after the service is gone.
func TestGateway(t *testing.T) {
	t.Parallel()
	porttest.ExerciseExcept(t, func(t *testing.T, seed porttest.Seed) porttest.Fixture {
		t.Helper()
		sim, clock := seeded(t, seed)
		return porttest.Fixture{Port: gatewayed(t, sim, clock), Advance: clock.Advance}
	}, differing())
}

// gatewayed returns a client of a gateway to the REST API of a simulator.
func gatewayed(t *testing.T, sim *simulator.Simulator, at *clocktest.Clock) gen.Port {
	t.Helper()
	key := auth.NewSecret("example-key")
	g, err := gateway.New(&gateway.Config{Tenants: []gateway.Tenant{{
		UserID: "example_user", Key: gateway.Secret{Value: key},
		REST:            gateway.REST{Endpoint: faced(t, sim), ClientID: "example-client", ClientSecret: gateway.Secret{Value: secret}},
		ForeignIDFields: map[string]string{string(gen.ForeignSysTypeCUSTOM): "CrmPersonId"},
	}}}, gateway.WithBridgeOptions(bridge.WithoutLimits(), bridge.WithClock(at.Now)))
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(g)
	t.Cleanup(srv.Close)
	c, err := client.New(srv.URL+"/soap/mktows/2_7", auth.Credentials{UserID: "example_user", Key: key})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

var secret = auth.NewSecret("example-secret")

// faced serves the REST API of a simulator.
func faced(t *testing.T, sim *simulator.Simulator) (base string) {
	t.Helper()
	if err := sim.AddField(simulator.LeadField{Name: "CrmPersonId", Type: simulator.TypeString}); err != nil {
		t.Fatal(err)
	}
	handler, err := rest.New(sim, rest.WithClient("example-client", secret), rest.WithLimits(limits.Unlimited()))
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	return srv.URL
}

// bridged returns a bridge to the REST API of a simulator.
func bridged(t *testing.T, sim *simulator.Simulator, at *clocktest.Clock) gen.Port {
	t.Helper()
	b, err := bridge.New(faced(t, sim), bridge.Credentials{ClientID: "example-client", ClientSecret: secret}, bridge.WithoutLimits(), bridge.WithClock(at.Now),
		bridge.WithForeignIDField(gen.ForeignSysTypeCUSTOM, "CrmPersonId"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.CloseIdleConnections)
	return b
}
