package filestore

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/mktows/mktows-go/leadsync/store"
)

// Kind is what the rows of a segment are.
type Kind string

// The kinds of segments.
const (
	Activities Kind = "activities"
	Leads      Kind = "leads"
)

// kindOf returns the kind of rows that a type of record is for.
func kindOf[T record]() Kind {
	var row T
	if _, ok := any(row).(leadRecord); ok {
		return Leads
	}
	return Activities
}

// Segment is a file with rows. It never changes.
type Segment struct {
	Name   string `json:"name"`
	Kind   Kind   `json:"kind"`
	Rows   int64  `json:"rows"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // lower-case hex
	// Earliest and Latest are the times of the first and the last of its activities, UTC.
	Earliest time.Time `json:"earliest,omitzero"`
	Latest   time.Time `json:"latest,omitzero"`

	number int64 // in its kind, from 1
}

// tempPrefix begins the names of files that are being written.
const tempPrefix = ".tmp-"

// segmentName returns the name of a segment. The number has leading zeros, so that a listing shows segments in their
// order.
func segmentName(k Kind, number int64, f Format) string {
	return fmt.Sprintf("%s-%06d.%s", k, number, f)
}

var segmentNames = regexp.MustCompile(`^(activities|leads)-([0-9]{6,18})\.([a-z.]+)$`)

// parseSegmentName reports whether a file has exactly the name of a segment. Only such files are ever removed.
func parseSegmentName(name string, f Format) bool {
	m := segmentNames.FindStringSubmatch(name)
	if m == nil {
		return false
	}
	number, err := strconv.ParseInt(m[2], 10, 64)
	return err == nil && number > 0 && name == segmentName(Kind(m[1]), number, f)
}

// segmentWriter writes a segment to a temporary file, and computes its checksum and size on the way.
type segmentWriter[T record] struct {
	dir     string
	segment Segment
	file    *os.File
	sum     hash.Hash
	buffer  *bufio.Writer // to file and sum
	rows    rowWriter[T]
}

// createSegment begins a segment. The caller has to call finish or abort.
func createSegment[T record](dir string, f Format, number int64) (*segmentWriter[T], error) {
	kind := kindOf[T]()
	w := &segmentWriter[T]{
		dir: dir, sum: sha256.New(),
		segment: Segment{Name: segmentName(kind, number, f), Kind: kind, number: number},
	}
	var err error
	if w.file, err = createTemp(dir, w.segment.Name); err != nil {
		return nil, err
	}
	w.buffer = bufio.NewWriterSize(io.MultiWriter(w.file, w.sum, (*byteCount)(&w.segment.Bytes)), 64<<10)
	if w.rows, err = newRowWriter[T](f, w.buffer); err != nil {
		return nil, errors.Join(fileError(err), w.abort())
	}
	return w, nil
}

type byteCount int64

func (n *byteCount) Write(p []byte) (int, error) {
	*n += byteCount(len(p))
	return len(p), nil
}

// write appends a row; at is the time of an activity.
func (w *segmentWriter[T]) write(row *T, at time.Time) error {
	s := &w.segment
	s.Rows++
	if !at.IsZero() {
		at = at.UTC()
		if s.Earliest.IsZero() || at.Before(s.Earliest) {
			s.Earliest = at
		}
		if at.After(s.Latest) {
			s.Latest = at
		}
	}
	return fileError(w.rows.Write(row))
}

// finish brings the file to the disk, gives it its name and returns the segment. Step is called at each point where a
// test lets the process die.
func (w *segmentWriter[T]) finish(step func(string)) (Segment, error) {
	err := w.rows.Close()
	if err == nil {
		err = w.buffer.Flush()
	}
	if err != nil {
		return Segment{}, errors.Join(fileError(err), w.abort())
	}
	step("temporary file written")
	if err := publish(w.file, filepath.Join(w.dir, w.segment.Name)); err != nil {
		return Segment{}, err
	}
	step("segment renamed")
	w.segment.SHA256 = hex.EncodeToString(w.sum.Sum(nil))
	return w.segment, nil
}

// abort closes and removes the temporary file.
func (w *segmentWriter[T]) abort() error {
	return errors.Join(w.file.Close(), os.Remove(w.file.Name()))
}

// createTemp creates the temporary file for a file that will have the given name. A leftover with the same name is
// overwritten: this process has the directory to itself.
func createTemp(dir, name string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, tempPrefix+name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644) //nolint:gosec // less what the user's mask takes away
	return f, fileError(err)
}

// publish brings a temporary file to the disk and renames it, in this order: after a power failure, a name without
// its content would otherwise be possible. If it fails, the temporary file is removed.
func publish(temp *os.File, path string) error {
	err := temp.Sync()
	err = errors.Join(err, temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return errors.Join(fileError(err), os.Remove(temp.Name()))
	}
	return syncDir(filepath.Dir(path))
}

// syncDir brings the names in a directory to the disk. Without it, a rename may be undone by a power failure although
// the file's content is safe.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // directories cannot be synced there
	}
	d, err := os.Open(dir)
	if err != nil {
		return fileError(err)
	}
	return fileError(errors.Join(d.Sync(), d.Close()))
}

// verify reads the whole file and reports whether it is the segment that was written. It reads one byte more than
// expected, to notice a file that has grown.
func (s *Segment) verify(file io.ReaderAt) error {
	sum := sha256.New()
	n, err := io.Copy(sum, io.NewSectionReader(file, 0, s.Bytes+1))
	if err != nil {
		return err
	}
	if n != s.Bytes {
		return sizeError(s, n)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != s.SHA256 {
		return fmt.Errorf("its SHA-256 is %s and should be %s: it was changed or damaged", got, s.SHA256)
	}
	return nil
}

func sizeError(s *Segment, n int64) error {
	if n > s.Bytes {
		return fmt.Errorf("it has more than its %d bytes: it was changed", s.Bytes)
	}
	return fmt.Errorf("it has %d bytes and should have %d: it was cut off", n, s.Bytes)
}

// fileError adds the class of package store to an error of the file system.
func fileError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w; make room and run again", store.ErrFull, err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w", store.ErrReadOnly, err)
	}
	return err
}
