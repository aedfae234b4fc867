package wsdlgen

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hooklift/gowsdl"
)

// gowsdlPrints returns the types that gowsdl prints for the newer document.
func gowsdlPrints(t *testing.T) string {
	t.Helper()
	g, err := gowsdl.NewGoWSDL("../../"+newDocument, "gen", false, true)
	if err != nil {
		t.Fatal(err)
	}
	code, err := g.Start()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(code["types"])+string(code["operations"])), " ")
}

// TestGowsdl_stillNeedsCorrecting fails when a new gowsdl prints something else than
// what the generator corrects, so that the correction is looked at again.
func TestGowsdl_stillNeedsCorrecting(t *testing.T) {
	code := gowsdlPrints(t)
	for trap, text := range map[string]string{
		"an undefined type for xs:anySimpleType":  "AttrValue *AnySimpleType",
		"a default namespace on the root":         "`xml:\"http://www.marketo.com/mktows/ paramsGetLead\"`",
		"false and 0 left out":                    "ReturnLead bool `xml:\"returnLead,omitempty\"",
		"an empty struct for an abstract type":    "type LeadSelector struct { }",
		"nil read as a zero value":                "LeadRecord *LeadRecord `xml:\"leadRecord,omitempty\"",
		"a date type that swallows errors":        "ActivityDateTime soap.XSDDateTime",
		"a pair of methods for an operation":      "GetLeadContext (ctx context.Context, request *ParamsGetLead)",
		"an underscore after the field name Type": "Type_ string",
	} {
		if !strings.Contains(code, text) {
			t.Errorf("gowsdl no longer prints %s (%s): look at the generator's correction", trap, text)
		}
	}
	if strings.Contains(code, "type AnySimpleType") {
		t.Error("gowsdl now declares AnySimpleType")
	}
}

func TestGenerate_isRepeatable(t *testing.T) {
	one, err := Generate("../..")
	if err != nil {
		t.Fatal(err)
	}
	two, err := Generate("../..")
	if err != nil {
		t.Fatal(err)
	}
	for name, code := range one {
		if !bytes.Equal(code, two[name]) {
			t.Errorf("%s differs from run to run", name)
		}
	}
}

// TestGeneratedCodeIsCurrent generates anew and compares byte for byte with what package gen holds.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	want, err := Generate("../..")
	if err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob("../../../gen/*_gen.go")
	if err != nil || len(names) != len(want) {
		t.Errorf("package gen has %d generated files, expected %d (%v)", len(names), len(want), err)
	}
	for name, code := range want {
		if have, err := os.ReadFile("../../../gen/" + name); err != nil || !bytes.Equal(code, have) {
			t.Errorf("%s is not what stands in package gen, %v: run go generate ./gen", name, err)
		}
	}
}

func TestGenerate_namesWhatIsWrong(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"type unknown to the codec": {`name="count" type="xs:int"`, `name="count" type="xs:duration"`, "ResultGetLead.count: the type xs:duration"},
		"operation not bound":       {`<wsdl:operation name="getTags">` + "\n      <soap", `<wsdl:operation name="getTogs">` + "\n      <soap", "getTags is not in the binding"},
		"header without its part":   {`part="mktowsContext"`, `part="context"`, "syncLead: no element for the message tns:MktowsContextHeader"},
		"message without element":   {`element="tns:paramsGetTags"`, `element="tns:paramsGetTogs"`, "operation getTags: no element for the message"},
		"two port types":            {"<wsdl:binding ", `<wsdl:portType name="Other"/><wsdl:binding `, "expected one schema, one port type and one binding"},
		"not XML":                   {"</wsdl:definitions>", "", newDocument},
	} {
		dir := t.TempDir()
		for _, doc := range []string{newDocument, oldDocument} {
			data, err := os.ReadFile("../../" + doc)
			if err != nil {
				t.Fatal(err)
			}
			if doc == newDocument {
				if !bytes.Contains(data, []byte(c.old)) {
					t.Fatalf("%s: the document has no %s", name, c.old)
				}
				data = bytes.Replace(data, []byte(c.old), []byte(c.new), 1)
			}
			if err := os.WriteFile(filepath.Join(dir, doc), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Generate(dir); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Generate(t.TempDir()); err == nil {
		t.Error("no documents, no error")
	}
}

// TestModel_gowsdlPrintsLess says so when a new gowsdl leaves out what the names are taken from.
func TestModel_gowsdlPrintsLess(t *testing.T) {
	for want, leaveOut := range map[string]func(p *printed){
		"did not print all types":                     func(p *printed) { p.order = p.order[1:] },
		"no field for ParamsGetLead.leadKey":          func(p *printed) { delete(p.fields["ParamsGetLead"], "leadKey") },
		"gowsdl printed no method for deleteMObjects": func(p *printed) { clear(p.ports) },
	} {
		p, err := runGowsdl("../../" + newDocument)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := readDocument("../../" + newDocument)
		if err != nil {
			t.Fatal(err)
		}
		leaveOut(p)
		m := &model{byName: map[string]*structType{}}
		if err = m.addTypes(doc, p); err == nil {
			err = m.addOperations(doc, p)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestPrintReadStruct_fieldsAndBits holds that each required field has a bit of its own.
func TestPrintReadStruct_fieldsAndBits(t *testing.T) {
	for n, refused := range map[int]bool{32: false, 33: true} {
		s := &structType{name: "Wide"}
		for i := range n {
			name := fmt.Sprintf("Field%d", i)
			s.fields = append(s.fields, &field{name: name, xml: name, typeName: "string"})
		}
		func() {
			defer func() {
				if got := recover() != nil; got != refused {
					t.Errorf("%d fields: refused %t, want %t", n, got, refused)
				}
			}()
			printReadStruct(new(bytes.Buffer), s)
		}()
	}
}

func TestModel_marksRequestsAndDifferences(t *testing.T) {
	m, err := load("../../"+newDocument, "../../"+oldDocument)
	if err != nil {
		t.Fatal(err)
	}
	var added, relaxed, answers []string
	for _, s := range m.structs {
		for _, f := range s.fields {
			if f.added {
				added = append(added, s.name+"."+f.xml)
			}
			if f.wasRequired {
				relaxed = append(relaxed, s.name+"."+f.xml)
			}
		}
		if s.request && strings.HasPrefix(s.name, "Result") {
			answers = append(answers, s.name)
		}
	}
	slices.Sort(added)
	slices.Sort(relaxed)
	if got := strings.Join(added, " "); got != "ActivityRecord.marketoGUID AuthenticationHeaderInfo.partnerId LeadChangeRecord.marketoGUID ParamsScheduleCampaign.cloneToProgramName" {
		t.Errorf("added: %s", got)
	}
	if got := strings.Join(relaxed, " "); got != "ActivityRecord.id LeadChangeRecord.id" {
		t.Errorf("no longer required: %s", got)
	}
	if answers != nil {
		t.Errorf("answers taken for requests: %v", answers)
	}
	if !m.byName["LeadKeySelector"].request || !m.byName["AuthenticationHeaderInfo"].request {
		t.Error("selectors and headers are parts of requests")
	}
}
