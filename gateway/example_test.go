package gateway_test

import (
	"fmt"
	"net/http"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/gateway"
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
