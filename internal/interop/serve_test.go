package interop

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/internal/cli"
	"github.com/mktows/mktows-go/simulator"
)

// What the demonstration data has.
const (
	historyCount = 3600 // activities of simulator.DemoHistoryLeadID
	listName     = simulator.DemoList
)

// serve starts the mock server as a user does, on a free port, and returns the settings
// that it prints as shell exports, in the form of an environment.
func serve(t *testing.T) []string {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ready, stdout := io.Pipe()
	var stderr bytes.Buffer
	code := make(chan int, 1)
	go func() {
		args := []string{"serve", "--demo", "--addr", "127.0.0.1:0"}
		code <- cli.Run(ctx, args, func(string) string { return "" }, strings.NewReader(""), stdout, &stderr)
		_ = stdout.Close()
	}()
	t.Cleanup(func() {
		stop()
		if c := <-code; c != 0 {
			t.Errorf("mktows serve ended with exit code %d: %s", c, stderr.String())
		}
	})
	var settings []string
	for lines := bufio.NewScanner(ready); len(settings) < 3 && lines.Scan(); {
		if setting, ok := strings.CutPrefix(lines.Text(), "export "); ok {
			settings = append(settings, setting)
		}
	}
	if len(settings) < 3 {
		t.Fatal("mktows serve ended before it was ready") // the cleanup says why
	}
	go io.Copy(io.Discard, ready) // ends with the server
	return settings
}
