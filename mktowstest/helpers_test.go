package mktowstest_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"github.com/mktows/mktows-go/internal/testing/xmldiff"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// golden reads a file of testdata.
func golden(t testing.TB, name string) []byte {
	t.Helper()
	doc, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// equalXML compares a document with a file of testdata.
func equalXML(t testing.TB, name string, got []byte, opts ...xmldiff.Option) {
	t.Helper()
	diff, err := xmldiff.Diff(golden(t, name), got, opts...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, got)
	}
	if diff != "" {
		t.Errorf("a is %s, b what came:\n%s", name, diff)
	}
}

// post sends a ready-made envelope through the network.
func post(t testing.TB, url string, doc []byte) (status int, body []byte) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(string(doc)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/xml; charset=utf-8")
	transport := new(http.Transport)
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err = io.ReadAll(res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, body
}

// fakeTB is a test whose failure is looked at.
type fakeTB struct {
	testing.TB
	mu       sync.Mutex
	failed   bool
	text     strings.Builder
	cleanups []func()
}

// during runs f as a test and returns what it said.
func during(t *testing.T, f func(tb testing.TB)) (failed bool, text string) {
	t.Helper()
	tb := &fakeTB{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for i := len(tb.cleanups) - 1; i >= 0; i-- {
				tb.cleanups[i]()
			}
		}()
		f(tb)
	}()
	<-done
	return tb.failed, tb.text.String()
}

func (f *fakeTB) say(fail bool, text string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed = f.failed || fail
	f.text.WriteString(text + "\n")
}

func (f *fakeTB) Helper()                           {}
func (f *fakeTB) Cleanup(c func())                  { f.cleanups = append(f.cleanups, c) }
func (f *fakeTB) Log(args ...any)                   { f.say(false, fmt.Sprint(args...)) }
func (f *fakeTB) Errorf(format string, args ...any) { f.say(true, fmt.Sprintf(format, args...)) }
func (f *fakeTB) Fatalf(format string, args ...any) {
	f.say(true, fmt.Sprintf(format, args...))
	runtime.Goexit()
}

func (f *fakeTB) Failed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}
