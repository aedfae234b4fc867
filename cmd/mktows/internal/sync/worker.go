package sync

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
)

const syncWorkerLong = `Help with the runs of other processes: copy what "mktows sync run" has planned, on this machine
or another one, until interrupted.

The copy has to be in PostgreSQL: several processes share it, and the service's limits hold for
all of them together. Give --daily-quota and --reserve the same values everywhere. If a worker
dies, the others continue what it had begun.

` + targetHelp

type syncWorkerFlags struct {
	settings.RemoteFlags
	targetFlags
	limitFlags

	concurrency int
	noWait      bool
	strict      bool
}

// syncWorkerCommand makes "mktows sync worker".
func syncWorkerCommand(a *console.Console) *cobra.Command {
	var f syncWorkerFlags
	cmd := &cobra.Command{
		Use:     "worker",
		Short:   "Help with the runs of other processes, in PostgreSQL",
		Long:    syncWorkerLong,
		Example: "  mktows sync worker --to postgres://sync@db.example.com/leads --concurrency 8",
		Args:    settings.FlagsOnly(f.check),
		RunE:    func(cmd *cobra.Command, _ []string) error { return syncWorker(cmd.Context(), a, &f) },
	}
	fs := cmd.Flags()
	f.RemoteFlags.Bind(fs)
	f.targetFlags.bind(fs)
	f.limitFlags.bind(fs)
	bindConcurrency(fs, &f.concurrency)
	bindNoWait(fs, &f.noWait)
	bindStrict(fs, &f.strict)
	return cmd
}

func (f *syncWorkerFlags) check() error {
	return cmp.Or(checkConcurrency(f.concurrency), f.limitFlags.check())
}

// syncWorker works on windows that other processes have planned, until it is interrupted.
func syncWorker(ctx context.Context, a *console.Console, f *syncWorkerFlags) error {
	t, err := newTarget(a, &f.targetFlags)
	if err != nil {
		return err
	}
	if t.kind != postgresTarget {
		return exit.Usagef("a worker needs a copy in PostgreSQL, and %s is for one process: use \"mktows sync run\"", t)
	}
	s, err := openSession(ctx, a, &f.RemoteFlags, t, readWrite, &f.limitFlags)
	if err != nil {
		return err
	}
	defer s.close()
	s.Concurrency, s.FailOnQuota, s.Strict = f.concurrency, f.noWait, f.strict
	if err := s.checkInstance(ctx); err != nil {
		return err
	}
	a.Complain("worker " + s.Worker + " is ready; interrupt it to stop")
	done := &workDone{Observer: s.Observer, tell: a.Complain, counts: map[leadsync.StreamName]store.Counts{}}
	s.Observer = done
	if err := work(ctx, a, s, done); err != nil {
		return s.explain(ctx, err)
	}
	a.Complain("worker " + s.Worker + " has stopped; nothing is lost")
	return nil
}

// work calls leadsync.Work and shows at intervals what was done.
func work(ctx context.Context, a *console.Console, s *session, done *workDone) error {
	defer showProgress(done, workerEvery)()
	defer announceSyncStop(ctx, a)()
	return leadsync.Work(ctx, &s.Config)
}

// workDone counts what a worker commits and tells it at intervals. It stands in front of another Observer and passes
// everything on.
type workDone struct {
	leadsync.Observer

	tell func(string)

	mu     sync.Mutex
	counts map[leadsync.StreamName]store.Counts // since it was told
}

// Committed implements leadsync.Observer.
func (w *workDone) Committed(ctx context.Context, stream leadsync.StreamName, added store.Counts, lag time.Duration) {
	w.mu.Lock()
	c := w.counts[stream]
	c.Add(added)
	w.counts[stream] = c
	w.mu.Unlock()
	w.Observer.Committed(ctx, stream, added, lag)
}

// tick tells what was committed since the previous tick, and nothing if there was none.
func (w *workDone) tick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range store.StreamNames() {
		if c, ok := w.counts[name]; ok {
			text := fmt.Sprintf("%s: %s read here, %s new, %s", name, output.Plural(c.Seen, "row"), output.Grouped(c.Inserted), output.Plural(c.Calls, "call"))
			if c.Problems > 0 {
				text += ", " + output.Plural(c.Problems, "record") + " unreadable"
			}
			w.tell(text)
		}
	}
	clear(w.counts)
}
