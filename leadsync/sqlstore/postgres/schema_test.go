package postgres

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/internal/sqltest"
	"github.com/mktows/mktows-go/leadsync/store"
	"github.com/mktows/mktows-go/operations"
)

// tables counts the tables of each schema.
func tables(t *testing.T, target string) map[string]int {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // only read
	rows, err := conn.Query(t.Context(), `SELECT schemaname, count(*) FROM pg_tables
		WHERE schemaname NOT LIKE 'pg\_%' AND schemaname <> 'information_schema' GROUP BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	var name string
	var n int
	if _, err := pgx.ForEachRow(rows, []any{&name, &n}, func() error { found[name] = n; return nil }); err != nil {
		t.Fatal(err)
	}
	return found
}

// TestSchema_names: each of these is a schema of its own, with all tables of a copy and of River, and nothing is anywhere else.
func TestSchema_names(t *testing.T) {
	t.Parallel()
	target := pgtest.Database(t)
	names := []string{"Sales", "select", strings.Repeat("n", 46)}
	for _, name := range names {
		s, err := Open(t.Context(), target, WithSchema(name))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		in, err := InSchema(target, name)
		if err != nil {
			t.Fatal(err)
		}
		if there, err := Exists(t.Context(), in); err != nil || !there {
			t.Errorf("%s is not found by its URL: %t, %v", name, there, err)
		}
	}
	found := tables(t, target)
	for _, name := range names {
		if found[name] < 16 || found[name] != found[names[0]] {
			t.Errorf("%s has %d tables", name, found[name])
		}
	}
	if len(found) != len(names) {
		t.Errorf("tables are in %v", found)
	}
	if there, err := Exists(t.Context(), target); err != nil || there {
		t.Errorf("a copy outside of them: %t, %v", there, err)
	}
}

// TestSchema_refused needs no server.
func TestSchema_refused(t *testing.T) {
	t.Parallel()
	const target = "postgres://example_user:exampleS3cret@127.0.0.1:1/leads"
	for _, name := range []string{"", " ", `a"b`, "a b", "a.b", "a-b", "1a", "größe", "a;drop", "a\x00b", strings.Repeat("n", 47), strings.Repeat("n", 63), "pg_copy", "PG_x", "information_schema"} {
		_, err := Open(t.Context(), target, WithSchema(name))
		_, inURL := InSchema(target, name)
		_, exists := Exists(t.Context(), target, WithSchema(name))
		for _, err := range []error{err, inURL, exists} {
			if err == nil || !strings.Contains(err.Error(), "give") || strings.Contains(err.Error(), "exampleS3cret") || errors.Is(err, store.ErrUnavailable) {
				t.Errorf("%q: %v", name, err)
			}
		}
	}
	twice := target + "?search_path=other"
	_, err := Open(t.Context(), twice, WithSchema("sales"))
	_, inURL := InSchema(twice, "sales")
	for _, err := range []error{err, inURL} {
		if err == nil || !strings.Contains(err.Error(), "not both") {
			t.Errorf("with a search_path: %v", err)
		}
	}
}

// TestSchema_ofPath: of a search path only one schema is made, as a place for a copy.
func TestSchema_ofPath(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"sales": "sales", "Sales": "sales", `"Sales"`: "Sales", ` "select" `: "select", "": "", `""`: "", `"`: "",
		"a,b": "", `"$user"`: "", "$user": "", `"$user",public`: "", `"a""b"`: "", "pg_temp": "",
	} {
		if got := schemaOf(path); got != want {
			t.Errorf("%q is of %q; want %q", path, got, want)
		}
	}
	for name, want := range map[string]string{"sales": "sales", "Sales": `"Sales"`} {
		in, err := InSchema("postgres://u@h/d?sslmode=disable", name)
		if err != nil {
			t.Fatal(err)
		}
		if u, err := url.Parse(in); err != nil || u.Query().Get(searchPath) != want || u.Query().Get("sslmode") != "disable" {
			t.Errorf("%s is at %s, %v", name, in, err)
		}
	}
}

