package rest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/simulator"
	"github.com/mktows/mktows-go/simulator/rest"
)

// A program that speaks the REST API asks Identity for a token, and then for leads.
func ExampleNew() {
	sim := simulator.New()
	if _, err := sim.AddLead(simulator.Lead{ID: 318815, Email: "lead@example.com"}); err != nil {
		fmt.Println(err)
		return
	}
	handler, err := rest.New(sim, rest.WithClient("client-id", auth.NewSecret("client-secret")))
	if err != nil {
		fmt.Println(err)
		return
	}
	get := func(target, token string) []byte {
		r := httptest.NewRequest(http.MethodGet, target, nil)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		body, _ := io.ReadAll(w.Body)
		return body
	}
	var identity struct {
		Token string `json:"access_token"`
	}
	err = json.Unmarshal(get("/identity/oauth/token?grant_type=client_credentials&client_id=client-id&client_secret=client-secret", ""), &identity)
	if err != nil {
		fmt.Println(err)
		return
	}
	var leads struct {
		Success bool
		Result  []struct {
			ID    int64
			Email string
		}
	}
	if err := json.Unmarshal(get("/rest/v1/leads.json?filterType=email&filterValues=lead@example.com", identity.Token), &leads); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(leads.Success, leads.Result)
	// Output:
	// true [{318815 lead@example.com}]
}
