// Package columns writes and reads the JSON in some columns of a copy, the same for databases and files. Writing is
// done by hand and not by encoding/json, because it is done for every row and need not allocate anything.
package columns

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/mktows/mktows-go/operations"
)

// AppendAttributes appends attributes as a JSON object in their order. A name that occurs several times has an array
// of its values at its first place, as JSON objects with repeated names lose all but one value in most databases.
// Attributes are few, so names are compared with each other rather than put into a map, which would have to be
// allocated.
func AppendAttributes(b []byte, attributes operations.Attributes) []byte {
	b = append(b, '{')
	empty := len(b)
	for i := range attributes {
		name := attributes[i].Name
		if hasName(attributes[:i], name) {
			continue
		}
		if len(b) > empty {
			b = append(b, ',')
		}
		b = append(appendString(b, name), ':')
		rest := attributes[i+1:]
		if !hasName(rest, name) {
			b = appendString(b, attributes[i].Value)
			continue
		}
		b = appendString(append(b, '['), attributes[i].Value)
		for j := range rest {
			if rest[j].Name == name {
				b = appendString(append(b, ','), rest[j].Value)
			}
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

func hasName(attributes operations.Attributes, name string) bool {
	for i := range attributes {
		if attributes[i].Name == name {
			return true
		}
	}
	return false
}

const hexDigits = "0123456789abcdef"

// appendString appends a JSON string. The characters <, > and & are not escaped, since nobody puts this into a web
// page. Text that is not UTF-8 is mended, since databases refuse it.
func appendString(b []byte, s string) []byte {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	b = append(b, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			b = append(b, '\\', c)
		case '\n':
			b = append(b, '\\', 'n')
		case '\r':
			b = append(b, '\\', 'r')
		case '\t':
			b = append(b, '\\', 't')
		default:
			b = append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xf])
		}
	}
	return append(append(b, s[start:]...), '"')
}

// ParseAttributes reads what AppendAttributes wrote, in the order of the text. PostgreSQL stores JSON in a form of
// its own, so any JSON text of the same object is accepted.
func ParseAttributes(text string) (operations.Attributes, error) {
	d := json.NewDecoder(strings.NewReader(text))
	if err := expect(d, json.Delim('{')); err != nil {
		return nil, err
	}
	var attributes operations.Attributes
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, badAttributes(err)
		}
		name, _ := token.(string) // a name is always a string
		if attributes, err = parseValues(d, attributes, name); err != nil {
			return nil, err
		}
	}
	if err := expect(d, json.Delim('}')); err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, badAttributes(errors.New("something follows the object"))
	}
	return attributes, nil
}

// parseValues reads the value of one name: a text, or an array of texts for a name that occurs several times.
func parseValues(d *json.Decoder, attributes operations.Attributes, name string) (operations.Attributes, error) {
	token, err := d.Token()
	if err != nil {
		return nil, badAttributes(err)
	}
	switch v := token.(type) {
	case string:
		return append(attributes, operations.Attribute{Name: name, Value: v}), nil
	case json.Delim:
		if v != '[' {
			break
		}
		for d.More() {
			var value string
			if err := d.Decode(&value); err != nil {
				return nil, badAttributes(err)
			}
			attributes = append(attributes, operations.Attribute{Name: name, Value: value})
		}
		return attributes, expect(d, json.Delim(']'))
	}
	return nil, badAttributes(fmt.Errorf("%q has neither text nor an array of texts", name))
}

// expect reads a delimiter. A text that ends too early is an error of its own, because io.EOF alone would look like
// the proper end of something.
func expect(d *json.Decoder, delim json.Delim) error {
	token, err := d.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err == nil && token != delim {
		err = fmt.Errorf("expected %s, found %v", delim, token)
	}
	if err != nil {
		return badAttributes(err)
	}
	return nil
}

func badAttributes(err error) error { return fmt.Errorf("column attributes: %w", err) }

// Person returns the column person of an activity: what the service said about the person beside the id of the lead.
// It is nil, which is NULL in a database, if the service said nothing, as it mostly does.
func Person(a *operations.Activity) json.RawMessage {
	var known operations.Attributes
	for _, field := range [...]operations.Attribute{
		{Name: "name", Value: a.PersonName}, {Name: "foreignSysId", Value: a.ForeignSysID},
		{Name: "orgName", Value: a.OrgName}, {Name: "foreignSysOrgId", Value: a.ForeignSysOrgID},
	} {
		if field.Value != "" {
			known = append(known, field)
		}
	}
	if known == nil {
		return nil
	}
	return AppendAttributes(nil, known)
}

// SetPerson sets in an activity what Person returned. Empty text and null mean that nothing is known.
func SetPerson(a *operations.Activity, text []byte) error {
	if len(text) == 0 {
		return nil
	}
	var p struct{ Name, ForeignSysID, OrgName, ForeignSysOrgID string } // in any letter case
	if err := json.Unmarshal(text, &p); err != nil {
		return fmt.Errorf("column person: %w", err)
	}
	a.PersonName, a.ForeignSysID, a.OrgName, a.ForeignSysOrgID = p.Name, p.ForeignSysID, p.OrgName, p.ForeignSysOrgID
	return nil
}
