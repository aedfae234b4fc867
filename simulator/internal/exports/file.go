package exports

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/mktows/mktows-go/gen"
	"github.com/mktows/mktows-go/simulator/internal/servicetime"
)

// blockSize is how many bytes of a file are compressed together: enough to be worth it, and few
// enough for a part of the file to cost little.
const blockSize = 64 << 10

// File is a file that was written, in memory: compressed block by block, so that a large one
// costs a tenth of its size and can be read from any place. It does not change.
type File struct {
	blocks [][]byte
	size   int64
	sum    string
}

// Size returns the file's size in bytes; nil has none.
func (f *File) Size() int64 {
	if f == nil {
		return 0
	}
	return f.size
}

// Kept reports whether the file can still be read; nil cannot.
func (f *File) Kept() bool { return f != nil && (len(f.blocks) > 0 || f.size == 0) }

// SHA256 returns the checksum of the file, in hexadecimal.
func (f *File) SHA256() string { return f.sum }

// Open returns a reader of the file.
func (f *File) Open() io.ReadSeeker { return &reader{file: f, at: -1} }

// Writer writes a file. The zero value is ready for use.
type Writer struct {
	file    File
	pending bytes.Buffer
	hash    hash.Hash
}

// Write never fails.
func (w *Writer) Write(p []byte) (int, error) {
	if w.hash == nil {
		w.hash = sha256.New()
	}
	_, _ = w.hash.Write(p) // a hash takes everything
	w.file.size += int64(len(p))
	w.pending.Write(p)
	for w.pending.Len() >= blockSize {
		w.file.blocks = append(w.file.blocks, compress(w.pending.Next(blockSize)))
	}
	return len(p), nil
}

// File returns the file that was written.
func (w *Writer) File() *File {
	if w.hash == nil {
		w.hash = sha256.New()
	}
	if w.pending.Len() > 0 {
		w.file.blocks = append(w.file.blocks, compress(w.pending.Bytes()))
	}
	w.file.sum = hex.EncodeToString(w.hash.Sum(nil))
	file := w.file
	return &file
}

// compress returns a block compressed by itself, so that it can be read without those before it.
func compress(block []byte) []byte {
	var out bytes.Buffer
	z, _ := flate.NewWriter(&out, flate.BestSpeed) // the level is one
	_, _ = z.Write(block)                          // a buffer takes everything
	_ = z.Close()
	return out.Bytes()
}

// openFile returns the file of blocks that a state holds, and checks that each can be read: whoever edits a state
// should learn of a mistake when it is loaded.
func openFile(blocks [][]byte) (*File, error) {
	f := &File{blocks: blocks}
	sum := sha256.New()
	for i := range blocks {
		block, err := f.block(i)
		if err != nil || len(block) != blockSize && i < len(blocks)-1 {
			return nil, fmt.Errorf("block %d cannot be read: %w", i, err)
		}
		f.size += int64(len(block))
		sum.Write(block)
	}
	f.sum = hex.EncodeToString(sum.Sum(nil))
	return f, nil
}

// block returns the bytes of a block, no more than there may be.
func (f *File) block(i int) ([]byte, error) {
	return io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(f.blocks[i])), blockSize))
}

// reader reads a file, a block at a time.
type reader struct {
	file  *File
	pos   int64
	at    int // the block that is read; -1: none
	block []byte
}

var errPlace = errors.New("a place before the beginning of the file")

// Seek implements io.Seeker, for ranges of a file that the REST API can be asked for.
func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.pos
	case io.SeekEnd:
		offset += r.file.size
	}
	if offset < 0 {
		return 0, errPlace
	}
	r.pos = offset
	return offset, nil
}

// Read decompresses the block at the current position, unless it is the one that was read last. It returns no more
// than the rest of one block; io.Reader allows that, and callers loop.
func (r *reader) Read(p []byte) (int, error) {
	if r.pos >= r.file.size {
		return 0, io.EOF
	}
	if i := int(r.pos / blockSize); i != r.at {
		block, err := r.file.block(i)
		if err != nil {
			return 0, err
		}
		r.at, r.block = i, block
	}
	n := copy(p, r.block[r.pos%blockSize:])
	r.pos += int64(n)
	return n, nil
}

func datetime(text string) gen.DateTime { return gen.DateTime(text) }

// text is a time in a state.
func text(t time.Time) string { return string(servicetime.Text(t)) }
