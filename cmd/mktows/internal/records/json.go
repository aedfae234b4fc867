package records

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/mktows/mktows-go/cmd/mktows/internal/output"
)

// SplitJSON calls use for each value in text, with the line and column where it begins. The text is either one array
// or any number of values one after the other, so that both the output of -o json and JSON Lines can be read. The
// decoder is given the raw bytes of one value at a time: an error in one object must not hide the objects after it.
func SplitJSON(text []byte, p *Problems, use func(raw []byte, line, column int)) {
	dec := json.NewDecoder(bytes.NewReader(text))
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	isArray := bytes.HasPrefix(trimmed, []byte("["))
	if isArray {
		_, _ = dec.Token() // the bracket
	}
	for !isArray || dec.More() {
		var raw json.RawMessage
		err := dec.Decode(&raw)
		if !isArray && errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			jsonProblem(text, int(dec.InputOffset()), err, p)
			return
		}
		line, column := position(text, int(dec.InputOffset())-len(raw))
		use(raw, line, column)
	}
	if _, err := dec.Token(); err != nil {
		jsonProblem(text, int(dec.InputOffset()), err, p)
	} else if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		jsonProblem(text, int(dec.InputOffset()), errors.New("there is more after the array"), p)
	}
}

// jsonProblem notes an error of the decoder at the byte that it is about. The decoder reports its offset before white
// space and commas that come first; a user would look for the mistake after them.
func jsonProblem(text []byte, at int, err error, p *Problems) {
	at = past(text, at, " \t\r\n,")
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) && int(syntax.Offset) > at {
		at = int(syntax.Offset) - 1
	}
	line, column := position(text, at)
	p.Addf(line, column, "%v", JSONReason(err))
}

// past returns the first position at or after at whose byte is none of the separators.
func past(text []byte, at int, separators string) int {
	for at < len(text) && strings.IndexByte(separators, text[at]) >= 0 {
		at++
	}
	return at
}

// position returns the line and column of a byte, both counted from 1; the column counts bytes, as editors expect.
func position(text []byte, at int) (line, column int) {
	before := text[:min(at, len(text))]
	return 1 + bytes.Count(before, []byte("\n")), len(before) - bytes.LastIndexByte(before, '\n')
}

// readJSONLines reads one object from each line and skips blank lines. A line that is broken is noted and the next
// one is read: in JSON Lines, unlike in one large array, a mistake cannot spread beyond its line.
func readJSONLines(text []byte, p *Problems) []Record {
	var records []Record
	number := 0
	for line := range bytes.Lines(text) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		o := newObjectReader(bytes.TrimRight(line, "\r\n"), number)
		if err := o.read(); err != nil {
			p.Addf(number, o.column(err), "%v", JSONReason(err))
			continue
		}
		records = append(records, o.record)
	}
	return records
}

// objectReader reads one line of JSON Lines token by token. Decoding into a map would be shorter, but it would lose
// the order of the members, which is the order in which attributes are sent, their columns, and the digits of large
// numbers.
type objectReader struct {
	dec    *json.Decoder
	text   []byte
	record Record
}

// newObjectReader returns a reader of one object. Numbers keep the digits they were written with, since a field is a
// text for the service and 1.50 must not become 1.5.
func newObjectReader(text []byte, line int) *objectReader {
	o := &objectReader{dec: json.NewDecoder(bytes.NewReader(text)), text: text, record: Record{Line: line}}
	o.dec.UseNumber()
	return o
}

// Members reads the members of one JSON object, in their order.
func Members(text []byte) ([]Field, error) {
	o := newObjectReader(text, 1)
	err := o.read()
	return o.record.Fields, err
}

var errNotObject = errors.New("a line is one JSON object, such as {\"Email\": \"lead@example.com\"}")

// read reads the object and requires that nothing but white space follows it.
func (o *objectReader) read() error {
	if t, err := o.dec.Token(); err != nil || t != json.Delim('{') {
		return firstError(err, errNotObject)
	}
	for o.dec.More() {
		t, err := o.dec.Token()
		if err != nil {
			return err
		}
		name, _ := t.(string) // Token refuses any other here
		if err := o.member(name); err != nil {
			return err
		}
	}
	if _, err := o.dec.Token(); err != nil {
		return err
	}
	if _, err := o.dec.Token(); !errors.Is(err, io.EOF) {
		return firstError(err, errNotObject)
	}
	return nil
}

// member reads the value of one member. A null is skipped: it leaves the field as it is. The names "attributes" and
// "keys" are special because they are what this program prints: with them the output of one command is the input of
// another.
func (o *objectReader) member(name string) error {
	column := o.next()
	t, err := o.dec.Token()
	if err != nil {
		return err
	}
	switch v := t.(type) {
	case nil:
		return nil
	case json.Delim:
		if v == '[' && (name == "attributes" || name == "keys") {
			return o.attributes()
		}
		return fmt.Errorf("%q is neither text nor a number, true, false or null", name)
	default:
		o.record.Fields = append(o.record.Fields, Field{name, fmt.Sprint(v), o.record.Line, column})
	}
	return nil
}

// attributes reads the rest of a list of objects with name and value, whose opening bracket was read already.
func (o *objectReader) attributes() error {
	for o.dec.More() {
		column := o.next()
		var at output.Attribute
		if err := o.dec.Decode(&at); err != nil {
			return err
		}
		o.record.Fields = append(o.record.Fields, Field{at.Name, at.Value, o.record.Line, column})
	}
	_, err := o.dec.Token()
	return err
}

// next returns the column where the next value begins, for the error that may be found in it.
func (o *objectReader) next() int {
	_, column := position(o.text, past(o.text, int(o.dec.InputOffset()), " \t:,"))
	return column
}

// column returns the column to report for an error: that of the text which cannot be read if the syntax is broken,
// otherwise that of the value which was read last.
func (o *objectReader) column(err error) int {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return o.next()
	}
	return max(1, int(o.dec.InputOffset()))
}

// firstError returns err or, if it is nil, other.
func firstError(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// UnknownMember returns the name of a member in raw, at any depth, for which the type t has no field; "" if there is
// none. A misspelt member would otherwise be ignored and the user would believe that it was sent.
// Decoder.DisallowUnknownFields finds them too, but its message speaks of Go and cannot be told apart from other
// errors except by its text.
func UnknownMember(raw []byte, t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return UnknownMember(raw, t.Elem())
	case reflect.Slice:
		var elements []json.RawMessage
		_ = json.Unmarshal(raw, &elements) // what is no list has no elements
		for _, element := range elements {
			if name := UnknownMember(element, t.Elem()); name != "" {
				return name
			}
		}
	case reflect.Struct:
		var members map[string]json.RawMessage
		_ = json.Unmarshal(raw, &members) // what is no object has no members
		for _, name := range slices.Sorted(maps.Keys(members)) {
			field, ok := t.FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, name) })
			if !ok {
				return name
			}
			if inside := UnknownMember(members[name], field.Type); inside != "" {
				return inside
			}
		}
	}
	return ""
}

// JSONReason rewrites an error of encoding/json into words that do not presuppose Go: types are called by their JSON
// names and EOF is called an early end.
func JSONReason(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the JSON ends too early")
	case errors.As(err, &syntax):
		return fmt.Errorf("not JSON: %s", syntax.Error())
	case errors.As(err, &kind):
		return fmt.Errorf("%s: a %s cannot be used here", cmp.Or(kind.Field, "the value"), kind.Value)
	}
	return err
}
