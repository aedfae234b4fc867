package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
)

// content is what was read from a file or from standard input.
type content struct {
	text []byte
	info os.FileInfo // of a file; nil for standard input
	err  error       // why it could not be read
}

// readAll reads stdin or, where that is nil, the file at path, but no more than one byte
// beyond limit. Its error is a *waitError and comes when ctx ends first: nothing else ends
// the wait for a pipe or a terminal. What is left waiting then ends with the process.
func readAll(ctx context.Context, stdin io.Reader, path string, limit int64) (content, error) {
	done := make(chan content, 1)
	go func() { done <- readNow(stdin, path, limit) }()
	return await(ctx, done, inputName(path))
}

func await(ctx context.Context, done <-chan content, input string) (content, error) {
	var c content
	select {
	case c = <-done:
	case <-ctx.Done():
	}
	if ctx.Err() != nil { // also if both happened: who interrupts wants nothing done
		return content{}, &waitError{input, ctx.Err(), context.Cause(ctx)}
	}
	return c, nil
}

func readNow(stdin io.Reader, path string, limit int64) (c content) {
	in := stdin
	if in == nil {
		file, err := os.Open(path) // of a FIFO without a writer, this waits too
		if err != nil {
			return content{err: err}
		}
		defer file.Close()
		if c.info, c.err = file.Stat(); c.err != nil {
			return c
		}
		in = file
	}
	c.text, c.err = io.ReadAll(io.LimitReader(in, limit+1))
	return c
}

// readFileOrStdin is readAll for a FILE that may be -.
func readFileOrStdin(ctx context.Context, stdin io.Reader, path string, limit int64) (content, error) {
	if path == "-" {
		return readAll(ctx, stdin, path, limit)
	}
	return readAll(ctx, nil, path, limit)
}

// problem says why a file that the command line names cannot be used, whatever the command: an
// input that is missing, that cannot be read or that has more bytes than limit.
func (c content) problem(path string, limit int64) error {
	name := inputName(path)
	if strings.TrimSpace(name) != name {
		name = strconv.Quote(name) // or nobody sees what is wrong with it
	}
	var known *os.PathError // which says the path in the manner of programs
	switch {
	case errors.As(c.err, &known):
		return inputf("%s cannot be read: %w", name, known.Err)
	case c.err != nil:
		return inputf("%s cannot be read: %w", name, c.err)
	case int64(len(c.text)) > limit:
		return inputf("%s has more than %d bytes", name, limit)
	}
	return nil
}

// waitError says that a signal or --timeout came before the end of an input.
type waitError struct {
	input       string
	over, cause error
}

func (e *waitError) Error() string {
	return e.cause.Error() + ", and " + e.input + " has not ended"
}

func (e *waitError) Unwrap() error { return e.over }

// exitCode is for --timeout.
func (*waitError) exitCode() int { return exitService }
