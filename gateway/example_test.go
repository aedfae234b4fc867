package gateway_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/gateway"
	"github.com/mktows/mktows-go/leadsync/sqlstate"
)

// An old program keeps its user id and key, and calls the gateway in place of Marketo.
func ExampleNew() {
	g, err := gateway.New(&gateway.Config{Tenants: []gateway.Tenant{{
		UserID: "example_user", Key: gateway.Secret{Value: auth.NewSecret("example-key")},
		REST: gateway.REST{
			Endpoint: "https://000-AAA-000.mktorest.com/rest", ClientID: "example-client",
			ClientSecret: gateway.Secret{Value: auth.NewSecret("example-client-secret")},
		},
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	http.Handle("/soap/mktows/", g)
}

// A gateway that is started again goes on with the budget of the day. With the URL of a PostgreSQL database in place of the path, several
// gateways share one.
func ExampleWithState() {
	ctx := context.Background()
	config, err := gateway.Load("gateway.yaml")
	if err != nil {
		fmt.Println(err)
		return
	}
	state, err := sqlstate.Open(ctx, "gateway.db")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer state.Close() //nolint:errcheck // nothing in it is lost
	g, err := gateway.New(config, gateway.WithState(state))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer g.Close(ctx) //nolint:errcheck // others find it out by themselves
	http.Handle("/soap/mktows/", g)
}