// TestSchema_apart: while one copy holds its locks, another one of the same database neither waits nor sees anything.
func TestSchema_apart(t *testing.T) {
	t.Parallel()
	target := pgtest.Database(t)
	var copies []*Store
	for _, name := range []string{"one", "two"} {
		s, err := Open(t.Context(), target, WithSchema(name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		copies = append(copies, s)
	}
	copies = append(copies, openPostgres(t, target))
	keys := map[string]bool{}
	channels := map[string]bool{}
	for _, s := range copies {
		var key, channel string
		err := sqldb.InRead(t.Context(), sqlcore.Database(s), func(tx sqldb.Tx) error {
			return sqldb.QueryRow(t.Context(), tx, []any{&key, &channel}, `SELECT (`+sqldb.LockKey(lockRows)+`)::text, current_schema()::text`)
		})
		if err != nil {
			t.Fatal(err)
		}
		keys[key], channels[channel] = true, true
	}
	if len(keys) != 3 || len(channels) != 3 || !keys[fmt.Sprint(lockRows)] {
		t.Errorf("locks %v, channels of %v", keys, channels)
	}
	row := store.NewActivityRow(operations.Activity{ID: 1, HasID: true, GUID: "1", LeadID: 318815, Type: "New Lead", Time: time.Unix(1780000000, 0)}, 0)
	err := sqldb.InTx(t.Context(), sqlcore.Database(copies[0]), func(tx sqldb.Tx) error {
		if err := execRaw(t.Context(), tx, `SELECT pg_advisory_xact_lock(`+sqldb.LockKey(lockRows)+`)`); err != nil {
			return err
		}
		for _, s := range copies[1:] { // a commit that waited would wait for this transaction
			claim := sqltest.OneWindow(t, s)
			if _, err := s.Commit(t.Context(), store.Commit{Fence: claim, Activities: []store.ActivityRow{row}}); err != nil {
				t.Error(err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := copies[1].Heartbeat(t.Context(), "worker", time.Hour); err != nil {
		t.Error(err)
	}
	if workers, err := copies[0].Workers(t.Context()); err != nil || len(workers) != 0 {
		t.Errorf("the first copy sees %v, %v", workers, err)
	}
}

// TestSchema_publicIsTheDefault: a copy without a schema goes on under --schema public, and under a search path of it.
func TestSchema_publicIsTheDefault(t *testing.T) {
	t.Parallel()
	target := pgtest.Database(t)
	if err := openPostgres(t, target).Heartbeat(t.Context(), "before", time.Hour); err != nil {
		t.Fatal(err)
	}
	s, err := Open(t.Context(), target, WithSchema("public"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close() //nolint:errcheck // only read
	if workers, err := s.Workers(t.Context()); err != nil || len(workers) != 1 {
		t.Errorf("it has %v, %v", workers, err)
	}
	if found := tables(t, target); len(found) != 1 {
		t.Errorf("tables are in %v", found)
	}
}

// TestSchema_severalBeginAtOnce: workers that start at the same time make one schema.
func TestSchema_severalBeginAtOnce(t *testing.T) {
	t.Parallel()
	target := pgtest.Database(t)
	errs := make(chan error)
	for range 4 {
		go func() {
			s, err := Open(t.Context(), target, WithSchema("sales"))
			if err == nil {
				err = s.Close()
			}
			errs <- err
		}()
	}
	for range 4 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
}

// TestSchema_noRight: who may not make schemas is told so, and may use one that is there.
func TestSchema_noRight(t *testing.T) {
	t.Parallel()
	target := pgtest.Database(t)
	admin := openPostgres(t, target)
	err := sqldb.InTx(t.Context(), sqlcore.Database(admin), func(tx sqldb.Tx) error {
		return execRaw(t.Context(), tx, `DO $$ BEGIN CREATE ROLE schema_guest LOGIN; EXCEPTION WHEN duplicate_object THEN END $$;
			CREATE SCHEMA given AUTHORIZATION schema_guest`)
	})
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.User("schema_guest")
	if _, err := Open(t.Context(), u.String(), WithSchema("wanted")); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("the error is %v", err)
	}
	s, err := Open(t.Context(), u.String(), WithSchema("given"))
	if err != nil {
		t.Fatal(err)
	}
	s.Close()
}
