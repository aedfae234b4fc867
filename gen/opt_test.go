package gen_test

import (
	"encoding/xml"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/gen"
)

// options is a message as others define one, read and written by encoding/xml.
type options struct {
	XMLName xml.Name        `xml:"a"`
	Text    gen.Opt[string] `xml:"text"`
	Number  gen.Opt[int32]  `xml:"number"`
	Last    gen.Opt[bool]   `xml:"last"`
}

func TestOpt_withEncodingXML(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]options{
		`<a></a>`: {},
		`<a><text>t</text><number>7</number><last>true</last></a>`: {Text: gen.Some("t"), Number: gen.Some[int32](7), Last: gen.Some(true)},
		`<a><text></text><number>0</number><last>false</last></a>`: {Text: gen.Some(""), Number: gen.Some[int32](0), Last: gen.Some(false)},
		`<a><text xsi:nil="true"></text><last>true</last></a>`:     {Text: gen.NilOf[string](), Last: gen.Some(true)},
		`<a><number xsi:nil="true"></number><last>true</last></a>`: {Number: gen.NilOf[int32](), Last: gen.Some(true)},
	} {
		var got options
		if err := xml.Unmarshal([]byte(doc), &got); err != nil {
			t.Errorf("%s: %v", doc, err)
		}
		got.XMLName = xml.Name{}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", doc, diff)
		}
		written, err := xml.Marshal(want)
		if err != nil || string(written) != doc {
			t.Errorf("%s is written %s, %v", doc, written, err)
		}
	}
	for text, want := range map[string]gen.State{
		`<a><text xsi:nil="1">t</text></a>`:     gen.Nil,
		`<a><text xsi:nil="false">t</text></a>`: gen.Present,
		`<a><text nillable="true">t</text></a>`: gen.Present,
	} {
		var got options
		if err := xml.Unmarshal([]byte(text), &got); err != nil || got.Text.State != want {
			t.Errorf("%s: %+v, %v", text, got.Text, err)
		}
	}
	var got options
	if err := xml.Unmarshal([]byte(`<a><number>seven</number></a>`), &got); err == nil {
		t.Errorf("%+v, and no error", got)
	}
}

func TestOpt_getAndOr(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o       gen.Opt[int]
		present bool
		or      int
	}{
		"absent":  {gen.Opt[int]{}, false, 5},
		"nil":     {gen.NilOf[int](), false, 5},
		"present": {gen.Some(7), true, 7},
		"zero":    {gen.Some(0), true, 0},
	} {
		if v, ok := c.o.Get(); ok != c.present || v != c.o.Value || c.o.Or(5) != c.or {
			t.Errorf("%s: %d, %t, or %d", name, v, ok, c.o.Or(5))
		}
	}
}

func TestOperations_areFoundByName(t *testing.T) {
	t.Parallel()
	for i, op := range gen.Operations() {
		if gen.Operations()[i] != op || gen.OperationByName(op.Name) != op || gen.OperationByInput(op.Input) != op {
			t.Errorf("%s is not found", op.Name)
		}
		if op.NewInput().ElementName() != op.Input || op.NewOutput().ElementName() != op.Output {
			t.Errorf("%s has messages with other names", op.Name)
		}
		if gen.OperationByName(op.Input) != nil || gen.OperationByInput(op.Output) != nil {
			t.Errorf("%s is found by another name", op.Name)
		}
	}
	if gen.OperationByName("") != nil || gen.OperationByInput("") != nil {
		t.Error("an operation without a name is found")
	}
}
