package gateway

import (
	"fmt"
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
