package secureaccess

import (
	"container/list"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limit is how often one client may ask: Rate times a second, Burst times at once.
type Limit struct {
	Rate  rate.Limit // rate.Inf switches the limit off
	Burst int        // 1 or more
}

func (l Limit) check(option string) error {
	if !(l.Rate > 0) || l.Burst < 1 { // so written, NaN is refused too
		return fmt.Errorf("secureaccess: %s: rate %v and burst %d: both must be above zero (rate.Inf for no limit)", option, l.Rate, l.Burst)
	}
	return nil
}

// limiter keeps a token bucket for each client that it has seen lately, and never more
// than max of them.
type limiter struct {
	limit Limit
	max   int

	mu     sync.Mutex
	byKey  map[string]*list.Element
	recent *list.List // of *bucket; the client seen last is in front
}

type bucket struct {
	key    string
	tokens *rate.Limiter
}

func newLimiter(l Limit, maxClients int) *limiter {
	return &limiter{limit: l, max: maxClients, byKey: make(map[string]*list.Element), recent: list.New()}
}

// take spends one of key's tokens. If there is none it spends nothing and says how long
// until there is one.
func (l *limiter) take(key string, now time.Time) time.Duration {
	if l.limit.Rate == rate.Inf {
		return 0
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	tokens := l.bucket(key)
	r := tokens.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

func (l *limiter) bucket(key string) *rate.Limiter {
	if e, ok := l.byKey[key]; ok {
		l.recent.MoveToFront(e)
		return e.Value.(*bucket).tokens
	}
	// The one unseen for longest goes: its bucket is the likeliest to have filled up
	// again, and then forgetting it changes nothing. Who keeps asking stays.
	if l.recent.Len() >= l.max {
		oldest := l.recent.Remove(l.recent.Back()).(*bucket)
		delete(l.byKey, oldest.key)
	}
	b := &bucket{key, rate.NewLimiter(l.limit.Rate, l.limit.Burst)}
	l.byKey[key] = l.recent.PushFront(b)
	return b.tokens
}

// network is the part of an address that identifies a client: all of an IPv4 address,
// and the 64 bits of an IPv6 address that a subscriber cannot choose.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		withPort, err := netip.ParseAddrPort(address)
		if err != nil {
			return "" // a Unix socket, or an unexpected header: one client, and bounded memory
		}
		ip = withPort.Addr()
	}
	ip = ip.Unmap()
	if ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, 64).Masked().String() // without its zone
}

// ForwardedFor is the last address in X-Forwarded-For: the one that the nearest proxy
// has seen. It is for [WithClientAddress] behind exactly one proxy that sets or extends
// the header; with no proxy any client could write the header itself.
func ForwardedFor(r *http.Request) string {
	all := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	return strings.TrimSpace(all[strings.LastIndexByte(all, ',')+1:])
}
