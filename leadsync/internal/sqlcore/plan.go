package sqlcore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/store"
)

// maxUppers is how many finished runs a plan is told about. The latest would do but for clocks that were set back.
const maxUppers = 100

// Plan decides what to do next; see [store.Store].
func (s *Store) Plan(
	ctx context.Context, stream store.Stream, plan func(store.StreamState) (store.Planned, error),
) (run store.RunStatus, windows []store.Window, err error) {
	run.Stream = stream.Name
	err = sqldb.InTx(ctx, s.db, func(tx sqldb.Tx) error {
		if err := lockPlanning(ctx, tx, stream.Name); err != nil {
			return err
		}
		state, err := s.streamState(ctx, tx, stream)
		if err != nil {
			return err
		}
		planned, err := plan(state)
		if err != nil {
			return err
		}
		if err := s.saveStream(ctx, tx, stream, state.Since, planned.Since); err != nil {
			return err
		}
		if err := s.forget(ctx, tx, stream.Name, state, planned); err != nil {
			return err
		}
		if len(planned.Windows) > 0 {
			run, windows, err = newRun(ctx, tx, stream.Name, planned)
		} else if len(planned.Resume) > 0 {
			run, windows, err = resume(ctx, tx, planned.Resume)
		}
		return err
	})
	if err != nil {
		return store.RunStatus{}, nil, err
	}
	return run, windows, nil
}

// lockPlan is the first of two numbers that are the key of an advisory lock on PostgreSQL.
const lockPlan = 0x6d6b746f

