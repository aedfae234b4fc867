package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/mktows/mktows-go/internal/testing/pgtest"
	"github.com/mktows/mktows-go/leadsync/internal/sqlcore"
	"github.com/mktows/mktows-go/leadsync/internal/sqldb"
	"github.com/mktows/mktows-go/leadsync/internal/sqltest"
	"github.com/mktows/mktows-go/leadsync/store"
)

func TestPostgres_severalBeginAtOnce(t *testing.T) {
	t.Parallel()
	target := pgtest.Database(t)
	errs := make(chan error)
	for i := range 5 {
		go func() {
			s, err := Open(t.Context(), target)
			if err == nil {
				err = errors.Join(s.Heartbeat(t.Context(), fmt.Sprint(i), time.Hour), s.Close())
			}
			errs <- err
		}()
	}
	for range 5 {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	s := openPostgres(t, target)
	if workers, err := s.Workers(t.Context()); err != nil || len(workers) != 5 {
		t.Errorf("%d workers live, %v", len(workers), err)
	}
}

func TestPostgres_serverGoesAway(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t)
	s := openPostgres(t, server.Database())
	claim := sqltest.OneWindow(t, s)
	for _, mode := range []pgtest.Mode{pgtest.Fast, pgtest.Immediate} {
		err := sqldb.InTx(t.Context(), sqlcore.Database(s), func(tx sqldb.Tx) error {
			server.Stop(mode)
			return execRaw(t.Context(), tx, `SELECT 1`)
		})
		if !errors.Is(err, store.ErrUnavailable) {
			t.Errorf("%s: in a transaction the error is %v", mode, err)
		}
		for range 3 {
			if err := s.Heartbeat(t.Context(), "a", time.Hour); !errors.Is(err, store.ErrUnavailable) {
				t.Errorf("%s: without a server the error is %v", mode, err)
			}
		}
		server.Start()
		if err := s.Heartbeat(t.Context(), "a", time.Hour); err != nil {
			t.Errorf("%s: with a server again: %v", mode, err)
		}
		if _, err := s.Commit(t.Context(), store.Commit{Fence: claim}); err != nil {
			t.Errorf("%s: the claim from before: %v", mode, err)
		}
	}
}

func TestPostgres_connectionsAreEnded(t *testing.T) {
	t.Parallel()
	s := openPostgres(t, pgtest.Database(t))
	err := sqldb.InTx(t.Context(), sqlcore.Database(s), func(tx sqldb.Tx) error {
		return execRaw(t.Context(), tx, `SELECT pg_terminate_backend(pg_backend_pid())`)
	})
	if !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("the error is %v", err)
	}
	if err := s.Heartbeat(t.Context(), "a", time.Hour); err != nil {
		t.Errorf("the next one has %v", err)
	}
}

func TestPostgres_otherTablesAreLeftAlone(t *testing.T) {
	t.Parallel()
	target := pgtest.Database(t)
	s := openPostgres(t, target)
	err := sqldb.InTx(t.Context(), sqlcore.Database(s), func(tx sqldb.Tx) error {
		return errors.Join(execRaw(t.Context(), tx, `CREATE SCHEMA taken`), execRaw(t.Context(), tx, `CREATE TABLE taken.leads (id int)`))
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), target+"&search_path=taken"); !errors.Is(err, store.ErrNotCopy) || !strings.Contains(err.Error(), "schema of its own") {
		t.Errorf("the error is %v", err)
	}
}

// TestPostgres_passwordIsNotShown needs no server.
func TestPostgres_passwordIsNotShown(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := listener.Addr().String()
	listener.Close()
	const password = "exampleS3cret"
	for _, target := range []string{
		"postgres://example_user:" + password + "@" + free + "/leads",
		"postgresql://example_user@" + free + "/leads?password=" + password,
		"postgres://example_user:" + password + "@" + free + "/leads?sslmode=bad",
		"postgres://example_user:" + password + "@" + free + "/leads?pool_max_conns=many",
		"postgres://example_user:" + password + "@host:port/leads",
		"postgres://example_user:" + password + "%zz@host/leads",
		"postgres://example_user:a/" + password + "@host/leads",
		"postgres://example_user:" + password + "@no.such.host.invalid/leads",
	} {
		s, err := Open(t.Context(), target)
		if err == nil {
			s.Close()
			t.Errorf("%s could be opened", target)
			continue
		}
		for e := err; e != nil; e = errors.Unwrap(e) {
			if text := fmt.Sprintf("%v %+v %#v", e, e, e); strings.Contains(text, password) {
				t.Errorf("it is in %s", text)
			}
		}
	}
	_, err = Open(t.Context(), "postgres://example_user:"+password+"@"+free+"/leads")
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), free) {
		t.Errorf("the error is %v", err)
	}
}

func TestPostgres_name(t *testing.T) {
	t.Parallel()
	for target, want := range map[string]string{
		"postgres://example_user:secret@db.example.com/leads":                 "postgres://db.example.com:5432/leads",
		"postgresql://db.example.com:6432/a?password=secret&pool_max_conns=9": "postgres://db.example.com:6432/a",
		"postgres:///leads?host=/run/x&user=u&password=secret":                "postgres:///leads?host=%2Frun%2Fx&port=5432",
		"postgres://u:secret@[::1]:6432/a%20b":                                "postgres://[::1]:6432/a%20b",
	} {
		config, err := poolConfig(target, &sqlcore.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := copyName(config); got != want {
			t.Errorf("%s is called %s; want %s", target, got, want)
		}
		if _, err := url.Parse(copyName(config)); err != nil {
			t.Error(err)
		}
	}
}

func TestPostgres_connections(t *testing.T) {
	t.Parallel()
	const target = "postgres://example_user@db.example.com/leads"
	for _, c := range []struct {
		target string
		max    int
		want   int32
	}{{target, 0, 12}, {target + "?pool_max_conns=20", 0, 20}, {target + "?pool_max_conns=20", 7, 7}, {target, 1, 4}} {
		config, err := poolConfig(c.target, &sqlcore.Options{MaxConns: c.max})
		if err != nil || config.MaxConns != c.want {
			t.Errorf("%s with %d has %d, %v; want %d", c.target, c.max, config.MaxConns, err, c.want)
		}
	}
}

func openPostgres(t *testing.T, target string) *Store {
	t.Helper()
	s, err := Open(t.Context(), target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func execRaw(ctx context.Context, tx sqldb.Tx, statement string) error {
	_, err := tx.Exec(ctx, statement)
	return err
}
