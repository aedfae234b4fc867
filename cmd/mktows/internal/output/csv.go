package output

import (
	"encoding/json"
	"reflect"
	"strings"
)

// writeCSV writes a row of CSV as RFC 4180 has it. The writer of encoding/csv would turn CRLF inside of a value into
// LF, and a value that is read, exported and synced back must not change.
func writeCSV(b *strings.Builder, values ...string) {
	for i, value := range values {
		if i > 0 {
			b.WriteByte(',')
		}
		if strings.ContainsAny(value, "\",\r\n") {
			value = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
		}
		b.WriteString(value)
	}
	b.WriteString("\r\n")
}

// member is one member of a JSON object.
type member struct {
	name  string
	value reflect.Value
}

// members returns the members that a struct, or what v points to, has in JSON, in their order. Those that
// encoding/json would leave out of one object are there, as all rows of CSV have the same columns. Anything else than a
// struct is a single member called name.
func members(v any, name string) []member {
	value := reflect.Indirect(reflect.ValueOf(v))
	if value.Kind() != reflect.Struct {
		return []member{{name, value}}
	}
	var found []member
	for _, field := range reflect.VisibleFields(value.Type()) {
		tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if field.IsExported() && tag != "" && tag != "-" {
			found = append(found, member{tag, value.FieldByIndex(field.Index)})
		}
	}
	return found
}

// cell returns a member as a cell of CSV: a text as it is, nothing for null, and everything else as JSON.
func (m member) cell() (string, error) {
	text, err := EncodeJSON(m.value.Interface(), "")
	if err != nil {
		return "", err
	}
	var plain *string
	if json.Unmarshal([]byte(text), &plain) != nil {
		return text, nil
	}
	if plain == nil {
		return "", nil
	}
	return *plain, nil
}
