package report

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/mktows/mktows-go/operations"
)

// parseAttributes reads a JSON object in its order. A name that has an array of values is
// repeated. What is no such object becomes one attribute without a name.
func parseAttributes(text string) operations.Attributes {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	list, err := decodeAttributes(d)
	if err != nil {
		return operations.Attributes{{Value: text}}
	}
	return list
}

func decodeAttributes(d *json.Decoder) (operations.Attributes, error) {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.Join(errors.New("not an object"), err)
	}
	var list operations.Attributes
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, err
		}
		text, _ := name.(string) // a name is always one
		for _, value := range values(raw) {
			list = append(list, operations.Attribute{Name: text, Value: value})
		}
	}
	return list, nil
}

// values are the texts of an array or of a single value; what is no text stays JSON.
func values(raw json.RawMessage) []string {
	var many []json.RawMessage
	if json.Unmarshal(raw, &many) != nil || many == nil {
		many = []json.RawMessage{raw}
	}
	texts := make([]string, len(many))
	for i, one := range many {
		if json.Unmarshal(one, &texts[i]) != nil {
			texts[i] = string(one)
		}
	}
	return texts
}
