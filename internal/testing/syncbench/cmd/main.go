// Command cmd measures how fast package leadsync copies activities and how much memory that takes.
//
// The service is the simulator in a process of its own, behind HTTP and without limits. Each
// copy is made by another new process, since the greatest amount of memory that a process ever had
// is what is looked at. All of them share the machine, so the figures are those of this
// machine, in this run.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/internal/testing/pgtest"
)

// roleVariable makes the program one of the other processes: serve or copy.
const roleVariable = "SYNCBENCH_ROLE"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := play(ctx, os.Getenv(roleVariable))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "syncbench:", err)
		os.Exit(1)
	}
}

// play does what the role of this process is: measure, serve or copy.
func play(ctx context.Context, role string) error {
	small := flag.Int("small", 10_000, "rows of the small source")
	large := flag.Int("large", 1_000_000, "rows of the large source")
	only := flag.String("only", "", "measure only this database: SQLite or PostgreSQL")
	profile := flag.String("profile", "", "write heap profiles of the copying process into this folder, while it works")
	flag.Parse()
	switch role {
	case "serve":
		return serve(ctx, *large)
	case "copy":
		return makeCopy(ctx, flag.Arg(0), flag.Arg(1), sourceOf(*large).since, *profile)
	}
	b := &bench{only: *only, profile: *profile, results: map[string][]result{}}
	return b.run(ctx, *small, *large)
}

// bench compares copies.
type bench struct {
	only    string // database; empty: all
	profile string
	results map[string][]result // by database, in the order of sizes
}

// result is what a copy took.
type result struct {
	Rows    int64
	Seconds float64
	Peak    int64 // bytes of memory; 0: the system does not tell
	Size    int64 // bytes of the copy
}

func (r result) speed() float64 { return float64(r.Rows) / r.Seconds }

// database is where copies go.
type database struct {
	name   string
	target func(ctx context.Context, dir string) (string, error)
}

var databases = []database{
	{"SQLite", func(_ context.Context, dir string) (string, error) { return filepath.Join(dir, "copy.db"), nil }},
	{"PostgreSQL", func(ctx context.Context, _ string) (string, error) { return pgtest.NewDatabase(ctx) }},
}

// run prints the table, and below it how the memory has grown with the rows.
func (b *bench) run(ctx context.Context, sizes ...int) error {
	fmt.Printf("%s %s/%s, %d processors, which the service and the database use too. PostgreSQL runs without fsync.\n\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	fmt.Println("| copy into | rows | rows per second | peak memory | size of the copy |")
	fmt.Println("| --- | ---: | ---: | ---: | ---: |")
	for _, rows := range sizes {
		if err := b.at(ctx, rows); err != nil {
			return err
		}
	}
	fmt.Println()
	for _, db := range databases {
		r := b.results[db.name]
		if len(r) < 2 || r[0].Peak == 0 {
			continue
		}
		small, large := r[0], r[len(r)-1]
		fmt.Printf("%s: %.0f times as many rows take %.2f times the memory.\n",
			db.name, float64(large.Rows)/float64(small.Rows), float64(large.Peak)/float64(small.Peak))
	}
	return nil
}

// at copies a source of so many rows into each database.
func (b *bench) at(ctx context.Context, rows int) error {
	service, url, err := startService(ctx, rows)
	if err != nil {
		return err
	}
	defer service.end()
	for _, db := range databases {
		if b.only != "" && b.only != db.name {
			continue
		}
		r, err := b.measure(ctx, db, url, rows)
		if err != nil {
			return fmt.Errorf("%s, %d rows: %w", db.name, rows, err)
		}
		if r.Rows != int64(rows) {
			return fmt.Errorf("%s: %d rows were copied, the service has %d", db.name, r.Rows, rows)
		}
		b.results[db.name] = append(b.results[db.name], r)
		fmt.Printf("| %s | %d | %.0f | %s | %.0f MB |\n", db.name, r.Rows, r.speed(), megabytes(r.Peak), float64(r.Size)/1e6)
	}
	return nil
}

func megabytes(bytes int64) string {
	if bytes == 0 {
		return "not known"
	}
	return fmt.Sprintf("%.0f MB", float64(bytes)/1e6)
}

// measure lets a new process make one copy.
func (b *bench) measure(ctx context.Context, db database, url string, rows int) (result, error) {
	var r result
	dir, err := os.MkdirTemp("", "syncbench-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	target, err := db.target(ctx, dir)
	if err != nil {
		return r, err
	}
	cmd := role(ctx, "copy", "-large", strconv.Itoa(rows), "-profile", b.profile, url, target)
	out, err := cmd.Output()
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(out, &r)
}

// role returns this program in another role.
func role(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), roleVariable+"="+name)
	cmd.Stderr = os.Stderr
	return cmd
}

// service is the process of the simulator. It ends when its standard input does.
type service struct {
	cmd   *exec.Cmd
	stdin io.Closer
}

// startService starts the simulator in a process of its own and returns its URL, which is the first line that it
// prints.
func startService(ctx context.Context, rows int) (*service, string, error) {
	s := &service{cmd: role(ctx, "serve", "-large", strconv.Itoa(rows))}
	stdin, err1 := s.cmd.StdinPipe()
	stdout, err2 := s.cmd.StdoutPipe()
	if err := errors.Join(err1, err2); err != nil {
		return nil, "", err
	}
	s.stdin = stdin
	if err := s.cmd.Start(); err != nil {
		return nil, "", err
	}
	url, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		s.end()
		return nil, "", fmt.Errorf("the service did not start: %w", err)
	}
	return s, strings.TrimSpace(url), nil
}

func (s *service) end() {
	_ = s.stdin.Close()
	_ = s.cmd.Wait() // what it did was measured from outside
}
