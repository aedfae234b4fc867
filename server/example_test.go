package server_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/server"
)

// Any port becomes an endpoint. Old clients begin by fetching the contract, which
// holds the address that they used.
func Example() {
	port := gen.PortFunc(func(_ context.Context, op *gen.Operation, _, _ gen.Message) error {
		return fault.Newf(fault.CodeUnsupportedOperation, "%s is not built yet", op.Name)
	})
	srv, err := server.New(port, server.WithUsers(map[string]auth.Secret{"example_user": auth.NewSecret("example-key")}))
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/soap/mktows/", srv)

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost:8080/soap/mktows/2_7?WSDL", nil))
	contract, _ := io.ReadAll(w.Body)
	_, address, _ := strings.Cut(string(contract), "<soap:address ")
	address, _, _ = strings.Cut(address, "/>")
	fmt.Println(w.Code, address)
	// Output:
	// 200 location="http://localhost:8080/soap/mktows/2_7"
}

// Rules can come and go while the server serves.
func ExampleRules() {
	var rules server.Rules
	srv, err := server.New(emptyPage, server.WithoutAuthentication(), server.WithRules(&rules))
	if err != nil {
		fmt.Println(err)
		return
	}
	call := func() {
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, request(envelopeWith("", body)))
		fmt.Println("HTTP", w.Code)
	}
	remove := rules.Add(server.Rule{Status: http.StatusBadGateway})
	call()
	remove()
	call()
	// Output:
	// HTTP 502
	// HTTP 200
}
