package rest

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxRow is how many bytes of a row are kept. Attributes have 64 KB at most (1049), and a call takes 1 MB.
const maxRow = 1 << 20

// csvReader reads rows of comma-separated values (RFC 4180), in bounded memory, whatever the file has. Package encoding/csv
// holds a row of any length, so that one quote that is never closed would fill the memory with the rest of the file; and it
// changes the ends of lines within values.
//
// A quote is one only where a value begins with it; within quotes, one that is followed by neither a quote nor the end of the
// value stands for itself. A byte order mark at the beginning is passed over.
type csvReader struct {
	in    *bufio.Reader
	text  []byte // the values of the row, one after the other
	ends  []int  // of the values in text
	long  bool   // more than maxRow bytes: the rest of the row is left out
	open  bool   // the file ends within quotes
	state csvState
	begun bool // the file
}

const byteOrderMark = "\ufeff"

// csvState is where in a value the reading is.
type csvState int

const (
	csvBegin csvState = iota
	csvPlain
	csvQuoted
	csvQuote // after a quote within quotes
)

// next reads the next row that is not empty. After the last one it is io.EOF.
func (r *csvReader) next() error {
	if !r.begun {
		r.begun = true
		if mark, _ := r.in.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
			_, _ = r.in.Discard(len(byteOrderMark)) // they are there
		}
	}
	for {
		r.text, r.ends, r.long, r.open, r.state = r.text[:0], r.ends[:0], false, false, csvBegin
		begun, err := r.row()
		if !begun || err != nil {
			return err
		}
		if len(r.ends) > 1 || len(r.text) > 0 {
			return nil
		}
	}
}

// row reads a row to its end, and reports whether there was one.
func (r *csvReader) row() (begun bool, err error) {
	for {
		piece, err := r.in.ReadSlice('\n')
		done := r.take(piece)
		begun = begun || len(piece) > 0
		switch {
		case done:
			return true, nil
		case errors.Is(err, io.EOF) && begun:
			r.open = r.state == csvQuoted
			r.trimReturn()
			r.end()
			return true, nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return false, err
		}
	}
}

// take takes a piece of the row, which has a line end at its end or none, and reports whether the row is at its end.
func (r *csvReader) take(piece []byte) (done bool) {
	for len(piece) > 0 {
		if r.state == csvQuoted || r.state == csvPlain { // most bytes stand for themselves
			stop := `"`
			if r.state == csvPlain {
				stop = ",\n"
			}
			n := bytes.IndexAny(piece, stop)
			if n < 0 {
				n = len(piece)
			}
			r.keep(piece[:n]...)
			if piece = piece[n:]; len(piece) == 0 {
				return false
			}
		}
		b := piece[0]
		piece = piece[1:]
		if r.byte(b) {
			return true
		}
	}
	return false
}

// byte takes one byte that may mean something, and reports whether it ends the row.
func (r *csvReader) byte(b byte) (done bool) {
	switch {
	case r.state == csvQuoted: // it is a quote
		r.state = csvQuote
	case r.state == csvQuote && b == '"':
		r.keep(b)
		r.state = csvQuoted
	case b == ',':
		r.end()
		r.state = csvBegin
	case b == '\n':
		r.trimReturn()
		r.end()
		return true
	case r.state == csvBegin && b == '"':
		r.state = csvQuoted
	case r.state == csvBegin:
		r.keep(b)
		r.state = csvPlain
	case r.state == csvQuote && b != '\r': // the quote was no end
		r.keep('"', b)
		r.state = csvQuoted
	}
	return false
}

// keep adds bytes to the value, as long as there is room in the row.
func (r *csvReader) keep(p ...byte) {
	if room := maxRow - len(r.text); len(p) > room {
		p, r.long = p[:room], true
	}
	r.text = append(r.text, p...)
}

// end ends a value. There are never more of them than a row has bytes, or so many that they are a mistake.
func (r *csvReader) end() {
	if len(r.ends) < maxRow/8 {
		r.ends = append(r.ends, len(r.text))
	}
}

// trimReturn takes the carriage return off a line end outside of quotes.
func (r *csvReader) trimReturn() {
	begin := 0
	if n := len(r.ends); n > 0 {
		begin = r.ends[n-1]
	}
	if value := r.text[begin:]; r.state == csvPlain && bytes.HasSuffix(value, []byte("\r")) {
		r.text = r.text[:len(r.text)-1]
	}
}

// values returns the values of the row.
func (r *csvReader) values() []string {
	text, list, begin := string(r.text), make([]string, len(r.ends)), 0
	for i, end := range r.ends {
		list[i], begin = text[begin:end], end
	}
	return list
}
