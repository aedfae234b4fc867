package sync

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/mktows/mktows-go/cmd/mktows/internal/console"
	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/cmd/mktows/internal/settings"
	"github.com/mktows/mktows-go/leadsync"
	"github.com/mktows/mktows-go/leadsync/store"
)

const syncVerifyLong = `Compare a copy with the service: counts and checksums of the rows, per day and type.

The service is read again, by pages, from where the copy begins up to where it is complete, or between
--since and --until; that takes as many calls as copying does. What the service has stored,
changed or deleted since the last run shows as a difference. Nothing is changed, unless --repair
is given.

Leads of the copy that the service does not return between these times are looked up, 100 a call:
they were updated before or after, or they are gone, since they were deleted or merged into others.
That takes as many calls at most as the reading, or 100; --lookups gives another number.

With --repair what differs is read again and written, as "mktows sync run" does it: the days or the
leads with differences. Activities there that the service no longer has are removed, once two
readings in a row agree; leads that it no longer has are marked in the column gone_at. Then all is
compared again. No other process may work on the copy meanwhile.

The exit code is 0 if all is equal, 10 if not; with --repair it is about the copy as it is then.

` + targetHelp

type syncVerifyFlags struct {
	settings.RemoteFlags
	targetFlags
	leadChoiceFlags
	limitFlags

	since, until string
	names        []string
	repair       bool
	form         *output.Format
	options      leadsync.VerifyOptions
}

// syncVerifyCommand makes "mktows sync verify".
func syncVerifyCommand(a *console.Console) *cobra.Command {
	f := syncVerifyFlags{form: output.DocumentFormat()}
	cmd := &cobra.Command{
		Use:     "verify",
		Short:   "Compare a copy with the service",
		Long:    syncVerifyLong,
		Example: "  mktows sync verify --to leads.db\n  mktows sync verify --since 2026-03-01 --until 2026-04-01 --to leads.db -o json\n  mktows sync verify --to leads.db --repair",
		Args:    settings.FlagsOnly(f.check),
		RunE:    func(cmd *cobra.Command, _ []string) error { return syncVerify(cmd.Context(), a, &f) },
	}
	fs := cmd.Flags()
	f.RemoteFlags.Bind(fs)
	f.targetFlags.bind(fs)
	f.leadChoiceFlags.bind(fs)
	f.limitFlags.bind(fs)
	fs.StringVar(&f.since, "since", "", "compare from this `TIME` on (default: where the copy begins)")
	fs.StringVar(&f.until, "until", "", "compare until this `TIME` (default: where the copy is complete)")
	fs.IntVar(&f.options.LookUps, "lookups", 0, "make at most `N` calls to find out whether leads are gone; less than 0: none (default: as many as the reading takes, at least 100)")
	fs.BoolVar(&f.repair, "repair", false, "mend what differs")
	fs.StringSliceVar(&f.names, "stream", nil, "compare only this `STREAM`; several by commas or by repeating the flag (default: all of the copy)")
	settings.Values(fs, "stream", settings.Words(store.StreamNames())...)
	f.form.Bind(fs)
	return cmd
}

func (f *syncVerifyFlags) check() (err error) {
	if f.since != "" {
		if f.options.Since, err = settings.ParsePast("--since", f.since); err != nil {
			return err
		}
	}
	if f.until != "" {
		if f.options.Until, err = settings.ParseUntil(f.until, "--since", f.options.Since); err != nil {
			return err
		}
		if f.options.Until.Equal(f.options.Since) {
			return exit.Usagef("--until: %s is the same time as --since: there is nothing between them", f.until)
		}
	}
	for _, name := range f.names {
		if !slices.Contains(store.StreamNames(), leadsync.StreamName(name)) {
			return exit.Usagef("--stream: %q is none of %s", name, streamList())
		}
	}
	return f.limitFlags.check()
}