// lockPlanning lets one transaction at a time plan for a stream. An advisory lock is used because the stream may not
// have a row yet that could be locked.
func lockPlanning(ctx context.Context, tx sqldb.Tx, name store.StreamName) error {
	if tx.Dialect() == sqldb.SQLite {
		return nil // a transaction that writes is alone
	}
	_, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(?, hashtext(concat(nullif(current_schema(), 'public') || '.', ?::text)))`, lockPlan, string(name))
	return err
}

// streamState returns what a plan decides by.
func (s *Store) streamState(ctx context.Context, tx sqldb.Tx, stream store.Stream) (store.StreamState, error) {
	var state store.StreamState
	var instance string
	err := sqldb.QueryRow(ctx, tx, []any{&state.Query, sqldb.ScanTime(&state.Since), &instance},
		`SELECT query, since, instance FROM sync_streams WHERE name = ?`, string(stream.Name))
	if errors.Is(err, sql.ErrNoRows) {
		return state, nil
	}
	if err != nil {
		return state, err
	}
	if err := s.sameStream(ctx, tx, stream, state.Query, instance); err != nil {
		return state, err
	}
	// Before the bounds: a run that is finished in between is then found in one of the two.
	state.Unfinished, err = windowsWhere(ctx, tx, `stream = ? AND state <> 'done' ORDER BY from_time, id`, string(stream.Name))
	if err != nil {
		return state, err
	}
	if state.Uppers, err = uppers(ctx, tx, stream.Name); err != nil {
		return state, err
	}
	state.Names, err = lastNames(ctx, tx, stream.Name)
	if err == nil && stream.Name == store.LeadActivity {
		state.LeadUppers, err = leadUppers(ctx, tx)
	}
	return state, err
}

// sameStream refuses a plan that would mix two copies: of another instance, or with another query. A query that never
// finished a window may be replaced.
func (s *Store) sameStream(ctx context.Context, tx sqldb.Tx, stream store.Stream, query, instance string) error {
	if stream.Instance != "" && instance != "" && stream.Instance != instance {
		return fmt.Errorf("%s: stream %s: %w: it is of %s, this is %s; begin another copy",
			s.name, stream.Name, store.ErrOtherInstance, instance, stream.Instance)
	}
	want := stream.Query()
	if len(stream.Types)+len(stream.Fields) == 0 || query == want {
		return nil
	}
	worked, err := hasWorked(ctx, tx, stream.Name)
	if err != nil || !worked {
		return err
	}
	had := store.Stream{Name: stream.Name}
	if err := had.ParseQuery(query); err != nil {
		return err
	}
	return fmt.Errorf("%s: stream %s: %w: it has %s, this asks for %s; ask for the same or leave them out, reset the stream, or begin another copy",
		s.name, stream.Name, store.ErrOtherQuery, chosen(had), chosen(stream))
}

// hasWorked reports whether a window of the stream was ever finished, which shows that the service accepts the query.
func hasWorked(ctx context.Context, tx sqldb.Tx, name store.StreamName) (bool, error) {
	var n int
	err := sqldb.QueryRow(ctx, tx, []any{&n}, `SELECT count(*) FROM
		(SELECT 1 FROM sync_windows WHERE stream = ? AND state = 'done' LIMIT 1) done`, string(name))
	return n > 0, err
}

// chosen describes what a stream asks for.
func chosen(s store.Stream) string {
	what, list := "types", s.Types
	if s.Name == store.Leads {
		what, list = "fields", s.Fields
	}
	if len(list) == 0 {
		return "all " + what
	}
	return "the " + what + " " + strings.Join(list, ", ")
}

// begunAfter is the last run of a stream that does not count any more.
const begunAfter = `(SELECT begun_after FROM sync_streams WHERE name = ?)`

// uppers returns the bounds of the finished runs, greatest first.
func uppers(ctx context.Context, tx sqldb.Tx, name store.StreamName) ([]time.Time, error) {
	var all []time.Time
	err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
		var upper time.Time
		err := scan(sqldb.ScanTime(&upper))
		all = append(all, upper)
		return err
	}, `SELECT upper_bound FROM sync_runs WHERE stream = ? AND finished_at IS NOT NULL AND id > `+begunAfter+`
		ORDER BY id DESC LIMIT ?`, string(name), string(name), maxUppers)
	slices.SortFunc(all, func(a, b time.Time) int { return b.Compare(a) })
	return all, err
}

// believed returns the bound up to which a run can really have read everything: what the server's clock said, but not
// later than when the run began by the database's clock. If one of the clocks is ahead, the bound lies in the future,
// and what happens up to it is not in the copy. What lies between the two is read again by the next run, which does
// no harm.
func believed(upper, started time.Time) time.Time {
	if upper.After(started) {
		return started.Truncate(time.Second)
	}
	return upper
}

// lastNames returns the types that windows of the last finished run have asked for.
func lastNames(ctx context.Context, tx sqldb.Tx, name store.StreamName) ([]string, error) {
	var all []string
	err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
		var text sql.NullString
		var names []string
		err := errors.Join(scan(&text), parseNames(text, &names))
		all = append(all, names...)
		return err
	}, `SELECT CAST(names AS text) FROM sync_windows WHERE names IS NOT NULL AND run =
		(SELECT max(id) FROM sync_runs WHERE stream = ? AND finished_at IS NOT NULL)`, string(name))
	slices.Sort(all)
	return slices.Compact(all), err
}

// leadUppers returns up to when the history of each lead was read.
func leadUppers(ctx context.Context, tx sqldb.Tx) (map[string]time.Time, error) {
	all := map[string]time.Time{}
	err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
		var key string
		var upper time.Time
		err := scan(&key, sqldb.ScanTime(&upper))
		all[key] = upper
		return err
	}, `SELECT lead_key, upper_bound FROM sync_lead_uppers`)
	return all, err
}

// windowsWhere returns the windows that a condition selects.
func windowsWhere(ctx context.Context, tx sqldb.Tx, where string, args ...any) ([]store.Window, error) {
	var all []store.Window
	err := sqldb.QueryAll(ctx, tx, func(scan func(...any) error) error {
		w, err := scanWindow(scan)
		all = append(all, w)
		return err
	}, `SELECT `+windowColumns+` FROM sync_windows WHERE `+where, args...)
	return all, err
}

// saveStream creates the stream, or moves its beginning back. It never moves it forward, since rows from before would
// then be in the copy without being looked after.
func (s *Store) saveStream(ctx context.Context, tx sqldb.Tx, stream store.Stream, had, since time.Time) error {
	switch {
	case had.IsZero() && since.IsZero():
		return fmt.Errorf("%s: stream %s is new there: say since when it is to be copied", s.name, stream.Name)
	case had.IsZero():
		_, err := tx.Exec(ctx, `INSERT INTO sync_streams (name, query, since, instance) VALUES (?, ?, ?, ?)`,
			string(stream.Name), stream.Query(), sqldb.Seconds(since), stream.Instance)
		return err
	case !since.IsZero() && since.Before(had):
		if stream.Name == store.LeadActivity { // leads that are not chosen now are new when they are again
			if _, err := tx.Exec(ctx, `DELETE FROM sync_lead_uppers`); err != nil {
				return err
			}
		}
		_, err := tx.Exec(ctx, `UPDATE sync_streams SET since = ? WHERE name = ?`, sqldb.Seconds(since), string(stream.Name))
		if err != nil {
			return err
		}
	}
	if stream.Instance == "" {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE sync_streams SET instance = ? WHERE name = ? AND instance = ''`, stream.Instance, string(stream.Name))
	return err
}

