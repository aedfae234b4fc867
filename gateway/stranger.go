package gateway

import (
	"sync"
	"time"
)

const (
	// strangerTime is how long calls of an unknown caller are one line of the log.
	strangerTime = time.Minute
	// maxStrangers bounds for how many addresses that is done in that time. All others together are one more.
	maxStrangers = 1000
)

// strangers keep calls without valid credentials, which anybody can make, from flooding the log. The zero value is ready for use.
type strangers struct {
	mu     sync.Mutex
	counts map[string]int // by address, since the first one of them; nil: there was none for a while
}

// first reports whether a call is the first one from an address for a while. The others are counted; tell is called with their number
// when the time is over.
func (s *strangers) first(address string, tell func(address string, more int)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts == nil {
		s.counts = make(map[string]int)
		time.AfterFunc(strangerTime, func() { s.flush(tell) })
	}
	if _, known := s.counts[address]; !known && len(s.counts) >= maxStrangers {
		address = "" // that of all others
	}
	s.counts[address]++
	return s.counts[address] == 1
}

func (s *strangers) flush(tell func(address string, more int)) {
	s.mu.Lock()
	counts := s.counts
	s.counts = nil
	s.mu.Unlock()
	for address, n := range counts {
		if n > 1 {
			tell(address, n-1)
		}
	}
}
