package wsdl_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/wsdl"
)

const namespace = "http://www.marketo.com/mktows/"

// operationNames is the port type in its order.
var operationNames = []string{
	"deleteMObjects", "describeMObject", "getMObjects", "syncMObjects",
	"getCampaignsForSource", "getImportToListStatus",
	"getLead", "getLeadActivity", "getLeadChanges", "getMultipleLeads",
	"importToList", "listMObjects", "listOperation", "requestCampaign", "scheduleCampaign",
	"syncLead", "syncMultipleLeads",
	"syncCustomObjects", "deleteCustomObjects", "getCustomObjects",
	"mergeLeads", "getChannels", "getTags",
}

// each runs a test for each document.
func each(t *testing.T, test func(t *testing.T, version string, d *definitions)) {
	t.Helper()
	for _, version := range wsdl.Versions() {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			test(t, version, parse(t, document(t, version)))
		})
	}
}

func TestContract_wellFormedToTheEnd(t *testing.T) {
	t.Parallel()
	for _, version := range wsdl.Versions() {
		roots, depth := 0, 0
		decoder := xml.NewDecoder(bytes.NewReader(document(t, version)))
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", version, err)
			}
			switch token.(type) {
			case xml.StartElement:
				if depth == 0 {
					roots++
				}
				depth++
			case xml.EndElement:
				depth--
			}
		}
		if roots != 1 {
			t.Errorf("%s: %d root elements, want 1", version, roots)
		}
	}
}

