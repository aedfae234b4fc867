//go:build unix

package pgtest

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"
)

// The server of the process leaves no goroutine, and needs no clean-up here.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func one(ctx context.Context, url string) (n int, err error) {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return 0, err
	}
	defer c.Close(context.WithoutCancel(ctx))
	return n, c.QueryRow(ctx, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&n)
}

func TestDatabasesAreEmptyAndDifferent(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 3 {
		url := Database(t)
		if seen[url] {
			t.Errorf("%s twice", url)
		}
		seen[url] = true
		c, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := c.QueryRow(t.Context(), "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").Scan(&n); err != nil || n != 0 {
			t.Errorf("%d tables, error %v", n, err)
		}
		if _, err := c.Exec(t.Context(), "CREATE TABLE t (x int)"); err != nil {
			t.Error(err)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

func TestStopAndStart(t *testing.T) {
	t.Parallel()
	s := Start(t)
	url := s.Database()
	for _, mode := range []Mode{Fast, Immediate} {
		c, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		s.Stop(mode)
		s.Stop(mode)
		if _, err := c.Exec(t.Context(), "SELECT 1"); err == nil {
			t.Errorf("%s: a stopped server answered", mode)
		}
		if _, err := one(t.Context(), url); err == nil {
			t.Errorf("%s: a stopped server took a connection", mode)
		}
		_ = c.Close(t.Context())
		s.Start()
		if _, err := one(t.Context(), url); err != nil {
			t.Errorf("%s: after the start: %v", mode, err)
		}
	}
}

func TestPauseAndResume(t *testing.T) {
	t.Parallel()
	s := Start(t)
	c, err := pgx.Connect(t.Context(), s.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.WithoutCancel(t.Context()))
	s.Pause()
	answer := make(chan error, 1)
	go func() {
		_, err := c.Exec(t.Context(), "SELECT 1")
		answer <- err
	}()
	select {
	case err := <-answer:
		t.Errorf("a paused server answered: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := one(ctx, s.URL("postgres")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a new connection to a paused server: %v", err)
	}
	s.Resume()
	if err := <-answer; err != nil {
		t.Error(err)
	}
	s.Pause() // the end of the test has to get along with it
}

func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	var s *Server
	t.Run("inner", func(t *testing.T) { s = Start(t) })
	if s == nil {
		t.Skip("no server; see the inner test")
	}
	if _, err := os.Stat(s.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", s.dir, err)
	}
	if _, err := one(t.Context(), s.URL("postgres")); err == nil {
		t.Error("the server is still there")
	}
}

const childVariable = "MKTOWS_PGTEST_CHILD"

// TestKilled kills a process that has a server.
func TestKilled(t *testing.T) {
	t.Parallel()
	if os.Getenv(childVariable) != "" {
		s := Start(t)
		pid, err := os.ReadFile(filepath.Join(s.dir, "data", "postmaster.pid"))
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(pid), "\n")
		os.Stdout.WriteString("server " + first + " " + s.dir + "\n")
		select {}
	}
	if _, err := programs(); err != nil {
		t.Skip(err)
	}
	c := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$", "-test.v")
	c.Env = append(os.Environ(), childVariable+"=1")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	dir, pid := "", 0
	lines := bufio.NewScanner(out)
	for pid == 0 && lines.Scan() {
		if f := strings.Fields(lines.Text()); len(f) == 3 && f[0] == "server" {
			pid, _ = strconv.Atoi(f[1])
			dir = f[2]
		}
	}
	if err := c.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = c.Wait()
	if pid == 0 {
		t.Skip("the child has no server")
	}
	for ctx := t.Context(); ; {
		if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) && !alive(pid) {
			return
		}
		select { // the test's own time-out ends it
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("process %d or %s outlives the test", pid, dir)
		}
	}
}

func TestMissing(t *testing.T) {
	if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin"); len(found) == 0 {
		t.Setenv("PATH", t.TempDir())
		if _, err := programs(); !errors.Is(err, errMissing) || !strings.Contains(err.Error(), "package postgresql") {
			t.Errorf("error %v", err)
		}
	}
	dir := t.TempDir()
	for _, name := range []string{"initdb", "postgres", "pg_ctl"} {
		t.Setenv("PATH", dir)
		if got, _ := programs(); got == dir {
			t.Errorf("without %s it found %s", name, got)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := programs(); got != dir || err != nil {
		t.Errorf("programs = %q, %v; want %s", got, err, dir)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	if a, b := version("/usr/lib/postgresql/9/bin"), version("/usr/lib/postgresql/15/bin"); a != 9 || b != 15 {
		t.Errorf("versions %d and %d", a, b)
	}
}
