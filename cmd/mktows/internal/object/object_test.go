package object

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mktows/mktows-go/cmd/mktows/internal/records"
	"github.com/mktows/mktows-go/operations"
)

// FuzzReadObjects: whatever a file holds is read or refused, without a panic.
func FuzzReadObjects(f *testing.F) {
	for _, text := range []string{`{"type": "Opportunity", "attributes": {"Name": "x"}}`, `[{"type": "Program", "id": 1}, {}]`, `{"type": 1}`, "[", "\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		records.SplitJSON([]byte(text), &records.Problems{Name: "fuzz"}, func(raw []byte, _, _ int) { _, _ = decodeObject(raw) })
	})
}

func TestParseCriterion(t *testing.T) {
	t.Parallel()
	tests := map[string]operations.Criterion{
		"Name EQ x":                      {Attribute: "Name", Comparison: operations.CompareEqual, Value: "x"},
		"  Created At  ge 2015-09-01 ":   {Attribute: "Created At", Comparison: operations.CompareGreaterOrEqual, Value: "2015-09-01"},
		"Name eq a  b EQ c":              {Attribute: "Name", Comparison: operations.CompareEqual, Value: "a  b EQ c"},
		"GENE LE LE":                     {Attribute: "GENE", Comparison: operations.CompareLessOrEqual, Value: "LE"},
		"Sale NE 1":                      {Attribute: "Sale", Comparison: operations.CompareNotEqual, Value: "1"},
		"Tag NAME NE North America (US)": {Attribute: "Tag NAME", Comparison: operations.CompareNotEqual, Value: "North America (US)"},
	}
	for text, want := range tests {
		if got, err := parseCriterion(text); err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "EQ x", "Name EQ", "Name x", "Name = x"} {
		if got, err := parseCriterion(text); err == nil {
			t.Errorf("%q: %+v, want an error", text, got)
		}
	}
}

// TestObjectSync_attributes: a list, an object, null and nothing are taken for attributes.
func TestObjectSync_attributes(t *testing.T) {
	t.Parallel()
	for attributes, want := range map[string]string{
		`[{"name":"Name","value":"x"}]`: "Name=x", `{"Stage":"Won","Amount":12.50}`: "Stage=Won Amount=12.50", `null`: "", `{}`: "", `[]`: "",
	} {
		object, err := decodeObject([]byte(`{"type":"Opportunity","id":1,"attributes":` + attributes + `}`))
		var got []string
		for _, at := range object.Attributes {
			got = append(got, at.Name+"="+at.Value)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %q, %v, want %q", attributes, got, err, want)
		}
	}
	for _, text := range []string{
		`{"type":"Opportunity","attributes":7}`, `{"type":"Opportunity","attributes":{"a":[]}}`, `{"type":"Opportunity","colour":"red"}`,
		`{"type":"Opportunity","attributes":[{"nam":"x"}]}`, `{"type":"opportunity"}`, `{"id":1}`, `{"type":"Opportunity","id":"x"}`,
	} {
		if object, err := decodeObject([]byte(text)); err == nil {
			t.Errorf("%s: %+v, want an error", text, object)
		}
	}
}

// TestDecodeObject_unknown: a member that would be passed over is a mistake, wherever it stands.
func TestDecodeObject_unknown(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`{"type": "Program", "colour": 1, "id": "x"}`:                                           `unknown field "colour"`,
		`{"type": "Program", "externalKey": {"name": "a", "vlaue": "b"}}`:                       `unknown field "vlaue"`,
		`{"type": "Program", "groups": [{"type": "Tag", "attributes": {"x": 1}}, {"kind": 1}]}`: `unknown field "kind"`,
		`{"type": "Program", "attributes": [{"name": "a", "Value": "b", "worth": 1}]}`:          `unknown field "worth"`,
		`{"TYPE": "Program", "attributes": {"worth": 1}, "createdAt": null}`:                    "",
	} {
		_, err := decodeObject([]byte(raw))
		if got := fmt.Sprint(err); err == nil && want != "" || err != nil && got != want {
			t.Errorf("%s: %v, want %q", raw, err, want)
		}
	}
}
