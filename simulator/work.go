package simulator

import "sync/atomic"

// maxLooked is how many rows a page looks at where no index leads to those that are asked
// for. A page that would need more ends early, maybe without a row: what follows comes
// with the next one, as paging allows.
const maxLooked = 5_000

// maxSingly is from how many leads on their activities are searched for in the order of
// time instead of lead by lead.
const maxSingly = 1000

// work counts the rows and nodes that operations look at, for the test that holds them to
// a price which does not grow with what the simulator holds; nil: nobody counts.
var work *atomic.Int64

func looked(n int) {
	if work != nil {
		work.Add(int64(n))
	}
}
