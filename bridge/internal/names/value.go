package names

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/mktows/mktows-go/internal/soapxml"
)

// Booleans is how texts show a boolean.
type Booleans int

// What texts show of a boolean. The samples of the SOAP API do not tell which it is for attributes
// of activities; a recorded answer has 1 for fields of leads, which clients write so, too.
const (
	TrueFalse Booleans = iota // true and false
	OneZero                   // 1 and 0
	Capitals                  // True and False, as changes of values tell them
)

// Converter converts values between the texts of the SOAP API and the JSON of the REST API, by the
// data type that descriptions give: nothing else in the bridge does. The zero value shows true and
// false, and times by the clock of US Central time. It is safe for concurrent use.
type Converter struct {
	// Zone is that of the subscription, in which times are shown, and read where they have none;
	// nil: US Central, the service's own.
	Zone *time.Location
	// Booleans is how booleans are shown. All forms are read.
	Booleans Booleans
	// Offsets shows date-times as 2026-01-02T03:04:05-06:00. Without it they are shown as the
	// samples of the SOAP API have them in attributes, 2026-01-02 03:04:05.
	Offsets bool
}

// Text is a value as the SOAP API has it.
type Text struct {
	String string
	// Null says that there is no value: the attribute is left out. An empty text is a value.
	Null bool
	// Removed counts the characters that XML cannot carry and that are gone for that reason. In a
	// text with lengths in it, such as Form Fields, they are missed: tell of it in a log.
	Removed int
}

// ErrNotJSON is the error of what is no JSON value.
var ErrNotJSON = errors.New("the value is no JSON")

// kind is what a data type means to a conversion.
type kind int

const (
	kindText kind = iota
	kindInteger
	kindNumber
	kindBoolean
	kindDate
	kindDateTime
)

// kindOf returns the kind of a data type. Letter case means nothing: the service writes Integer as
// well as integer (Marketo REST API, activity types, as recorded).
func kindOf(dataType string) kind {
	switch strings.ToLower(dataType) {
	case "integer", "score":
		return kindInteger
	case "float", "currency", "percent", "number", "double":
		return kindNumber
	case "boolean":
		return kindBoolean
	case "date":
		return kindDate
	case "datetime":
		return kindDateTime
	}
	return kindText
}

// Text returns the text of a JSON value of a data type. A value that does not fit its type is shown
// as it came, since a record must not be lost for it: the service itself answers with texts in place
// of numbers and the reverse. An object or an array is shown as compact JSON, a number without
// an exponent. The error is ErrNotJSON.
func (c Converter) Text(dataType string, value []byte) (Text, error) {
	value = bytes.Trim(value, " \t\r\n") // what JSON takes for white space
	if len(value) == 0 {
		return Text{}, ErrNotJSON
	}
	switch value[0] {
	case '"':
		read, err := unquote(value)
		if err != nil {
			return Text{}, err
		}
		return c.TextOf(dataType, read), nil
	case '{', '[':
		var compact bytes.Buffer
		if json.Compact(&compact, value) != nil {
			return Text{}, ErrNotJSON
		}
		return c.TextOf("", strings.ToValidUTF8(compact.String(), "\uFFFD")), nil
	}
	switch literal := string(value); {
	case literal == "null":
		return Text{Null: true}, nil
	case literal == "true" || literal == "false":
		return c.TextOf("boolean", literal), nil
	case !json.Valid(value):
		return Text{}, ErrNotJSON
	case kindOf(dataType) == kindText:
		return Text{String: plainNumber(literal)}, nil
	default:
		return c.TextOf(dataType, plainNumber(literal)), nil
	}
}

// TextOf is Text for a value that has been read already: the text of a string or of a number. A JSON
// boolean is one whatever the data type says: give "boolean".
func (c Converter) TextOf(dataType, value string) Text {
	clean, removed := Clean(c.shown(kindOf(dataType), value))
	return Text{String: clean, Removed: removed}
}

// shown returns what is shown of a value.
func (c Converter) shown(kind kind, text string) string {
	switch kind {
	case kindBoolean:
		if yes, ok := readBoolean(text); ok {
			return c.boolean(yes)
		}
	case kindInteger, kindNumber:
		if isNumber(text) {
			return wholeNumber(plainNumber(text))
		}
	case kindDate:
		if day, ok := dayOf(text); ok {
			return day
		}
	case kindDateTime:
		if t, err := c.ParseTime(text); err == nil {
			return c.dateTime(t)
		}
	case kindText:
	}
	return text
}

func (c Converter) boolean(yes bool) string {
	words := [...][2]string{TrueFalse: {"false", "true"}, OneZero: {"0", "1"}, Capitals: {"False", "True"}}
	if yes {
		return words[c.Booleans][1]
	}
	return words[c.Booleans][0]
}

