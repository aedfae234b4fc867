// Package pgtest gives tests a PostgreSQL server of their own. It needs no more than
// the server's programs: initdb, postgres and pg_ctl, in PATH or where Debian's package
// postgresql puts them. Where they are missing, tests are skipped.
//
// A server listens on a socket in a folder of its own and on nothing else, so it
// collides with no other. It runs beneath a shell that reads from a pipe of the test's process:
// when that process ends, even if it is killed, the shell ends the server and removes the
// folder. Nothing has to be called at the end of a test, or of all tests, and no goroutine is left.
package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Mode is how a server is stopped.
type Mode string

// The modes, as pg_ctl names them.
const (
	Fast      Mode = "fast"      // transactions are undone, connections closed in order
	Immediate Mode = "immediate" // as if it crashed; the next start recovers
)

// guard runs as the server's user. It is given the folder and the folder of the programs.
// A line on its standard input is the mode to stop the server with; without one the test's
// process is gone, and nobody needs the folder any more.
const guard = `
log=$1/log data=$1/data
if ! [ -d "$data" ]; then
	"$2/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$log" 2>&1 || exit 1
fi
"$2/pg_ctl" start -D "$data" -w -t 120 -s -l "$log" -o "-k '$1' -c listen_addresses='' -c port=5432 -c max_connections=300 \
	-c fsync=off -c full_page_writes=off -c dynamic_shared_memory_type=mmap" >>"$log" 2>&1 || exit 1
echo started
read -r mode || mode=
kill -s CONT "$(head -n 1 "$data/postmaster.pid")" # it may have been paused
"$2/pg_ctl" stop -D "$data" -w -t 120 -s -m "${mode:-immediate}" >>"$log" 2>&1
[ -n "$mode" ] || rm -rf "$1"
`

// errMissing says that the machine lacks something that a server needs. That is not the fault of what is tested, so
// such tests are skipped and do not fail.
var errMissing = errors.New("no PostgreSQL server for tests")

// Server is a server of one test. Its methods end the test if they fail.
type Server struct {
	tb        testing.TB // nil for the server of the process
	dir, bin  string
	owner     *owner // nil: the user of the process
	guard     *exec.Cmd
	input     *os.File // the guard's; nil while the server is stopped
	databases atomic.Int64
	paused    []int // process ids
}

// process is the server that all tests of the process share, from its first use on. To make and start a server takes
// far longer than to create a database on one that runs.
var process = sync.OnceValues(newServer)

// Database creates an empty database on a server that all tests of the process share,
// and returns its URL. It skips the test where there is no PostgreSQL.
func Database(tb testing.TB) string {
	tb.Helper()
	db, err := NewDatabase(tb.Context())
	check(tb, err)
	return db
}

// NewDatabase is Database for programs that are not tests. Its error says what is missing.
func NewDatabase(ctx context.Context) (db string, err error) {
	s, err := process()
	if err != nil {
		return "", err
	}
	return s.create(ctx)
}

// Start starts a server for this test alone, which may stop and start it. It ends with
// the test.
func Start(tb testing.TB) *Server {
	tb.Helper()
	s, err := newServer()
	check(tb, err)
	s.tb = tb
	tb.Cleanup(s.remove)
	return s
}

// check skips a test on a machine that cannot run PostgreSQL, and fails it for any other error.
func check(tb testing.TB, err error) {
	tb.Helper()
	switch {
	case errors.Is(err, errMissing):
		tb.Skip(err)
	case err != nil:
		tb.Fatal(err)
	}
}

// URL returns the URL of a database; "postgres" is always there. It stays the same when the
// server is stopped and started.
func (s *Server) URL(db string) string {
	q := url.Values{"host": {s.dir}, "port": {"5432"}}
	return (&url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + db, RawQuery: q.Encode()}).String()
}

// Database creates an empty database and returns its URL.
func (s *Server) Database() string {
	s.tb.Helper()
	db, err := s.create(s.tb.Context())
	check(s.tb, err)
	return db
}

// Stop stops the server: its clients lose their connections, and new ones are refused. Stopping a stopped server does
// nothing, so that a test may stop it in a cleanup whatever has happened before.
func (s *Server) Stop(mode Mode) {
	s.tb.Helper()
	if s.input == nil {
		return
	}
	s.Resume()
	_, err := fmt.Fprintln(s.input, mode)
	check(s.tb, errors.Join(err, s.end()))
}

// Start starts the server again after Stop, and returns when it takes connections.
func (s *Server) Start() {
	s.tb.Helper()
	if s.input == nil {
		check(s.tb, s.start())
	}
}

// Pause makes the server hang until Resume, as a machine does that swaps or a network that drops packets: connections
// stay open and nobody answers. Whoever connects meanwhile succeeds (the kernel accepts for the server) and then
// waits as well.
func (s *Server) Pause() {
	s.tb.Helper()
	pids, err := s.processes(s.tb.Context())
	check(s.tb, err)
	s.paused = pids
	check(s.tb, s.signal(true))
}

