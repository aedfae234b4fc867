package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/spf13/cobra"
)

func usagef(format string, args ...any) error {
	return asUsage(fmt.Errorf(format, args...))
}

func settingsf(format string, args ...any) error {
	return asSettings(fmt.Errorf(format, args...))
}

func inputf(format string, args ...any) error {
	return asInput(fmt.Errorf(format, args...))
}

// report prints what a command ended with and returns its exit code.
func (a *app) report(ctx context.Context, cmd *cobra.Command, err error) int {
	var usage usageError
	if err != nil && !a.started && !errors.As(err, &usage) {
		err = asUsage(err) // cobra's own
	}
	code := exitCode(ctx, err)
	switch code {
	case exitOK, exitPipe: // of a pipe that was closed nobody wants to hear
	case exitInterrupted:
		a.complain("interrupted")
	case exitUsage:
		a.complain(err.Error())
		errors.As(err, &usage)
		a.complain(fmt.Sprintf("run %q for help", cmp.Or(usage.help, cmd.CommandPath()+" --help")))
	default:
		a.complain(err.Error())
		a.tellRemoved(err)
	}
	return code
}

// complain writes each line of a message to standard error.
func (a *app) complain(message string) {
	for line := range strings.Lines(message) {
		_, _ = fmt.Fprintf(a.stderr, "mktows: %s\n", visible(withoutPackage(strings.TrimSpace(line))))
	}
}

func (a *app) warnf(format string, args ...any) {
	a.complain("warning: " + fmt.Sprintf(format, args...))
}

// lockedWriter lets a message that Ctrl-C causes and others come one after the other.
type lockedWriter struct {
	mu  sync.Mutex
	out io.Writer
}

// Write implements io.Writer.
func (w *lockedWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(p)
}

// withoutPackage takes off what begins the errors of our packages: it tells
// programmers where to look, and users nothing.
func withoutPackage(line string) string {
	for _, name := range []string{"auth: ", "client: ", "secureaccess: ", "server: ", "simulator: ", "leadsync: ", "filestore: ", "report: ", "telemetry: "} {
		if rest, ok := strings.CutPrefix(line, name); ok {
			return rest
		}
	}
	return line
}

// swap lets w write to another writer from now on.
func (w *lockedWriter) swap(out io.Writer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.out = out
}

// printf writes to w what a command has to say.
func printf(w io.Writer, format string, args ...any) error {
	_, err := fmt.Fprintf(w, format, args...)
	return outputError(err)
}

// writeError is an error in writing the output.
type writeError struct{ error }

func (e writeError) Error() string { return "the output cannot be written: " + e.error.Error() }

func (e writeError) Unwrap() error { return e.error }

// outputError says of an error in writing that it was one.
func outputError(err error) error {
	var known writeError
	if err == nil || errors.As(err, &known) {
		return err
	}
	return writeError{err}
}
