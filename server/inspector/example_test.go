package inspector_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/server/admin"
	"github.com/mktows/mktows-go/server/inspector"
	"github.com/mktows/mktows-go/simulator"
)

// A browser that opens the address gets a page; a program gets what the administration says.
func ExampleNew() {
	api, err := admin.New(admin.Mock{Simulator: simulator.New(), Rules: new(server.Rules), Clock: new(admin.Clock), Journal: new(admin.Journal)})
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := inspector.New(api, inspector.Options{Title: "Mock", Endpoint: "http://127.0.0.1:8080"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, accept := range []string{"text/html", "*/*"} {
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8081/", nil)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		page.ServeHTTP(w, r)
		fmt.Println(w.Code, w.Header().Get("Content-Type"))
	}
	// Output:
	// 200 text/html; charset=utf-8
	// 200 text/plain; charset=utf-8
}
