// Package work counts what operations look at, so that a test can hold them to a price
// which does not grow with what the simulator holds.
package work

import "sync/atomic"

// MaxLooked is how many rows a page looks at where no index leads to those that are asked
// for. A page that would need more ends early, maybe without a row: what follows comes
// with the next one, as paging allows.
const MaxLooked = 5_000

// MaxSingly is from how many leads on their activities are searched for in the order of
// time instead of lead by lead.
const MaxSingly = 1000

// counter counts the rows and nodes that operations look at; nil: nobody counts.
var counter *atomic.Int64

// Looked counts n rows or nodes.
func Looked(n int) {
	if counter != nil {
		counter.Add(int64(n))
	}
}

// CountIn makes looked count in n, or nowhere if that is nil. It is for tests: nothing else
// may run meanwhile.
func CountIn(n *atomic.Int64) { counter = n }
