// Package wiretest looks at what the clients of both APIs send and log in tests. A test package that can make a
// bridge imports it for that, without a name; package importtest sees to it.
//
// Each request to the REST API is compared with the description of the API ([restrequests.DocumentPath]), if that is at
// hand. One that does not fit ends the test binary: nobody may send it. One of each shape is kept in the folder that
// MKTOWS_TEST_REQUESTS names, for Prism to judge. With MKTOWS_TEST_LOG all clients that are given no logger log to standard
// error, at level Debug, for what is secret to be searched in that.
package wiretest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"github.com/mktows/mktows-go/internal/httpcall"
	"github.com/mktows/mktows-go/internal/testing/restrequests"
)

// Variables of the environment.
const (
	VarRequests = "MKTOWS_TEST_REQUESTS" // the folder for requests
	VarLog      = "MKTOWS_TEST_LOG"      // not empty: log
)

var _ = install()

// install has all clients of the process looked at.
func install() bool {
	httpcall.Tap = func(next http.RoundTripper) http.RoundTripper { return &tap{next, os.Getenv(VarRequests)} }
	if os.Getenv(VarLog) != "" {
		httpcall.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	return true
}

// Environ returns the variables that have the processes of a test looked at as well, wherever they run.
func Environ() []string {
	return []string{"MKTOWS_OPENAPI=" + document(), VarRequests + "=" + os.Getenv(VarRequests)}
}

// document returns where the description of the API is looked for.
func document() string {
	root, err := os.Getwd()
	if err != nil {
		return ""
	}
	for !isModule(root) && root != filepath.Dir(root) {
		root = filepath.Dir(root)
	}
	return restrequests.DocumentPath(root)
}

func isModule(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil
}

// Described returns the description of the API. The error says that it is not at hand.
var Described = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile(document())
	if err != nil {
		return nil, fmt.Errorf("the description of the API is not at hand: set MKTOWS_OPENAPI to its file (%w)", err)
	}
	doc.Servers = nil
	openapi3filter.RegisterBodyDecoder("text/csv", openapi3filter.FileBodyDecoder)
	return gorillamux.NewRouter(doc)
})

var errNoBearer = errors.New("no bearer header")

// Fits returns why a request is none of the API, and what path of the description it has.
func Fits(router routers.Router, r *http.Request) (path string, err error) {
	route, names, err := router.FindRoute(r)
	if err != nil {
		return "", err
	}
	return route.Path, openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request: r, PathParams: names, Route: route,
		Options: &openapi3filter.Options{SkipSettingDefaults: true, AuthenticationFunc: func(context.Context, *openapi3filter.AuthenticationInput) error {
			if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ") {
				return errNoBearer
			}
			return nil
		}},
	})
}
