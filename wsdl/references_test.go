package wsdl_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mktows/mktows-go/wsdl"
)

// builtin are the schema types that the contract may use; a generator has to know each.
var builtin = []string{"string", "int", "long", "integer", "boolean", "dateTime", "base64Binary", "anySimpleType"}

// index holds the names that a document declares, each as "kind name".
type index map[string]bool

func newIndex(d *definitions) index {
	names := index{}
	for _, b := range builtin {
		names["type xs:"+b] = d.XS == "http://www.w3.org/2001/XMLSchema"
	}
	own := func(kind, name string) { names[kind+" tns:"+name] = d.TNS == d.TargetNamespace }
	for _, s := range d.Schema.Simple {
		own("type", s.Name)
	}
	for _, c := range d.Schema.Complex {
		own("type", c.Name)
	}
	for _, e := range d.Schema.Elements {
		own("element", e.Name)
	}
	for _, m := range d.Messages {
		own("message", m.Name)
		for _, p := range m.Parts {
			own("part", m.Name+"/"+p.Name)
		}
	}
	for _, p := range d.PortTypes {
		own("port type", p.Name)
	}
	for _, b := range d.Bindings {
		own("binding", b.Name)
	}
	return names
}

// dangling returns the references of a document that lead nowhere, as "kind name", sorted.
func dangling(d *definitions) []string {
	names, missing := newIndex(d), []string{}
	check := func(kind, name string) {
		if !names[kind+" "+name] {
			missing = append(missing, kind+" "+name)
		}
	}
	checkSchema(&d.Schema, check)
	for _, m := range d.Messages {
		for _, p := range m.Parts {
			check("element", p.Element)
		}
	}
	for _, p := range d.PortTypes {
		for _, op := range p.Operations {
			check("message", op.Input.Message)
			check("message", op.Output.Message)
		}
	}
	checkBindings(d, check)
	slices.Sort(missing)
	return slices.Compact(missing)
}

func checkSchema(s *schema, check func(kind, name string)) {
	for _, t := range s.Simple {
		check("type", t.Restriction.Base)
	}
	for _, e := range s.Elements {
		check("type", e.Type)
	}
	for _, c := range s.Complex {
		if c.Extension.Base != "" {
			check("type", c.Extension.Base)
		}
		for _, f := range c.fields() {
			check("type", f.Type)
		}
	}
}

func checkBindings(d *definitions, check func(kind, name string)) {
	for _, b := range d.Bindings {
		check("port type", b.Type)
		for _, op := range b.Operations {
			for _, h := range op.Input.Headers {
				check("message", h.Message)
				check("part", h.Message+"/"+h.Part)
			}
		}
	}
	for _, s := range d.Services {
		for _, p := range s.Ports {
			check("binding", p.Binding)
		}
	}
}

func TestReferences_noneDangles(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, _ string, d *definitions) {
		if diff := cmp.Diff([]string{}, dangling(d)); diff != "" {
			t.Errorf("references that lead nowhere:\n%s", diff)
		}
	})
}

// Each kind of reference is broken once, so that a check that is left out is noticed.
func TestReferences_checkFindsEachKind(t *testing.T) {
	t.Parallel()
	tests := []struct{ old, broken, want string }{
		{`name="leadKey" type="tns:LeadKey"`, `name="leadKey" type="tns:Key"`, "type tns:Key"},
		{`name="leadKey" type="tns:LeadKey"`, `name="leadKey" type="LeadKey"`, "type LeadKey"},
		{`base="tns:LeadSelector"`, `base="tns:Selector"`, "type tns:Selector"},
		{`base="xs:string"`, `base="xs:text"`, "type xs:text"},
		{`name="paramsGetLead" type="tns:ParamsGetLead"`, `name="paramsGetLead" type="tns:GetLead"`, "type tns:GetLead"},
		{`element="tns:paramsGetLead"`, `element="tns:getLead"`, "element tns:getLead"},
		{`<wsdl:input message="tns:GetLeadRequest"`, `<wsdl:input message="tns:GetLeadQuery"`, "message tns:GetLeadQuery"},
		{`<wsdl:output message="tns:GetLeadResponse"`, `<wsdl:output message="tns:GetLeadAnswer"`, "message tns:GetLeadAnswer"},
		{`part="mktowsContext"`, `part="context"`, "part tns:MktowsContextHeader/context"},
		{`type="tns:MktowsPort"`, `type="tns:Port"`, "port type tns:Port"},
		{`binding="tns:MktowsApiSoapBinding"`, `binding="tns:Binding"`, "binding tns:Binding"},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			t.Parallel()
			doc := string(document(t, wsdl.Versions()[0]))
			broken := strings.Replace(doc, tt.old, tt.broken, 1)
			if broken == doc {
				t.Fatalf("the document does not hold %s", tt.old)
			}
			if diff := cmp.Diff([]string{tt.want}, dangling(parse(t, []byte(broken)))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A prefix that is bound to another namespace makes every name with it dangle.
func TestReferences_checkFindsWrongPrefix(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"tns", "xs"} {
		d := parse(t, document(t, wsdl.Versions()[0]))
		if prefix == "tns" {
			d.TNS = "http://www.marketo.com/mktows"
		} else {
			d.XS = "http://www.w3.org/1999/XMLSchema"
		}
		found := slices.ContainsFunc(dangling(d), func(name string) bool {
			return strings.HasPrefix(name, fmt.Sprintf("type %s:", prefix))
		})
		if !found {
			t.Errorf("names with the prefix %s are found in a wrong namespace", prefix)
		}
	}
}
