package admin

import (
	"bytes"
	"encoding/json"
	"regexp"

	"github.com/mktows/mktows-go/simulator"
)

// pair finds an object of two short fields that is spread over four lines. A text cannot
// look like one: its quotation marks have a backslash before them.
var pair = regexp.MustCompile(`\{\n\s+("(?:name|type|system)": "(?:[^"\\]|\\.)*"),\n\s+("(?:value|type|id)": "(?:[^"\\]|\\.)*")\n\s+\}`)

// EncodeState returns the JSON form of a state, for people to read: indented, attributes
// and other pairs in one line each, text that is not ASCII as it is.
func EncodeState(st simulator.State) ([]byte, error) {
	text, err := encode(st)
	return pair.ReplaceAll(text, []byte("{$1, $2}")), err
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(v)
	return b.Bytes(), err
}

// DecodeState reads the JSON form of a state. Its error, a [*PlaceError], names line,
// column and field.
func DecodeState(data []byte) (simulator.State, error) {
	var st simulator.State
	err := decode(data, &st)
	return st, err
}
