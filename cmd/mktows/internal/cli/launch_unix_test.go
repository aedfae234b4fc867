//go:build unix

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mktows/mktows-go/internal/limit"
)

// A process of the test binary takes more time to start than most commands take to run. So each script has one process that
// runs its commands, one after the other, and finds a small program by the name of mktows, which hands it the command. Tests
// that are not scripts start a process for each command.

// varServer names the socket by which launch reaches the process that runs commands.
const varServer = "MKTOWS_TEST_SERVER"

// launcher returns a folder that has launch in it, named mktows. Where there is no Go compiler it returns none, and each command
// is a process of its own.
func launcher(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	build := exec.CommandContext(t.Context(), "go", "build", "-ldflags=-s -w", "-o", filepath.Join(dir, "mktows"), "./testdata/launch")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Logf("each command is a process: %v: %s", err, out)
		return ""
	}
	return dir
}

// launchCommands starts the process that runs the commands of a script. The script fails if that process panics, reports a
// race, or prints anything of its own.
func launchCommands(tb testing.TB, env *testscript.Env, launcher string) {
	tb.Helper()
	if launcher == "" {
		return
	}
	program, err := exec.LookPath("mktows")
	if err != nil {
		tb.Fatal(err)
	}
	socket := filepath.Join(tb.TempDir(), "s")
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: socket, Net: "unix"})
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	l.SetUnlinkOnClose(false)
	listener, err := l.File()
	if err != nil {
		tb.Fatal(err)
	}
	defer listener.Close()
	env.Setenv("PATH", launcher+string(filepath.ListSeparator)+env.Getenv("PATH"))
	env.Setenv(varServer, socket)
	cmd := exec.CommandContext(context.WithoutCancel(tb.Context()), filepath.Join(filepath.Dir(program), "mktows-server"), program)
	cmd.Env, cmd.ExtraFiles = env.Vars, []*os.File{listener}
	var said strings.Builder
	cmd.Stderr = &said
	alive, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	env.Defer(func() {
		_ = alive.Close() // which ends it
		if err := cmd.Wait(); err != nil || said.Len() > 0 {
			tb.Errorf("the process that ran the commands: %v: %s", err, &said)
		}
	})
}

// serveCommands is the main function of the process. It ends with its standard input.
func serveCommands() {
	l, err := net.FileListener(os.NewFile(3, "listener"))
	if err != nil {
		panic(err)
	}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = l.Close()
	}()
	began := lasting(os.Environ())
	var busy sync.Mutex
	for {
		conn, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			panic(err)
		}
		go serveCommand(conn.(*net.UnixConn), began, &busy)
	}
}

// lasting returns the variables that must be the same for all commands of a process, since code may read them only once, as
// that for proxies does.
func lasting(env []string) []string {
	last := make(map[string]string)
	for _, v := range env {
		if name, value, _ := strings.Cut(v, "="); name != "PWD" && value != "" && !strings.HasPrefix(name, "MKTOWS_") {
			last[name] = value
		}
	}
	var list []string
	for name, value := range last {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// command is what launch says of the process that it stands for.
type command struct {
	Args, Env []string
	Dir       string
}

// serveCommand runs a command. It has launch start a process instead where another command is running, or where the lasting
// variables are not those that this process began with.
func serveCommand(conn *net.UnixConn, began []string, busy *sync.Mutex) {
	defer conn.Close()
	streams := receiveStreams(conn)
	defer func() {
		for _, f := range streams {
			_ = f.Close()
		}
	}()
	var c command
	if err := json.NewDecoder(conn).Decode(&c); err != nil {
		panic(err)
	}
	answer := map[string]any{"Program": os.Args[1]}
	if slices.Equal(began, lasting(c.Env)) && busy.TryLock() {
		answer = map[string]any{"Code": c.run(conn, streams)}
		busy.Unlock()
	}
	_ = json.NewEncoder(conn).Encode(answer) // launch says so where none arrives
}

// run runs the command, as the first one of a process, until launch is gone.
func (c command) run(conn io.Reader, streams [3]*os.File) int {
	limit.Process, limit.ProcessDays = new(limit.Registry), new(limit.Days) // timers of the command before may still run on the former ones
	if err := os.Chdir(c.Dir); err != nil {
		panic(err)
	}
	os.Clearenv()
	for _, v := range c.Env {
		name, value, _ := strings.Cut(v, "=")
		_ = os.Setenv(name, value)
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, conn)
		stop()
	}()
	return guarded(ctx, c.Args, streams[0], streams[1], streams[2])
}

// receiveStreams takes standard input, output and error of a command.
func receiveStreams(conn *net.UnixConn) (streams [3]*os.File) {
	rights := make([]byte, syscall.CmsgSpace(3*4))
	_, n, _, _, err := conn.ReadMsgUnix(make([]byte, 1), rights)
	if err != nil {
		panic(err)
	}
	messages, err := syscall.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		panic(fmt.Sprint(len(messages), err))
	}
	fds, err := syscall.ParseUnixRights(&messages[0])
	if err != nil {
		panic(err)
	}
	for i := range streams {
		syscall.CloseOnExec(fds[i])
		streams[i] = os.NewFile(uintptr(fds[i]), fmt.Sprintf("/dev/fd/%d", i))
	}
	return streams
}
