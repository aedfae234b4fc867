package records

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/mktows/mktows-go/cmd/mktows/internal/exit"
)

// Content is what was read from a file or from standard input.
type Content struct {
	Text []byte
	Info os.FileInfo // of a file; nil for standard input
	Err  error       // why it could not be read
}

// ReadAll reads stdin or, if that is nil, the file at path. It reads at most limit+1 bytes; a caller recognises an
// input that is too large by the one byte too many (see Problem).
//
// If ctx ends first, ReadAll returns a *waitError. A read from a pipe or a terminal cannot be cancelled, so it
// happens in a goroutine of its own; that goroutine is abandoned when ctx ends and lives until the process does,
// which is soon.
func ReadAll(ctx context.Context, stdin io.Reader, path string, limit int64) (Content, error) {
	done := make(chan Content, 1)
	go func() { done <- readNow(stdin, path, limit) }()
	return await(ctx, done, Name(path))
}

// await waits for what a read sends on done, or for the end of ctx.
func await(ctx context.Context, done <-chan Content, input string) (Content, error) {
	var c Content
	select {
	case c = <-done:
	case <-ctx.Done():
	}
	if ctx.Err() != nil { // also if both happened: who interrupts wants nothing done
		return Content{}, &waitError{input, ctx.Err(), context.Cause(ctx)}
	}
	return c, nil
}

// readNow does the reading, and may block for ever: opening a FIFO waits for a writer.
func readNow(stdin io.Reader, path string, limit int64) (c Content) {
	in := stdin
	if in == nil {
		file, err := os.Open(path) // of a FIFO without a writer, this waits too
		if err != nil {
			return Content{Err: err}
		}
		defer file.Close()
		if c.Info, c.Err = file.Stat(); c.Err != nil {
			return c
		}
		in = file
	}
	c.Text, c.Err = io.ReadAll(io.LimitReader(in, limit+1))
	return c
}

// ReadFileOrStdin is ReadAll for a FILE that may be -.
func ReadFileOrStdin(ctx context.Context, stdin io.Reader, path string, limit int64) (Content, error) {
	if path == "-" {
		return ReadAll(ctx, stdin, path, limit)
	}
	return ReadAll(ctx, nil, path, limit)
}

// Problem returns the error for a file that cannot be used because it is missing, cannot be read or has more than
// limit bytes; nil if it can. All commands that take a FILE report it through this method, so they use the same words
// and the same exit code.
func (c Content) Problem(path string, limit int64) error {
	name := Name(path)
	if strings.TrimSpace(name) != name {
		name = strconv.Quote(name) // or nobody sees what is wrong with it
	}
	var known *os.PathError // which says the path in the manner of programs
	switch {
	case errors.As(c.Err, &known):
		return exit.Inputf("%s cannot be read: %w", name, known.Err)
	case c.Err != nil:
		return exit.Inputf("%s cannot be read: %w", name, c.Err)
	case int64(len(c.Text)) > limit:
		return exit.Inputf("%s has more than %d bytes", name, limit)
	}
	return nil
}

// waitError says that a signal or --timeout came before the end of an input. Unwrap returns the error of the context,
// so that the exit code is that of an interruption; the text has the cause, such as "--timeout of 5s is over".
type waitError struct {
	input       string
	over, cause error
}

func (e *waitError) Error() string {
	return e.cause.Error() + ", and " + e.input + " has not ended"
}

func (e *waitError) Unwrap() error { return e.over }

// ExitCode is used when --timeout ran out. An interruption is recognised earlier, by package exit.
func (*waitError) ExitCode() int { return exit.Service }
