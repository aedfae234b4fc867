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

// rowWriter encodes rows. Closing it leaves what it writes to open.
type rowWriter[T record] interface {
	Write(row *T) error
	Close() error
}

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

// zstdPages compresses pages with less memory than the library's codec, which takes some
// 20 MB an encoder for windows that no page fills.
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

// decodeRows yields the rows of a file of size bytes. An error is the last pair.
func decodeRows[T record](f Format, file io.ReaderAt, size int64) iter.Seq2[*T, error] {
	switch f.encoding() {
	case Parquet:
		return decodeParquet[T](file, size)
	case CSV:
		return decodeText(f, file, size, csvRows[T])
	}
	return decodeText(f, file, size, jsonRows[T])
}

// decodeText decodes with what start returns for the text: a function that reads the
// next row, and gives io.EOF after the last.
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

// recoverParquet makes an error of a panic: the library panics on some damaged files.
func recoverParquet(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("damaged Parquet file: %v", p)
	}
}
