package quota

import (
	"context"
	"time"
)

// Keeper keeps the calls of all workers that share a database within limits. The stores of packages sqlite,
// postgres and filestore are keepers. It is safe for concurrent use, and goes by the database's clock where
// several machines share it.
type Keeper interface {
	Registry
	// Limiter keeps the calls of all workers of an instance within limits.
	// worker is the living worker whose calls go through it.
	Limiter(instance, worker string, l Limits) Limiter
}

// Registry knows which workers live. One that is for a single process forgets them all when it is opened; their calls count
// until their leases would have ended. It says so with [Sole].
type Registry interface {
	// Heartbeat says that a worker lives, for the length of the lease from now on. The calls of a worker that
	// does not live count as ended when its lease did.
	Heartbeat(ctx context.Context, worker string, lease time.Duration) error
	// Retire ends a worker's life; the calls it has not released count as ended now.
	Retire(ctx context.Context, worker string) error
	// Workers are those that live, and those that died within the last hour.
	Workers(ctx context.Context) ([]Worker, error)
}

// Sole is what a [Registry] also is that may be for one process at a time. There nobody can take a share over, so that a worker
// whose sign of life is late need not stop at once what it is doing.
type Sole interface{ Sole() bool }

// Worker is a worker that has said that it lives.
type Worker struct {
	Name  string
	Until time.Time // end of the lease
	Alive bool
}

// Used is how many calls were made to an instance today.
type Used struct {
	Instance string
	Calls    int
	ResetsAt time.Time
}
