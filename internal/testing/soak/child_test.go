//go:build unix

package soak

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/mktows/mktows-go/auth"
	"github.com/mktows/mktows-go/bridge"
	"github.com/mktows/mktows-go/gateway"
	_ "github.com/mktows/mktows-go/internal/testing/wiretest" // looks at all requests
	"github.com/mktows/mktows-go/limits"
	"github.com/mktows/mktows-go/server"
	"github.com/mktows/mktows-go/simulator"
)

// jobVariable is the environment variable that makes the test's binary a child: it has the job as JSON.
const jobVariable = "SOAK_JOB"

// job says what a child does: it is the gateway of a configuration, or the mock, which is server over simulator.
type job struct {
	Config    string // file; empty: the mock
	Unlimited bool   // without the limits of the REST API
}

// figures are what a child tells of itself.
type figures struct {
	CPU        time.Duration
	Heap       uint64 // bytes in use, after the garbage was collected
	Goroutines int
	Reloads    int64
}

// restingGoroutines are those of a child that has ended its work: of main and of signals.
const restingGoroutines = 2

// reloaded counts lines of the log that tell of a reload.
var reloaded atomic.Int64

// countingLog takes the lines of a log, whose making is part of what a call costs.
type countingLog struct{}

func (countingLog) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte("was read again")) {
		reloaded.Add(1)
	}
	return len(line), nil
}

func TestMain(m *testing.M) {
	if text, ok := os.LookupEnv(jobVariable); ok {
		if err := child(text); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child serves until its standard input ends. It prints its address, and its figures for each line that it reads and when it has
// ended.
func child(text string) error {
	flag.Parse() // so that what looks at requests knows whether their cost is measured
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	serve, address, err := j.open(ctx)
	if err != nil {
		return err
	}
	fmt.Println(address)
	ended := make(chan error, 1)
	go func() { ended <- serve() }()
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		report()
	}
	cancel()
	err = <-ended
	for range 100 { // what was told to end takes a moment
		if runtime.NumGoroutine() <= restingGoroutines {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	report()
	if runtime.NumGoroutine() > restingGoroutines {
		_ = pprof.Lookup("goroutine").WriteTo(os.Stderr, 1)
	}
	return err
}

// report prints figures. Connections that were given up take a moment to go.
func report() {
	var use syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &use) // which every system has that this is run on
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	_ = json.NewEncoder(os.Stdout).Encode(figures{time.Duration(use.Utime.Nano() + use.Stime.Nano()), memory.HeapAlloc, runtime.NumGoroutine(), reloaded.Load()})
}

// open opens the address that the child serves at.
func (j job) open(ctx context.Context) (serve func() error, address string, err error) {
	if j.Config == "" {
		return openMock(ctx)
	}
	c, err := gateway.Load(j.Config)
	if err != nil {
		return nil, "", err
	}
	var opts []bridge.Option
	if j.Unlimited {
		opts = append(opts, bridge.WithoutLimits())
	}
	log := slog.New(slog.NewTextHandler(countingLog{}, nil))
	g, err := gateway.New(c, gateway.WithBridgeOptions(opts...), gateway.WithLogger(log))
	if err != nil {
		return nil, "", err
	}
	ln, err := c.Listen(ctx, &c.Listeners[0])
	if err != nil {
		return nil, "", err
	}
	hangUps := make(chan os.Signal, 1)
	signal.Notify(hangUps, syscall.SIGHUP)
	return func() error {
		var following sync.WaitGroup
		following.Go(func() { g.Follow(ctx, c, hangUps) })
		err := g.Serve(ctx, ln, g.Handler(&c.Listeners[0]))
		following.Wait()
		return err
	}, ln.Addr().String(), nil
}

// openMock opens a mock of the SOAP API with the leads that measurements ask for.
func openMock(ctx context.Context) (serve func() error, address string, err error) {
	sim := simulator.New()
	if err := seed(sim); err != nil {
		return nil, "", err
	}
	mock, err := server.New(sim, server.WithUsers(map[string]auth.Secret{userOf(0): auth.NewSecret(key)}), server.WithLimits(limits.Unlimited()))
	if err != nil {
		return nil, "", err
	}
	ln, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	srv := &http.Server{Handler: mock, ReadHeaderTimeout: time.Minute}
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	return func() error { _ = srv.Serve(ln); return nil }, ln.Addr().String(), nil
}

// process is a child, as the test sees it.
type process struct {
	base string // URL
	cmd  *exec.Cmd
	in   io.WriteCloser
	out  *bufio.Reader
}

// start starts a child, which ends with the test.
func start(t testing.TB, j job) *process {
	t.Helper()
	text, err := json.Marshal(j)
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(os.Args[0], "-test.bench="+flag.Lookup("test.bench").Value.String())}
	p.cmd.Env = append(os.Environ(), jobVariable+"="+string(text))
	p.cmd.Stderr = os.Stderr
	var out io.ReadCloser
	if p.in, err = p.cmd.StdinPipe(); err == nil {
		out, err = p.cmd.StdoutPipe()
	}
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.in.Close(); _ = p.cmd.Wait() })
	p.out = bufio.NewReader(out)
	address, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	p.base = "http://" + address[:len(address)-1]
	return p
}

// figures asks the child for its figures.
func (p *process) figures(t testing.TB) figures {
	t.Helper()
	if _, err := io.WriteString(p.in, "\n"); err != nil {
		t.Fatal(err)
	}
	return p.read(t)
}

// stop ends the child and returns its last figures.
func (p *process) stop(t testing.TB) figures {
	t.Helper()
	_ = p.in.Close()
	last := p.read(t)
	if err := p.cmd.Wait(); err != nil {
		t.Error(err)
	}
	return last
}

func (p *process) read(t testing.TB) (f figures) {
	t.Helper()
	line, err := p.out.ReadString('\n')
	if err == nil {
		err = json.Unmarshal([]byte(line), &f)
	}
	if err != nil {
		t.Fatal(err)
	}
	return f
}
