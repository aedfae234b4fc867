package gateway

import (
	"bytes"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/mktows/mktows-go/auth"
)

func TestStrangers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s strangers
		var mu sync.Mutex
		told := make(map[string]int)
		tell := func(address string, more int) {
			mu.Lock()
			defer mu.Unlock()
			told[address] += more
		}
		for round := 1; round <= 2; round++ {
			firsts := 0
			for i := range 3 * maxStrangers {
				if s.first(fmt.Sprint(i), tell) {
					firsts++
				}
			}
			if s.first("0", tell) || firsts != maxStrangers+1 {
				t.Errorf("%d lines", firsts)
			}
			time.Sleep(strangerTime) // of the bubble
			synctest.Wait()
			mu.Lock()
			if told["0"] != 1 || told[""] != 2*maxStrangers-1 || len(told) != 2 {
				t.Errorf("%v", told)
			}
			clear(told)
			mu.Unlock()
		}
	})
}

// Unknown callers from many addresses are one line of a log that has no addresses, and one for each address of one that has.
func TestGateway_strangersFromAnywhere(t *testing.T) {
	t.Parallel()
	for addresses, want := range map[bool]int{false: 1, true: 5} {
		var log bytes.Buffer
		g, err := New(&Config{AccessLog: AccessLog{Addresses: addresses}, Tenants: []Tenant{{
			UserID: "a", Key: Secret{Value: auth.NewSecret("example-key")},
			REST: REST{Endpoint: "https://a.example.com/rest", ClientID: "c", ClientSecret: Secret{Value: auth.NewSecret("example-secret")}},
		}}}, WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			r := httptest.NewRequest(http.MethodPost, "/soap/mktows/2_7", strings.NewReader("<a/>"))
			r.RemoteAddr = fmt.Sprintf("192.0.2.%d:5", i)
			g.ServeHTTP(httptest.NewRecorder(), r)
		}
		if got := strings.Count(log.String(), "msg=call "); got != want {
			t.Errorf("addresses: %t, %d lines:\n%s", addresses, got, log.String())
		}
	}
}

// What package http says of connections names no caller, at no level, and quotes no call.
func TestConnectionLog(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"http: TLS handshake error from 192.0.2.1:5: read tcp 192.0.2.1:5: EOF\n":                  `level=DEBUG msg="http: TLS handshake error"`,
		"http: panic serving 192.0.2.1:5: lead@example.com\ngoroutine 1 [running]:\n":              `level=ERROR msg="a call has ended in a panic: please report this" stack="goroutine 1 [running]:\n"`,
		"http: Accept error: accept tcp 127.0.0.1:1: too many open files; retrying in 5ms\n":       `level=WARN msg="no connection can be taken at the moment" reason="accept tcp 127.0.0.1:1: too many open files; retrying in 5ms"`,
		"http: something else that package http has to say of 192.0.2.1 and of lead@example.com\n": "",
	} {
		var told bytes.Buffer
		log.New(connectionLog{slog.New(slog.NewTextHandler(&told, &slog.HandlerOptions{Level: slog.LevelDebug}))}, "", 0).Print(text)
		if got := told.String(); !strings.Contains(got, want) || (got == "") != (want == "") || strings.Contains(got, "192.0.2.1") || strings.Contains(got, "@") {
			t.Errorf("%s: %s", text, got)
		}
	}
}
