package console

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
)

// Console is what the commands share in one run.
type Console struct {
	Getenv         func(string) string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Args           []string // the command line

	Started bool   // the command line was understood
	Host    string // of the endpoint, once there is one
	Removed bool   // it was said that the service was removed
	Refused bool   // it was said what to check after a refused connection
	End     func() // what ends --timeout
}

// Complain writes each line of a message to standard error.
func (a *Console) Complain(message string) {
	for line := range strings.Lines(message) {
		_, _ = fmt.Fprintf(a.Stderr, "mktows: %s\n", output.Visible(strings.TrimSpace(line)))
	}
}

// Warnf writes a warning to standard error.
func (a *Console) Warnf(format string, args ...any) {
	a.Complain("warning: " + fmt.Sprintf(format, args...))
}

// LockedWriter lets a message that Ctrl-C causes and others come one after the other.
type LockedWriter struct {
	mu  sync.Mutex
	Out io.Writer
}

// Write implements io.Writer.
func (w *LockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.Out.Write(p)
}

// Swap lets w write to another writer from now on.
func (w *LockedWriter) Swap(out io.Writer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Out = out
}

// Logger returns a logger to standard error, or to nowhere.
func (a *Console) Logger(verbose bool) *slog.Logger {
	if !verbose {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(a.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
