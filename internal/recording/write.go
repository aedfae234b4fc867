package recording

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Writer writes exchanges into a folder: files that nobody else can read, whole or not at all. It is safe for concurrent use.
type Writer struct {
	folder    string
	instance  string // in names of files, so that two writers do not meet
	exchanges int    // how many the folder may have
	bytes     int64  // how many their files may have

	mu     sync.Mutex
	opened bool
	number int
	count  int
	size   int64
}

// ErrFull says that a folder has as much as it may have.
var ErrFull = errors.New("the folder is full")

// NewWriter returns a writer for a folder, which is made when it is needed.
func NewWriter(folder string, exchanges int, bytes int64) *Writer {
	return &Writer{folder: folder, instance: rand.Text()[:6], exchanges: exchanges, bytes: bytes}
}

// Write adds an exchange. Once the folder is full it adds nothing and returns ErrFull: what was recorded first stays, so that streams
// have their beginning.
func (w *Writer) Write(at time.Time, operation string, request, response []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.open(); err != nil {
		return err
	}
	size := int64(len(request) + len(response))
	if w.count >= w.exchanges || w.size+size > w.bytes {
		return ErrFull
	}
	w.number++
	name := fmt.Sprintf("%s-%s-%06d-%s", at.UTC().Format("20060102T150405.000000"), w.instance, w.number, operation)
	// The answer first: a request alone would be told as one that lacks its answer.
	if err := w.file(name+responseSuffix, response); err != nil {
		return err
	}
	if err := w.file(name+requestSuffix, request); err != nil {
		_ = os.Remove(filepath.Join(w.folder, name+responseSuffix))
		return err
	}
	w.count++
	w.size += size
	return nil
}

// open makes the folder, and counts what is in it.
func (w *Writer) open() error {
	if w.opened {
		return nil
	}
	if err := os.MkdirAll(w.folder, 0o700); err != nil {
		return err
	}
	w.count, w.size = 0, 0
	err := filepath.WalkDir(w.folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return nil //nolint:nilerr // it has gone in the meantime
		}
		w.size += info.Size()
		if strings.HasSuffix(d.Name(), requestSuffix) {
			w.count++
		}
		return nil
	})
	w.opened = err == nil
	return err
}

// file writes a file under another name first.
func (w *Writer) file(name string, data []byte) (err error) {
	f, err := os.CreateTemp(w.folder, ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(w.folder, name))
}
