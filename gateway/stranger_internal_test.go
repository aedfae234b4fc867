package gateway

import (
	"fmt"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"
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

func TestAddressOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"192.0.2.1:1234", nil, "192.0.2.1"},
		{"[2001:db8::1]:1234", nil, "2001:db8::1"},
		{"@", nil, ""},
		{"192.0.2.1:1234", []string{"198.51.100.7"}, "198.51.100.7"},
		{"192.0.2.1:1234", []string{"203.0.113.9, 198.51.100.7"}, "198.51.100.7"}, // the first one is what the caller has said
		{"192.0.2.1:1234", []string{"203.0.113.9", "2001:DB8::2"}, "2001:db8::2"},
		{"192.0.2.1:1234", []string{"private@example.com"}, ""},
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.RemoteAddr = test.remote
		r.Header["X-Forwarded-For"] = test.forwarded
		if got := addressOf(r); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}
