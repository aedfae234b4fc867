package wsdl_test

import (
	"encoding/xml"
	"testing"
)

// What the tests read of a document (W3C Note WSDL 1.1; W3C XML Schema 1.0, part 1).
type (
	definitions struct {
		XMLName         xml.Name   `xml:"http://schemas.xmlsoap.org/wsdl/ definitions"`
		TargetNamespace string     `xml:"targetNamespace,attr"`
		TNS             string     `xml:"xmlns tns,attr"`
		XS              string     `xml:"xmlns xs,attr"`
		Schema          schema     `xml:"types>schema"`
		Messages        []message  `xml:"http://schemas.xmlsoap.org/wsdl/ message"`
		PortTypes       []portType `xml:"http://schemas.xmlsoap.org/wsdl/ portType"`
		Bindings        []binding  `xml:"http://schemas.xmlsoap.org/wsdl/ binding"`
		Services        []service  `xml:"http://schemas.xmlsoap.org/wsdl/ service"`
	}
	schema struct {
		XMLName            xml.Name      `xml:"http://www.w3.org/2001/XMLSchema schema"`
		TargetNamespace    string        `xml:"targetNamespace,attr"`
		ElementFormDefault string        `xml:"elementFormDefault,attr"`
		Simple             []simpleType  `xml:"http://www.w3.org/2001/XMLSchema simpleType"`
		Complex            []complexType `xml:"http://www.w3.org/2001/XMLSchema complexType"`
		Elements           []element     `xml:"http://www.w3.org/2001/XMLSchema element"`
	}
	simpleType struct {
		Name        string `xml:"name,attr"`
		Doc         string `xml:"annotation>documentation"`
		Restriction struct {
			Base   string `xml:"base,attr"`
			Values []struct {
				Value string `xml:"value,attr"`
				Doc   string `xml:"annotation>documentation"`
			} `xml:"http://www.w3.org/2001/XMLSchema enumeration"`
		} `xml:"http://www.w3.org/2001/XMLSchema restriction"`
	}
	complexType struct {
		Name      string    `xml:"name,attr"`
		Abstract  string    `xml:"abstract,attr"`
		Doc       string    `xml:"annotation>documentation"`
		Fields    []element `xml:"sequence>element"`
		Extension struct {
			Base   string    `xml:"base,attr"`
			Fields []element `xml:"sequence>element"`
		} `xml:"complexContent>extension"`
	}
	element struct {
		Name      string `xml:"name,attr"`
		Type      string `xml:"type,attr"`
		MinOccurs string `xml:"minOccurs,attr"`
		MaxOccurs string `xml:"maxOccurs,attr"`
		Nillable  string `xml:"nillable,attr"`
		Doc       string `xml:"annotation>documentation"`
	}
	message struct {
		Name  string `xml:"name,attr"`
		Parts []part `xml:"http://schemas.xmlsoap.org/wsdl/ part"`
	}
	part struct {
		Name    string `xml:"name,attr"`
		Element string `xml:"element,attr"`
	}
	portType struct {
		Name       string      `xml:"name,attr"`
		Doc        string      `xml:"http://schemas.xmlsoap.org/wsdl/ documentation"`
		Operations []operation `xml:"http://schemas.xmlsoap.org/wsdl/ operation"`
	}
	operation struct {
		Name   string    `xml:"name,attr"`
		Doc    string    `xml:"http://schemas.xmlsoap.org/wsdl/ documentation"`
		Input  direction `xml:"http://schemas.xmlsoap.org/wsdl/ input"`
		Output direction `xml:"http://schemas.xmlsoap.org/wsdl/ output"`
		Faults []string  `xml:"http://schemas.xmlsoap.org/wsdl/ fault"`
	}
	direction struct {
		Message string `xml:"message,attr"`
	}
	binding struct {
		Name string `xml:"name,attr"`
		Type string `xml:"type,attr"`
		SOAP struct {
			Style     string `xml:"style,attr"`
			Transport string `xml:"transport,attr"`
		} `xml:"http://schemas.xmlsoap.org/wsdl/soap/ binding"`
		Operations []boundOperation `xml:"http://schemas.xmlsoap.org/wsdl/ operation"`
	}
	boundOperation struct {
		Name string `xml:"name,attr"`
		SOAP struct {
			Action string `xml:"soapAction,attr"`
		} `xml:"http://schemas.xmlsoap.org/wsdl/soap/ operation"`
		Input  boundDirection `xml:"http://schemas.xmlsoap.org/wsdl/ input"`
		Output boundDirection `xml:"http://schemas.xmlsoap.org/wsdl/ output"`
	}
	boundDirection struct {
		Headers []header `xml:"http://schemas.xmlsoap.org/wsdl/soap/ header"`
		Body    []struct {
			Use string `xml:"use,attr"`
		} `xml:"http://schemas.xmlsoap.org/wsdl/soap/ body"`
	}
	header struct {
		Message string `xml:"message,attr"`
		Part    string `xml:"part,attr"`
		Use     string `xml:"use,attr"`
	}
	service struct {
		Name  string `xml:"name,attr"`
		Doc   string `xml:"http://schemas.xmlsoap.org/wsdl/ documentation"`
		Ports []struct {
			Name    string `xml:"name,attr"`
			Binding string `xml:"binding,attr"`
			Address struct {
				Location string `xml:"location,attr"`
			} `xml:"http://schemas.xmlsoap.org/wsdl/soap/ address"`
		} `xml:"http://schemas.xmlsoap.org/wsdl/ port"`
	}
)

func parse(tb testing.TB, doc []byte) *definitions {
	tb.Helper()
	d := new(definitions)
	if err := xml.Unmarshal(doc, d); err != nil {
		tb.Fatalf("the document cannot be read: %v", err)
	}
	return d
}

// fields returns a type's own elements; those of its base come before them on the wire.
func (c *complexType) fields() []element {
	if c.Extension.Base != "" {
		return c.Extension.Fields
	}
	return c.Fields
}

func (d *definitions) complexType(tb testing.TB, name string) *complexType {
	tb.Helper()
	for i := range d.Schema.Complex {
		if d.Schema.Complex[i].Name == name {
			return &d.Schema.Complex[i]
		}
	}
	tb.Fatalf("there is no complex type %s", name)
	return nil
}