// syncVerify compares the copy with the service, mends it if asked to, prints the result, and fails with exit code 10
// if they differ. The session is one that writes even without --repair: the calls have to be counted in the copy.
func syncVerify(ctx context.Context, a *console.Console, f *syncVerifyFlags) error {
	t, err := newTarget(a, &f.targetFlags)
	if err != nil {
		return err
	}
	if err := t.mustHold(ctx); err != nil {
		return err
	}
	s, err := openSession(ctx, a, &f.RemoteFlags, t, readWrite, &f.limitFlags)
	if err != nil {
		return err
	}
	defer s.close()
	if err := s.checkInstance(ctx); err != nil {
		return err
	}
	if s.Streams, err = f.streams(ctx, a, t, s); err != nil {
		return err
	}
	f.options.Progress, f.options.LookUp = verifyProgress(a), lookUpProgress(a)
	r, err := f.compare(ctx, s)
	if err != nil {
		return err
	}
	if f.form.Value == output.JSON {
		err = output.WriteJSON(a.Stdout, newRepairedJSON(r))
	} else {
		err = writeRepaired(a, r)
	}
	if err != nil || r.After.Equal {
		return err
	}
	return &differenceError{target: t, command: commandLine(a.Args), hint: f.passwordHint(t), repaired: f.repair}
}

// compare compares and, with --repair, mends. Without --repair the states before and after are the same.
func (f *syncVerifyFlags) compare(ctx context.Context, s *session) (r *leadsync.Repaired, err error) {
	c := s.Config
	c.Store = readable{s.Store}
	err = s.asWorker(ctx, func() (err error) {
		if f.repair {
			r, err = leadsync.Repair(ctx, &c, &f.options)
			return err
		}
		v, err := leadsync.Verify(ctx, &c, &f.options)
		r = &leadsync.Repaired{Before: v, After: v}
		return err
	})
	return r, err
}

// streams returns the streams to compare, with the types and fields that the copy was begun with: anything else would
// show differences that are none.
func (f *syncVerifyFlags) streams(ctx context.Context, a *console.Console, t target, s *session) ([]leadsync.Stream, error) {
	status, err := s.Store.Status(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range f.names {
		if !slices.ContainsFunc(status.Streams, func(st store.StreamStatus) bool { return string(st.Name) == name }) {
			return nil, fmt.Errorf("%s: %w: %s", t, store.ErrNoStream, name)
		}
	}
	if len(status.Streams) == 0 {
		return nil, exit.NoCopy(t.String())
	}
	var streams []leadsync.Stream
	for i := range status.Streams {
		st := &status.Streams[i]
		if len(f.names) > 0 && !slices.Contains(f.names, string(st.Name)) {
			continue
		}
		had := store.Stream{Name: st.Name}
		if err := had.ParseQuery(st.Query); err != nil {
			return nil, err
		}
		stream := leadsync.Stream{Name: st.Name, Since: st.Since, Instance: s.instance, Types: had.Types, Fields: had.Fields}
		if st.Name == leadsync.LeadActivity {
			if err := f.apply(ctx, a, &stream); err != nil {
				return nil, err
			}
			stream.StoredLeads = stream.StoredLeads || !f.chosen()
		}
		streams = append(streams, stream)
	}
	return streams, nil
}

// readable wraps a store and marks errors in reading its rows as those of the copy. A comparison reads both sides,
// and the exit code has to say which one failed.
type readable struct{ store.Store }

// Activities implements store.Store.
func (r readable) Activities(ctx context.Context, since, until time.Time) iter.Seq2[store.ActivityRow, error] {
	return marked(ctx, r.Store.Activities(ctx, since, until))
}

// Leads implements store.Store.
func (r readable) Leads(ctx context.Context) iter.Seq2[store.LeadRow, error] {
	return marked(ctx, r.Store.Leads(ctx))
}

// marked passes rows on and marks their errors as those of the copy.
func marked[T any](ctx context.Context, rows iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for row, err := range rows {
			if !yield(row, unreadable(ctx, err)) {
				return
			}
		}
	}
}

// verifyProgress returns a function that tells how far the reading of the service has come, at most every few
// seconds.
func verifyProgress(a *console.Console) func(leadsync.StreamName, int64) {
	last := time.Now()
	return func(stream leadsync.StreamName, read int64) {
		if now := time.Now(); now.Sub(last) >= LineEvery {
			last = now
			a.Complain(fmt.Sprintf("%s: %s of the service read", stream, output.Plural(read, "row")))
		}
	}
}

// lookUpProgress returns a function that tells that leads are being looked up, if that takes more than a few calls.
func lookUpProgress(a *console.Console) func(stream leadsync.StreamName, leads, calls int) {
	const many = 10
	return func(stream leadsync.StreamName, leads, calls int) {
		if calls >= many {
			a.Complain(fmt.Sprintf("%s: looking up %s that the service has not returned, in %s", stream, output.Plural(leads, "lead"), output.Plural(calls, "call")))
		}
	}
}