func TestContract_counts(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ string, d *definitions) {
		want := map[string]int{"simple types": 15, "complex types": 127, "elements": 48, "messages": 48, "operations": 23, "bound operations": 23, "enumeration values": 110}
		got := map[string]int{
			"simple types":     len(d.Schema.Simple),
			"complex types":    len(d.Schema.Complex),
			"elements":         len(d.Schema.Elements),
			"messages":         len(d.Messages),
			"operations":       len(d.PortTypes[0].Operations),
			"bound operations": len(d.Bindings[0].Operations),
		}
		for _, s := range d.Schema.Simple {
			got["enumeration values"] += len(s.Restriction.Values)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestContract_names(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, version string, d *definitions) {
		port := d.Services[0].Ports[0]
		got := []string{
			d.TargetNamespace, d.Schema.TargetNamespace, d.Schema.ElementFormDefault,
			d.PortTypes[0].Name, d.Bindings[0].Name, d.Bindings[0].SOAP.Style, d.Bindings[0].SOAP.Transport,
			d.Services[0].Name, port.Name, port.Address.Location,
		}
		want := []string{
			namespace, namespace, "unqualified",
			"MktowsPort", "MktowsApiSoapBinding", "document", "http://schemas.xmlsoap.org/soap/http",
			"MktMktowsApiService", "MktowsApiSoapPort", "https://example.mktoapi.com/soap/mktows/" + version,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// Every operation xyz has the messages XyzRequest and XyzResponse, the elements paramsXyz and successXyz of
// types of these names, and a place in the binding.
func TestContract_operations(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ string, d *definitions) {
		messages, elements := map[string][]part{}, map[string]string{}
		for _, m := range d.Messages {
			messages["tns:"+m.Name] = m.Parts
		}
		for _, e := range d.Schema.Elements {
			elements[e.Name] = e.Type
		}
		for i, name := range operationNames {
			upper := strings.ToUpper(name[:1]) + name[1:]
			op, bound := d.PortTypes[0].Operations[i], d.Bindings[0].Operations[i]
			got := []any{
				op.Name, op.Input.Message, op.Output.Message, len(op.Faults), bound.Name, bound.SOAP.Action,
				messages["tns:"+upper+"Request"], messages["tns:"+upper+"Response"],
				elements["params"+upper], elements["success"+upper],
			}
			want := []any{
				name, "tns:" + upper + "Request", "tns:" + upper + "Response", 0, name, namespace + name,
				[]part{{"params" + upper, "tns:params" + upper}}, []part{{"success" + upper, "tns:success" + upper}},
				"tns:Params" + upper, "tns:Success" + upper,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

func TestContract_headers(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ string, d *definitions) {
		authentication := header{"tns:AuthenticationHeader", "authentication", "literal"}
		workspace := header{"tns:MktowsContextHeader", "mktowsContext", "literal"}
		for _, op := range d.Bindings[0].Operations {
			want := []header{authentication}
			if op.Name == "syncLead" {
				want = append(want, workspace)
			}
			if diff := cmp.Diff(want, op.Input.Headers); diff != "" {
				t.Errorf("%s (-want +got):\n%s", op.Name, diff)
			}
			if len(op.Output.Headers) != 0 {
				t.Errorf("%s: the answer has headers %v, want none", op.Name, op.Output.Headers)
			}
			for _, side := range []boundDirection{op.Input, op.Output} {
				if len(side.Body) != 1 || side.Body[0].Use != "literal" {
					t.Errorf("%s: bodies %v, want one literal", op.Name, side.Body)
				}
			}
		}
	})
}

// Default occurrences are left out, and names are not declared twice.
func TestContract_fields(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ string, d *definitions) {
		for _, c := range d.Schema.Complex {
			var names []string
			for _, f := range c.fields() {
				if f.Name == "" || f.MinOccurs == "1" || f.MaxOccurs == "1" || f.Nillable == "false" {
					t.Errorf("%s.%s: default values are written: %+v", c.Name, f.Name, f)
				}
				if slices.Contains(names, f.Name) {
					t.Errorf("%s.%s stands twice", c.Name, f.Name)
				}
				names = append(names, f.Name)
			}
			if abstract := c.Name == "LeadSelector"; (c.Abstract == "true") != abstract {
				t.Errorf("%s: abstract is %q", c.Name, c.Abstract)
			}
		}
	})
}

func TestContract_isDocumented(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ string, d *definitions) {
		docs := map[string]string{"service": d.Services[0].Doc, "port type": d.PortTypes[0].Doc}
		for _, s := range d.Schema.Simple {
			docs["type "+s.Name] = s.Doc
		}
		for _, c := range d.Schema.Complex {
			docs["type "+c.Name] = c.Doc
		}
		for _, op := range d.PortTypes[0].Operations {
			docs["operation "+op.Name] = op.Doc
		}
		if len(docs) != 2+15+127+23 {
			t.Errorf("%d names of types and operations, some stand twice or lack", len(docs))
		}
		for what, doc := range docs {
			if text := strings.TrimSpace(doc); !strings.HasSuffix(text, ".") {
				t.Errorf("%s: documentation is %q, want a sentence", what, text)
			}
		}
	})
}

// edit is a change of a complex type's sequence: field comes at a place, or replaces the one there.
type edit struct {
	complexType string
	at          int
	replaces    bool
	field       element
}

// edits are all differences between 2_7 and 3_1 but those of documentation and address.
var edits = []edit{
	{"AuthenticationHeaderInfo", 3, false, element{Name: "partnerId", Type: "xs:string", MinOccurs: "0"}},
	{"ActivityRecord", 0, true, element{Name: "id", Type: "xs:long", MinOccurs: "0", Nillable: "true"}},
	{"ActivityRecord", 1, false, element{Name: "marketoGUID", Type: "xs:string"}},
	{"LeadChangeRecord", 0, true, element{Name: "id", Type: "xs:long", MinOccurs: "0", Nillable: "true"}},
	{"LeadChangeRecord", 1, false, element{Name: "marketoGUID", Type: "xs:string"}},
	{"ParamsScheduleCampaign", 1, false, element{Name: "cloneToProgramName", Type: "xs:string", MinOccurs: "0"}},
}

func (e edit) apply(c *complexType) error {
	if e.replaces {
		if c.Fields[e.at].Name != e.field.Name {
			return fmt.Errorf("%s: field %d is %s, want %s", c.Name, e.at, c.Fields[e.at].Name, e.field.Name)
		}
		c.Fields = slices.Delete(c.Fields, e.at, e.at+1)
	}
	c.Fields = slices.Insert(c.Fields, e.at, e.field)
	return nil
}

// All the rest is equal, documentation included.
func TestContract_differenceOfVersions(t *testing.T) {
	t.Parallel()
	want, got := parse(t, document(t, "2_7")), parse(t, document(t, "3_1"))
	want.Services[0].Ports[0].Address.Location = "https://example.mktoapi.com/soap/mktows/3_1"
	for _, e := range edits {
		c := want.complexType(t, e.complexType)
		if err := e.apply(c); err != nil {
			t.Fatal(err)
		}
		changed := &got.complexType(t, e.complexType).Fields[e.at]
		if strings.TrimSpace(changed.Doc) == "" {
			t.Errorf("%s.%s is new in 3_1 and not documented", e.complexType, changed.Name)
		}
		changed.Doc = ""
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("3_1 is not 2_7 with the known changes (-want +got):\n%s", diff)
	}
}