// Resume makes it go on after Pause.
func (s *Server) Resume() {
	s.tb.Helper()
	err := s.signal(false)
	s.paused = nil
	check(s.tb, err)
}

func (s *Server) signal(stop bool) error {
	for _, pid := range s.paused {
		if err := signal(pid, stop); err != nil {
			return fmt.Errorf("PostgreSQL's process %d: %w", pid, err)
		}
	}
	return nil
}

// newServer finds the programs, makes a folder and starts the server in it. If the server does not start, the folder
// is removed here, since nobody else would.
func newServer() (*Server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	o, err := unprivileged()
	if err != nil {
		return nil, err
	}
	dir, err := folder(o)
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin, owner: o}
	if err := s.start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// start starts the guard, which starts the server, and waits until the guard says "started". If anything else comes,
// or nothing, the log of the server is part of the error: what is wrong with a server stands nowhere else.
func (s *Server) start() error {
	in, input, err := os.Pipe()
	if err != nil {
		return err
	}
	defer in.Close()
	output, out, err := os.Pipe()
	if err != nil {
		return errors.Join(err, input.Close())
	}
	defer output.Close()
	s.guard = &exec.Cmd{
		Path: "/bin/sh", Args: []string{"sh", "-c", guard, "sh", s.dir, s.bin},
		Env: []string{"PATH=/usr/bin:/bin", "LC_ALL=C"}, Dir: s.dir,
		Stdin: in, Stdout: out, SysProcAttr: attributes(s.owner),
	}
	err = s.guard.Start()
	out.Close()
	if err != nil {
		return errors.Join(fmt.Errorf("start a shell for PostgreSQL: %w", err), input.Close())
	}
	s.input = input
	if line, _ := bufio.NewReader(output).ReadString('\n'); line == "started\n" {
		return nil
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
	return errors.Join(fmt.Errorf("PostgreSQL did not start; its log: %s", log), s.end())
}

// end closes the pipe to the guard and waits for the guard. What the guard does then depends on what the pipe has
// brought before: a mode stops the server and keeps its data, nothing at all stops it and removes the folder.
func (s *Server) end() error {
	err := s.input.Close()
	s.input = nil
	return errors.Join(err, s.guard.Wait())
}

// remove ends the server for good.
func (s *Server) remove() {
	if s.input != nil {
		s.Resume()
		if err := s.end(); err != nil {
			s.tb.Errorf("PostgreSQL's end: %v", err)
		}
	}
	if err := os.RemoveAll(s.dir); err != nil { // the guard may lack the right to
		s.tb.Error(err)
	}
}

// query calls f with a connection to the database postgres.
func (s *Server) query(ctx context.Context, f func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	return errors.Join(f(ctx, c), c.Close(ctx))
}

// create makes an empty database. It copies template0, because a copy of the default template1 fails while somebody
// is connected to that one.
func (s *Server) create(ctx context.Context) (string, error) {
	name := fmt.Sprintf("test_%d", s.databases.Add(1))
	err := s.query(ctx, func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "CREATE DATABASE "+name+" TEMPLATE template0")
		return err
	})
	return s.URL(name), err
}

// processes returns the ids of the process that accepts connections and of those that serve one. The background
// processes of PostgreSQL are left out: they answer no client, so they may go on.
func (s *Server) processes(ctx context.Context) ([]int, error) {
	text, err := os.ReadFile(filepath.Join(s.dir, "data", "postmaster.pid"))
	if err != nil {
		return nil, err
	}
	line, _, _ := strings.Cut(string(text), "\n")
	postmaster, err := strconv.Atoi(line)
	if err != nil {
		return nil, err
	}
	pids := []int{postmaster}
	err = s.query(ctx, func(ctx context.Context, c *pgx.Conn) error {
		rows, err := c.Query(ctx, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
		if err != nil {
			return err
		}
		backends, err := pgx.CollectRows(rows, pgx.RowTo[int])
		pids = append(pids, backends...)
		return err
	})
	return pids, err
}

// programs returns the folder that holds PostgreSQL's programs: one in PATH, or else the latest version of the Debian
// packages, which do not put their programs into PATH.
func programs() (string, error) {
	dirs := filepath.SplitList(os.Getenv("PATH"))
	debian, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is right
	slices.SortFunc(debian, func(a, b string) int { return version(b) - version(a) })
	for _, dir := range append(dirs, debian...) {
		if filepath.IsAbs(dir) && !slices.ContainsFunc([]string{"initdb", "postgres", "pg_ctl"}, func(name string) bool {
			_, err := exec.LookPath(filepath.Join(dir, name))
			return err != nil
		}) {
			return dir, nil
		}
	}
	return "", fmt.Errorf("%w: initdb, postgres and pg_ctl are neither in PATH nor in /usr/lib/postgresql; "+
		"install the Debian package postgresql", errMissing)
}

// version reads 15 from /usr/lib/postgresql/15/bin, and 0 from what has none.
func version(dir string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
	return n
}