func (c Converter) dateTime(t time.Time) string {
	if c.Offsets {
		return c.Shown(t).Format("2006-01-02T15:04:05-07:00")
	}
	return c.Shown(t).Format(time.DateTime)
}

// JSON returns the JSON value of a text of a data type. An empty text is null, which clears a field.
// A text that does not fit its type is sent as a string: the service says what is wrong with it, and
// a guess could write what nobody meant.
func (c Converter) JSON(dataType, text string) []byte {
	trimmed := strings.TrimSpace(text)
	if text == "" {
		return []byte("null")
	}
	switch kindOf(dataType) {
	case kindBoolean:
		if yes, ok := readBoolean(trimmed); ok {
			return strconv.AppendBool(nil, yes)
		}
	case kindInteger, kindNumber:
		if isNumber(trimmed) {
			return []byte(trimmed)
		}
	case kindDate:
		if day, ok := dayOf(trimmed); ok {
			return quote(day)
		}
	case kindDateTime:
		if t, err := c.ParseTime(trimmed); err == nil {
			return quote(RESTTime(t))
		}
	case kindText:
	}
	return quote(text)
}

// readBoolean reads all forms of a boolean that either API has shown.
func readBoolean(text string) (yes, ok bool) {
	switch strings.ToLower(text) {
	case "1", "true":
		return true, true
	case "0", "false":
		return false, true
	}
	return false, false
}

// dayOf returns the date that a text is or begins with. A date has no zone: it is not moved into
// another one.
func dayOf(text string) (string, bool) {
	const size = len(time.DateOnly)
	if len(text) < size || len(text) > size && text[size] != 'T' && text[size] != ' ' {
		return "", false
	}
	_, err := time.Parse(time.DateOnly, text[:size])
	return text[:size], err == nil
}

// isNumber reports whether a text is a number as JSON has them.
func isNumber(text string) bool {
	if text == "" || text[0] != '-' && (text[0] < '0' || text[0] > '9') {
		return false
	}
	return json.Valid([]byte(text))
}

// maxShift is how far the point of a number is moved to do without an exponent. No number of a
// field has more digits.
const maxShift = 400

// plainNumber writes a JSON number without an exponent, digit by digit, so that none is lost. One
// with an exponent that no field has stays as it is.
func plainNumber(number string) string {
	at := strings.IndexAny(number, "eE")
	if at < 0 {
		return number
	}
	shift, err := strconv.Atoi(number[at+1:])
	if err != nil || shift > maxShift || shift < -maxShift {
		return number
	}
	digits, negative := strings.CutPrefix(number[:at], "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	all, point := whole+fraction, len(whole)+shift
	if point <= 0 {
		all, point = strings.Repeat("0", 1-point)+all, 1
	}
	all += strings.Repeat("0", max(0, point-len(all)))
	plain := trimZeros(all[:point])
	if rest := strings.TrimRight(all[point:], "0"); rest != "" {
		plain += "." + rest
	}
	if negative {
		plain = "-" + plain
	}
	return plain
}

// trimZeros takes the zeros off the front of digits, but for one.
func trimZeros(digits string) string {
	if digits = strings.TrimLeft(digits, "0"); digits == "" {
		return "0"
	}
	return digits
}

// wholeNumber leaves the fraction out of a number that is whole: the SOAP API shows 28970000 where
// JSON may have 28970000.0.
func wholeNumber(number string) string {
	whole, fraction, found := strings.Cut(number, ".")
	if found && strings.Trim(fraction, "0") == "" {
		number = whole
	}
	if number == "-0" {
		return "0"
	}
	return number
}

// unquote reads a JSON string.
func unquote(value []byte) (string, error) {
	inside := value[1:max(1, len(value)-1)]
	plain := !bytes.ContainsAny(inside, "\\\"") && bytes.IndexFunc(inside, isControl) < 0 && utf8.Valid(inside)
	if plain && len(value) > 1 && value[len(value)-1] == '"' {
		return string(inside), nil
	}
	var text string
	if json.Unmarshal(value, &text) != nil {
		return "", ErrNotJSON
	}
	return text, nil
}

func isControl(r rune) bool { return r < ' ' }

// quote writes a JSON string. Bytes that are not UTF-8 become replacement characters.
func quote(text string) []byte {
	quoted, _ := json.Marshal(text) // a string can always be encoded
	return quoted
}

// Clean takes out of a text what XML 1.0 cannot carry and JSON can: control characters but tab and
// line ends, and the two that are no characters. It returns how many those were.
func Clean(text string) (clean string, removed int) {
	if !strings.ContainsFunc(text, isIllegal) {
		return text, 0
	}
	clean = soapxml.Strip(text)
	return clean, utf8.RuneCountInString(text) - utf8.RuneCountInString(clean)
}

// isIllegal reports whether no XML 1.0 document can hold a character.
func isIllegal(r rune) bool { return !soapxml.IsChar(r) }
