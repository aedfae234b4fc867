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
	"net/http"
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
	overREST := flag.Int("rest", 200_000, "rows of the source that is copied over the REST API, and over the SOAP API beside it; 0: none")
	only := flag.String("only", "", "measure only this database: SQLite or PostgreSQL")
	profile := flag.String("profile", "", "write profiles of the copying process into this folder, while it works")
	flag.Parse()
	switch role {
	case "serve":
		return serve(ctx, *large)
	case "copy":
		return makeCopy(ctx, flag.Arg(0), flag.Arg(1), flag.Arg(2), sourceOf(*large).since, *profile)
	}
	b := &bench{only: *only, profile: *profile, results: map[string][]result{}}
	return b.run(ctx, []int{*small, *large}, *overREST)
}

// bench compares copies.
type bench struct {
	only    string // database; empty: all
	profile string
	results map[string][]result // by the name of what was measured, in the order of sizes
}

// result is what a copy took.
type result struct {
	Rows    int64
	Seconds float64
	Peak    int64 // bytes of memory; 0: the system does not tell
	Size    int64 // bytes of the copy
	Calls   int64
}

func (r result) speed() float64 { return float64(r.Rows) / r.Seconds }

// The ways from a service to a copy.
const (
	overSOAP = "SOAP"
	byPages  = "REST, by pages"
	byBulk   = "REST, by bulk extract"
)

// measured is what is measured: copies into a database, by a way.
type measured struct {
	database, way string
	target        func(ctx context.Context, dir string) (string, error)
}

func (m measured) String() string { return m.database + ", " + m.way }

func sqlite(_ context.Context, dir string) (string, error) { return filepath.Join(dir, "copy.db"), nil }

func postgres(ctx context.Context, _ string) (string, error) { return pgtest.NewDatabase(ctx) }

var (
	databases = []measured{{"SQLite", overSOAP, sqlite}, {"PostgreSQL", overSOAP, postgres}}
	besides   = []measured{{"SQLite", overSOAP, sqlite}, {"SQLite", byPages, sqlite}, {"SQLite", byBulk, sqlite}}
)

// run prints the table, and below it how the memory has grown with the rows.
func (b *bench) run(ctx context.Context, sizes []int, overREST int) error {
	fmt.Printf("%s %s/%s, %d processors, which the service and the database use too. PostgreSQL runs without fsync.\n\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	fmt.Println("| copy into | over | rows | rows per second | calls | peak memory | size of the copy |")
	fmt.Println("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
	for _, rows := range sizes {
		if err := b.at(ctx, rows, databases); err != nil {
			return err
		}
	}
	if err := b.at(ctx, overREST, besides); err != nil {
		return err
	}
	fmt.Println()
	for _, m := range databases {
		r := b.results[m.String()]
		if len(r) < 2 || r[0].Peak == 0 {
			continue
		}
		small, large := r[0], r[1]
		fmt.Printf("%s: %.0f times as many rows take %.2f times the memory.\n",
			m.database, float64(large.Rows)/float64(small.Rows), float64(large.Peak)/float64(small.Peak))
	}
	return nil
}

// at copies a source of so many rows in several ways; 0: none.
func (b *bench) at(ctx context.Context, rows int, all []measured) error {
	if rows == 0 {
		return nil
	}
	service, url, err := startService(ctx, rows)
	if err != nil {
		return err
	}
	defer service.end()
	for _, m := range all {
		if b.only != "" && b.only != m.database {
			continue
		}
		r, err := b.measure(ctx, m, url, rows)
		if err != nil {
			return fmt.Errorf("%s, %d rows: %w", m, rows, err)
		}
		if r.Rows != int64(rows) {
			return fmt.Errorf("%s: %d rows were copied, the service has %d", m, r.Rows, rows)
		}
		b.results[m.String()] = append(b.results[m.String()], r)
		fmt.Printf("| %s | %s | %d | %.0f | %d | %s | %.0f MB |\n", m.database, m.way, r.Rows, r.speed(), r.Calls, megabytes(r.Peak), float64(r.Size)/1e6)
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
func (b *bench) measure(ctx context.Context, m measured, url string, rows int) (result, error) {
	var r result
	dir, err := os.MkdirTemp("", "syncbench-")
	if err != nil {
		return r, err
	}
	defer os.RemoveAll(dir)
	target, err := m.target(ctx, dir)
	if err != nil {
		return r, err
	}
	before, err := callsOf(ctx, url)
	if err != nil {
		return r, err
	}
	out, err := role(ctx, "copy", "-large", strconv.Itoa(rows), "-profile", b.profile, m.way, url, target).Output()
	if err != nil {
		return r, err
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return r, err
	}
	after, err := callsOf(ctx, url)
	r.Calls = after - before
	return r, err
}

// callsOf returns how many calls a service has got.
func callsOf(ctx context.Context, url string) (calls int64, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+callsPath, nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = fmt.Fscan(answer.Body, &calls)
	return calls, err
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
