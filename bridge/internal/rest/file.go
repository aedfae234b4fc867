package rest

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"

	"github.com/mktows/mktows-go/fault"
	"github.com/mktows/mktows-go/internal/httpcall"
)

// Temp is a temporary file.
type Temp interface {
	io.Writer
	io.ReaderAt
	io.Closer
	Truncate(size int64) error
}

// File is a file of the service that is kept on this machine while it is read. It holds data of people: nobody else may read
// it, and where the system allows that it has no name, so that nothing of it is left when the process ends, however that is.
type File struct {
	temp Temp
	name string // to remove; empty: it has none
	hash hash.Hash
	size int64
}

// NewFile makes an empty file in a folder; empty: where the system has its temporary files.
func NewFile(folder string) (*File, error) {
	f, err := os.CreateTemp(folder, "mktows-*.tmp") // 0600
	if err != nil {
		return nil, fileError("made", err)
	}
	out := &File{temp: appended{f}, hash: sha256.New()}
	if os.Remove(f.Name()) != nil { // some systems keep the name of a file that is open
		out.name = f.Name()
	}
	return out, nil
}

// appended is a file that is written at its end, wherever that is after a Truncate.
type appended struct{ *os.File }

func (f appended) Truncate(size int64) error {
	_, err := f.Seek(size, io.SeekStart)
	return errors.Join(err, f.File.Truncate(size))
}

// FileOf returns an empty file over another one.
func FileOf(t Temp) *File { return &File{temp: t, hash: sha256.New()} }

// fileError says what could not be done with a file, and what to do about it.
func fileError(done string, err error) error {
	return fmt.Errorf("the temporary file for the extract cannot be %s: %w; it needs as much room as the file of the job has: make room, or choose another folder", done, err)
}

// Write implements io.Writer.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.temp.Write(p)
	f.size += int64(n)
	_, _ = f.hash.Write(p[:n]) // a hash takes everything
	if err != nil {
		err = fileError("written", err)
	}
	return n, err
}

// reset empties the file.
func (f *File) reset() error {
	if f.size == 0 {
		return nil
	}
	f.size = 0
	f.hash.Reset()
	if err := f.temp.Truncate(0); err != nil {
		return fileError("written", err)
	}
	return nil
}

// Close removes the file.
func (f *File) Close() error {
	err := f.temp.Close()
	if f.name != "" {
		err = errors.Join(err, os.Remove(f.name))
	}
	return err
}

// rows returns a reading of the file from its beginning.
func (f *File) rows() *csvReader {
	return &csvReader{in: bufio.NewReaderSize(io.NewSectionReader(f.temp, 0, f.size), 64<<10)}
}

// damage says that a file is not what its job says.
type damage struct{ error }

func damaged(format string, args ...any) error {
	return damage{fault.NewContentError(fmt.Errorf(format, args...))}
}

// Unwrap returns what is wrong.
func (d damage) Unwrap() error { return d.error }

// IsDamage reports whether an error says that a file is not what its job says.
func IsDamage(err error) bool {
	var d damage
	return errors.As(err, &d) || errors.Is(err, errNotWhole)
}

// FetchExport puts the file of a job into an empty one, and compares its size, its checksum and the number of its rows with
// what the job says. What differs is an error: none of it is to be believed. With patient a file that is not there yet is
// waited for, for a little.
func (c *Client) FetchExport(ctx context.Context, job Export, patient bool, to *File) error {
	sum, isSHA := strings.CutPrefix(job.Checksum, "sha256:")
	if !isSHA || job.Size == nil || job.Records == nil {
		return damaged("the job %.100s does not tell size, rows and SHA-256 of its file (checksum %.40q), so the file cannot be verified", job.ID, job.Checksum)
	}
	if err := c.download(ctx, job.ID, *job.Size, patient, to); err != nil {
		return err
	}
	if got := hex.EncodeToString(to.hash.Sum(nil)); !strings.EqualFold(got, sum) {
		return damaged("the file of the job %.100s has the SHA-256 %s, the job says %.100s: it was changed on the way, or replaced", job.ID, got, sum)
	}
	n, err := countRows(ctx, to.rows())
	if err != nil {
		return err
	}
	if n--; n != *job.Records { // the first row has the names of the columns
		return damaged("the file of the job %.100s has %d rows, the job says %d", job.ID, max(n, 0), *job.Records)
	}
	return nil
}

// countRows counts all rows.
func countRows(ctx context.Context, r *csvReader) (n int64, err error) {
	const often = 10_000
	for {
		switch err := r.next(); {
		case errors.Is(err, io.EOF):
			return n, nil
		case err != nil:
			return n, fileError("read", err)
		}
		if n++; n%often == 0 && httpcall.Ended(ctx) != nil {
			return n, httpcall.Ended(ctx)
		}
	}
}
