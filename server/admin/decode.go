package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/mktows/mktows-go/simulator"
)

// PlaceError says what is wrong in a JSON document, and where.
type PlaceError struct {
	Line, Column int    // from 1; columns count characters
	Field        string // such as state.leads[3].activities[0].type; empty: the whole document
	Problem      string
}

// Error names line, column and field.
func (e *PlaceError) Error() string {
	where := fmt.Sprintf("line %d, column %d: ", e.Line, e.Column)
	if e.Field != "" {
		where += e.Field + ": "
	}
	return where + e.Problem
}

// decode reads a document that has no fields but those of v. Its error is a *PlaceError.
func decode(data []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if dec.Decode(v) == nil {
		if _, err := dec.Token(); errors.Is(err, io.EOF) {
			return nil
		}
	}
	// Only Unmarshal counts the bytes from the beginning, and it takes unknown fields.
	kind := reflect.TypeOf(v).Elem()
	err := json.Unmarshal(data, reflect.New(kind).Interface())
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax) && len(bytes.TrimSpace(data)) == 0:
		return place(data, 0, "", "the document is empty")
	case errors.As(err, &syntax):
		return place(data, before(syntax.Offset), "", "this is not JSON: "+syntax.Error())
	case errors.As(err, &mismatch):
		w := newWalker(data, kind)
		path, at := w.lastBefore(mismatch.Offset)
		return place(data, at, path, "expected "+kindName(mismatch.Type)+form(path)+", found "+mismatch.Value)
	case err != nil:
		return place(data, 0, "", err.Error())
	}
	path, at := newWalker(data, kind).firstUnknown()
	return place(data, at, path, "there is no such field")
}

// before returns the offset of a byte that was just read.
func before(offset int64) int64 { return max(0, offset-1) }

// kindName names a type in the words of JSON.
func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "an array"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Int32:
		return "a whole number of 32 bits"
	case reflect.Float64:
		return "a number"
	}
	return "a whole number"
}

// form is an example of what a field takes, if that is a text of some form; empty: it is not.
func form(path string) string {
	switch path[strings.LastIndexByte(path, '.')+1:] {
	case "delay", "per", "advance", "duration", "refresh":
		return ` such as "5s"`
	case "set":
		return ` such as "2017-03-09T17:40:00-08:00"`
	}
	return ""
}

// place makes an error of an offset in bytes.
func place(data []byte, at int64, field, problem string) error {
	head := data[:min(at, int64(len(data)))]
	line := 1 + bytes.Count(head, []byte("\n"))
	column := 1 + utf8.RuneCount(head[1+bytes.LastIndexByte(head, '\n'):])
	return &PlaceError{line, column, field, problem}
}

// placed finds the place of an error that names a field. What the field is missing from
// stands for one that is not there.
func placed(data []byte, kind reflect.Type, err error) error {
	var field *fieldError
	var state *simulator.StateError
	switch {
	case errors.As(err, &state):
		field = &fieldError{state.Path, state.Problem()}
	case !errors.As(err, &field):
		return err
	}
	return place(data, newWalker(data, kind).find(field.path), field.path, field.problem)
}

// walker goes over the values of a well-formed document.
type walker struct {
	data []byte
	dec  *json.Decoder
	kind reflect.Type
	// seen is told of each value with its path and where it begins.
	seen func(path string, at int64)
	// unknown is told of each field that its struct has not got.
	unknown func(path string, at int64)
}

func newWalker(data []byte, kind reflect.Type) *walker {
	w := &walker{data: data, dec: json.NewDecoder(bytes.NewReader(data)), kind: kind}
	w.dec.UseNumber()
	w.seen, w.unknown = func(string, int64) {}, func(string, int64) {}
	return w
}

// find returns where the value of a path begins, or the innermost one around it.
func (w *walker) find(path string) (at int64) {
	longest := -1
	w.seen = func(p string, start int64) {
		rest, ok := strings.CutPrefix(path, p)
		if ok && len(p) > longest && (rest == "" || p == "" || rest[0] == '.' || rest[0] == '[') {
			longest, at = len(p), start
		}
	}
	w.walk("", w.kind)
	return at
}

// lastBefore returns the last value that begins before an offset.
func (w *walker) lastBefore(offset int64) (path string, at int64) {
	w.seen = func(p string, start int64) {
		if start < offset {
			path, at = p, start
		}
	}
	w.walk("", w.kind)
	return path, at
}

func (w *walker) firstUnknown() (path string, at int64) {
	at = -1
	w.unknown = func(p string, start int64) {
		if at < 0 {
			path, at = p, start
		}
	}
	w.walk("", w.kind)
	return path, max(0, at)
}

// walk goes over one value. A nil type is not known: its fields are not looked up.
func (w *walker) walk(path string, kind reflect.Type) {
	for kind != nil && kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	w.seen(path, w.next())
	token, err := w.dec.Token()
	switch {
	case err != nil: // cannot be: the document was read before
		return
	case token == json.Delim('{'):
		w.object(path, kind)
	case token == json.Delim('['):
		var element reflect.Type
		if kind != nil && kind.Kind() == reflect.Slice {
			element = kind.Elem()
		}
		for i := 0; w.dec.More(); i++ {
			w.walk(fmt.Sprintf("%s[%d]", path, i), element)
		}
	default:
		return
	}
	_, _ = w.dec.Token() // the end
}

func (w *walker) object(path string, kind reflect.Type) {
	for w.dec.More() {
		at := w.next()
		token, _ := w.dec.Token()
		name, _ := token.(string)
		name, child, known := fieldOf(kind, name)
		inner := strings.TrimPrefix(path+"."+name, ".")
		if !known {
			w.unknown(inner, at)
		}
		w.walk(inner, child)
	}
}

// next returns where the next value or name begins.
func (w *walker) next() int64 {
	at := w.dec.InputOffset()
	for at < int64(len(w.data)) && strings.IndexByte(" \t\r\n,:", w.data[at]) >= 0 {
		at++
	}
	return at
}

// fieldOf returns the field that a name means, as encoding/json finds it: letter case
// does not count.
func fieldOf(kind reflect.Type, name string) (exact string, field reflect.Type, known bool) {
	switch {
	case kind == nil:
		return name, nil, true
	case kind.Kind() == reflect.Map:
		return name, kind.Elem(), true
	case kind.Kind() != reflect.Struct:
		return name, nil, true
	}
	for i := range kind.NumField() {
		tag, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
		if strings.EqualFold(tag, name) {
			return tag, kind.Field(i).Type, true
		}
	}
	return name, nil, false
}