// newRun stores a run with its windows.
func newRun(ctx context.Context, tx sqldb.Tx, name store.StreamName, planned store.Planned) (store.RunStatus, []store.Window, error) {
	at, err := sqldb.Now(ctx, tx)
	if err != nil {
		return store.RunStatus{}, nil, err
	}
	run := store.RunStatus{
		Stream: name, Upper: believed(planned.Upper, at).UTC(), Started: at.Truncate(time.Second), Windows: len(planned.Windows),
	}
	err = sqldb.QueryRow(ctx, tx, []any{&run.ID}, `INSERT INTO sync_runs (stream, upper_bound, started_at) VALUES (?, ?, ?) RETURNING id`,
		string(name), sqldb.Seconds(run.Upper), sqldb.Seconds(run.Started))
	if err != nil {
		return run, nil, err
	}
	windows := make([]store.Window, len(planned.Windows))
	for i, p := range planned.Windows {
		w := store.Window{
			Run: run.ID, Stream: name, From: p.From.UTC(), To: p.To.UTC(), Fresh: p.Fresh.UTC(),
			Names: p.Names, Leads: p.Leads, State: store.WindowPending, Position: p.Position,
		}
		err := sqldb.QueryRow(ctx, tx, []any{&w.ID}, `INSERT INTO sync_windows
			(run, stream, from_time, to_time, fresh_from, names, leads, state, position)
			VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?) RETURNING id`,
			w.Run, string(name), sqldb.Seconds(w.From), sqldb.Seconds(w.To), sqldb.Seconds(w.Fresh), namesColumn(w.Names), namesColumn(w.Leads), string(w.Position))
		if err != nil {
			return run, nil, err
		}
		windows[i] = w
	}
	return run, windows, nil
}

// resume makes failed windows pending again. The run that it returns is the latest of those that the windows belong
// to.
func resume(ctx context.Context, tx sqldb.Tx, unfinished []store.Window) (store.RunStatus, []store.Window, error) {
	var windows []store.Window
	var latest int64
	for i := range unfinished {
		w, err := windowByID(ctx, tx, unfinished[i].ID, ``)
		if err != nil {
			return store.RunStatus{}, nil, err
		}
		if w.State == store.WindowDone {
			continue // meanwhile
		}
		if w.State == store.WindowFailed {
			w.State = store.WindowPending
			_, err := tx.Exec(ctx, `UPDATE sync_windows SET state = 'pending' WHERE id = ?`, w.ID)
			if err == nil {
				_, err = tx.Exec(ctx, `UPDATE sync_runs SET refused = 0 WHERE id = ?`, w.Run)
			}
			if err != nil {
				return store.RunStatus{}, nil, err
			}
		}
		windows = append(windows, w)
		latest = max(latest, w.Run)
	}
	if len(windows) == 0 {
		return store.RunStatus{Stream: unfinished[0].Stream}, nil, nil
	}
	runs, err := runsWhere(ctx, tx, `SELECT * FROM sync_runs WHERE id = ?`, latest)
	if err != nil {
		return store.RunStatus{}, nil, err
	}
	runs[0].Resumed = true
	return runs[0], windows, nil
}
