package console

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
	"github.com/mktows/mktows-go/gen"
)

// Console is one run of the program. The second group of fields is the state of that run.
type Console struct {
	Getenv         func(string) string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Args           []string // the command line
	// Origins say of variables that Getenv knows from elsewhere than the environment where they are from.
	Origins map[string]string
	REST    *REST // nil: the program calls the SOAP API only
	// Copy puts a copy beside a port, and done ends that. It tells the user where the answer comes from. Nil: the program
	// knows no copies.
	Copy func(context.Context, *Console, *CopySettings) (port gen.Port, done func(), err error)

	Started bool   // the command line was understood
	Host    string // of the endpoint, once there is one
	Setting string // what names the endpoint, in words: a variable, and a flag if there is one
	Removed bool   // it was said that the service was removed
	Refused bool   // it was said what to check after a refused connection
	Denied  bool   // it was said what finds out which permission is missing
	Chosen  bool   // it was said which of the two APIs is called, where settings of both are there
	End     func() // what ends --timeout
}

// Width returns the width that tables on standard output are fitted to; 0: nothing is cut, since it is no terminal.
func (a *Console) Width() int { return output.ScreenWidth(a.Stdout, a.Getenv("COLUMNS")) }

// Origin returns where the value of a variable is from, for messages: the variable itself, mostly.
func (a *Console) Origin(variable string) string {
	if origin := a.Origins[variable]; origin != "" {
		return origin
	}
	return variable
}

// Complain writes a message to standard error, each line with the name of the program in front. It is made harmless
// to a terminal, since messages quote what the service answered. An error of writing is ignored: there is nowhere
// left to report it.
func (a *Console) Complain(message string) {
	for line := range strings.Lines(message) {
		_, _ = fmt.Fprintf(a.Stderr, "mktows: %s\n", output.Visible(strings.TrimSpace(line)))
	}
}

// Warnf writes a warning to standard error; the command goes on.
func (a *Console) Warnf(format string, args ...any) {
	a.Complain("warning: " + fmt.Sprintf(format, args...))
}

// LockedWriter serialises writes to standard error, where the message that follows a Ctrl-C comes from another
// goroutine than the rest. The lock covers one write, so a message has to be written in one.
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

// Swap redirects w to another writer from now on. Progress bars use it to get hold of messages, which have to appear
// above them.
func (w *LockedWriter) Swap(out io.Writer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Out = out
}

// Logger returns a logger to standard error that logs everything or, unless verbose, nothing.
func (a *Console) Logger(verbose bool) *slog.Logger {
	if !verbose {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(a.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
