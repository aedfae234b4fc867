package sqlstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mktows/mktows-go/operations"
)

// appendAttributes appends the attributes as a JSON object in their order. A name that
// repeats has an array of its values at its first place.
func appendAttributes(b []byte, attributes operations.Attributes) []byte {
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

// appendString appends a JSON string. It does not escape what only HTML needs escaped.
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

// parseAttributes reads what appendAttributes wrote, from any JSON text of that object. It
// sorts by name: PostgreSQL does not keep the order of names.
func parseAttributes(text string) (operations.Attributes, error) {
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
	slices.SortStableFunc(attributes, func(x, y operations.Attribute) int { return strings.Compare(x.Name, y.Name) })
	return attributes, expect(d, json.Delim('}'))
}

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

// person is the column person.
type person struct {
	Name            string `json:"name,omitempty"`
	ForeignSysID    string `json:"foreignSysId,omitempty"`
	OrgName         string `json:"orgName,omitempty"`
	ForeignSysOrgID string `json:"foreignSysOrgId,omitempty"`
}

// personOf returns the column person; nil if nothing is known.
func personOf(a *operations.Activity) any {
	p := person{Name: a.PersonName, ForeignSysID: a.ForeignSysID, OrgName: a.OrgName, ForeignSysOrgID: a.ForeignSysOrgID}
	if p == (person{}) {
		return nil
	}
	text, _ := json.Marshal(p) // strings always encode
	return string(text)
}

func (p person) set(a *operations.Activity) {
	a.PersonName, a.ForeignSysID, a.OrgName, a.ForeignSysOrgID = p.Name, p.ForeignSysID, p.OrgName, p.ForeignSysOrgID
}
