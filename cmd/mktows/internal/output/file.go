package output

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// WriteFile replaces the file at path by what write produces, as a whole or not at all, and returns its size. It
// writes to a temporary file in the same folder and renames it at the end, since rename is atomic only within one
// file system.
//
// A device or a pipe is written directly, because it cannot be replaced. A symbolic link is kept, and the file it
// points to is replaced. The new file has the permissions of the old one.
func WriteFile(path string, write func(io.Writer) error) (size int64, err error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return writeInPlace(path, write)
	}
	removeLeftovers(path)
	temp, err := createTemp(path)
	if err != nil {
		return 0, outputError(ofFile(path, err))
	}
	n := &Counter{Out: tempWriter{temp, path}}
	err = write(n)
	if err == nil && info != nil {
		err = outputError(ofFile(path, temp.Chmod(info.Mode().Perm()))) // who could not read the old one cannot read the new one
	}
	err = errors.Join(err, outputError(ofFile(path, temp.Sync())), outputError(ofFile(path, temp.Close())))
	if err == nil {
		err = outputError(ofFile(path, os.Rename(temp.Name(), path)))
	}
	if err != nil {
		_ = os.Remove(temp.Name()) // the next run tries again
		return 0, err
	}
	return n.count, nil
}

// ofFile rewrites an error about the temporary file as one about the file at path, whose name the user knows. A
// missing folder gets a message of its own, as it is the most likely mistake.
func ofFile(path string, err error) error {
	var at *fs.PathError
	var moved *os.LinkError
	switch dir := filepath.Dir(path); {
	case errors.Is(err, fs.ErrNotExist) && isMissing(dir):
		return fmt.Errorf("%s: there is no folder %s: make it first, or name another place", path, dir)
	case errors.As(err, &at):
		return &fs.PathError{Op: at.Op, Path: path, Err: at.Err}
	case errors.As(err, &moved):
		return &fs.PathError{Op: moved.Op, Path: path, Err: moved.Err}
	}
	return err
}

// isMissing reports whether there is nothing at path. Other errors do not count as missing.
func isMissing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}

// tempWriter writes to the temporary file and reports errors as those of the file at path.
type tempWriter struct {
	temp *os.File
	path string
}

// Write implements io.Writer.
func (w tempWriter) Write(p []byte) (int, error) {
	n, err := w.temp.Write(p)
	return n, ofFile(w.path, err)
}

// writeInPlace writes to a device or a pipe, where an interrupted write cannot be taken back.
func writeInPlace(path string, write func(io.Writer) error) (int64, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC, 0)
	if err != nil {
		return 0, outputError(err)
	}
	n := &Counter{Out: file}
	err = write(n)
	return n.count, errors.Join(err, outputError(file.Close()))
}

// tempRandom is how many random characters end the name of a temporary file.
const tempRandom = 8 // characters at the end of the name

// tempPrefix returns what the names of the temporary files for path begin with. It is hidden and names the program,
// so that removeLeftovers cannot hit a file of somebody else.
func tempPrefix(path string) string { return "." + filepath.Base(path) + ".mktows-" }

// createTemp creates a temporary file beside path and locks it for as long as it is open. A temporary file that
// nobody has locked was left behind by a process that was killed, and may be removed.
func createTemp(path string) (*os.File, error) {
	name := filepath.Join(filepath.Dir(path), tempPrefix(path)+rand.Text()[:tempRandom])
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o666) //nolint:gosec // less what the user's mask takes away
	if err != nil {
		return nil, err
	}
	hold(file)
	return file, nil
}

// removeLeftovers removes the temporary files that killed processes left behind when they wrote to path. Nobody else
// would: the names are random and the files hidden.
func removeLeftovers(path string) {
	dir, prefix := filepath.Dir(path), tempPrefix(path)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // nor can anything be written there
	}
	for _, entry := range entries {
		random, ours := strings.CutPrefix(entry.Name(), prefix)
		if name := filepath.Join(dir, entry.Name()); ours && len(random) == tempRandom && entry.Type().IsRegular() && !isHeld(name) {
			_ = os.Remove(name)
		}
	}
}

// Counter counts the bytes that are written through it, and marks errors as those of the output.
type Counter struct {
	Out   io.Writer
	count int64
}

// Write implements io.Writer.
func (c *Counter) Write(p []byte) (int, error) {
	n, err := c.Out.Write(p)
	c.count += int64(n)
	return n, outputError(err)
}
