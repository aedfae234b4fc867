package filestore

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress"
)

// rowWriter encodes rows in one of the formats. Close writes what is still buffered, but leaves the file below open:
// the segment writer has to sync it before it gets its name.
type rowWriter[T record] interface {
	Write(row *T) error
	Close() error
}

// newRowWriter returns the writer for a format.
func newRowWriter[T record](f Format, w io.Writer) (rowWriter[T], error) {
	if f == Parquet {
		return newParquetWriter[T](w)
	}
	c, err := f.compressor(w)
	if err != nil {
		return nil, err
	}
	if f.encoding() == CSV {
		return newCSVWriter[T](c)
	}
	lines := json.NewEncoder(c)
	lines.SetEscapeHTML(false)
	return &jsonlWriter[T]{c, lines}, nil
}

type jsonlWriter[T record] struct {
	to    io.Closer
	lines *json.Encoder
}

func (w *jsonlWriter[T]) Write(row *T) error { return w.lines.Encode(row) }
func (w *jsonlWriter[T]) Close() error       { return w.to.Close() }

// batch is how many rows of Parquet are handed over at once, and rowGroup how many lie in
// a row group, which is in memory while it is written.
const (
	batch    = 256
	rowGroup = 20_000
)

type parquetWriter[T record] struct {
	to   *parquet.GenericWriter[T]
	rows []T
}

// newParquetWriter returns a writer of Parquet with zstd inside. The encoder is set up as the library's own codec
// does it, but with a small window: see zstdPages.
func newParquetWriter[T record](w io.Writer) (*parquetWriter[T], error) {
	pages, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(zstdWindow),
		zstd.WithZeroFrames(true), zstd.WithEncoderCRC(false)) // as the library's codec
	if err != nil {
		return nil, err
	}
	return &parquetWriter[T]{
		to: parquet.NewGenericWriter[T](w, parquetSchema[T](),
			parquet.Compression(&zstdPages{&parquet.Zstd, pages}), parquet.MaxRowsPerRowGroup(rowGroup)),
		rows: make([]T, 0, batch),
	}, nil
}

// zstdPages compresses the pages of a Parquet file with less memory than the library's codec. That one takes some 20
// MB per encoder for a window which no page ever fills, and a commit may have two files open.
type zstdPages struct {
	compress.Codec

	pages *zstd.Encoder
}

func (z *zstdPages) Encode(dst, src []byte) ([]byte, error) {
	return z.pages.EncodeAll(src, dst[:0]), nil
}

func (w *parquetWriter[T]) Write(row *T) error {
	w.rows = append(w.rows, *row)
	if len(w.rows) < batch {
		return nil
	}
	return w.flush()
}

// flush hands the collected rows to the library, which is much faster with many rows at a time than with single ones.
func (w *parquetWriter[T]) flush() error {
	_, err := w.to.Write(w.rows)
	w.rows = w.rows[:0]
	return err
}

func (w *parquetWriter[T]) Close() error {
	if err := w.flush(); err != nil {
		return err
	}
	return w.to.Close()
}

// parquetSchema returns the schema that the tags of the record give, named after the kind of rows.
func parquetSchema[T record]() *parquet.Schema {
	var row T
	return parquet.NewSchema(string(kindOf[T]()), parquet.SchemaOf(row))
}

// parquetSchemas are those that files may have: this one and those of older versions, which lack the last columns.
func parquetSchemas[T record]() []string {
	schemas := []string{parquetSchema[T]().String()}
	columns := columnsOf[T]()
	for len(columns) > firstColumns[T]() {
		last := " " + columns[len(columns)-1] + " "
		lines := strings.SplitAfter(schemas[len(schemas)-1], "\n")
		lines = slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, last) })
		schemas, columns = append(schemas, strings.Join(lines, "")), columns[:len(columns)-1]
	}
	return schemas
}

// decodeRows yields the rows of a file that has size bytes. An error is yielded last.
func decodeRows[T record](f Format, file io.ReaderAt, size int64) iter.Seq2[*T, error] {
	switch f.encoding() {
	case Parquet:
		return decodeParquet[T](file, size)
	case CSV:
		return decodeText(f, file, size, csvRows[T])
	}
	return decodeText(f, file, size, jsonRows[T])
}

// decodeText decodes a text format. Start is called with the decompressed text and returns a function that reads the
// next row, and io.EOF after the last.
func decodeText[T record](
	f Format, file io.ReaderAt, size int64, start func(io.Reader) (func(*T) error, error),
) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		text, err := f.decompressor(io.NewSectionReader(file, 0, size))
		if err != nil {
			yield(nil, err)
			return
		}
		defer text.Close()
		next, err := start(text)
		for err == nil {
			var row T
			if err = next(&row); err == nil && !yield(&row, nil) {
				return
			}
		}
		if !errors.Is(err, io.EOF) {
			yield(nil, err)
		}
	}
}

func jsonRows[T record](text io.Reader) (func(*T) error, error) { //nolint:unparam // as csvRows
	d := json.NewDecoder(text)
	return func(row *T) error { return d.Decode(row) }, nil
}

// decodeParquet yields the rows of a Parquet file, a batch at a time.
func decodeParquet[T record](file io.ReaderAt, size int64) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		r, err := openParquet[T](file, size)
		if err != nil {
			yield(nil, err)
			return
		}
		defer r.Close()
		for {
			rows := make([]T, batch)
			n, err := readParquet(r, rows)
			for i := range rows[:n] {
				if !yield(&rows[i], nil) {
					return
				}
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
		}
	}
}

// openParquet opens a Parquet file and checks its schema. The library would otherwise fill missing columns with zero
// values, and a file from elsewhere would be read as rows without content.
func openParquet[T record](file io.ReaderAt, size int64) (_ *parquet.GenericReader[T], err error) {
	defer recoverParquet(&err)
	f, err := parquet.OpenFile(file, size)
	if err != nil {
		return nil, err
	}
	if got := f.Schema().String(); !slices.Contains(parquetSchemas[T](), got) {
		return nil, fmt.Errorf("other columns than expected: %s", got)
	}
	return parquet.NewGenericReader[T](f), nil
}

func readParquet[T record](r *parquet.GenericReader[T], rows []T) (n int, err error) {
	defer recoverParquet(&err)
	return r.Read(rows)
}

// recoverParquet turns a panic into an error. The library panics on some damaged files, and a damaged copy is a thing
// to report and not a reason for the process to die.
func recoverParquet(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("damaged Parquet file: %v", p)
	}
}
