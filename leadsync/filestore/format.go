package filestore

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// Format is how the rows are written. Its text is the ending of the files' names.
type Format string

// The formats.
const (
	JSONL     Format = "jsonl" // one JSON object a line
	JSONLGzip Format = "jsonl.gz"
	JSONLZstd Format = "jsonl.zst"
	CSV       Format = "csv" // RFC 4180, with a header line
	CSVGzip   Format = "csv.gz"
	CSVZstd   Format = "csv.zst"
	Parquet   Format = "parquet" // with zstd inside
)

// Formats are all formats.
func Formats() []Format {
	return []Format{JSONL, JSONLGzip, JSONLZstd, CSV, CSVGzip, CSVZstd, Parquet}
}

// ParseFormat reads the name of a format, such as "jsonl.gz".
func ParseFormat(text string) (Format, error) {
	f := Format(text)
	if !slices.Contains(Formats(), f) {
		return "", fmt.Errorf("format %q: there is no such format; there are %v", text, Formats())
	}
	return f, nil
}

// encoding returns the format without its compression.
func (f Format) encoding() Format {
	base, _, _ := strings.Cut(string(f), ".")
	return Format(base)
}

// zstdWindow limits the memory for compressing and for reading, in bytes.
const zstdWindow = 1 << 20

// compressor returns a writer that compresses to w. Closing it leaves w open.
func (f Format) compressor(w io.Writer) (io.WriteCloser, error) {
	switch _, compression, _ := strings.Cut(string(f), "."); compression {
	case "gz":
		return gzip.NewWriter(w), nil
	case "zst":
		return zstd.NewWriter(w, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(zstdWindow))
	}
	return nopWriteCloser{w}, nil
}

// decompressor returns a reader of what compressor has written to r.
func (f Format) decompressor(r io.Reader) (io.ReadCloser, error) {
	switch _, compression, _ := strings.Cut(string(f), "."); compression {
	case "gz":
		return gzip.NewReader(r)
	case "zst":
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(zstdWindow))
		if err != nil {
			return nil, err
		}
		return d.IOReadCloser(), nil
	}
	return io.NopCloser(bufio.NewReader(r)), nil
}

type nopWriteCloser struct{ io.Writer }

func (nopWriteCloser) Close() error { return nil }
